package web

import (
	"cmp"
	"errors"
	"slices"

	"varuh/accesslog"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/notice"
)

// purposeList is what footage of a camera may be looked at for.
type purposeList struct {
	Whole []purpose `json:"whole"` // lawful for all of the span: one viewing can have it
	Spans []lawful  `json:"spans"` // where the notice or the law changed in between

	Decisions []decision `json:"decisions,omitempty"` // requests that ask for some of it: for an approver those to be decided on, for who hands out those to be shown
}

// decision is a purpose of its own: to decide on a request, or to show its footage on the premises. It is chosen by the id of the
// request.
type decision struct {
	Request string           `json:"request"`
	Kind    disclosure.Kind  `json:"kind"`
	State   disclosure.State `json:"state"`
	Text    string           `json:"text"`    // in the language of the person
	Showing bool             `json:"showing"` // it is approved to be shown on the premises
	Footage []Footage        `json:"footage"`
}

// lawful is a stretch over which nothing changes.
type lawful struct {
	From     moment    `json:"from"`
	To       moment    `json:"to"`
	Notice   string    `json:"notice,omitempty"` // id of the one in force; missing: there is none
	Complete bool      `json:"complete"`         // the notice says all that it has to; else only a law gives purposes
	Live     bool      `json:"live"`             // it allows watching live
	Purposes []purpose `json:"purposes"`
}

// purpose is one that may be chosen.
type purpose struct {
	ID    string `json:"id"`
	Text  string `json:"text"`  // in the language of the person
	Basis string `json:"basis"` // the legal basis, with its article
	Law   bool   `json:"law"`   // a law gives it, and not the notice
}

// purposes lists for what footage of a camera may be looked at: by the notices in force from moment to moment (Spans), by those that
// hold for all of the time (Whole), and by requests that whoever asks decides on or shows footage for (Decisions).
func (s *Site) purposes(c *call, q span) (list purposeList, err error) {
	camera := c.PathValue("camera")
	if err := s.exists(camera); err != nil {
		return list, err
	}
	if err := q.check(s.o.Now(), accesslog.MaxSpan); err != nil {
		return list, err
	}
	spans, err := s.o.Notices.Spans(c.Context(), camera, q.From.Time, q.To.Time)
	if err != nil {
		return list, err
	}
	whole, err := s.o.Notices.Purposes(c.Context(), camera, q.From.Time, q.To.Time)
	if err != nil {
		return list, err
	}
	list = purposeList{Whole: c.purposes(whole), Spans: make([]lawful, 0, len(spans))}
	for _, x := range spans {
		stretch := lawful{From: moment{x.From.UTC()}, To: moment{x.To.UTC()}, Purposes: c.purposes(x.Purposes)}
		if x.Notice != nil {
			stretch.Notice, stretch.Complete, stretch.Live = x.Notice.ID, x.Notice.Complete(), x.Notice.AllowsLive()
		}
		list.Spans = append(list.Spans, stretch)
	}
	list.Decisions, err = s.decisions(c, camera, q)
	return list, err
}

// decisions are the requests that whoever asks may decide on, or whose footage he may show, of a camera.
func (s *Site) decisions(c *call, camera string, q span) (list []decision, err error) {
	all, err := s.o.Requests.Requests(c.Context())
	if err != nil {
		return nil, err
	}
	here := c.here()
	for _, r := range all {
		asks := slices.ContainsFunc(r.Wanted, func(w disclosure.Wanted) bool {
			return (w.Camera == "" || w.Camera == camera) && w.From.Before(q.To.Time) && w.To.After(q.From.Time)
		})
		switch {
		case !asks:
		case s.o.Requests.Shows(here, r):
			list = append(list, decision{r.ID, r.Kind, r.State, text{"ogled v prostorih po zahtevi ", "look on the premises for request "}.in(c.language) + r.ID, true, footageOf(r.Wanted)})
		case s.o.Requests.Previews(here, r):
			list = append(list, decision{r.ID, r.Kind, r.State, text{"odločanje o zahtevi ", "decision on request "}.in(c.language) + r.ID, false, footageOf(r.Wanted)})
		}
	}
	return list, nil
}

// ofCamera is why there is nothing of a camera, or that there is, and was, no such camera.
func (s *Site) ofCamera(id string, why error) error {
	if !errors.Is(why, accesslog.ErrNothing) {
		return why
	}
	return cmp.Or(s.exists(id), why)
}

// purposes are in the language of the person.
func (c *call) purposes(list []notice.Purpose) []purpose {
	out := make([]purpose, 0, len(list))
	for _, p := range list {
		out = append(out, purpose{p.ID, p.In(c.language), p.Basis, p.Statutory()})
	}
	return out
}
