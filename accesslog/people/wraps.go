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

// seal wraps the keys that are open in memory, that the person should have, and that are wanted.
func (r *Register) seal(p *account, wrapKey [32]byte, wanted func(Which) bool) (map[Which]wrap, error) {
	return r.sealFrom(r.o.Keys, p, wrapKey, wanted)
}

// sealFrom is seal with keys that are at hand. Where keys are not wrapped for persons it makes nothing.
func (r *Register) sealFrom(keys Sealer, p *account, wrapKey [32]byte, wanted func(Which) bool) (map[Which]wrap, error) {
	made := map[Which]wrap{}
	if r.o.Keys == nil || keys == nil {
		return made, nil
	}
	for _, w := range whiches {
		id, open := keys.Key(w)
		if !open || !p.entitled(w, r.o.Now()) || !wanted(w) {
			continue
		}
		blob, err := keys.Seal(w, wrapKey, p.ID)
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
		if _, done := made[w]; done || !r.fits(r.keyID(w), kept) || !p.entitled(w, r.o.Now()) {
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
	s, err := load(ctx, tx.QueryContext, r.present)
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

// dropOver takes away the wraps of those whose authorisation has expired, and those of keys that were replaced, once
// somebody can open the new ones: a crash may have come before [Register.Rotated]. There is an entry for each person.
func (r *Register) dropOver(ctx context.Context) error {
	end, err := r.lock(ctx)
	if err != nil {
		return err
	}
	defer end()
	now, err := r.state(ctx)
	if err != nil {
		return err
	}
	replaced := r.replaced(now)
	for _, p := range now.persons {
		expired, old := r.over(p, replaced)
		if err := r.takeAway(ctx, p, expired, "no authorisation is left"); err != nil {
			return err
		}
		if err := r.takeAway(ctx, p, old, "the keys were replaced"); err != nil {
			return err
		}
	}
	return nil
}

// over are the wraps of a person that go: for want of an authorisation, or because keys were replaced.
func (r *Register) over(p *account, replaced map[Which]bool) (expired, old []Which) {
	for _, w := range whiches {
		switch kept, has := p.wraps[w]; {
		case !has:
		case !p.entitled(w, r.o.Now()):
			expired = append(expired, w)
		case replaced[w] && !r.fits(r.keyID(w), kept):
			old = append(old, w)
		}
	}
	return expired, old
}

// replaced tells of which use somebody has a wrap of the key in use, so that those of others are worth nothing any more.
func (r *Register) replaced(now *state) map[Which]bool {
	is := map[Which]bool{}
	for _, p := range now.persons {
		for w, kept := range p.wraps {
			is[w] = is[w] || r.fits(r.keyID(w), kept) && p.opens(w, r.o.Now())
		}
	}
	return is
}

// takeAway takes wraps of a person away, if any, with an entry that says why.
func (r *Register) takeAway(ctx context.Context, p *account, gone []Which, why string) error {
	if len(gone) == 0 {
		return nil
	}
	body := proof.Body{Data: about(p.Person, map[string]any{"keys": names(gone), "result": "taken away"}), Note: why}
	_, err := r.change(ctx, diary.Entry{Op: opWrap, Body: body}, func(tx *sql.Tx, _ int64) error {
		for _, w := range gone {
			if err := exec(ctx, tx, `DELETE FROM person_wraps WHERE person = ? AND which = ?`, p.ID, w); err != nil {
				return err
			}
		}
		return nil
	})
	return err
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
