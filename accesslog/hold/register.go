package hold

import (
	"context"
	"crypto/rand"
	"database/sql"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/retention"
)

// Schema makes the tables of this package, which are governed: [Tables].
//
//go:embed schema.sql
var Schema string

// Tables are the governed tables.
var Tables = []string{"hold_pins", "holds", "restrictions"}

// The operations.
const (
	opSet        = "hold.set"
	opConfirm    = "hold.confirm"
	opClear      = "hold.clear"
	opLapse      = "hold.lapse"
	opRestrict   = "restrict.set"
	opUnrestrict = "restrict.clear"
)

// Diary is what the entries go into.
type Diary interface {
	Append(context.Context, diary.Entry, diary.Change) (diary.Receipt, error)
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)

	// What follows is for [Register.Pin].
	Head() diary.Head
	Parts(ctx context.Context, from, to int64) iter.Seq2[diary.Part, error]
	Opener(keyring.Identity) *diary.Opener
	Pin(ctx context.Context, name string, entries []int64, keys keyring.Identity, by proof.Body, change diary.Change) (diary.Receipt, error)
}

// Index tells what footage there is.
type Index interface {
	Span(camera, stream string, from, to time.Time) ([]footage.Segment, []footage.Gap, error)
	Bytes() (map[string]int64, error)
}

// Register sets and clears holds and restrictions, and tells a purge of them. Its methods may be called from
// many goroutines.
type Register struct {
	Diary    Diary
	Index    Index
	Gate     *retention.Gate
	Capacity func() (int64, error) // bytes that the stores can take
	Now      func() time.Time
	Zone     func() *time.Location // of the site, by which days and times are named; nil: UTC

	// Undated counts segments of a camera ("": of all) of which nobody can tell when they were recorded, so that they may be
	// of any range; nil: there are none.
	Undated func(ctx context.Context, camera string) (int, error)

	// Twins are the other times of footage of a clock that was set late; nil: there are none.
	Twins Twins

	// Size is how large a segment is by now that is being written, of which the index knows no size yet; nil: it counts as nothing.
	Size func(footage.Segment) int64

	mu         sync.Mutex
	holds      map[string]Hold // in effect, though not known to be in the diary; guarded by mu
	restricted map[string]Restriction
	secured    map[string]Asked // provisional holds of persons that were set since the start, by id; guarded by mu
}

// Effect is what setting a hold or a restriction came to.
type Effect struct {
	Receipt  diary.Receipt
	ID       string
	Review   time.Time          // a provisional hold lapses then
	Segments int                // that it keeps now
	Bytes    int64              // of them, as of now
	Capacity int64              // bytes that the stores can take; 0: not known
	Unsized  string             // why not, "" if they are
	Undated  int                // where nothing dated is of the range: segments of the camera that nobody can date, and that may be
	Late     []retention.Listed // that were erased shortly before, so that it cannot keep them

	Kept  Pinned // entries of the diary; by whoever called Pin
	Waits string // why none are kept apart yet, "" if they are
}

// largeShare is the part of the stores above which what is held is an alarm, in percent.
const largeShare = 5

// Large tells whether it keeps so much of the stores that recording may suffer, as far as that is known.
func (e Effect) Large() bool { return e.Unsized == "" && e.Bytes > e.Capacity/100*largeShare }

