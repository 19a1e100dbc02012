package footage

import (
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// ErrUnknown is returned for a segment that has no row.
var ErrUnknown = errors.New("no such segment in the index")

const segmentColumns = `SELECT s.id, s.store, s.slot, t.camera, t.stream, s.run, s.start, s."end", s.bytes, s.records,
	s.sealed, s.recovered, s.loss, f.text, b.boot, s.boot_time, s.header_start, s.clock, s.root`

// What is looked up for each fragment that is played, or often, casts the parameters that it compares by "=". SQLite
// plans anew for every value of one that could be 0 or 1, which takes it five times as long as the answer.

// CROSS JOIN keeps the order: streams are few, and each is one range of segments_by_start.
const fromStreams = ` FROM streams t CROSS JOIN segments s ON s.stream = t.id
	JOIN formats f ON f.id = s.format JOIN boots b ON b.id = s.boot `

const fromSegments = ` FROM segments s JOIN streams t ON t.id = s.stream
	JOIN formats f ON f.id = s.format JOIN boots b ON b.id = s.boot `

// Get finds one segment, or returns ErrUnknown.
func (ix *Index) Get(id keyring.ID) (Segment, error) {
	list, err := collect(ix.read, scanSegment, segmentColumns+fromSegments+`WHERE s.id = CAST(? AS BLOB)`, id[:])
	return one(list, explain(err, "couldn't look up segment %s", id), "segment", id)
}

// Unsealed returns all segments that are being written or were when the program ended, oldest first.
func (ix *Index) Unsealed() ([]Segment, error) {
	list, err := collect(ix.read, scanSegment, segmentColumns+fromStreams+`WHERE s.sealed = 0 ORDER BY s.id`)
	return list, explain(err, "couldn't look up the segments that are not sealed")
}

// Newest returns the segment that was begun last, or ErrUnknown.
func (ix *Index) Newest() (Segment, error) {
	list, err := collect(ix.read, scanSegment, segmentColumns+fromSegments+`ORDER BY s.id DESC LIMIT 1`)
	return one(list, explain(err, "couldn't look up the newest segment"), "segment", "at all")
}

// Last returns the segment of a stream with the latest start, or ErrUnknown.
func (ix *Index) Last(camera, stream string) (Segment, error) {
	list, err := collect(ix.read, scanSegment, segmentColumns+fromStreams+
		`WHERE t.camera = CAST(? AS TEXT) AND t.stream = CAST(? AS TEXT) ORDER BY s.start DESC, s.id DESC LIMIT 1`, camera, stream)
	return one(list, explain(err, "couldn't look up the last segment of %s/%s", camera, stream), "stream", camera+"/"+stream)
}

// Oldest returns the segment of a camera with the earliest start, or ErrUnknown.
func (ix *Index) Oldest(camera string) (Segment, error) {
	list, err := collect(ix.read, scanSegment, segmentColumns+fromSegments+`WHERE s.id IN (
			SELECT (SELECT id FROM segments WHERE stream = streams.id ORDER BY start, id LIMIT 1)
			FROM streams WHERE camera = ?)
		ORDER BY s.start, s.id LIMIT 1`, camera)
	return one(list, explain(err, "couldn't look up the oldest segment of %s", camera), "camera", camera)
}

// one is the only one of a list, or ErrUnknown.
func one(list []Segment, err error, what string, which any) (Segment, error) {
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("%w: %s %v", ErrUnknown, what, which)
	}
	if err != nil {
		return Segment{}, err
	}
	return list[0], nil
}

