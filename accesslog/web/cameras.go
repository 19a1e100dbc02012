package web

import (
	"slices"
	"time"

	"varuh/accesslog/people"
	"varuh/recorder/footage"
)

// cameraRoutes tell what there is of each camera. They open no footage.
var cameraRoutes = []route{
	{"GET", "/cameras", "listCameras", may(people.Play, people.Live, people.System, people.Notices, people.Authorise), gives((*Site).cameras),
		"The cameras in scope; all of them for who grants authorisations, enters notices or sees to the system."},
	{"GET", "/cameras/{camera}/days", "listDays", may(people.Play), gives((*Site).days), "The days in UTC on which footage of a camera begins."},
	{"GET", "/cameras/{camera}/ranges", "listRanges", may(people.Play), takes((*Site).ranges),
		"What was recorded of a stream in at most 31 days, with gaps, and what is held or restricted."},
}

// CameraInfo is a camera, and what the person may do with it.
type CameraInfo struct {
	ID      string          `json:"id"`
	Name    string          `json:"name"`
	Streams []string        `json:"streams"`
	May     []people.Action `json:"may"`
	Gone    bool            `json:"gone,omitempty"`         // it is configured no more: there is footage of it
	Limited bool            `json:"limited,omitempty"`      // only its last minutes may be played
	Back    int64           `json:"back_minutes,omitempty"` // that many, where it is limited
}

// CameraList are cameras.
type CameraList struct {
	Cameras []CameraInfo `json:"cameras"`
}

// configuring are the actions that need a camera which is configured.
var configuring = []people.Action{people.Live, people.Aim, people.OpenAim}

// withCameras are the actions that have to do with cameras.
var withCameras = []people.Action{people.Live, people.Play, people.Secure, people.Hold, people.Restrict, people.Restricted, people.Extract, people.Aim, people.OpenAim}

// cameras lists the cameras with which whoever asks may do something, and what that is: those that are configured, and then those that
// are gone but have footage. Who looks after the system, notices or authorisations sees all of them.
func (s *Site) cameras(c *call) (CameraList, error) {
	all := c.allowed(people.System, "") || c.allowed(people.Notices, "") || c.allowed(people.Authorise, "")
	list := CameraList{Cameras: []CameraInfo{}}
	add := func(camera Camera, gone bool) {
		info := CameraInfo{ID: camera.ID, Name: camera.Name, Streams: camera.Streams, May: []people.Action{}, Gone: gone}
		for _, a := range withCameras {
			if c.allowed(a, camera.ID) && !(gone && slices.Contains(configuring, a)) {
				info.May = append(info.May, a)
			}
		}
		if by, err := c.find(people.Play, camera.ID, time.Time{}); err == nil {
			_, err = c.find(people.Play, camera.ID, time.Unix(0, 0))
			info.Limited, info.Back = err != nil, int64(by.Back/time.Minute)
		}
		if all || len(info.May) > 0 {
			list.Cameras = append(list.Cameras, info)
		}
	}
	for _, camera := range s.o.Cameras() {
		add(camera, false)
	}
	for _, camera := range s.gone() {
		add(camera, true)
	}
	return list, nil
}

// gone are the cameras that are configured no more and of which there is footage.
func (s *Site) gone() []Camera {
	if s.o.Gone == nil {
		return nil
	}
	return s.o.Gone()
}

// Day is one day in UTC of one stream.
type Day struct {
	Day      day    `json:"day"`
	Stream   string `json:"stream"`
	Segments int    `json:"segments"`
	Recorded int64  `json:"recorded"` // seconds
}

// DayList are days, the oldest first.
type DayList struct {
	Days []Day `json:"days"`
}

func (s *Site) days(c *call) (DayList, error) {
	id := c.PathValue("camera")
	if err := s.exists(id); err != nil {
		return DayList{}, err
	}
	days, err := s.o.Index.Days(id)
	if err != nil {
		return DayList{}, err
	}
	list := DayList{Days: make([]Day, 0, len(days))}
	since := c.reachesBack(id, time.Time{})
	for _, d := range days {
		if d.Day.AddDate(0, 0, 1).After(since) {
			list.Days = append(list.Days, Day{day{d.Day}, d.Stream, d.Segments, int64(d.Recorded / time.Second)})
		}
	}
	return list, nil
}

// reachesBack is from, or the later moment from which on the person may see footage of a camera.
func (c *call) reachesBack(camera string, from time.Time) time.Time {
	if from.IsZero() {
		from = time.Unix(0, 0)
	}
	if _, err := c.find(people.Play, camera, from); err != nil {
		return later(from, c.site.o.Now().Add(-c.by.Back))
	}
	return from
}

