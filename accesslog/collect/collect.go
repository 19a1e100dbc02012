package collect

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// Op is the operation of the entries.
const Op = "collect"

// Schema makes the table of this package, beside those of the diary.
//
//go:embed schema.sql
var Schema string

const (
	// settle is how long after its end an hour may still get a segment: what waits in memory for a slow disk.
	settle = 2 * time.Minute
	// patience is how long an hour waits for a segment to be sealed, or for its gap to be told.
	patience = 24 * time.Hour
)

// Diary is what the entries go into.
type Diary interface {
	AppendKeeping(context.Context, diary.Entry, diary.Change) (diary.Receipt, error)
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Index is where what was recorded is read.
type Index interface {
	Span(camera, stream string, from, to time.Time) ([]footage.Segment, []footage.Gap, error)
	Oldest(camera string) (footage.Segment, error)
	Pending(camera, stream string) ([]footage.Gap, error)
	Bytes() (map[string]int64, error)
	Get(id keyring.ID) (footage.Segment, error)
	Days(camera string) ([]footage.DaySummary, error)
}

// Collector writes the entries. It is used by one goroutine.
type Collector struct {
	Diary   Diary
	Index   Index
	Cameras func() []string // that are configured now
	Now     func() time.Time
	Started time.Time // of the program

	now    time.Time            // of this walk, so that it ends
	hurry  bool                 // nothing is recorded any more: what came late waits for the next start
	looked time.Time            // when the index was last asked for cameras that are not configured
	others []string             // that were found then
	open   map[keyring.ID]bool  // segments that were listed as open: no later piece waits for them
	anew   map[string]time.Time // from when a camera is collected whose pieces lie ahead of the clock
	sweeps int                  // searches of all of a camera's footage in this walk
	swept  map[string]time.Time // when all of a camera's footage was last searched for what came late
}

// progress is how far a camera has come.
type progress struct {
	known   bool // there was a piece
	seq     int64
	until   time.Time
	hash    proof.Hash
	streams []string
}

// Collect writes every piece that is due, camera by camera, and returns how many. A camera that fails does
// not hold up the others.
func (c *Collector) Collect(ctx context.Context) (int, error) { return c.all(ctx, false) }

// Stop is Collect when nothing is recorded any more: what is sealed is collected up to now.
func (c *Collector) Stop(ctx context.Context) (int, error) { return c.all(ctx, true) }

func (c *Collector) all(ctx context.Context, stopping bool) (wrote int, err error) {
	c.now, c.hurry, c.sweeps = c.Now(), stopping, 0
	done, err := c.progress(ctx)
	if err != nil {
		return 0, err
	}
	if c.open, err = c.listedOpen(ctx); err != nil {
		return 0, err
	}
	cameras, err := c.cameras(ctx, done)
	if err != nil {
		return 0, err
	}
	var errs []error
	for _, camera := range cameras {
		n, err := c.camera(ctx, camera, done[camera], stopping)
		wrote += n
		if errors.Is(err, errClosedDiary) || ctx.Err() != nil {
			return wrote, errors.Join(append(errs, err)...)
		}
		errs = append(errs, err)
	}
	return wrote, errors.Join(errs...)
}

// errClosedDiary ends a walk: no other camera would fare better.
var errClosedDiary = diary.ErrClosed

// cameras are those that are configured and those that have footage beyond their last piece. The latter are
// looked for once an hour, since that reads much of the index.
func (c *Collector) cameras(ctx context.Context, done map[string]progress) ([]string, error) {
	list := slices.Clone(c.Cameras())
	if c.looked.IsZero() || c.now.Sub(c.looked).Abs() >= time.Hour {
		others, err := c.left(ctx, done, list)
		if err != nil {
			return nil, err
		}
		c.looked, c.others = c.now, others
	}
	list = append(list, c.others...)
	slices.Sort(list)
	return slices.Compact(list), nil
}

// left are the cameras that are not configured and have footage beyond their last piece, or that came late.
func (c *Collector) left(ctx context.Context, done map[string]progress, configured []string) (list []string, err error) {
	held, err := c.Index.Bytes()
	if err != nil {
		return nil, err
	}
	for camera := range held {
		if slices.Contains(configured, camera) {
			continue
		}
		p := done[camera]
		left := !p.known
		if p.known {
			segments, _, err := c.span(camera, p.until, p.until.AddDate(100, 0, 0))
			if err != nil {
				return nil, err
			}
			if left = len(segments) > 0; !left {
				late, err := c.late(ctx, camera, p.until)
				if err != nil {
					return nil, err
				}
				if left = len(late.segments) > 0; !left {
					c.searched(camera, &late)
				}
			}
		}
		if left {
			list = append(list, camera)
		}
	}
	return list, nil
}

// camera writes the pieces of one camera that are due.
func (c *Collector) camera(ctx context.Context, camera string, p progress, stopping bool) (wrote int, err error) {
	var late lateness
	for {
		s, err := c.next(camera, p, stopping)
		if err != nil || s == nil {
			return wrote, err
		}
		m, err := c.piece(ctx, camera, p, *s)
		if err != nil || m == nil {
			return wrote, err
		}
		if wrote == 0 && p.known {
			if late, err = c.late(ctx, camera, s.from); err != nil {
				return wrote, err
			}
		}
		m.Late = late.take()
		if p, err = c.write(ctx, *m, p, late.forget); err != nil {
			return wrote, err
		}
		late.forget = nil
		c.searched(camera, &late)
		wrote++
	}
}

// next is the piece that comes next, nil if it is not over yet.
func (c *Collector) next(camera string, p progress, stopping bool) (*span, error) {
	now := c.now
	from := p.until
	if p.known && from.After(now.Add(time.Hour)) {
		from = c.again(camera, now)
	}
	if !p.known {
		first, err := c.first(camera)
		if err != nil || first.IsZero() {
			return nil, err
		}
		from = first.Truncate(time.Hour)
	}
	over := now.Add(-settle)
	if stopping {
		over = now
	}
	to := from.Truncate(time.Hour).Add(time.Hour)
	switch {
	case !to.After(over):
		to, err := c.empty(camera, from, to, over.Truncate(time.Hour))
		return &span{from, to}, err
	case stopping && over.After(from):
		return &span{from, over}, nil
	}
	return nil, nil
}

// again is where a camera begins anew whose last piece was by a clock that has been set back since: with the
// hour before, as that may have been seen.
func (c *Collector) again(camera string, now time.Time) time.Time {
	if from, ok := c.anew[camera]; ok && !from.After(now) {
		return from
	}
	if c.anew == nil {
		c.anew = map[string]time.Time{}
	}
	c.anew[camera] = now.Truncate(time.Hour).Add(-time.Hour)
	return c.anew[camera]
}

// first is the earliest moment that the index knows of a camera, zero for none.
func (c *Collector) first(camera string) (time.Time, error) {
	var at time.Time
	oldest, err := c.Index.Oldest(camera)
	switch {
	case err == nil:
		at = oldest.Start
	case !errors.Is(err, footage.ErrUnknown):
		return at, err
	}
	for _, stream := range []string{"main", "sub"} {
		gaps, err := c.Index.Pending(camera, stream)
		if err != nil {
			return at, err
		}
		if len(gaps) > 0 && (at.IsZero() || gaps[0].From.Before(at)) {
			at = gaps[0].From
		}
	}
	return at, nil
}

// empty is the end of the hours without footage that begin with the one from from to to; to itself if there
// is footage in that one. A machine that was off for a year, or whose clock was, makes one piece of it.
func (c *Collector) empty(camera string, from, to, limit time.Time) (time.Time, error) {
	segments, _, err := c.span(camera, from, to)
	if err != nil || len(segments) > 0 {
		return to, err
	}
	for step := time.Hour; to.Before(limit); step = min(2*step, 1000*time.Hour) {
		ahead := earlier(to.Add(step), limit)
		segments, _, err := c.span(camera, to, ahead)
		if err != nil {
			return to, err
		}
		if len(segments) > 0 {
			return later(to, segments[0].Start.Truncate(time.Hour)), nil
		}
		to = ahead
	}
	return to, nil
}

// span is what overlaps a stretch of a camera's time, without what was listed as open before and still is:
// the index can't tell how far that reaches.
func (c *Collector) span(camera string, from, to time.Time) ([]footage.Segment, []footage.Gap, error) {
	segments, gaps, err := c.Index.Span(camera, "", from, to)
	return slices.DeleteFunc(segments, func(s footage.Segment) bool { return !s.Sealed && c.open[s.ID] }), gaps, err
}

// piece is the manifest of a span, nil while something in it is not settled.
func (c *Collector) piece(ctx context.Context, camera string, p progress, s span) (*Manifest, error) {
	rows, told, err := c.span(camera, s.from, s.to)
	if err != nil {
		return nil, err
	}
	late := c.now.Sub(s.to) > patience
	m := Manifest{Camera: camera, From: s.from, To: s.to}
	if p.known {
		m.Seq, m.Prev = p.seq+1, &p.hash
	}
	streams := []string{"main"}
	for _, r := range rows {
		if !r.Sealed && !late {
			return nil, nil
		}
		streams = append(streams, r.Stream)
	}
	if m.Segments, err = c.rows(ctx, rows); err != nil {
		return nil, err
	}
	for _, g := range told {
		streams = append(streams, g.Stream)
	}
	byStream(m.Segments)
	slices.Sort(streams)
	for _, stream := range slices.Compact(streams) {
		t := tiler{span: s, stream: stream, fresh: !slices.Contains(p.streams, stream), started: c.Started}
		gaps := t.tile(ofStream(m.Segments, stream), gapsOf(told, stream))
		if n := len(gaps); n > 0 && gaps[n-1].Cause == CauseUntold && gaps[n-1].To.Equal(s.to) && !late {
			return nil, nil // the recorder tells why as soon as it knows
		}
		m.Gaps = append(m.Gaps, gaps...)
	}
	return &m, nil
}

func ofStream(list []Segment, stream string) (some []Segment) {
	for _, s := range list {
		if s.Stream == stream {
			some = append(some, s)
		}
	}
	return some
}

func gapsOf(list []footage.Gap, stream string) (some []footage.Gap) {
	for _, g := range list {
		if g.Stream == stream {
			some = append(some, g)
		}
	}
	slices.SortStableFunc(some, func(a, b footage.Gap) int { return a.From.Compare(b.From) })
	return some
}

// write makes the piece durable, and with it how far the camera has come.
// forget are the segments that are neither in the index nor can come back to it.
func (c *Collector) write(ctx context.Context, m Manifest, p progress, forget []keyring.ID) (progress, error) {
	b, err := m.Encode()
	if err != nil {
		return p, err
	}
	next := progress{known: true, seq: m.Seq, until: m.To, hash: proof.HashBody(b), streams: slices.Clone(p.streams)}
	for _, s := range m.Segments {
		next.streams = append(next.streams, s.Stream)
	}
	for _, g := range m.Gaps {
		if g.Cause != CauseBefore {
			next.streams = append(next.streams, g.Stream)
		}
	}
	slices.Sort(next.streams)
	next.streams = slices.Compact(next.streams)
	e := diary.Entry{Op: Op, Manifest: b, Body: proof.Body{
		Objects: []proof.Object{{Camera: m.Camera, From: m.From, To: m.To}},
		Data:    map[string]any{"gaps": int64(len(m.Gaps)), "segments": int64(len(m.Segments)), "seq": m.Seq},
	}}
	if n := len(m.Late); n > 0 {
		e.Body.Data["late"] = int64(n)
	}
	_, err = c.Diary.AppendKeeping(ctx, e, func(tx *sql.Tx) error {
		_, err := tx.Exec(`INSERT OR REPLACE INTO collected (camera, seq, until, hash, streams) VALUES (?, ?, ?, ?, ?)`,
			m.Camera, next.seq, next.until.UnixNano(), next.hash[:], strings.Join(next.streams, ","))
		return errors.Join(err, remember(tx, m), drop(tx, forget))
	})
	if err != nil {
		return p, fmt.Errorf("couldn't enter what %s recorded from %s: %w", m.Camera, text(m.From), err)
	}
	for _, s := range m.Segments {
		if s.Open {
			c.open[s.ID] = true
		}
	}
	return next, nil
}

// progress reads how far each camera has come.
func (c *Collector) progress(ctx context.Context) (_ map[string]progress, err error) {
	rows, err := c.Diary.Query(ctx, `SELECT camera, seq, until, hash, streams FROM collected`)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	all := map[string]progress{}
	for rows.Next() {
		var camera, streams string
		var until int64
		var hash []byte
		p := progress{known: true}
		if err := rows.Scan(&camera, &p.seq, &until, &hash, &streams); err != nil {
			return nil, fmt.Errorf("couldn't read what is collected: %w", err)
		}
		if len(hash) != len(p.hash) {
			return nil, fmt.Errorf("couldn't read what is collected of %s: its hash has %d bytes", camera, len(hash))
		}
		p.until, p.hash = time.Unix(0, until).UTC(), proof.Hash(hash)
		p.streams = strings.Split(streams, ",")
		all[camera] = p
	}
	return all, rows.Err()
}