// Span returns what overlaps [from, to) of one stream of a camera, or of all its streams if stream
// is "": segments and gaps, each by start. A segment that is still written, and a gap that lasts,
// count as having no end. (The + keeps SQLite from looking for the latter among all that began earlier.)
func (ix *Index) Span(camera, stream string, from, to time.Time) ([]Segment, []Gap, error) {
	args := []any{camera, stream, ns(from), ns(to)}
	segments, err := collect(ix.read, scanSegment, segmentColumns+fromStreams+`
		WHERE t.camera = CAST(?1 AS TEXT) AND CAST(?2 AS TEXT) IN ('', t.stream)
			AND s.start >= ?3 - t.longest_segment AND s.start < ?4 AND (s."end" > ?3 OR s.start >= ?3)
		UNION ALL `+segmentColumns+fromStreams+`
		WHERE t.camera = CAST(?1 AS TEXT) AND CAST(?2 AS TEXT) IN ('', t.stream) AND s.sealed = 0 AND +s.start < ?3 AND s."end" <= ?3
		ORDER BY 7, 1`, args...)
	if err != nil {
		return nil, nil, explain(err, "couldn't look up segments of %s", camera)
	}
	gaps, err := collect(ix.read, scanGap, gapColumns+`
		WHERE t.camera = CAST(?1 AS TEXT) AND CAST(?2 AS TEXT) IN ('', t.stream) AND g.carrier IS NOT NULL
			AND g."from" >= ?3 - t.longest_gap AND g."from" < ?4 AND g."to" > ?3
		UNION ALL `+gapColumns+`
		WHERE t.camera = CAST(?1 AS TEXT) AND CAST(?2 AS TEXT) IN ('', t.stream) AND g.carrier IS NULL
			AND g."from" < ?4 AND coalesce(g."to" > ?3, TRUE)
		ORDER BY 3, 4, 1, 2`, args...)
	return segments, gaps, explain(err, "couldn't look up gaps of %s", camera)
}

// Day is Span for the UTC day that day lies in, of all streams of the camera.
func (ix *Index) Day(camera string, day time.Time) ([]Segment, []Gap, error) {
	from := day.UTC().Truncate(24 * time.Hour)
	return ix.Span(camera, "", from, from.Add(24*time.Hour))
}

// Pending returns the gaps of a stream that no segment carries yet, oldest first: what the recorder
// knew before a restart of the time since the last segment.
func (ix *Index) Pending(camera, stream string) ([]Gap, error) {
	gaps, err := collect(ix.read, scanGap, gapColumns+
		`WHERE t.camera = ? AND t.stream = ? AND g.carrier IS NULL ORDER BY g."from"`, camera, stream)
	return gaps, explain(err, "couldn't look up the pending gaps of %s/%s", camera, stream)
}

// DaySummary is one UTC day of one stream. A segment counts on the day on which it begins.
type DaySummary struct {
	Day      time.Time // midnight UTC
	Stream   string
	Segments int
	Bytes    int64
	Recorded time.Duration
}

// Days sums up every UTC day on which a segment of the camera begins, oldest first.
func (ix *Index) Days(camera string) ([]DaySummary, error) {
	const day = int64(24 * time.Hour)
	days, err := collect(ix.read, func(rows *sql.Rows) (d DaySummary, err error) {
		var n int64
		err = rows.Scan(&n, &d.Stream, &d.Segments, &d.Bytes, &d.Recorded)
		d.Day = at(n * day)
		return d, err
	}, `SELECT s.start / ?2, t.stream, count(*), sum(s.bytes), sum(s."end" - s.start)
		FROM streams t CROSS JOIN segments s ON s.stream = t.id
		WHERE t.camera = ?1 GROUP BY 1, 2 ORDER BY 1, 2`, camera, day)
	return days, explain(err, "couldn't sum up the days of %s", camera)
}

// Streams returns the streams of which there are segments, by cameras, sorted.
func (ix *Index) Streams() (map[string][]string, error) {
	list, err := collect(ix.read, func(rows *sql.Rows) (s [2]string, err error) { return s, rows.Scan(&s[0], &s[1]) },
		`SELECT camera, stream FROM streams t WHERE EXISTS (SELECT 1 FROM segments WHERE stream = t.id) ORDER BY 1, 2`)
	if err != nil {
		return nil, explain(err, "couldn't look up the streams that have segments")
	}
	streams := map[string][]string{}
	for _, s := range list {
		streams[s[0]] = append(streams[s[0]], s[1])
	}
	return streams, nil
}

// Bytes returns how much each camera holds in sealed segments. It reads the whole index of starts,
// some 100 ms for a year of 16 cameras.
func (ix *Index) Bytes() (map[string]int64, error) {
	type held struct {
		camera string
		bytes  int64
	}
	list, err := collect(ix.read, func(rows *sql.Rows) (h held, err error) { return h, rows.Scan(&h.camera, &h.bytes) },
		`SELECT t.camera, sum(s.bytes) FROM streams t CROSS JOIN segments s ON s.stream = t.id GROUP BY t.camera`)
	if err != nil {
		return nil, explain(err, "couldn't sum up the bytes of the cameras")
	}
	sums := make(map[string]int64, len(list))
	for _, h := range list {
		sums[h.camera] = h.bytes
	}
	return sums, nil
}

