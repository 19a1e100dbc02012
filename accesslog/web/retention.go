package web

import (
	"context"
	"io"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/hold"
	"varuh/accesslog/people"
)

// retentionRoutes tell how long footage stays, and let an approver confirm what takes it away sooner.
var retentionRoutes = []route{
	{"GET", "/retention", "retention", may(people.System), gives((*Site).retention), "How deep the footage of each camera reaches, in three ways, and what is due, held and copied."},
	{"GET", "/retention/next", "listNext", may(people.System), takes((*Site).next), "What is erased in the next days, by camera and day."},
	{"GET", "/retention/terms", "listTerms", may(people.System), gives((*Site).terms), "The terms in force, and the changes that wait to be confirmed, with what would go by them."},
	{"POST", "/retention/terms/{camera}/confirmation", "confirmTerm", may(people.Approve), takes((*Site).confirmTerm),
		"Confirms a change of a camera's term by which footage goes earlier. It is in force some days later."},
	{"POST", "/retention/erasures", "listErasures", may(people.ReadDiary), takes((*Site).erasures), "What was erased, by the diary, once it is entered who asks and why."},
	{"POST", "/retention/erasures/record", "erasureRecord", may(people.ReadDiary), writes("text/html; charset=utf-8", (*Site).erasureRecord),
		"The printable record of erasures, in Slovenian and English, once it is entered who asks and why."},
}

// Retention is what is known of terms, erasures and copies. Its methods may be called from many goroutines.
type Retention interface {
	Overview(context.Context) (Overview, error)
	Next(ctx context.Context, days int) ([]Going, error)
	Terms(context.Context) (TermList, error)

	// Goes is when the first footage of a range goes at its term; zero: none does, or that is not known.
	Goes(context.Context, hold.Range) (time.Time, error)

	Confirm(ctx context.Context, by proof.Actor, camera, reason string) (TermConfirmed, error)

	// Erasures enters who asks and why, and only then gives what was erased from one time until before another.
	Erasures(ctx context.Context, by proof.Actor, reason string, from, to time.Time) ([]Erasure, error)

	// Record is Erasures as a printable page.
	Record(ctx context.Context, by proof.Actor, reason string, from, to time.Time, w io.Writer) error
}

// Overview is how footage stands against its terms.
type Overview struct {
	At        moment        `json:"at,omitzero"`      // when it was looked up; none: not since the start
	Certain   moment        `json:"certain,omitzero"` // a moment that has been reached for certain; none: none is known, so nothing is erased
	Capacity  int64         `json:"capacity"`         // bytes of footage that the stores can take; 0: not known
	Due       int           `json:"due"`              // segments that the next run takes
	Late      int           `json:"late"`             // of these, past their term
	Failed    int           `json:"failed"`           // that the last run could not erase
	Held      int           `json:"held"`             // that a hold or a restriction keeps
	HeldBytes int64         `json:"held_bytes"`       // of them at most, rounded up
	Cameras   []CameraDepth `json:"cameras"`
	Problems  []Line        `json:"problems"`        // that need a person
	Copies    []CopyInfo    `json:"copies"`          // of state and keys, that nobody knows to be gone
	Backup    moment        `json:"backup,omitzero"` // when the last one of the schedule was made
}

// CameraDepth is how far back the footage of a camera reaches.
type CameraDepth struct {
	Camera    string `json:"camera"`
	Limit     string `json:"limit"`              // never deeper, by law or decision: such as 30d or 12mo
	Promised  string `json:"promised,omitempty"` // not less, by decision
	Real      int64  `json:"real"`               // seconds: as deep as it is now
	Forecast  int64  `json:"forecast"`           // seconds: as deep as it will be with this load on these disks, in whole days, or hours below two; 0: not known
	Broken    bool   `json:"broken"`             // the promise is not kept, or will not be
	Segments  int    `json:"segments"`           //
	Bytes     int64  `json:"bytes"`              // at most, rounded up
	Oldest    moment `json:"oldest,omitzero"`    // first frame of the oldest that nothing keeps past its term
	Due       int    `json:"due"`                // segments
	Late      int    `json:"late"`               // segments
	Held      int    `json:"held"`               // segments
	HeldBytes int64  `json:"held_bytes"`         // of them at most, rounded up
	Passed    int    `json:"passed"`             // of these, past their term
	Undated   int    `json:"undated"`            // segments whose time nobody can tell
}

// CopyInfo is a copy of state and keys.
type CopyInfo struct {
	Name    string `json:"name"`  // of the file
	Entry   int64  `json:"entry"` // that registered it
	Made    moment `json:"made"`  // it may have the keys of what was erased later
	Until   moment `json:"until"` // by when it is to be gone
	Bytes   int64  `json:"bytes"` // 0: not known
	Apart   bool   `json:"apart"` // on another disk than the state
	Overdue bool   `json:"overdue"`
}

func (s *Site) retention(c *call) (Overview, error) {
	o, err := s.o.Retention.Overview(c.Context())
	o.coarse()
	o.Cameras, o.Problems, o.Copies = list(o.Cameras), list(o.Problems), list(o.Copies)
	return o, err
}

// coarse rounds what tells how much cameras sent: it is looked up anew whenever somebody secures a second of footage.
func (o *Overview) coarse() {
	o.HeldBytes = upTo(o.HeldBytes)
	for i := range o.Cameras {
		c, step := &o.Cameras[i], int64(24*time.Hour/time.Second)
		c.Bytes, c.HeldBytes = upTo(c.Bytes), upTo(c.HeldBytes)
		if c.Forecast < 2*step {
			step = int64(time.Hour / time.Second)
		}
		c.Forecast -= c.Forecast % step
	}
}

// list is a list that is not nil, so that JSON has no null.
func list[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}

// NextAsked is how far ahead somebody looks.
type NextAsked struct {
	Days int64 `json:"days,omitempty"` // 7 if it is missing, at most 31
}

// Going is what goes of a camera on one day of the site, of footage whose own day has been over for a day.
type Going struct {
	Camera   string `json:"camera"`
	Day      day    `json:"day"`
	Reason   string `json:"reason"` // term or policy
	Segments int    `json:"segments"`
	Bytes    int64  `json:"bytes,omitempty"` // at most, rounded up; none of a day of which footage goes already
	From     moment `json:"from"`            // first frame of the oldest
	To       moment `json:"to"`              // end of the newest
}

// GoingList is what goes, the first day first.
type GoingList struct {
	Next []Going `json:"next"`
}

const (
	usualDays = 7
	mostDays  = 31
)

func (s *Site) next(c *call, in NextAsked) (GoingList, error) {
	switch {
	case in.Days == 0:
		in.Days = usualDays
	case in.Days > mostDays:
		return GoingList{}, &wrong{"days", text{"Največ 31 dni.", "31 days at most."}}
	}
	going, err := s.o.Retention.Next(c.Context(), int(in.Days))
	for i := range going {
		going[i].Bytes = upTo(going[i].Bytes)
	}
	return GoingList{list(going)}, err
}
