package web

import (
	"time"

	"varuh/recorder/footage"
)

// mostHours is how far back the health of a camera is told.
const mostHours = 7 * 24

// HealthAsked is of what stream, and how far back.
type HealthAsked struct {
	Stream string `json:"stream,omitempty"` // main if it is missing
	Hours  int64  `json:"hours,omitempty"`  // 24 if it is missing, at most 168
}

// Health is how a stream was recorded in the last hours. The hour is the finest that is told of bitrates: by less it would
// show when something moved.
type Health struct {
	Hours []Hour `json:"hours"` // the oldest first; the last one goes on
	Gaps  []gap  `json:"gaps"`
}

// Hour is one hour, in UTC.
type Hour struct {
	From     moment `json:"from"`
	Recorded int64  `json:"recorded"` // seconds
	Bitrate  int64  `json:"bitrate"`  // bit/s of what was recorded
	Loss     bool   `json:"loss"`     // packets are missing somewhere
}

// health tells how well a camera was recorded, by the hours of UTC: the last 24, or as many as are asked for, with the present one.
func (s *Site) health(c *call, in HealthAsked) (Health, error) {
	id := c.PathValue("camera")
	switch {
	case in.Hours == 0:
		in.Hours = 24
	case in.Hours > mostHours:
		return Health{}, &wrong{"hours", text{"Največ 168 ur.", "168 hours at most."}}
	}
	p := place{Stream: in.Stream}.settled()
	if p.Stream != "main" && p.Stream != "sub" {
		return Health{}, &wrong{"stream", text{"Pretok je main ali sub.", "A stream is main or sub."}}
	}
	if err := s.exists(id); err != nil {
		return Health{}, err
	}
	now := s.o.Now()
	from := now.UTC().Truncate(time.Hour).Add(-time.Duration(in.Hours-1) * time.Hour)
	segments, gaps, err := s.o.Index.Span(id, p.Stream, from, now)
	if err != nil {
		return Health{}, err
	}
	h := Health{Hours: hours(segments, from, now), Gaps: make([]gap, 0, len(gaps))}
	for _, g := range gaps {
		h.Gaps = append(h.Gaps, gap{moment{g.From}, moment{g.To}, g.Cause})
	}
	return h, nil
}

// hours spreads what segments hold evenly over their time: within a segment, which is shorter than an hour, nothing is told.
func hours(segments []footage.Segment, from, now time.Time) []Hour {
	list := make([]Hour, 0, int(now.Sub(from)/time.Hour)+1)
	for at := from; at.Before(now); at = at.Add(time.Hour) {
		h, recorded, bits, settled := Hour{From: moment{at}}, time.Duration(0), 0.0, true
		for _, g := range segments {
			begin, end := later(g.Start, at), at.Add(time.Hour)
			if g.End.Before(end) {
				end = g.End
			}
			if part := end.Sub(begin); part > 0 {
				recorded += part
				bits += 8 * float64(g.Bytes) * float64(part) / float64(g.End.Sub(g.Start))
				h.Loss, settled = h.Loss || g.Loss, settled && g.Sealed
			}
		}
		// The hour that goes on has no bitrate, nor has one with a segment that does: they would tell, asked for often
		// enough, how much each segment has.
		if h.Recorded = int64(recorded / time.Second); recorded > 0 && settled && !at.Add(time.Hour).After(now) {
			h.Bitrate = int64(bits / recorded.Seconds())
		}
		list = append(list, h)
	}
	return list
}
