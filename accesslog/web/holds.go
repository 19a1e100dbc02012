package web

import (
	"slices"
	"time"

	"varuh/accesslog/hold"
	"varuh/accesslog/people"
)

// holdRoutes keep footage from being erased, or used, until somebody says otherwise.
var holdRoutes = []route{
	{"GET", "/holds", "listHolds", may(people.Hold), gives((*Site).holds), "The holds and restrictions in force."},
	{"POST", "/holds", "setHold", may(people.Hold), takes((*Site).setHold), "Holds footage of a camera, or of all, until it is cleared."},
	{"POST", "/holds/{hold}/confirmation", "confirmHold", may(people.Hold), takes((*Site).confirmHold), "Makes of a provisional hold one that lasts."},
	{"POST", "/holds/{hold}/end", "clearHold", may(people.Hold), takes((*Site).clearHold), "Clears a hold: what has come due meanwhile is erased soon."},
	{"POST", "/holds/entries", "pinEntries", may(people.Hold), gives((*Site).pinEntries).streaming(),
		"Looks through the diary for entries about what is held or restricted, and keeps them past their term."},
	{"POST", "/restrictions", "restrict", may(people.Restrict), takes((*Site).restrict), "Restricts the processing of footage (GDPR art. 18): it is stored, and nothing else."},
	{"POST", "/restrictions/{restriction}/end", "liftRestriction", may(people.Restrict), takes((*Site).liftRestriction), "Lifts a restriction, once the person who asked for it was told."},
}

// HoldAsked is footage that is to be held.
type HoldAsked struct {
	Camera string `json:"camera"` // * for all
	span
	Settled
}

// Settled says for what something is held, and until when that is looked at again.
type Settled struct {
	Kind      hold.Kind `json:"kind"`
	Basis     string    `json:"basis"`                // the request, the order or the incident
	Case      string    `json:"case,omitempty"`       // its number
	Remark    string    `json:"remark,omitempty"`     //
	TermBasis string    `json:"term_basis,omitempty"` // the legal basis on which a hold for a disclosure or an incident passes the term
	Review    day       `json:"review,omitzero"`      // of the site; only a provisional one may lack it
}

// RestrictionAsked is footage whose processing is to be restricted.
type RestrictionAsked struct {
	Camera string `json:"camera"` // * for all
	span
	Ground hold.Ground `json:"ground"` // of art. 18(1) GDPR
	Basis  string      `json:"basis"`  // the request that it answers
	Case   string      `json:"case,omitempty"`
	Remark string      `json:"remark,omitempty"`
	Review day         `json:"review"`
}

// SetNow is what is told of a hold or a restriction to whoever set it.
type SetNow struct {
	ID       string `json:"id"`
	Entry    int64  `json:"entry"`
	Segments int    `json:"segments"` // that it keeps now
	Late     int    `json:"late"`     // that were erased shortly before
	Undated  int    `json:"undated"`  // that nobody can date, and that may be what is meant; where nothing else is
	Large    bool   `json:"large"`    // it keeps so much that recording may suffer
	Kept     int    `json:"kept"`     // entries of the diary about it that outlast their term now
	Waits    bool   `json:"waits"`    // not all of them are found yet: it takes somebody who can open the diary
}

// HeldNow is what setting a hold or a restriction came to.
type HeldNow struct {
	SetNow
	Bytes int64 `json:"bytes"` // of the segments at most, rounded up
}

func (s *Site) setHold(c *call, in HoldAsked) (HeldNow, error) {
	r, err := s.rangeOf(c, people.Hold, in.Camera, in.span)
	if err != nil {
		return HeldNow{}, err
	}
	a := s.asked(c, in.Settled)
	a.Range = r
	e, err := s.o.Holds.Set(c.Context(), a)
	return s.held(c, e, err)
}

func (s *Site) restrict(c *call, in RestrictionAsked) (HeldNow, error) {
	r, err := s.rangeOf(c, people.Restrict, in.Camera, in.span)
	if err != nil {
		return HeldNow{}, err
	}
	e, err := s.o.Holds.Restrict(c.Context(), hold.AskedRestriction{Ground: in.Ground, Range: r, Basis: in.Basis, Case: in.Case, Remark: in.Remark,
		Review: s.review(in.Review), By: c.actor()})
	return s.held(c, e, err)
}

// rangeOf is the footage that is meant, which the person must be authorised for as a whole.
func (s *Site) rangeOf(c *call, action people.Action, camera string, in span) (r hold.Range, err error) {
	if camera != everyCamera {
		if err := s.exists(camera); err != nil {
			return r, err
		}
		r.Camera = camera
	}
	r.From, r.To = in.From.Time, in.To.Time
	c.by, err = c.over(action, r.Camera)
	return r, err
}

// over finds an authorisation for an action that covers a camera, or all cameras where that is "".
func (c *call) over(action people.Action, camera string) (by people.Authorisation, err error) {
	if by, err = c.find(action, camera, time.Time{}); err != nil {
		return by, err
	}
	one := *c
	for _, a := range c.session.Authorisations {
		one.session.Authorisations = []people.Authorisation{a}
		if by, err := one.find(action, camera, time.Time{}); err == nil && (a.Cameras == nil || camera != "" && a.Covers(camera)) {
			return by, nil
		}
	}
	return by, people.ErrScope
}

// asked is what package hold is asked for, without the range.
func (s *Site) asked(c *call, in Settled) hold.Asked {
	return hold.Asked{Kind: in.Kind, Basis: in.Basis, Case: in.Case, Remark: in.Remark, TermBasis: in.TermBasis, Review: s.review(in.Review), By: c.actor()}
}

// review is noon of a day on the site, which is the same day in UTC; no day is none.
func (s *Site) review(d day) time.Time {
	if d.IsZero() {
		return d.Time
	}
	return time.Date(d.Year(), d.Month(), d.Day(), 12, 0, 0, 0, s.zone())
}

// zone is that of the site.
func (s *Site) zone() *time.Location {
	if s.o.Holds.Zone == nil {
		return time.UTC
	}
	return s.o.Holds.Zone()
}

func (s *Site) confirmHold(c *call, in Settled) (Entered, error) {
	if err := s.over(c, people.Hold, c.PathValue("hold")); err != nil {
		return Entered{}, err
	}
	r, err := s.o.Holds.Confirm(c.Context(), c.PathValue("hold"), s.asked(c, in))
	s.decided(c)
	return Entered{r.Index}, err
}

func (s *Site) clearHold(c *call, in Reason) (Entered, error) {
	if err := s.over(c, people.Hold, c.PathValue("hold")); err != nil {
		return Entered{}, err
	}
	r, err := s.o.Holds.Clear(c.Context(), c.PathValue("hold"), c.actor(), in.Reason)
	s.decided(c)
	return Entered{r.Index}, err
}

func (s *Site) liftRestriction(c *call, in Reason) (Entered, error) {
	if err := s.over(c, people.Restrict, c.PathValue("restriction")); err != nil {
		return Entered{}, err
	}
	r, err := s.o.Holds.Unrestrict(c.Context(), c.PathValue("restriction"), c.actor(), in.Reason)
	s.decided(c)
	return Entered{r.Index}, err
}

// over finds the person's authorisation for what a hold or a restriction is about. One that nobody knows is about nothing.
func (s *Site) over(c *call, action people.Action, id string) error {
	list, err := s.inForce(c)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(h HoldInfo) bool { return h.ID == id })
	if i < 0 {
		return hold.ErrUnknown
	}
	c.by, err = c.over(action, list[i].Camera)
	return err
}
