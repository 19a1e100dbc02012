package collect

import (
	"context"
	"slices"
	"time"

	"varuh/recorder/footage"
)

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
		if !r.Sealed && !late && !r.Start.Before(c.passed) {
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
