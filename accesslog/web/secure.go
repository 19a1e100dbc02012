package web

import (
	"time"

	"varuh/accesslog"
	"varuh/accesslog/hold"
	"varuh/accesslog/people"
)

// secureRoutes keep footage from being erased.
var secureRoutes = []route{
	{"POST", "/cameras/{camera}/holds", "secure", may(people.Secure), takes((*Site).secure),
		"Secures footage of a camera for 14 days, until an approver confirms it as a hold of another kind."},
	{"GET", "/holds", "listHolds", may(people.Hold), gives((*Site).holds), "The holds and restrictions in force."},
}

// SecureAsked is footage that somebody wants to be kept.
type SecureAsked struct {
	span
	Basis  string `json:"basis"`            // what was seen, in a few words
	Remark string `json:"remark,omitempty"` //
}

// Secured is what came of it.
type Secured struct {
	ID       string `json:"id"`
	Entry    int64  `json:"entry"`
	Until    moment `json:"until"`    // it lapses then unless it is confirmed
	Segments int    `json:"segments"` // that it keeps now
	Bytes    int64  `json:"bytes"`    // of them
	Late     int    `json:"late"`     // that were erased shortly before
	Large    bool   `json:"large"`    // it keeps so much that recording may suffer
}

func (s *Site) secure(c *call, in SecureAsked) (Secured, error) {
	id := c.PathValue("camera")
	if err := s.exists(id); err != nil {
		return Secured{}, err
	}
	if err := in.check(s.o.Now(), accesslog.MaxSpan); err != nil {
		return Secured{}, err
	}
	by, err := c.find(people.Secure, id, in.From.Time)
	if err != nil { // a guard secures what he may see
		return Secured{}, err
	}
	c.by = by
	until := s.o.Now().AddDate(0, 0, hold.ProvisionalDays)
	e, err := s.o.Holds.Set(c.Context(), hold.Asked{Kind: hold.Provisional, Range: hold.Range{Camera: id, From: in.From.Time, To: in.To.Time},
		Basis: in.Basis, Remark: in.Remark, Review: until, By: c.actor()})
	if err != nil {
		return Secured{}, err
	}
	return Secured{e.ID, e.Receipt.Index, moment{until}, e.Segments, e.Bytes, len(e.Late), e.Large()}, nil
}

// HoldInfo is a hold or a restriction in force.
type HoldInfo struct {
	ID       string `json:"id"`
	Kind     string `json:"kind"`             // hold or restriction
	Why      string `json:"why"`              // kind of the hold, or ground of the restriction
	Camera   string `json:"camera,omitempty"` // none: every camera
	From     moment `json:"from"`
	To       moment `json:"to"`
	PastTerm bool   `json:"past_term"`
	Review   moment `json:"review"`
	Entry    int64  `json:"entry"` // that says who and why
	Pinned   bool   `json:"pinned"`
}

// HoldList are holds and restrictions.
type HoldList struct {
	Holds []HoldInfo `json:"holds"`
}

func (s *Site) holds(c *call) (HoldList, error) {
	holds, err := s.o.Holds.List(c.Context())
	if err != nil {
		return HoldList{}, err
	}
	restrictions, err := s.o.Holds.ListRestrictions(c.Context())
	if err != nil {
		return HoldList{}, err
	}
	list := HoldList{Holds: []HoldInfo{}}
	add := func(info HoldInfo, r hold.Range, review time.Time) {
		info.Camera, info.From, info.To, info.Review = r.Camera, moment{r.From}, moment{r.To}, moment{review}
		if c.allowed(people.Hold, r.Camera) {
			list.Holds = append(list.Holds, info)
		}
	}
	for _, h := range holds {
		add(HoldInfo{ID: h.ID, Kind: "hold", Why: string(h.Kind), PastTerm: h.PastTerm, Entry: h.Entry, Pinned: h.Pinned}, h.Range, h.Review)
	}
	for _, r := range restrictions {
		add(HoldInfo{ID: r.ID, Kind: "restriction", Why: string(r.Ground), PastTerm: true, Entry: r.Entry, Pinned: r.Pinned}, r.Range, r.Review)
	}
	return list, nil
}
