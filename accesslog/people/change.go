package people

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// adopt makes a state the one that is known; nil: nobody knows it.
func (r *Register) adopt(s *state) {
	<-r.known
	r.known <- s
}

// lock lets one change after the other.
func (r *Register) lock(ctx context.Context) (unlock func(), err error) {
	select {
	case r.changing <- struct{}{}:
		return func() { <-r.changing }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// change writes an entry with a change of the tables, unless what comes of it must not be. The caller holds the lock.
func (r *Register) change(ctx context.Context, e diary.Entry, apply func(tx *sql.Tx, entry int64) error) (diary.Receipt, error) {
	before, err := r.state(ctx)
	if err != nil {
		return diary.Receipt{}, err
	}
	var after *state
	receipt, err := r.o.Diary.Append(ctx, e, func(tx *sql.Tx) error {
		i, err := diary.Next(ctx, tx)
		if err != nil {
			return err
		}
		if err := apply(tx, i); err != nil {
			return err
		}
		if after, err = load(ctx, tx.QueryContext, r.present); err != nil {
			return err
		}
		return after.check(before, r.o.Now())
	})
	switch {
	case err == nil:
		r.adopt(after)
		if before.lost(after) {
			r.remains.Store(true)
			_ = r.clean(ctx) // the change is done: Sweep tries again, and tells
		}
	case errors.Is(err, diary.ErrUncertain):
		r.adopt(nil)
		r.remains.Store(true)
	}
	return receipt, err
}

// under begins a change in the name of a session: it finds the authorisation for each action, as it is by now, and names
// the first one's. end is to be called when the change is done.
func (r *Register) under(ctx context.Context, s Session, actions ...Action) (by proof.Actor, now *state, end func(), err error) {
	end, err = r.lock(ctx)
	if err != nil {
		return proof.Actor{}, nil, nil, err
	}
	if by, err = r.actor(ctx, s, actions); err == nil {
		now, err = r.state(ctx)
	}
	if err != nil {
		end()
		return proof.Actor{}, nil, nil, err
	}
	return by, now, end, nil
}

// actor is who does something that takes the actions.
func (r *Register) actor(ctx context.Context, s Session, actions []Action) (by proof.Actor, err error) {
	fresh, err := r.Still(ctx, s)
	if err != nil {
		return proof.Actor{}, err
	}
	for i, action := range actions {
		a, err := fresh.May(action, "", r.o.Now())
		if err != nil {
			return proof.Actor{}, err
		}
		if i == 0 {
			by = fresh.As(a)
		}
	}
	return by, nil
}

// exec runs a statement that is to change one row.
func exec(ctx context.Context, tx *sql.Tx, query string, args ...any) error {
	result, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("couldn't change who may log in: %w", err)
	}
	n, err := result.RowsAffected()
	if err == nil && n != 1 {
		err = ErrUnknown
	}
	return err
}
