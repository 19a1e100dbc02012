package disclosure

import (
	"context"
	"fmt"
	"slices"
)

// AccountDays is how long whoever made an account, or set its password, counts as who used it.
const AccountDays = 30

// fourEyes says why a request would not be approved by another one than who entered it, ErrFourEyes, or nil. Whoever has
// made the other's account lately could be both: it is looked at both ways round.
func (r *Register) fourEyes(ctx context.Context, q Request, approver string) error {
	if slices.Contains(q.Entrants, approver) {
		return fmt.Errorf("%w: whoever approves entered it, or a part of it", ErrFourEyes)
	}
	since := r.Now().AddDate(0, 0, -AccountDays)
	of, err := r.Accounts.Makers(ctx, approver, since)
	if err != nil {
		return fmt.Errorf("couldn't tell who made the approver's account: %w", err)
	}
	for _, entrant := range q.Entrants {
		if slices.Contains(of, entrant) {
			return fmt.Errorf("%w: whoever entered it made the approver's account, or set its password, in the last %d days", ErrFourEyes, AccountDays)
		}
		makers, err := r.Accounts.Makers(ctx, entrant, since)
		if err != nil {
			return fmt.Errorf("couldn't tell who made the account that entered it: %w", err)
		}
		if slices.Contains(makers, approver) {
			return fmt.Errorf("%w: whoever approves made the account that entered it, or set its password, in the last %d days", ErrFourEyes, AccountDays)
		}
	}
	return nil
}
