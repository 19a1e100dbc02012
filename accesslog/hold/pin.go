package hold

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

// ErrNotPinned keeps entries of the diary from being pruned: they may be about what is held or restricted, and
// nobody has looked, since that takes a key that opens the diary.
var ErrNotPinned = errors.New("entries of the diary about it are not kept apart yet")

// afterRestriction is for how many years entries are kept after a restriction ended (ZVOP-2 art. 22).
const afterRestriction = 2

// How much of the diary one entry pin.set is about: the writer does nothing else meanwhile.
const (
	mostLooked = 50_000 // entries
	mostPinned = 1_000  // that are sealed anew
)

// pinning is what entries are pinned for: a hold or a restriction in force, or a restriction that ended.
type pinning struct {
	ID string
	Range
	below int64     // the entries before it were looked through
	until time.Time // zero while it is in force
}

// pinnings are those of the rows. A restriction of which the diary has let the entries go is none any more.
const pinnings = `
	SELECT h.id, h.camera, h."from", h."to", coalesce(p.below, 0), 0 FROM holds AS h LEFT JOIN hold_pins AS p ON p.id = h.id
	UNION ALL SELECT r.id, r.camera, r."from", r."to", coalesce(p.below, 0), 0 FROM restrictions AS r LEFT JOIN hold_pins AS p ON p.id = r.id
	UNION ALL SELECT id, camera, "from", "to", below, until FROM hold_pins WHERE until > 0 AND NOT (` + letGo + `)
	ORDER BY 1`

// letGo is the condition of SQL that a row of hold_pins is of a restriction whose pin the diary has taken away.
const letGo = `until > 0 AND below > 0 AND id NOT IN (SELECT name FROM diary_pins)`

func readPinnings(ctx context.Context, db diary.Reader) ([]pinning, error) {
	return scanAll(ctx, db.QueryContext, func(rows *sql.Rows) (p pinning, err error) {
		var from, to, until int64
		err = rows.Scan(&p.ID, &p.Camera, &from, &to, &p.below, &until)
		p.From, p.To = time.Unix(0, from).UTC(), time.Unix(0, to).UTC()
		if until > 0 {
			p.until = time.Unix(0, until).UTC()
		}
		return p, err
	}, pinnings)
}

// looked is the first entry that nobody looked at and that can be about a pinning: the diary's years that ended before its footage began, by a day
// and more, have none, for an entry's year is that of an interval that no clock reopens. The earliest of the footage's times counts.
func (r *Register) looked(ctx context.Context, db diary.Reader, p pinning) (int64, error) {
	all, err := r.Twins.Of(p.Range)
	if err != nil {
		return 0, err
	}
	begins := slices.MinFunc(all, func(a, b Range) int { return a.From.Compare(b.From) }).From
	first, err := scanAll(ctx, db.QueryContext, func(rows *sql.Rows) (i int64, err error) { return i, rows.Scan(&i) },
		`SELECT coalesce(max(i) + 1, 0) FROM diary_years WHERE year < ?`, begins.AddDate(0, 0, -1).UTC().Year())
	if err != nil {
		return 0, err
	}
	return max(p.below, first[0]), nil
}

// Held says why the entries before cut must not go at a time, [ErrNotPinned], or nil. It is the Held of
// [diary.Pruning]: what is being set counts, too.
func (r *Register) Held(ctx context.Context, db diary.Reader, cut int64, at time.Time) error {
	var list []pinning
	r.effective(func() {
		for id, h := range r.holds {
			list = append(list, pinning{ID: id, Range: h.Range})
		}
		for id, s := range r.restricted {
			list = append(list, pinning{ID: id, Range: s.Range})
		}
	})
	entered, err := readPinnings(ctx, db)
	if err != nil {
		return err
	}
	for _, p := range append(list, entered...) {
		if !p.until.IsZero() && !p.until.After(at) {
			continue
		}
		first, err := r.looked(ctx, db, p)
		if err != nil {
			return err
		}
		if first < cut {
			return fmt.Errorf("%s of %s is held or restricted (%s), and %w: that takes a key that opens the diary (varuh hold pin; on a locked appliance stop varuh and give --words)",
				p.name(), r.clock(p.From), p.ID, ErrNotPinned)
		}
	}
	return nil
}

