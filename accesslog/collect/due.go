package collect

import (
	"errors"
	"time"

	"varuh/recorder/footage"
)

// next is the piece that comes next, nil if it is not over yet; with short it may end within its hour.
func (c *Collector) next(camera string, p progress, over time.Time, short bool) (*span, error) {
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
	to := from.Truncate(time.Hour).Add(time.Hour)
	switch {
	case !to.After(over):
		to, err := c.empty(camera, from, to, over.Truncate(time.Hour))
		return &span{from, to}, err
	case short && over.After(from):
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