// Set sets a hold. [ErrIncomplete], [ErrGone] and [ErrMany] refuse it. Where a person has just set the same provisional one,
// that is what it came to. After [diary.ErrUncertain] the hold is in effect
// until the next start, which finds out.
func (r *Register) Set(ctx context.Context, a Asked) (e Effect, err error) {
	if a, err = a.check(r.now(a.Range)); err != nil {
		return Effect{}, err
	}
	if e, found, err := r.again(ctx, a); found || err != nil {
		return e, err
	}
	h := Hold{ID: newID(), Kind: a.Kind, Range: a.Range, PastTerm: a.passesTerm(), Review: a.Review}
	defer func() { r.remember(a, h.ID, err) }()
	return r.begin(ctx, a.Range, h.ID, func(e *Effect) error {
		r.effective(func() { put(&r.holds, h.ID, h) })
		e.Review = h.Review
		body := a.Range.body(a.By, e.data(map[string]any{"hold": h.ID, "kind": string(h.Kind), "review": r.day(h.Review), "past_term": yes(h.PastTerm)}))
		body.Basis, body.Case, body.Note = a.Basis, a.Case, a.Remark
		if a.TermBasis != "" {
			body.Data["term_basis"] = a.TermBasis
		}
		e.Receipt, err = r.Diary.Append(ctx, diary.Entry{Op: opSet, Body: body}, func(tx *sql.Tx) error {
			i, err := diary.Next(ctx, tx)
			if err != nil {
				return err
			}
			return changed(tx.ExecContext(ctx, `INSERT INTO holds (id, kind, camera, "from", "to", past_term, review, entry) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
				h.ID, h.Kind, h.Camera, h.From.UnixNano(), h.To.UnixNano(), h.PastTerm, h.Review.UnixNano(), i))
		})
		return r.settled(err, func() { delete(r.holds, h.ID) })
	})
}

// Restrict sets a restriction, as Set does a hold.
func (r *Register) Restrict(ctx context.Context, a AskedRestriction) (e Effect, err error) {
	if err := a.check(r.now(a.Range)); err != nil {
		return Effect{}, err
	}
	s := Restriction{ID: newID(), Ground: a.Ground, Range: a.Range, Review: a.Review}
	return r.begin(ctx, a.Range, s.ID, func(e *Effect) error {
		r.effective(func() { put(&r.restricted, s.ID, s) })
		body := a.Range.body(a.By, e.data(map[string]any{"restriction": s.ID, "ground": string(s.Ground), "review": r.day(s.Review)}))
		body.Basis, body.Case, body.Note = a.Basis, a.Case, a.Remark
		e.Receipt, err = r.Diary.Append(ctx, diary.Entry{Op: opRestrict, Body: body}, func(tx *sql.Tx) error {
			i, err := diary.Next(ctx, tx)
			if err != nil {
				return err
			}
			return changed(tx.ExecContext(ctx, `INSERT INTO restrictions (id, ground, camera, "from", "to", review, entry) VALUES (?, ?, ?, ?, ?, ?, ?)`,
				s.ID, s.Ground, s.Camera, s.From.UnixNano(), s.To.UnixNano(), s.Review.UnixNano(), i))
		})
		return r.settled(err, func() { delete(r.restricted, s.ID) })
	})
}

// now is the present that days are held against. It is not before the footage itself, for a machine that has
// started in 1970 must refuse no hold, and end none at once.
func (r *Register) now(span Range) time.Time {
	if now := r.Now(); now.After(span.From) {
		return now
	}
	return span.From
}

// begin lets enter set a hold or a restriction while no key is destroyed, once it is known what it keeps.
func (r *Register) begin(ctx context.Context, span Range, id string, enter func(*Effect) error) (e Effect, err error) {
	e.ID = id
	err = r.Gate.Set(ctx, span.Camera, span.From, span.To, func(late []retention.Listed) (err error) {
		e.Late = late
		if e.Segments, e.Bytes, err = r.footage(span, late); err != nil {
			return err
		}
		if e.Segments+len(late) == 0 && !span.To.After(r.Now()) {
			if e.Undated, err = r.undated(ctx, span); err != nil {
				return err
			}
			if e.Undated == 0 {
				return fmt.Errorf("%w: nothing of %s from %s to %s is here (any more)", ErrGone, span.name(), r.clock(span.From), r.until(span.To))
			}
		}
		if e.Capacity, err = r.Capacity(); err != nil {
			e.Capacity, e.Unsized = 0, err.Error() // a sick disk keeps nobody from holding what is on it
		}
		return enter(&e)
	})
	return e, err
}

// footage counts what there is of a range, without what has no key any more though its row is still here.
func (r *Register) footage(span Range, late []retention.Listed) (segments int, bytes int64, err error) {
	dead := map[keyring.ID]bool{}
	for _, l := range late {
		dead[l.ID] = true
	}
	cameras := []string{span.Camera}
	if span.Camera == "" {
		all, err := r.Index.Bytes()
		if err != nil {
			return 0, 0, err
		}
		cameras = slices.Collect(maps.Keys(all))
	}
	spans, err := r.Twins.Of(span)
	if err != nil {
		return 0, 0, err
	}
	for _, camera := range cameras {
		list, err := r.touched(camera, spans)
		if err != nil {
			return 0, 0, err
		}
		for _, s := range list {
			if dead[s.ID] {
				continue
			}
			segments++
			if bytes += s.Bytes; !s.Sealed && r.Size != nil {
				bytes += r.Size(s)
			}
		}
	}
	return segments, bytes, nil
}

// touched is what there is of a camera in some ranges, each segment once.
func (r *Register) touched(camera string, spans []Range) (all []footage.Segment, err error) {
	counted := map[keyring.ID]bool{}
	for i, span := range spans {
		list, _, err := r.Index.Span(camera, "", span.From, span.To)
		if err != nil {
			return nil, err
		}
		for _, s := range list {
			if i == 0 || !counted[s.ID] {
				counted[s.ID] = true
				all = append(all, s)
			}
		}
	}
	return all, nil
}

// undated counts the footage of a range's camera of which nobody can tell when it was recorded.
func (r *Register) undated(ctx context.Context, span Range) (int, error) {
	if r.Undated == nil {
		return 0, nil
	}
	return r.Undated(ctx, span.Camera)
}

// mostNamed is how many segments an entry names; of more it has the number.
const mostNamed = 100

// data adds what it came to.
func (e Effect) data(m map[string]any) map[string]any {
	m["segments"], m["bytes"] = int64(e.Segments), e.Bytes
	if e.Unsized == "" {
		m["store_bytes"] = e.Capacity
	}
	if len(e.Late) == 0 {
		return m
	}
	var ids []string
	for _, l := range e.Late[:min(len(e.Late), mostNamed)] {
		ids = append(ids, l.ID.String())
	}
	m["erased_before"], m["erased_ids"] = int64(len(e.Late)), strings.Join(ids, " ")
	return m
}

// effective changes what is in effect beside the rows.
func (r *Register) effective(change func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change()
}

// settled ends what is in effect beside the rows, unless nobody knows whether there is a row.
func (r *Register) settled(err error, forget func()) error {
	if !errors.Is(err, diary.ErrUncertain) {
		r.effective(forget)
	}
	return err
}

func put[T any](m *map[string]T, id string, v T) {
	if *m == nil {
		*m = map[string]T{}
	}
	(*m)[id] = v
}

// changed is nil if a statement changed one row.
func changed(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err == nil && n != 1 {
		err = ErrUnknown
	}
	return err
}

func newID() string {
	b := make([]byte, 4)
	rand.Read(b) // it never fails, by its documentation
	return hex.EncodeToString(b)
}

// here is a time by the clock of the site.
func (r *Register) here(t time.Time) time.Time {
	if r.Zone != nil {
		if zone := r.Zone(); zone != nil {
			return t.In(zone)
		}
	}
	return t.UTC()
}

func (r *Register) day(t time.Time) string { return r.here(t).Format(time.DateOnly) }

func (r *Register) clock(t time.Time) string { return r.here(t).Format("2006-01-02 15:04:05 MST") }

// until is the end of a range: a midnight is that of the day that it ends.
func (r *Register) until(t time.Time) string {
	if at := r.here(t); at.Format("15:04:05.999999999") == "00:00:00" {
		return at.AddDate(0, 0, -1).Format(time.DateOnly) + " 24:00:00 " + at.Format("MST")
	}
	return r.clock(t)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func (r Range) name() string {
	if r.Camera == "" {
		return "any camera"
	}
	return r.Camera
}
