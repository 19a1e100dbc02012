package web

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"varuh/accesslog"
	"varuh/accesslog/playback"
)

// reach is what a viewing may see of a stream, and what not.
type reach struct {
	Camera   string     `json:"camera"`
	Stream   string     `json:"stream"`
	Windows  []window   `json:"windows"` // that can be played, one after the other
	Gaps     []gap      `json:"gaps"`
	Withheld []withheld `json:"withheld"`
	Silent   []withheld `json:"silent,omitempty"` // of which the sound alone is left out: the notice allowed none

	first *accesslog.Run // that has anything to be seen
	err   error          // why the first span is withheld
}

// window is one playlist.
type window struct {
	From     moment `json:"from"`
	To       moment `json:"to"`
	Playlist string `json:"playlist"` // its path, with the query; sound=true is added for sound
}

// gap is time in which nothing was recorded.
type gap struct {
	From  moment `json:"from"`
	To    moment `json:"to,omitzero"` // missing: it goes on
	Cause string `json:"cause"`
}

// withheld is time of which nothing is shown.
type withheld struct {
	From moment `json:"from"`
	To   moment `json:"to"`
	Code string `json:"code"` // as that of a problem
	Why  string `json:"why"`  // in the language of the person
}

// why is the reason for there being nothing to see.
func (r reach) why() error {
	if r.err != nil {
		return r.err
	}
	return accesslog.ErrNothing
}

// reach looks a whole span through, in pieces that the door tells at once. It opens no footage.
func (s *Site) reach(c *call, v *accesslog.Viewing, p place) (reach, error) {
	r := reach{Camera: p.Camera, Stream: p.Stream, Gaps: []gap{}, Withheld: []withheld{}}
	if err := short(p); err != nil {
		return r, err
	}
	for at := p.From.Time; ; {
		end := at.Add(accesslog.MaxPieces)
		if end.After(p.To.Time) {
			end = p.To.Time
		}
		t, err := v.Pieces(c.Context(), p.Camera, p.Stream, at, end)
		if err != nil {
			return r, err
		}
		r.add(c, t)
		if at = end; !at.Before(p.To.Time) {
			break
		}
	}
	var err error
	r.Windows, err = windowsOf(v.ID(), p)
	return r, err
}

// add takes in the next stretch of time.
func (r *reach) add(c *call, t accesslog.Timeline) {
	if r.first == nil && len(t.Runs) > 0 {
		r.first = &t.Runs[0]
	}
	for _, g := range t.Gaps {
		next := gap{moment{g.From.UTC()}, moment{g.To.UTC()}, g.Cause}
		if !slices.Contains(r.Gaps, next) {
			r.Gaps = append(r.Gaps, next)
		}
	}
	for _, w := range t.Withheld {
		if r.err == nil {
			r.err = w.Why
		}
		r.Withheld = join(r.Withheld, c.withheld(w))
	}
	for _, w := range t.Silent {
		r.Silent = join(r.Silent, c.withheld(w))
	}
}

// join adds a span to a list, as one with the last if it goes on with that.
func join(list []withheld, next withheld) []withheld {
	if n := len(list); n > 0 && list[n-1].Code == next.Code && list[n-1].To.Equal(next.From.Time) {
		list[n-1].To = next.To
		return list
	}
	return append(list, next)
}

func (c *call) withheld(w accesslog.Withheld) withheld {
	known := sayingOf(w.Why)
	return withheld{moment{w.From.UTC()}, moment{w.To.UTC()}, known.id, known.title.in(c.language)}
}

// short refuses what is longer than anybody can ask for at once.
func short(p place) error {
	if p.To.Sub(p.From.Time) > accesslog.MaxSpan {
		return fmt.Errorf("%w: it is longer than %v", accesslog.ErrSpan, accesslog.MaxSpan)
	}
	return nil
}

// windowsOf are the playlists of a place.
func windowsOf(viewing string, p place) ([]window, error) {
	list, err := playback.Windows(p.From.Time, p.To.Time)
	if err != nil {
		return nil, err
	}
	out := make([]window, 0, len(list))
	base := prefix + "/viewings/" + url.PathEscape(viewing) + "/" + url.PathEscape(p.Camera) + "/" + url.PathEscape(p.Stream) + "/index.m3u8?"
	for _, w := range list {
		query := url.Values{"from": {w.From.Format(time.RFC3339Nano)}, "to": {w.To.Format(time.RFC3339Nano)}}
		for name, on := range map[string]bool{"first": w.First, "last": w.Last} {
			if on {
				query.Set(name, strconv.FormatBool(on))
			}
		}
		out = append(out, window{moment{w.From}, moment{w.To}, base + query.Encode()})
	}
	return out, nil
}

// inPath is a span of the stream in the path.
func (c *call) inPath(p span) place {
	return place{c.PathValue("camera"), c.PathValue("stream"), p.From, p.To}.settled()
}

// windowList are the playlists of a span.
type windowList struct {
	Windows []window `json:"windows"`
}

func (s *Site) windows(c *call, p span) (windowList, error) {
	v, err := s.viewing(c)
	if err != nil {
		return windowList{}, err
	}
	at := c.inPath(p)
	if err := short(at); err != nil {
		return windowList{}, err
	}
	list, err := windowsOf(v.ID(), at)
	return windowList{list}, err
}
