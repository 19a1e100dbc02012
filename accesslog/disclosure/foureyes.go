package disclosure

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// AccountDays is how long whoever made an account, or set its password, counts as who used it.
const AccountDays = 30

// fourEyes says why a request would not be approved by another one than who entered it, ErrFourEyes, or nil. Whoever has
// made the other's account lately, or that of somebody who made it, could be both: it is looked at both ways round.
func (r *Register) fourEyes(ctx context.Context, q Request, approver string) error {
	if slices.Contains(q.Entrants, approver) {
		return fmt.Errorf("%w: whoever approves entered it, or a part of it", ErrFourEyes)
	}
	since := r.Now().AddDate(0, 0, -AccountDays)
	of, err := r.behind(ctx, approver, since)
	if err != nil {
		return fmt.Errorf("couldn't tell who made the approver's account: %w", err)
	}
	for _, entrant := range q.Entrants {
		if slices.Contains(of, entrant) {
			return fmt.Errorf("%w: whoever entered it made the approver's account, or set its password, or that of who did, in the last %d days", ErrFourEyes, AccountDays)
		}
		makers, err := r.behind(ctx, entrant, since)
		if err != nil {
			return fmt.Errorf("couldn't tell who made the account that entered it: %w", err)
		}
		if slices.Contains(makers, approver) {
			return fmt.Errorf("%w: whoever approves made the account that entered it, or set its password, or that of who did, in the last %d days", ErrFourEyes, AccountDays)
		}
	}
	return nil
}

// behind are the ids of all who could act in the name of an account: its makers since a time, theirs, and so on. Whoever made
// one that makes another has both.
func (r *Register) behind(ctx context.Context, account string, since time.Time) (ids []string, err error) {
	for next := []string{account}; len(next) > 0; next = next[1:] {
		makers, err := r.Accounts.Makers(ctx, next[0], since)
		if err != nil {
			return nil, err
		}
		for _, id := range makers {
			if id != account && !slices.Contains(ids, id) {
				ids, next = append(ids, id), append(next, id)
			}
		}
	}
	return ids, nil
}
