package web

import (
	"bytes"
	"errors"
	"time"

	"varuh/accesslog/people"
)

// ErrNothingWaits is returned where nothing waits to be confirmed for a camera.
var ErrNothingWaits = errors.New("nothing waits to be confirmed for this camera")

// TermInfo is what is decided of a camera.
type TermInfo struct {
	Camera   string `json:"camera"`
	Limit    string `json:"limit"`              // such as 30d or 12mo
	Promised string `json:"promised,omitempty"` //
	Gone     bool   `json:"gone"`               // the camera was given up: what was recorded goes
	From     moment `json:"from,omitzero"`      // of one that is to come
}

// TermWaits is a change that the configuration asks for.
type TermWaits struct {
	Old      TermInfo `json:"old"`
	New      TermInfo `json:"new"`
	Confirm  bool     `json:"confirm"`  // an approver must; else it waits for the clock to be certain
	Segments int      `json:"segments"` // that would go by it, as of the beginning of the day, of days that have been over for a day
	Bytes    int64    `json:"bytes"`    // of them at most, rounded up
	From     moment   `json:"from,omitzero"`
	To       moment   `json:"to,omitzero"`
}

// TermList are the terms in force, those to come, and the changes that wait.
type TermList struct {
	Terms  []TermInfo  `json:"terms"`
	Coming []TermInfo  `json:"coming"`
	Waits  []TermWaits `json:"waits"`
}

func (s *Site) terms(c *call) (TermList, error) {
	t, err := s.o.Retention.Terms(c.Context())
	for i := range t.Waits {
		t.Waits[i].Bytes = upTo(t.Waits[i].Bytes)
	}
	return TermList{list(t.Terms), list(t.Coming), list(t.Waits)}, err
}

// TermConfirmed is a change that was confirmed.
type TermConfirmed struct {
	Camera string   `json:"camera"`
	New    TermInfo `json:"new"`
	Begins moment   `json:"begins"` // until then the old line in the configuration takes it back
}

func (s *Site) confirmTerm(c *call, in Reason) (TermConfirmed, error) {
	if err := checkReason(in.Reason); err != nil {
		return TermConfirmed{}, err
	}
	by, err := c.over(people.Approve, c.PathValue("camera"))
	if err != nil {
		return TermConfirmed{}, err
	}
	c.by = by
	return s.o.Retention.Confirm(c.Context(), c.actor(), c.PathValue("camera"), in.Reason)
}

// ErasuresAsked is of what time somebody wants to know what was erased, and why he asks.
type ErasuresAsked struct {
	Reason string `json:"reason"`
	From   moment `json:"from,omitzero"` // entered then or later
	To     moment `json:"to,omitzero"`   // entered before
}

// Erasure is one erasure as the diary has it.
type Erasure struct {
	Start    int64         `json:"start"`         // entry erase.start
	Entered  moment        `json:"entered"`       // when that was written
	End      *int64        `json:"end,omitempty"` // entry erase.end; none: it has not come to its end
	Ended    moment        `json:"ended,omitzero"`
	Hash     string        `json:"hash"` // SHA-256 of the list, in hexadecimal digits
	Late     string        `json:"late"` // yes: the keys were destroyed before it was entered; no; or nothing where nobody can read it
	Bytes    int64         `json:"bytes"`
	Kept     int           `json:"kept"`           // of the segments, those that a hold or a restriction kept
	Lost     int           `json:"lost"`           // of the segments, those on disks that are lost
	Copies   int           `json:"copies"`         // that may still have keys of it
	Until    moment        `json:"until,omitzero"` // when the last of them is to be gone
	Segments []ErasedGroup `json:"segments"`
}

// ErasedGroup are segments of one camera that went for one reason.
type ErasedGroup struct {
	Camera   string `json:"camera"`
	Reason   string `json:"reason"` // term, policy or pressure
	Segments int    `json:"segments"`
	From     moment `json:"from"`
	To       moment `json:"to"`
}

// ErasureList are erasures, the oldest first.
type ErasureList struct {
	Erasures []Erasure `json:"erasures"`
}

func (s *Site) erasures(c *call, in ErasuresAsked) (ErasureList, error) {
	from, to, err := in.checked()
	if err != nil {
		return ErasureList{}, err
	}
	l, err := s.o.Retention.Erasures(c.Context(), c.actor(), in.Reason, from, to)
	return ErasureList{list(l)}, err
}

func (s *Site) erasureRecord(c *call, in ErasuresAsked) error {
	from, to, err := in.checked()
	if err != nil {
		return err
	}
	var page bytes.Buffer
	if err := s.o.Retention.Record(c.Context(), c.actor(), in.Reason, from, to, &page); err != nil {
		return err
	}
	c.w.Header().Set("Content-Disposition", `attachment; filename="zapisnik-o-izbrisu.html"`)
	return c.bytes("text/html; charset=utf-8", page.Bytes())
}

// ever is after whatever a diary has.
var ever = time.Date(lastYear, 1, 1, 0, 0, 0, 0, time.UTC)

// checked is from when until when; zero times are ever since, and until now.
func (in ErasuresAsked) checked() (from, to time.Time, err error) {
	if to = in.To.Time; to.IsZero() {
		to = ever
	}
	if !to.After(in.From.Time) {
		return from, to, &wrong{"to", text{"Konec mora biti za začetkom.", "The end has to come after the beginning."}}
	}
	return in.From.Time, to, checkReason(in.Reason)
}
