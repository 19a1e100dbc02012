package disclosure

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"varuh/accesslog/people"
)

// AccountDays is how long whoever made an account, or set its password, counts as who used it.
const AccountDays = 30

// fourEyes refuses an approver who may be the same person as one of those who entered the request: ErrFourEyes, with the reason.
// Whoever made an account or set its password in the last AccountDays can act in its name, and so can whoever made the account of
// that maker. So it refuses if the approver could act for an entrant, and if an entrant could act for the approver. A token's
// secret never changes, as a first password does, so who issued it is refused for as long as it is good.
func (r *Register) fourEyes(ctx context.Context, q Request, approver string) error {
	if slices.Contains(q.Entrants, approver) {
		return fmt.Errorf("%w: you entered it, or a part of it", ErrFourEyes)
	}
	lately := r.lately()
	of, err := r.behind(ctx, approver, q.Entrants, lately)
	if err != nil {
		return fmt.Errorf("couldn't tell who made the approver's account: %w", err)
	}
	for _, entrant := range q.Entrants {
		if slices.Contains(of, entrant) {
			return fmt.Errorf("%w: in the last %d days you were given your account or its password by whoever entered it, or by somebody who has his from there%s", ErrFourEyes, AccountDays, r.unsure())
		}
		makers, err := r.behind(ctx, entrant, []string{approver}, lately)
		if err != nil {
			return fmt.Errorf("couldn't tell who made the account that entered it: %w", err)
		}
		if slices.Contains(makers, approver) {
			return fmt.Errorf("%w: in the last %d days whoever entered it was given the account or its password by you, or by somebody who has his from you%s", ErrFourEyes, AccountDays, r.unsure())
		}
	}
	return r.issued(ctx, q, approver)
}

// issued refuses who issued the token by which a request came, however long ago.
func (r *Register) issued(ctx context.Context, q Request, approver string) error {
	if q.Token == "" {
		return nil
	}
	issuers, err := r.Accounts.Makers(ctx, q.Token)
	if err != nil {
		return fmt.Errorf("couldn't tell who issued the token that entered it: %w", err)
	}
	if slices.ContainsFunc(issuers, func(m people.Maker) bool { return m.ID == approver }) {
		return fmt.Errorf("%w: you issued the token that entered it, and have had its secret", ErrFourEyes)
	}
	return nil
}

// common returns the ids of those who, in the last AccountDays, made both the account that entered a request and the account that
// approves it, or the accounts of their makers: such a person could be both. On a new appliance that is so of all accounts, so
// nothing is refused for it, but the entry of the approval names them for whoever reads the diary.
func (r *Register) common(ctx context.Context, q Request, approver string) (ids []string, err error) {
	of, err := r.makersOf(ctx, approver, ever)
	for _, entrant := range q.Entrants {
		if err != nil {
			return nil, err
		}
		var makers, late []string
		if makers, err = r.behind(ctx, entrant, of, r.lately()); err == nil && slices.ContainsFunc(of, func(id string) bool { return slices.Contains(makers, id) }) {
			late, err = r.makersOf(ctx, approver, r.lately())
		}
		for _, id := range late {
			if slices.Contains(makers, id) && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	slices.Sort(ids)
	return ids, err
}

// unsure says of a number of days that nobody knows when they began, where nobody has confirmed how late it is.
func (r *Register) unsure() string {
	if r.certain().IsZero() {
		return ", as far as is known: nobody has confirmed the appliance's clock"
	}
	return ""
}

// certain is the present that has come for certain; zero for none.
func (r *Register) certain() time.Time {
	if r.Certain == nil {
		return r.Now()
	}
	return r.Certain()
}

// present is the present as late as it may be: what the clock shows, unless more has passed for certain. From there terms count, so
// that a clock which is behind neither begins a term that is over already nor hides one.
func (r *Register) present() time.Time { return latest(r.Now(), r.certain()) }

// counting tells whether what was entered counts.
type counting func(ctx context.Context, entry int64) (bool, error)

// ever counts whatever was made, however long ago.
func ever(context.Context, int64) (bool, error) { return true, nil }

// lately tells whether an entry may have been written in the last days. That they have passed has to be certain on both sides: they
// end with the present that has come for certain, and begin when the entry was written at the latest. So no clock that is set
// forward, back, or not at all makes an account older than it is; one that is wrong makes it younger at most.
func (r *Register) lately() counting {
	certain := r.certain()
	now := r.present()
	return func(ctx context.Context, entry int64) (bool, error) {
		if certain.IsZero() {
			return true, nil
		}
		at, known, err := r.makings.reached(ctx, r.Diary, entry, now)
		return !known || !at.Before(certain.AddDate(0, 0, -AccountDays)), err
	}
}

// behind returns the ids of all who could act in the name of an account: those who made it, those who made their accounts, and so
// on, as far as their entries count. It returns none if nobody who is sought is among the makers of any time: only where one is
// does it ask how long ago each account was made, which reads a large part of the diary.
func (r *Register) behind(ctx context.Context, account string, sought []string, counts counting) ([]string, error) {
	all, err := r.makersOf(ctx, account, ever)
	if err != nil || !slices.ContainsFunc(sought, func(id string) bool { return slices.Contains(all, id) }) {
		return nil, err
	}
	return r.makersOf(ctx, account, counts)
}

// makersOf follows an account back to its makers, their makers, and so on, by the entries that count. Each id is there once.
func (r *Register) makersOf(ctx context.Context, account string, counts counting) (ids []string, err error) {
	for next := []string{account}; len(next) > 0; next = next[1:] {
		makers, err := r.Accounts.Makers(ctx, next[0])
		if err != nil {
			return nil, err
		}
		for _, m := range makers {
			if m.ID == account || slices.Contains(ids, m.ID) {
				continue
			}
			is, err := counts(ctx, m.Entry)
			if err != nil {
				return nil, err
			}
			if is {
				ids, next = append(ids, m.ID), append(next, m.ID)
			}
		}
	}
	return ids, nil
}

// making remembers what was looked up of when accounts were made: that reads a large part of the diary.
type making struct {
	mu    sync.Mutex
	found map[int64]made // by entry; guarded by mu
}

// made is when an account was made at the latest, as it was known at a time.
type made struct {
	at    time.Time
	known bool
	asked time.Time
}

// madeFor is for how long it is remembered, in both directions of the clock.
const madeFor = 24 * time.Hour

// reached is when an entry was written at the latest, and whether that is known, from what is remembered or else from the diary.
func (m *making) reached(ctx context.Context, d Diary, entry int64, now time.Time) (time.Time, bool, error) {
	m.mu.Lock()
	one, is := m.found[entry]
	m.mu.Unlock()
	if is && one.known && now.Sub(one.asked).Abs() < madeFor {
		return one.at, true, nil
	}
	at, known, err := d.Reached(ctx, entry, now)
	if err != nil {
		return at, false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.found == nil {
		m.found = map[int64]made{}
	}
	m.found[entry] = made{at, known, now}
	return at, known, nil
}

var _ Accounts = (*people.Register)(nil)
