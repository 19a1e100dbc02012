package web

import (
	"fmt"

	"varuh/accesslog"
	"varuh/accesslog/playback"
	"varuh/recorder/segment"
)

// timeline is what is known of footage without opening it. Sizes tell when something moved, so they are for those who
// may see it, in a viewing, and only once an entry says so.
type timeline struct {
	Camera    string     `json:"camera"`
	Stream    string     `json:"stream"`
	Runs      []run      `json:"runs"`
	Fragments []fragment `json:"fragments"`
	Gaps      []gap      `json:"gaps"`
	Withheld  []withheld `json:"withheld"`
	Silent    []withheld `json:"silent,omitempty"` // as in a viewing
}

// run is one stretch in one format.
type run struct {
	ID     string `json:"id"`
	Format string `json:"format"`
}

// fragment is one stored fragment.
type fragment struct {
	At       moment `json:"at"`
	Duration int64  `json:"ms"`
	Bytes    int64  `json:"bytes"`
	Run      string `json:"run"`
	Sound    bool   `json:"sound,omitempty"`
	KeyFrame bool   `json:"key,omitempty"`
	Loss     bool   `json:"loss,omitempty"` // packets were missing
	Gap      bool   `json:"gap,omitempty"`  // time is missing before it
}

// timeline lists the fragments that a viewing can play in a window of at most playback.MostWindow, with their runs and what is missing
// between them.
func (s *Site) timeline(c *call, q span) (t timeline, err error) {
	v, err := s.viewing(c)
	if err != nil {
		return t, err
	}
	p := c.inPath(q)
	if p.To.Sub(p.From.Time) > playback.MostWindow {
		return t, fmt.Errorf("%w: a timeline spans at most %v", accesslog.ErrSpan, playback.MostWindow)
	}
	found, err := v.Pieces(c.Context(), p.Camera, p.Stream, p.From.Time, p.To.Time)
	if err == nil {
		err = v.Activity(c.Context(), found)
	}
	if err != nil {
		return t, err
	}
	r := reach{Gaps: []gap{}, Withheld: []withheld{}}
	r.add(c, found)
	t = timeline{p.Camera, p.Stream, make([]run, 0, len(found.Runs)), make([]fragment, 0, len(found.Pieces)), r.Gaps, r.Withheld, r.Silent}
	for _, r := range found.Runs {
		t.Runs = append(t.Runs, run{r.ID.String(), r.Format})
	}
	for i := range found.Pieces {
		p := &found.Pieces[i]
		t.Fragments = append(t.Fragments, fragment{moment{p.Start.UTC()}, p.Duration.Milliseconds(), p.Size, p.Run.String(),
			p.Kind != segment.Video, p.KeyFrame, p.Loss, p.GapBefore})
	}
	return t, nil
}