// Pinned is what came of looking through the diary.
type Pinned struct {
	For     int `json:"for"`     // holds and restrictions
	Entries int `json:"entries"` // that are pinned now, beside those that were
	Damaged int `json:"damaged"` // that can't be read, so that nobody knows what they are about
}

// Pin looks through the diary, with keys that open it, for entries about what is held or restricted, and keeps them past
// their term. Without all it does so only for what nobody has looked for yet; with it also the entries since are
// looked through. What was found before an error stays pinned.
func (r *Register) Pin(ctx context.Context, keys keyring.Identity, all bool) (done Pinned, err error) {
	list, err := readPinnings(ctx, reading{r.Diary})
	if err != nil {
		return done, err
	}
	opener := r.Diary.Opener(keys)
	for _, p := range list {
		if p.below > 0 && !all {
			continue
		}
		s := search{Register: r, pinning: p, keys: keys, opener: opener}
		err := s.run(ctx)
		if errors.Is(err, ErrUnknown) {
			continue // it ended meanwhile
		}
		done.For, done.Entries, done.Damaged = done.For+1, done.Entries+s.found, done.Damaged+s.damaged
		if err != nil {
			return done, fmt.Errorf("entries of the diary about the hold or restriction %s could not all be kept apart: %w", p.ID, err)
		}
	}
	return done, nil
}

// pin writes what a search found among the entries before below. It returns [ErrUnknown] if nothing is held by then.
func (s *search) pin(ctx context.Context, entries []int64, damaged int, below int64) error {
	body := proof.Body{Objects: []proof.Object{{Camera: s.object(), From: s.From, To: s.To}}, Note: "entries about what is held",
		Data: map[string]any{"below": below}}
	if damaged > 0 {
		body.Data["damaged"] = int64(damaged)
	}
	_, err := s.Diary.Pin(ctx, s.ID, entries, s.keys, body, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, `INSERT INTO hold_pins (id, camera, "from", "to", below, until)
			SELECT id, camera, "from", "to", ?2, 0 FROM (SELECT id, camera, "from", "to" FROM holds UNION ALL SELECT id, camera, "from", "to" FROM restrictions
				UNION ALL SELECT id, camera, "from", "to" FROM hold_pins) WHERE id = ?1 LIMIT 1
			ON CONFLICT (id) DO UPDATE SET below = excluded.below`, s.ID, below)
		if err := changed(done, err); err != nil {
			return err
		}
		var until int64
		if err := tx.QueryRowContext(ctx, `SELECT until FROM hold_pins WHERE id = ?`, s.ID).Scan(&until); err != nil || until == 0 {
			return err
		}
		return diary.EndPin(ctx, tx, s.ID, time.Unix(0, until))
	})
	return err
}

// unpin ends what is pinned for a hold, at once, inside the change that ends the hold.
func unpin(ctx context.Context, tx *sql.Tx, id string) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM hold_pins WHERE id = ? OR `+letGo, id); err != nil {
		return err
	}
	return diary.EndPin(ctx, tx, id, time.Time{})
}

// unpinLater ends it for a restriction, inside the change that ends that.
func unpinLater(ctx context.Context, tx *sql.Tx, s Restriction, until time.Time) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO hold_pins (id, camera, "from", "to", below, until) VALUES (?1, ?2, ?3, ?4, 0, ?5)
		ON CONFLICT (id) DO UPDATE SET until = excluded.until`, s.ID, s.Camera, s.From.UnixNano(), s.To.UnixNano(), until.UnixNano())
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM hold_pins WHERE `+letGo); err != nil {
		return err
	}
	return diary.EndPin(ctx, tx, s.ID, until)
}

// reading makes a diary a [diary.Reader].
type reading struct{ Diary }

func (r reading) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return r.Query(ctx, query, args...)
}

// pinnedFor are the entries that are pinned for a hold or a restriction.
func pinnedFor(ctx context.Context, d Diary, id string) (map[int64]bool, error) {
	list, err := scanAll(ctx, d.Query, func(rows *sql.Rows) (i int64, err error) { return i, rows.Scan(&i) },
		`SELECT i FROM diary_pinned JOIN diary_pins ON pin = id WHERE name = ?`, id)
	set := make(map[int64]bool, len(list))
	for _, i := range list {
		set[i] = true
	}
	return set, err
}