// Held is how much of a store footage takes, at one moment.
type Held struct {
	Store keyring.ID
	Bytes int64     // of sealed segments
	Open  []Segment // those being written, whose size only their file tells: id, store and camera of each
}

// Held returns what each store holds. It reads the whole index, some 300 ms for a million segments.
func (ix *Index) Held() (map[keyring.ID]Held, error) {
	all := map[keyring.ID]Held{}
	_, err := collect(ix.read, func(rows *sql.Rows) (_ struct{}, err error) {
		var s Segment
		if err = rows.Scan(into(s.Store[:]), &s.Bytes, into(s.ID[:]), &s.Camera); err != nil {
			return struct{}{}, err
		}
		h := all[s.Store]
		h.Store = s.Store
		h.Bytes += s.Bytes
		if s.Camera != "" {
			h.Open = append(h.Open, s)
		}
		all[s.Store] = h
		return struct{}{}, nil
	}, `SELECT store, sum(bytes), NULL, '' FROM segments GROUP BY store
		UNION ALL SELECT s.store, 0, s.id, t.camera FROM streams t CROSS JOIN segments s ON s.stream = t.id WHERE s.sealed = 0`)
	return all, explain(err, "couldn't sum up the bytes of the stores")
}

func scanSegment(rows *sql.Rows) (s Segment, err error) {
	var start, end, header int64
	err = rows.Scan(into(s.ID[:]), into(s.Store[:]), &s.Slot, &s.Camera, &s.Stream, into(s.Run[:]), &start, &end, &s.Bytes, &s.Records,
		&s.Sealed, &s.Recovered, &s.Loss, &s.Format, into(s.Boot[:]), &s.BootTime, &header, &s.Clock, into(s.Root[:]))
	s.Start, s.End, s.HeaderStart = at(start), at(end), at(header)
	return s, err
}

const gapColumns = `SELECT t.camera, t.stream, g."from", g."to", g.cause, g.carrier
	FROM streams t CROSS JOIN gaps g ON g.stream = t.id `

func scanGap(rows *sql.Rows) (g Gap, err error) {
	var from int64
	var to sql.NullInt64
	err = rows.Scan(&g.Camera, &g.Stream, &from, &to, &g.Cause, into(g.Carrier[:]))
	g.From = at(from)
	if to.Valid {
		g.To = at(to.Int64)
	}
	return g, err
}

// at is what ns was given.
func at(ns int64) time.Time {
	if ns <= math.MinInt64/2 {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}

// into scans a blob into an array of its length; NULL leaves the array as it is.
type into []byte

// Scan implements [sql.Scanner].
func (dst into) Scan(src any) error {
	b, ok := src.([]byte)
	if !ok && src != nil || ok && len(b) != len(dst) {
		return fmt.Errorf("%T of %d bytes where %d belong", src, len(b), len(dst))
	}
	copy(dst, b)
	return nil
}

// page returns the segments that follow an id in the order of ids, at most batch of them.
func (ix *Index) page(after keyring.ID) ([]Segment, error) {
	list, err := collect(ix.read, scanSegment, segmentColumns+fromSegments+`WHERE s.id > ? ORDER BY s.id LIMIT ?`, after[:], batch)
	return list, explain(err, "couldn't read the segments after %s", after)
}

// carried returns the gaps of a segment as its header should have them.
func (ix *Index) carried(id keyring.ID) ([]segment.Gap, error) {
	gaps, err := collect(ix.read, func(rows *sql.Rows) (g segment.Gap, err error) {
		var from, to int64
		err = rows.Scan(&from, &to, &g.Cause)
		g.From, g.To = at(from), at(to)
		return g, err
	}, `SELECT header_from, header_to, cause FROM gaps WHERE carrier = ? ORDER BY id`, id[:])
	return gaps, explain(err, "couldn't look up the gaps of segment %s", id)
}

// integrity asks SQLite whether the index is whole. It reads all of it.
func (ix *Index) integrity() ([]string, error) {
	lines, err := collect(ix.read, func(rows *sql.Rows) (s string, err error) { return s, rows.Scan(&s) }, `PRAGMA quick_check(20)`)
	if err != nil || len(lines) == 1 && lines[0] == "ok" {
		lines = nil
	}
	return lines, explain(err, "couldn't check %s", ix.path)
}
