package web

import (
	"varuh/accesslog/people"
)

// statusRoutes are about the appliance as a whole.
var statusRoutes = []route{
	{"GET", "/status", "status", may(people.System), gives((*Site).status), "Tells how recorder, stores, copies, clock and diary are."},
	{"GET", "/cameras/{camera}/health", "cameraHealth", may(people.System), takes((*Site).health),
		"How a camera has recorded lately: bitrate by the hour, and gaps. It says nothing of what footage shows."},
	{"POST", "/lock", "lock", may(people.Lock), gives((*Site).lock).ending(), "Takes the reading keys out of memory: nobody sees footage until somebody who can open them logs in."},
}

// Status is how the appliance is. It has no word of persons or of what footage shows.
type Status struct {
	Version  string         `json:"version"`
	Started  moment         `json:"started"`
	Now      moment         `json:"now"`
	Clock    string         `json:"clock"` // its state, such as synchronised
	Streams  []StreamStatus `json:"streams"`
	Stores   []StoreStatus  `json:"stores"`
	Problems []Line         `json:"problems"` // that need a person

	// What the site itself knows.
	Locked   []people.Which `json:"locked"` // keys that are not open
	Sessions int            `json:"sessions"`
	Entries  int64          `json:"entries"`         // of the diary
	Fault    string         `json:"fault,omitempty"` // why the diary is not to be trusted, in English
}

// StreamStatus is one stream of a camera.
type StreamStatus struct {
	Camera    string `json:"camera"`
	Stream    string `json:"stream"`
	State     string `json:"state"`               // connecting, recording, waiting, paused, full, stalled or stopped
	Problem   *Line  `json:"problem,omitempty"`   // what is wrong, and what to do
	Format    string `json:"format,omitempty"`    // of the picture
	Transport string `json:"transport,omitempty"` // tcp or udp
	Last      moment `json:"last,omitzero"`       // end of the last fragment that was stored
	Segments  int64  `json:"segments"`            // begun since the start
	Gaps      int64  `json:"gaps"`                // ended since the start
	Losses    int64  `json:"losses"`              // fragments since the start from which packets are missing
	Offset    int64  `json:"offset_ms,omitempty"` // the camera's clock minus ours; 0 if it does not tell
}

// StoreStatus is one disk of footage.
type StoreStatus struct {
	Name    string `json:"name"`
	Free    int64  `json:"free"`              // bytes
	Problem *Line  `json:"problem,omitempty"` // what is wrong, and what to do
}

// Line is a sentence in both languages.
type Line struct {
	Sl string `json:"sl"`
	En string `json:"en"`
}

// filled has lists where nothing was said, so that JSON has no null.
func (s Status) filled() Status {
	if s.Streams == nil {
		s.Streams = []StreamStatus{}
	}
	if s.Stores == nil {
		s.Stores = []StoreStatus{}
	}
	if s.Problems == nil {
		s.Problems = []Line{}
	}
	return s
}

func (s *Site) status(c *call) (Status, error) {
	st, err := s.o.Status(c.Context())
	if err != nil {
		return Status{}, err
	}
	st = st.filled()
	st.Now, st.Locked, st.Sessions, st.Entries = moment{s.o.Now()}, s.locked(), s.o.People.Sessions(), s.o.Diary.Head().Size
	if f := s.o.Diary.Fault(); f != nil {
		st.Fault = f.String()
	}
	return st, nil
}

// locked are the keys that are not open.
func (s *Site) locked() []people.Which {
	list := []people.Which{}
	for _, w := range []people.Which{people.FootageKey, people.DiaryKey} {
		if s.o.Keys.Locked(w) {
			list = append(list, w)
		}
	}
	return list
}

func (s *Site) lock(c *call) (nothing, error) {
	return nothing{}, s.o.Door.Lock(c.Context(), c.actor())
}
