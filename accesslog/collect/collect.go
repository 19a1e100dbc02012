package collect

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"slices"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// Op is the operation of the entries.
const Op = proof.OpCollect

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
	Head() diary.Head
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
	Started time.Time             // of the program
	Wrong   func(sentence string) // told that somebody changed how far it is; nil: nobody is

	last   map[string]int64     // entry of each camera's last piece; nil until that was held against the diary
	now    time.Time            // of this walk, so that it ends
	passed time.Time            // nothing that began before is being written any more: what is open then a sick disk keeps so
	hurry  bool                 // nothing is recorded any more: what came late waits for the next start
	looked time.Time            // when the index was last asked for cameras that are not configured
	others []string             // that were found then
	open   map[keyring.ID]bool  // segments that were listed as open: no later piece waits for them
	anew   map[string]time.Time // from when a camera is collected whose pieces lie ahead of the clock
	sweeps int                  // searches of all of a camera's footage in this walk
	swept  map[string]time.Time // when all of a camera's footage was last searched for what came late
}

// Collect writes every piece that is due, camera by camera, and returns how many. A camera that fails does
// not hold up the others.
func (c *Collector) Collect(ctx context.Context) (int, error) { return c.all(ctx, false) }

// Stop is Collect when nothing is recorded any more: what is sealed is collected up to now.
func (c *Collector) Stop(ctx context.Context) (int, error) { return c.all(ctx, true) }

// Until is Collect for one camera while it records: what was sealed is collected up to a moment, before which nothing is
// being written any more: what is not sealed by then is listed as open.
func (c *Collector) Until(ctx context.Context, camera string, at time.Time) (int, error) {
	done, err := c.begin(ctx, false)
	if err != nil {
		return 0, err
	}
	c.passed = at
	return c.camera(ctx, camera, done[camera], at, true)
}

// begin begins a walk.
func (c *Collector) begin(ctx context.Context, stopping bool) (done map[string]progress, err error) {
	c.now, c.passed, c.hurry, c.sweeps = c.Now(), time.Time{}, stopping, 0
	if err := c.mend(ctx); err != nil {
		return nil, err
	}
	if done, err = c.progress(ctx); err != nil {
		return nil, err
	}
	c.open, err = c.listedOpen(ctx)
	return done, err
}

func (c *Collector) all(ctx context.Context, stopping bool) (wrote int, err error) {
	done, err := c.begin(ctx, stopping)
	if err != nil {
		return 0, err
	}
	over := c.now.Add(-settle)
	if stopping {
		over = c.now
	}
	cameras, err := c.cameras(ctx, done)
	if err != nil {
		return 0, err
	}
	var errs []error
	for _, camera := range cameras {
		n, err := c.camera(ctx, camera, done[camera], over, stopping)
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

// camera writes the pieces of one camera that are over by a moment; with short that of the hour that runs, too.
func (c *Collector) camera(ctx context.Context, camera string, p progress, over time.Time, short bool) (wrote int, err error) {
	var late lateness
	for {
		s, err := c.next(camera, p, over, short)
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
