package people

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// openKeys does for the keys what a log-in with a password allows: it opens those that are locked, and wraps those that
// are open for a person who should have a wrap and has none that fits. Opening is entered before it is done.
func (r *Register) openKeys(ctx context.Context, s Session, pw secrets) error {
	if r.o.Keys == nil {
		return nil
	}
	end, err := r.lock(ctx)
	if err != nil {
		return err
	}
	defer end()
	now, err := r.state(ctx)
	if err != nil {
		return err
	}
	p, err := now.person(s.Person.ID)
	if err != nil {
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
		if kept, has := p.wraps[w]; has && !open && kept.key == id && p.opens(w, r.o.Now()) {
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

// seal wraps the keys that are open, that the person should have, and that are wanted.
func (r *Register) seal(p *account, wrapKey [32]byte, wanted func(Which) bool) (map[Which]wrap, error) {
	made := map[Which]wrap{}
	if r.o.Keys == nil {
		return made, nil
	}
	for _, w := range whiches {
		id, open := r.o.Keys.Key(w)
		if !open || !p.entitled(w, r.o.Now()) || !wanted(w) {
			continue
		}
		blob, err := r.o.Keys.Seal(w, wrapKey, p.ID)
		if err != nil {
			return nil, fmt.Errorf("couldn't wrap the %s key for person %s: %w", w, p.ID, err)
		}
		made[w] = wrap{id, blob}
	}
	return made, nil
}

// rewrap makes the wraps of a person under another wrap key: of what is open, or else of what the old key opens.
func (r *Register) rewrap(p *account, old, next [32]byte) (map[Which]wrap, error) {
	made, err := r.seal(p, next, func(Which) bool { return true })
	if err != nil {
		return nil, err
	}
	for w, kept := range p.wraps {
		if _, done := made[w]; done || r.o.Keys == nil || kept.key != r.keyID(w) || !p.entitled(w, r.o.Now()) {
			continue
		}
		blob, err := r.o.Keys.Rewrap(w, old, next, p.ID, kept.blob)
		if err != nil {
			return nil, fmt.Errorf("couldn't wrap the %s key of person %s under the new password: %w", w, p.ID, err)
		}
		made[w] = wrap{kept.key, blob}
	}
	return made, nil
}

// putWraps writes wraps in the place of those that are there.
func putWraps(ctx context.Context, tx *sql.Tx, person string, list map[Which]wrap) error {
	for w, one := range list {
		if err := exec(ctx, tx, `INSERT OR REPLACE INTO person_wraps (person, which, key, blob) VALUES (?, ?, ?, ?)`, person, w, one.key, one.blob); err != nil {
			return err
		}
	}
	return nil
}

// newWraps takes away all wraps of a person and writes others.
func newWraps(ctx context.Context, tx *sql.Tx, person string, list map[Which]wrap) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM person_wraps WHERE person = ?`, person); err != nil {
		return fmt.Errorf("couldn't take away a wrap: %w", err)
	}
	return putWraps(ctx, tx, person, list)
}

// dropWraps takes away the wraps for which a person has no authorisation left.
func (r *Register) dropWraps(ctx context.Context, tx *sql.Tx, person string) error {
	s, err := load(ctx, tx.QueryContext)
	if err != nil {
		return err
	}
	p, err := s.person(person)
	if err != nil {
		return err
	}
	for _, w := range whiches {
		if _, has := p.wraps[w]; has && !p.entitled(w, r.o.Now()) {
			if err := exec(ctx, tx, `DELETE FROM person_wraps WHERE person = ? AND which = ?`, person, w); err != nil {
				return err
			}
		}
	}
	return nil
}

// dropExpired takes away the wraps of those whose authorisation has expired, with an entry for each person.
func (r *Register) dropExpired(ctx context.Context) error {
	end, err := r.lock(ctx)
	if err != nil {
		return err
	}
	defer end()
	now, err := r.state(ctx)
	if err != nil {
		return err
	}
	for _, p := range now.persons {
		var gone []Which
		for _, w := range whiches {
			if _, has := p.wraps[w]; has && !p.entitled(w, r.o.Now()) {
				gone = append(gone, w)
			}
		}
		if len(gone) == 0 {
			continue
		}
		body := proof.Body{Data: about(p.Person, map[string]any{"keys": names(gone), "result": "taken away"}), Note: "no authorisation is left"}
		if _, err := r.change(ctx, diary.Entry{Op: opWrap, Body: body}, func(tx *sql.Tx, _ int64) error { return r.dropWraps(ctx, tx, p.ID) }); err != nil {
			return err
		}
	}
	return nil
}

// Openers are the persons who can open a key now by logging in. If there is none, only the envelope can.
func (r *Register) Openers(ctx context.Context, w Which) (list []Person, err error) {
	now, err := r.state(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range now.persons {
		if kept, has := p.wraps[w]; has && p.opens(w, r.o.Now()) && kept.key == r.keyID(w) {
			list = append(list, p.Person)
		}
	}
	sortPersons(list)
	return list, nil
}

// keyID is the key in use.
func (r *Register) keyID(w Which) string {
	if r.o.Keys == nil {
		return ""
	}
	id, _ := r.o.Keys.Key(w)
	return id
}

// keysOf are the keys that wraps are of.
func keysOf(list map[Which]wrap) []Which { return slices.Collect(maps.Keys(list)) }

// names are keys for an entry.
func names(list []Which) string {
	var out []string
	for _, w := range whiches {
		if slices.Contains(list, w) {
			out = append(out, string(w))
		}
	}
	return strings.Join(out, " ")
}
