package people

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// Unlock opens keys that were locked while a session went on, or wraps what is open, as its log-in did. Whoever has the
// session proves the password once more.
func (r *Register) Unlock(ctx context.Context, s Session, password string) error {
	s, _, pw, err := r.again(ctx, s, password)
	if err != nil {
		return err
	}
	if err := s.first(); err != nil {
		return err
	}
	return r.openKeys(ctx, s, pw)
}

// openKeys does for the keys what a log-in with a password allows: it opens those that are locked, and wraps those that
// are open for a person who should have a wrap and has none that fits. Opening is entered before it is done. Since the
// password was proven others may have changed it, or ended the session: then nothing is opened or wrapped.
func (r *Register) openKeys(ctx context.Context, s Session, pw secrets) error {
	if r.o.Keys == nil {
		return nil
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
	if err := r.unlock(ctx, s, p, pw); err != nil {
		return err
	}
	made, err := r.seal(p, pw.wrap, func(w Which) bool { return p.wraps[w].key != r.keyID(w) })
	if err != nil || len(made) == 0 {
		return err
	}
	actor := s.Actor()
	body := proof.Body{Actor: &actor, Data: about(p.Person, map[string]any{"keys": names(keysOf(made)), "result": "wrapped"})}
	_, err = r.change(ctx, diary.Entry{Op: opWrap, Ref: &s.Entry, Body: body}, func(tx *sql.Tx, _ int64) error {
		return putWraps(ctx, tx, p.ID, made)
	})
	return err
}

// unlock opens the keys that are locked and for which the person has a wrap.
func (r *Register) unlock(ctx context.Context, s Session, p *account, pw secrets) error {
	var list []Which
	for _, w := range whiches {
		id, open := r.o.Keys.Key(w)
		if kept, has := p.wraps[w]; has && !open && r.fits(id, kept) && p.opens(w, r.o.Now()) {
			list = append(list, w)
		}
	}
	if len(list) == 0 {
		return nil
	}
	actor := s.Actor()
	keys := map[string]any{"keys": names(list)}
	receipt, err := r.o.Diary.Append(ctx, diary.Entry{Op: opUnlock, Ref: &s.Entry, Body: proof.Body{Actor: &actor, Data: keys}}, nil)
	if err != nil {
		return fmt.Errorf("the keys stay locked, since that couldn't be entered: %w", err)
	}
	var failed error
	for _, w := range list {
		failed = errors.Join(failed, r.o.Keys.Unlock(w, pw.wrap, p.ID, p.wraps[w].blob))
	}
	if failed == nil {
		return nil
	}
	body := proof.Body{Actor: &actor, Data: keys, Result: "failed"}
	_, err = r.o.Diary.Append(ctx, diary.Entry{Op: opUnlock, Ref: &receipt.Index, Body: body}, nil)
	return errors.Join(fmt.Errorf("couldn't open the keys with the wrap of person %s: log in while they are open, and a new one is made: %w", p.ID, failed), err)
}

// Openers are the persons who can open a key now by logging in. If there is none, only the envelope can.
func (r *Register) Openers(ctx context.Context, w Which) (list []Person, err error) {
	now, err := r.state(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range now.persons {
		if kept, has := p.wraps[w]; has && p.opens(w, r.o.Now()) && r.fits(r.keyID(w), kept) {
			list = append(list, p.Person)
		}
	}
	sortPersons(list)
	return list, nil
}

// fits tells whether a wrap has a key.
func (r *Register) fits(id string, kept wrap) bool {
	return r.o.Keys != nil && (kept.key == id || r.o.Keys.Holds(kept.blob, id))
}

// keyID is the key in use.
func (r *Register) keyID(w Which) string {
	if r.o.Keys == nil {
		return ""
	}
	id, _ := r.o.Keys.Key(w)
	return id
}
