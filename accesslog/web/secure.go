package web

import (
	"varuh/accesslog"
	"varuh/accesslog/hold"
	"varuh/accesslog/people"
)

// secureRoutes keep footage from being erased.
var secureRoutes = []route{
	{"POST", "/cameras/{camera}/holds", "secure", may(people.Secure), takes((*Site).secure),
		"Secures footage of a camera for 14 days, until an approver confirms it as a hold of another kind."},
}

// SecureAsked is footage that somebody wants to be kept.
type SecureAsked struct {
	span
	Basis  string `json:"basis"`            // what was seen, in a few words
	Remark string `json:"remark,omitempty"` //
}

// Secured is what came of it, without a size: nobody has looked at anything, and a second of footage holds all of its segment.
type Secured struct {
	SetNow
	Until moment `json:"until"` // it lapses then unless it is confirmed, or the first of it goes at its term
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
	r := hold.Range{Camera: id, From: in.From.Time, To: in.To.Time}
	e, err := s.o.Holds.Set(c.Context(), hold.Asked{Kind: hold.Provisional, Range: r,
		Basis: in.Basis, Remark: in.Remark, By: c.actor()})
	now, err := s.held(c, e, err)
	until := moment{e.Review}
	if err != nil {
		return Secured{}, err
	}
	if first := s.goes(c, r, e.Review); !first.IsZero() {
		until = first
	}
	return Secured{now.SetNow, until}, nil
}
