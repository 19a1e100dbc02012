package people

import (
	"context"
	"database/sql"
	"fmt"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// Rotating is to be called by whoever replaces the key pairs, before a new key is in use: the person of the session gets wraps
// of what is at hand, the old key and the new, so that somebody can open them wherever a crash comes. Nobody loses one. keys are
// the caller's own: a lock meanwhile takes nothing from the person. That the person may do it is for the caller to see to.
func (r *Register) Rotating(ctx context.Context, s Session, password string, keys Sealer) error {
	return r.wrapNew(ctx, s, password, keys, func(*account, map[Which]wrap) error { return nil }, func(*sql.Tx) error { return nil })
}

// Rotated is to be called once the new key pairs are in use and nothing needs the old any more: the person of the session gets
// wraps of the new, and all wraps go that have no key in use. All others get theirs when they next log in while the keys are
// open. [ErrLocked] is returned, and nothing changes, if a key is not at hand that the person should have: then whoever has a
// wrap keeps it.
func (r *Register) Rotated(ctx context.Context, s Session, password string, keys Sealer) error {
	return r.wrapNew(ctx, s, password, keys, r.lacksNone, func(tx *sql.Tx) error { return r.dropOld(ctx, tx) })
}

// wrapNew wraps keys that are at hand for the person of a session, if check has nothing against what comes of it. then is done in
// the same transaction.
func (r *Register) wrapNew(ctx context.Context, s Session, password string, keys Sealer, check func(*account, map[Which]wrap) error, then func(*sql.Tx) error) error {
	s, _, pw, err := r.again(ctx, s, password)
	if err != nil {
		return err
	}
	end, err := r.lock(ctx)
	if err != nil {
		return err
	}
	defer end()
	s, p, err := r.stillProven(ctx, s, pw)
	if err != nil {
		return err
	}
	if err := s.first(); err != nil {
		return err
	}
	wraps, err := r.sealFrom(keys, p, pw.wrap, func(Which) bool { return true })
	if err == nil {
		err = check(p, wraps)
	}
	if err != nil {
		return err
	}
	actor := s.Actor()
	body := proof.Body{Actor: &actor, Data: about(p.Person, map[string]any{"keys": names(keysOf(wraps)), "result": "wrapped for new keys"})}
	_, err = r.change(ctx, diary.Entry{Op: opWrap, Ref: &s.Entry, Body: body}, func(tx *sql.Tx, _ int64) error {
		if err := putWraps(ctx, tx, p.ID, wraps); err != nil {
			return err
		}
		return then(tx)
	})
	return err
}

// lacksNone refuses wraps among which one is missing that the person should have.
func (r *Register) lacksNone(p *account, made map[Which]wrap) error {
	for _, w := range whiches {
		if _, has := made[w]; !has && r.o.Keys != nil && p.entitled(w, r.o.Now()) {
			return fmt.Errorf("%w: the new %s key is not at hand, so that nobody would open it by logging in", ErrLocked, w)
		}
	}
	return nil
}

// dropOld takes away all wraps that have no key in use.
func (r *Register) dropOld(ctx context.Context, tx *sql.Tx) error {
	now, err := load(ctx, tx.QueryContext, r.present)
	if err != nil {
		return err
	}
	for _, p := range now.persons {
		for w, kept := range p.wraps {
			if r.fits(r.keyID(w), kept) {
				continue
			}
			if err := exec(ctx, tx, `DELETE FROM person_wraps WHERE person = ? AND which = ?`, p.ID, w); err != nil {
				return err
			}
		}
	}
	return nil
}
