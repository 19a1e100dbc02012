package collect

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// A segment comes late when its time was told before it was sealed, or before the index knew it: its disk was
// away, the index was made anew, its boot was given another date. The next piece of its camera lists it.

const (
	recent    = 7 * 24 * time.Hour       // how far back every piece looks for what came late
	sweep     = 24 * time.Hour           // how often all of a camera's footage is searched
	maxSweeps = 2                        // of them in one walk: a camera's year takes most of a second, for which nothing else is entered
	maxLate   = 2000                     // segments that come late in one piece; the others are in the next ones
	maxAsked  = 500                      // segments that one query asks for
	outlived  = 2 * 366 * 24 * time.Hour // older than any footage but what is held
)

// lateness is what came late of one camera.
type lateness struct {
	segments []Segment    // sealed, by start
	forget   []keyring.ID // not in the index any more
	all      bool         // all footage was searched
}

// take are those for the next piece.
func (l *lateness) take() []Segment {
	n := min(len(l.segments), maxLate)
	now := l.segments[:n:n]
	l.segments = l.segments[n:]
	return now
}

// late finds the segments that are sealed and in no piece, and that none of the next pieces, which begin at
// from, will overlap. At a stop, which waits for nobody, it looks for none.
func (c *Collector) late(ctx context.Context, camera string, from time.Time) (l lateness, err error) {
	if c.hurry {
		return l, nil
	}
	if l.all = c.now.Sub(c.swept[camera]).Abs() >= sweep && c.sweeps < maxSweeps; l.all {
		c.sweeps++
	}
	ahead := c.now.Add(time.Hour)
	days, err := c.Index.Days(camera)
	if err != nil {
		return l, err
	}
	var last time.Time
	for _, d := range days {
		if d.Day.Equal(last) || !l.all && d.Day.Before(from.Add(-recent)) {
			continue // streams have days of their own
		}
		if last = d.Day; ctx.Err() != nil {
			return l, ctx.Err()
		}
		rows, _, err := c.Index.Span(camera, "", d.Day, d.Day.AddDate(0, 0, 1))
		if err != nil {
			return l, err
		}
		rows = slices.DeleteFunc(rows, func(s footage.Segment) bool {
			past := s.Start.Before(from) && !s.End.After(from)
			return !s.Sealed || s.Start.Before(d.Day) || !past && !s.Start.After(ahead)
		})
		if err := c.addNew(ctx, &l, rows); err != nil {
			return l, err
		}
	}
	if err := c.forgotten(ctx, &l); err != nil {
		return l, err
	}
	err = c.closed(ctx, camera, from, &l)
	slices.SortStableFunc(l.segments, func(a, b Segment) int { return a.Start.Compare(b.Start) })
	return l, err
}

// addNew adds those whose root is in no piece.
func (c *Collector) addNew(ctx context.Context, l *lateness, rows []footage.Segment) error {
	list, err := c.rows(ctx, rows)
	for _, s := range list {
		if !s.Known {
			l.segments = append(l.segments, s)
		}
	}
	return err
}

// closed adds the segments that were listed as open and are sealed by now, however long ago that was.
func (c *Collector) closed(ctx context.Context, camera string, from time.Time, l *lateness) error {
	ids, err := c.ids(ctx, `SELECT id FROM collected_open WHERE camera = ?`, camera)
	if err != nil {
		return err
	}
	for _, id := range ids {
		s, err := c.Index.Get(id)
		switch {
		case errors.Is(err, footage.ErrUnknown):
			l.forget = append(l.forget, id) // it held nothing; should it come back, it is found by its date
		case err != nil:
			return err
		case s.Sealed && !s.End.After(from) && !slices.ContainsFunc(l.segments, func(o Segment) bool { return o.ID == id }):
			l.segments = append(l.segments, row(s))
		}
	}
	return nil
}

