package people

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

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

// rewrap makes the wraps of a person under another wrap key: of what is open, or else of what the old key opens. A wrap
// that it doesn't open is lost: it would open nothing under any password, and must not keep its person from a new one.
func (r *Register) rewrap(p *account, old, next [32]byte) (made map[Which]wrap, lost []Which, err error) {
	made, err = r.seal(p, next, func(Which) bool { return true })
	if err != nil {
		return nil, nil, err
	}
	for w, kept := range p.wraps {
		if _, done := made[w]; done || r.o.Keys == nil || kept.key != r.keyID(w) || !p.entitled(w, r.o.Now()) {
			continue
		}
		blob, err := r.o.Keys.Rewrap(w, old, next, p.ID, kept.blob)
		if err != nil {
			lost = append(lost, w)
			continue
		}
		made[w] = wrap{kept.key, blob}
	}
	return made, lost, nil
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