// exists says whether there is, or was, such a camera.
func (s *Site) exists(id string) error {
	if !s.o.Notices.Known(id) {
		return errNoCamera
	}
	return nil
}

// mostRanges is the most that is listed at once.
const mostRanges = 31 * 24 * time.Hour

// RangesAsked is which ranges are asked for.
type RangesAsked struct {
	span
	Stream string `json:"stream,omitempty"` // main if it is missing
}

// Ranges are what there is of a stream.
type Ranges struct {
	Recorded []Recorded `json:"recorded"`
	Gaps     []gap      `json:"gaps"`
	Marks    []Mark     `json:"marks"`
}

// Recorded is footage without a gap.
type Recorded struct {
	span
	Loss bool `json:"loss"` // packets are missing somewhere inside
	Open bool `json:"open"` // it is still being written
}

// Mark is what is held or restricted.
type Mark struct {
	span
	Kind string `json:"kind"`          // hold or restriction
	Why  string `json:"why,omitempty"` // kind of the hold, or ground of the restriction; only for who may set them
}

// ranges tells from when to when there is footage of a camera, why there is none elsewhere, and what is held or restricted. It shows
// no picture, and reaches no further back than whoever asks may.
func (s *Site) ranges(c *call, in RangesAsked) (Ranges, error) {
	id := c.PathValue("camera")
	if in.Stream == "" {
		in.Stream = "main"
	}
	if in.Stream != "main" && in.Stream != "sub" {
		return Ranges{}, &wrong{"stream", text{"Pretok je main ali sub.", "A stream is main or sub."}}
	}
	if err := s.exists(id); err != nil {
		return Ranges{}, err
	}
	now := s.o.Now()
	if err := in.check(now, mostRanges); err != nil {
		return Ranges{}, err
	}
	out := Ranges{Recorded: []Recorded{}, Gaps: []gap{}, Marks: []Mark{}}
	if in.From = (moment{c.reachesBack(id, in.From.Time)}); !in.To.After(in.From.Time) {
		return out, nil
	}
	segments, gaps, err := s.o.Index.Span(id, in.Stream, in.From.Time, in.To.Time)
	if err != nil {
		return Ranges{}, err
	}
	out.Recorded = joined(segments, now)
	if n := out.Recorded; len(n) > 0 && n[0].From.Before(in.From.Time) && c.by.Back > 0 {
		n[0].From = in.From
	}
	for _, g := range gaps {
		out.Gaps = append(out.Gaps, gap{moment{g.From}, moment{g.To}, g.Cause})
	}
	out.Marks, err = s.marks(c, id, in.span)
	return out, err
}

// seam is the most between two segments that follow each other: less than a second at 1 picture a second.
const seam = 2 * time.Second

// joined are segments as ranges without a seam.
func joined(segments []footage.Segment, now time.Time) []Recorded {
	out := []Recorded{}
	for _, g := range segments {
		end := g.End
		if !g.Sealed && now.After(end) {
			end = now
		}
		if n := len(out); n > 0 && g.Start.Sub(out[n-1].To.Time) <= seam {
			last := &out[n-1]
			last.To, last.Loss, last.Open = moment{later(last.To.Time, end)}, last.Loss || g.Loss, !g.Sealed
			continue
		}
		out = append(out, Recorded{span{moment{g.Start}, moment{end}}, g.Loss, !g.Sealed})
	}
	return out
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// marks are the holds and restrictions that touch a span of a camera.
func (s *Site) marks(c *call, camera string, in span) ([]Mark, error) {
	holds, err := s.o.Holds.List(c.Context())
	if err != nil {
		return nil, err
	}
	restrictions, err := s.o.Holds.ListRestrictions(c.Context())
	if err != nil {
		return nil, err
	}
	marks := []Mark{}
	add := func(of string, from, to time.Time, kind, why string, a people.Action) {
		if of != "" && of != camera || !from.Before(in.To.Time) || !to.After(in.From.Time) {
			return
		}
		if !c.allowed(a, camera) {
			why = ""
		}
		marks = append(marks, Mark{span{moment{from}, moment{to}}, kind, why})
	}
	for _, h := range holds {
		add(h.Camera, h.From, h.To, "hold", string(h.Kind), people.Hold)
	}
	for _, r := range restrictions {
		add(r.Camera, r.From, r.To, "restriction", string(r.Ground), people.Restrict)
	}
	slices.SortStableFunc(marks, func(a, b Mark) int { return a.From.Compare(b.From.Time) })
	return marks, nil
}
