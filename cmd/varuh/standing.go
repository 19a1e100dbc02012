package main

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"

	"varuh/accesslog/disclosure"
	"varuh/accesslog/hold"
	"varuh/recorder/footage"
	"varuh/recorder/segment"
	"varuh/retention"
)

// standing is how footage stands against its terms, its promises and its holds, as of a look at all of it.
type standing struct {
	At           time.Time
	Cameras      map[string]retention.Standing
	Depths       []retention.Depth // by camera
	Capacity     int64             // bytes of footage that the stores can take
	Holds        []hold.Hold
	Restrictions []hold.Restriction
	Waits        []retention.Change                   // that the configuration asks for
	Requests     map[disclosure.What]disclosure.Tally // what is due of requests; nil: nothing is known of them
	Failed       int                                  // segments that the last run could not erase
	Err          error                                // why it could not be looked up
}

// lately is the span whose footage tells how much a camera writes.
const lately = 7 * 24 * time.Hour

// look looks all footage up. It reads the whole index, beside whoever records.
func (e *eraser) look(ctx context.Context) {
	next, err := e.survey(ctx)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		e.log.Warn("how footage stands against its terms can't be told", "err", err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if err != nil {
		e.stand.Err = err
		return
	}
	next.Waits, next.Failed, next.Requests = e.stand.Waits, e.stand.Failed, e.stand.Requests
	e.stand = next
}

func (e *eraser) survey(ctx context.Context) (st standing, err error) {
	s, err := e.situation(ctx, e.time.now())
	if err != nil {
		return st, err
	}
	now := e.time.boot.Now()
	rates := rates{since: now.Add(-lately), of: map[string]rate{}}
	st.At = now
	var strange [][16]byte
	met := func(boot [16]byte) { strange = append(strange, boot) }
	if st.Cameras, err = retention.Survey(s, e.sized(retention.Strange(s, rates.watch(e.settled()), met))); err != nil {
		return st, err
	}
	if e.time.meet(strange...) { // only now it is known when its footage goes
		s.Boots, s.Strange = e.time.boots()
		if st.Cameras, err = retention.Survey(s, e.sized(e.settled())); err != nil {
			return st, err
		}
	}
	if register, _, err := e.books(); err == nil {
		if st.Holds, err = register.List(ctx); err != nil {
			return st, err
		}
		if st.Restrictions, err = register.ListRestrictions(ctx); err != nil {
			return st, err
		}
	}
	if st.Capacity, err = e.capacity(); err != nil {
		return st, err
	}
	_, held := st.held()
	loads := rates.loads(now, s.Policies, e.names(st.Cameras))
	cameras, _ := e.config()
	began := e.began(rates, cameras)
	for i := range loads {
		loads[i].Began = began[loads[i].Camera]
	}
	st.Depths = retention.Depths(now, st.Capacity, held, loads)
	return st, nil
}

// sized gives segments that were never sealed the size of their files: the index learns it only then.
func (e *eraser) sized(all retention.Segments) retention.Segments {
	return func(yield func(footage.Segment, error) bool) {
		for s, err := range all {
			if err == nil && s.Bytes == 0 {
				s.Bytes = e.sizeNow(s)
			}
			if !yield(s, err) {
				return
			}
		}
	}
}

// sizeNow is how large the file of a segment is. One that is not there (yet, or any more), or on a disk that does not tell, counts as nothing.
func (e *eraser) sizeNow(s footage.Segment) int64 {
	at := slices.IndexFunc(e.stores, func(store footage.Store) bool { return store.ID == s.Store })
	if at < 0 {
		return 0
	}
	info, err := os.Stat(e.stores[at].Path(s.Camera, s.ID))
	if err == nil {
		return info.Size()
	}
	if !errors.Is(err, fs.ErrNotExist) {
		e.log.Warn("how large a segment is that is being written can't be told, so that it counts as nothing", "err", err)
	}
	return 0
}

// undated counts segments of a camera ("": of all) of which nobody can tell when they were recorded.
func (e *eraser) undated(ctx context.Context, camera string) (n int, err error) {
	s, err := e.situation(ctx, e.time.now())
	if err != nil {
		return 0, err
	}
	all, err := retention.Survey(s, e.settled())
	for id, c := range all {
		if camera == "" || id == camera {
			n += c.Undated
		}
	}
	return n, err
}

// zone is that of the site, nil for UTC.
func (e *eraser) zone() *time.Location {
	_, zone := e.config()
	return zone
}

// names are all cameras that are configured or have footage.
func (e *eraser) names(seen map[string]retention.Standing) []string {
	names := slices.Collect(maps.Keys(seen))
	cameras, _ := e.config()
	for _, c := range cameras {
		names = append(names, c.ID)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// held counts what holds and restrictions keep.
func (st standing) held() (segments int, bytes int64) {
	for _, c := range st.Cameras {
		segments += c.Held
		bytes += c.HeldSize
	}
	return segments, bytes
}

// rates are how much each camera wrote lately.
type rates struct {
	since time.Time
	of    map[string]rate
}

type rate struct {
	oldest time.Time // first frame of all its footage
	dated  time.Time // of that whose clock was set
	first  time.Time // of that which was recorded lately
	bytes  int64     // of the latter
}

// watch counts segments on their way to somebody else.
func (r rates) watch(all retention.Segments) retention.Segments {
	return func(yield func(footage.Segment, error) bool) {
		for s, err := range all {
			if err == nil && !s.Start.IsZero() {
				r.add(s)
			}
			if !yield(s, err) {
				return
			}
		}
	}
}

func (r rates) add(s footage.Segment) {
	c := r.of[s.Camera]
	if c.oldest.IsZero() || s.Start.Before(c.oldest) {
		c.oldest = s.Start
	}
	if s.Clock == segment.Synchronised && (c.dated.IsZero() || s.Start.Before(c.dated)) {
		c.dated = s.Start
	}
	if s.Start.After(r.since) {
		if c.first.IsZero() || s.Start.Before(c.first) {
			c.first = s.Start
		}
		c.bytes += s.Bytes
	}
	r.of[s.Camera] = c
}

// loads are what the cameras put on the disks.
func (r rates) loads(now time.Time, policies retention.Policies, cameras []string) (list []retention.Load) {
	for _, camera := range cameras {
		c := r.of[camera]
		l := retention.Load{Camera: camera, Policy: policies.At(camera, now), Oldest: c.oldest}
		if span := now.Sub(c.first); c.bytes > 0 && span > time.Minute {
			l.Rate = float64(c.bytes) / span.Seconds()
		}
		list = append(list, l)
	}
	return list
}
