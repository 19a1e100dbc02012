package web

import (
	"errors"
	"net/http"

	"varuh/accesslog"
	"varuh/accesslog/diary"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/people"
	"varuh/accesslog/playback"
)

// ofStream is where a stream of a camera is, in a viewing.
const ofStream = "/viewings/{viewing}/{camera}/{stream}"

// viewingRoutes lead to footage. What the door refuses it enters, so it is the door that decides on each.
var viewingRoutes = []route{
	{http.MethodGet, "/cameras/{camera}/purposes", "listPurposes", may(people.Play, people.Live), takes((*Site).purposes),
		"Tells what footage of a camera may be looked at for, and why."},
	{http.MethodPost, "/viewings", "openViewing", forDoor, takes((*Site).openViewing),
		"Opens a viewing: when it answers, the entry that says who looks and why is durable."},
	{http.MethodGet, "/viewings", "listViewings", forDoor, gives((*Site).ownViewings),
		"Lists the open viewings of this session."},
	{http.MethodPost, "/viewings/{viewing}/cameras", "extendViewing", forDoor, takes((*Site).extendViewing),
		"Lets an open viewing have a further camera, with an entry, and tells what there is of it."},
	{http.MethodPost, "/viewings/{viewing}/end", "endViewing", forDoor, takes((*Site).endViewing).ending(),
		"Ends a viewing, with what came of it."},
	{http.MethodGet, ofStream + "/timeline", "timeline", forDoor, takes((*Site).timeline),
		"Tells what there is of at most two hours of a stream: fragments with their sizes, gaps, and what is withheld."},
	{http.MethodGet, ofStream + "/windows", "listWindows", forDoor, takes((*Site).windows),
		"Lists the playlists of a span of time, each of at most two hours."},
	{http.MethodGet, ofStream + "/index.m3u8", "playlist", forDoor, writes(playback.PlaylistType, (*Site).playlist),
		"Gives the HLS playlist of one window."},
	{http.MethodGet, ofStream + "/init/{name}", "initSegment", forDoor, writes(playback.PartType, (*Site).initSegment),
		"Gives an init segment that a playlist names."},
	{http.MethodGet, ofStream + "/part/{name}", "part", forDoor, writes(playback.PartType, (*Site).part).streaming(),
		"Gives a part of the footage that a playlist names."},
	{http.MethodGet, ofStream + "/frame", "keyFrame", forDoor, writes(anyStill, (*Site).keyFrame).streaming(),
		"Gives the key frame at or before a moment: an MP4 of one picture, the JPEG picture of a camera that makes such, or a message for WebCodecs."},
	{http.MethodGet, ofStream + "/live", "live", forDoor, writes(chunkType, (*Site).live).streaming(),
		"Gives what is recorded now, fragment by fragment, in one answer that goes on."},
}

// askedViewing is what somebody says who wants to see footage.
type askedViewing struct {
	Purpose string           `json:"purpose,omitempty"` // an id of listPurposes; missing where a request gives it
	Request string           `json:"request,omitempty"` // one of the decisions of listPurposes
	Ground  accesslog.Ground `json:"ground,omitempty"`  // of art. 18(2) GDPR, for footage whose processing is restricted
	Remark  string           `json:"remark,omitempty"`
	Live    bool             `json:"live,omitempty"` // what is recorded now; then from and to are not looked at
	place
}

// place is a span of time of one stream.
type place struct {
	Camera string `json:"camera"`
	Stream string `json:"stream,omitempty"` // main if it is missing
	From   moment `json:"from,omitzero"`
	To     moment `json:"to,omitzero"`
}

// openedViewing is a viewing as whoever opened it gets it.
type openedViewing struct {
	ID    string `json:"id"`
	Entry int64  `json:"entry"` // number of view.start in the diary
	reach
}

func (s *Site) openViewing(c *call, a askedViewing) (o openedViewing, err error) {
	p := a.place.settled()
	number, err := s.caseOf(c, a.Request)
	if err != nil {
		return o, err
	}
	v, err := s.o.Door.Open(c.Context(), accesslog.Ask{Session: c.session, Address: c.address, Purpose: a.Purpose, Ground: a.Ground,
		Remark: a.Remark, Request: a.Request, Case: number, Camera: p.Camera, Stream: p.Stream, From: p.From.Time, To: p.To.Time, Live: a.Live})
	if err != nil {
		return o, s.ofCamera(p.Camera, err)
	}
	o.ID, o.Entry = v.ID(), v.Entry()
	if a.Live {
		o.reach = reach{Camera: p.Camera, Stream: p.Stream, Windows: []window{}, Gaps: []gap{}, Withheld: []withheld{}}
		return o, nil
	}
	o.reach, err = s.reach(c, v, p)
	return o, err
}

// caseOf is the number of the case that a request is for, so that the entries of its viewings are found by it; nothing while the
// diary is locked, or where the term of what the request says is over. It is told to nobody but the diary, which has the id of
// the request beside it.
func (s *Site) caseOf(c *call, request string) (string, error) {
	if request == "" {
		return "", nil
	}
	q, err := s.o.Requests.Request(c.Context(), request)
	if errors.Is(err, disclosure.ErrUnknown) {
		return "", nil // the door says so
	}
	if err != nil {
		return "", err
	}
	keys, err := s.o.Keys.Diary()
	if errors.Is(err, people.ErrLocked) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	content, err := disclosure.ContentIn(c.Context(), s.o.Diary.Opener(keys), q)
	if diary.Unreadable(err) || errors.Is(err, diary.ErrPruned) {
		return "", nil
	}
	return content.Case.Number, err
}

// settled is the place with what may be left out.
func (p place) settled() place {
	if p.Stream == "" {
		p.Stream = "main"
	}
	return p
}

// ownViewings are viewings by their ids. To ask for them keeps none of them open.
type ownViewings struct {
	Viewings []string `json:"viewings"`
}

func (s *Site) ownViewings(c *call) (ownViewings, error) {
	return ownViewings{append([]string{}, s.o.Door.Viewings(c.session)...)}, nil
}

// extendViewing sees to it that an entry names the camera before any of it is asked for. Leases of its footage are
// the door's, as it is delivered.
func (s *Site) extendViewing(c *call, p place) (r reach, err error) {
	v, err := s.viewing(c)
	if err != nil {
		return r, err
	}
	p = p.settled()
	if r, err = s.reach(c, v, p); err != nil {
		return r, err
	}
	if r.first == nil {
		return r, s.ofCamera(p.Camera, r.why())
	}
	_, err = v.Init(c.Context(), r.first.Init)
	return r, err
}

// endedViewing says what came of a viewing.
type endedViewing struct {
	Outcome accesslog.Outcome `json:"outcome"`
}

func (s *Site) endViewing(c *call, e endedViewing) (nothing, error) {
	v, err := s.viewing(c)
	if err != nil {
		return nothing{}, err
	}
	return nothing{}, v.End(c.Context(), e.Outcome)
}

// viewing is the one in the path, if this session has opened it and it goes on.
func (s *Site) viewing(c *call) (*accesslog.Viewing, error) {
	return s.o.Door.Viewing(c.PathValue("viewing"), c.session, c.address)
}

// player plays the stream in the path.
func (s *Site) player(c *call) (*playback.Player, error) {
	v, err := s.viewing(c)
	if err != nil {
		return nil, err
	}
	return &playback.Player{Viewing: v, Names: s.names,
		Scope: playback.Scope{Viewing: v.ID(), Camera: c.PathValue("camera"), Stream: c.PathValue("stream")}}, nil
}