// forgotten finds, while all is searched, what the diary need not remember any longer.
func (c *Collector) forgotten(ctx context.Context, l *lateness) error {
	if !l.all {
		return nil
	}
	before := keyring.NewID(c.now.Add(-outlived))
	ids, err := c.ids(ctx, `SELECT id FROM collected_segments WHERE id < ?`, before[:])
	for _, id := range ids {
		switch _, err := c.Index.Get(id); {
		case errors.Is(err, footage.ErrUnknown):
			l.forget = append(l.forget, id)
		case err != nil:
			return err
		}
	}
	return err
}

// searched notes, with the last of what came late, that all of a camera's footage was searched.
func (c *Collector) searched(camera string, l *lateness) {
	if !l.all || len(l.segments) > 0 {
		return
	}
	if c.swept == nil {
		c.swept = map[string]time.Time{}
	}
	c.swept[camera] = c.now
}

// rows are segments as a manifest has them: those whose root is in a piece already point there.
func (c *Collector) rows(ctx context.Context, list []footage.Segment) (out []Segment, err error) {
	for part := range slices.Chunk(list, maxAsked) {
		known, err := c.known(ctx, part)
		if err != nil {
			return nil, err
		}
		for _, r := range part {
			s := row(r)
			if seq, ok := known[r.ID]; ok && r.Sealed {
				s.Records, s.Root, s.Known, s.In = 0, [32]byte{}, true, seq
			}
			out = append(out, s)
		}
	}
	return out, nil
}

// known tells in which piece the roots of segments are.
func (c *Collector) known(ctx context.Context, list []footage.Segment) (in map[keyring.ID]int64, err error) {
	var args []any
	for i := range list {
		args = append(args, list[i].ID[:])
	}
	rows, err := c.Diary.Query(ctx, `SELECT id, seq FROM collected_segments WHERE id IN (?`+strings.Repeat(", ?", len(args)-1)+`)`, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	in = map[keyring.ID]int64{}
	for rows.Next() {
		var id []byte
		var seq int64
		if err := rows.Scan(&id, &seq); err != nil {
			return nil, fmt.Errorf("couldn't read what is collected: %w", err)
		}
		in[keyring.ID(id)] = seq
	}
	return in, rows.Err()
}

// listedOpen are the segments that were listed as open, and whose root is in no piece yet.
func (c *Collector) listedOpen(ctx context.Context) (map[keyring.ID]bool, error) {
	ids, err := c.ids(ctx, `SELECT id FROM collected_open`)
	open := map[keyring.ID]bool{}
	for _, id := range ids {
		open[id] = true
	}
	return open, err
}

// ids reads a list of segments.
func (c *Collector) ids(ctx context.Context, query string, args ...any) (list []keyring.ID, err error) {
	rows, err := c.Diary.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var id []byte
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("couldn't read what is collected: %w", err)
		}
		list = append(list, keyring.ID(id))
	}
	return list, rows.Err()
}

// remember notes which segments are in a piece.
func remember(tx *sql.Tx, m Manifest) error {
	for _, s := range slices.Concat(m.Segments, m.Late) {
		var err error
		switch {
		case s.Open:
			_, err = tx.Exec(`INSERT OR IGNORE INTO collected_open (id, camera) VALUES (?, ?)`, s.ID[:], m.Camera)
		case !s.Known:
			if _, err = tx.Exec(`INSERT INTO collected_segments (id, seq) VALUES (?, ?)`, s.ID[:], m.Seq); err == nil {
				_, err = tx.Exec(`DELETE FROM collected_open WHERE id = ?`, s.ID[:])
			}
		}
		if err != nil {
			return fmt.Errorf("couldn't note that segment %s is collected: %w", s.ID, err)
		}
	}
	return nil
}

// drop forgets segments.
func drop(tx *sql.Tx, ids []keyring.ID) error {
	for _, id := range ids {
		for _, table := range []string{"collected_segments", "collected_open"} {
			if _, err := tx.Exec(`DELETE FROM `+table+` WHERE id = ?`, id[:]); err != nil {
				return fmt.Errorf("couldn't forget segment %s: %w", id, err)
			}
		}
	}
	return nil
}
