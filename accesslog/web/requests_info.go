package web

import (
	"slices"

	"varuh/accesslog/disclosure"
	"varuh/accesslog/hold"
)

// requestNow is a request as it is answered.
func (s *Site) requestNow(c *call, q disclosure.Request) (RequestInfo, error) {
	force, err := s.o.Holds.List(c.Context())
	if err != nil {
		return RequestInfo{}, err
	}
	return s.requestInfo(c, q, force)
}

// requestInfo is a request as it is answered, with the holds that are in force.
func (s *Site) requestInfo(c *call, q disclosure.Request, force []hold.Hold) (RequestInfo, error) {
	q, err := s.o.Requests.Lately(c.Context(), q)
	if err != nil {
		return RequestInfo{}, err
	}
	info := RequestInfo{ID: q.ID, Kind: q.Kind, Way: q.Way, State: q.State, Basis: q.Basis, Form: q.Form, Received: moment{q.Received}, Completed: moment{q.Completed},
		Missing: []RequestMissing{}, Signed: q.Signed, PaperPending: q.PaperPending, Due: []RequestDue{}, Single: q.Single, Decided: moment{q.Decided},
		Left: moment{q.Left.At}, Handed: moment{q.Handed}, Package: q.Package, Released: q.Released, ByToken: q.Token != "", Mine: slices.Contains(q.Entrants, c.session.Person.ID),
		Entry: q.Entry, Last: q.Last, ContentEntry: q.Content, Handover: q.Handover, Footage: footageOf(q.Wanted), Delivered: footageOf(q.Delivered), Holds: []RequestHold{}, Restored: []RestoredInfo{}}
	zone := s.o.Requests.Zone
	info.Deadline = c.deadlineOf(q.Deadline(zone))
	info.PaperBy = c.deadlineOf(q.PaperBy(zone))
	for _, f := range q.Missing {
		info.Missing = append(info.Missing, RequestMissing{f, f.In(c.language)})
	}
	for _, h := range q.Holds {
		if c.session.Proof == byToken {
			break // it would tell what there is
		}
		info.Holds = append(info.Holds, RequestHold{h.Hold, footageOf([]disclosure.Wanted{h.Wanted})[0],
			slices.ContainsFunc(force, func(f hold.Hold) bool { return f.ID == h.Hold })})
	}
	if c.session.Proof != byToken {
		over, err := s.o.Requests.RestoredOver(c.Context(), q)
		if err != nil {
			return info, err
		}
		info.Restored = restoredOf(c, over, disclosure.Restored.SaysOf)
	}
	due, err := s.o.Requests.DueOf(c.Context(), q, force)
	for _, d := range due {
		info.Due = append(info.Due, RequestDue{d.What, moment{d.By}, d.Soon, d.Late})
	}
	return info, err
}

// requestForms are the words that a page needs.
func (s *Site) requestForms(c *call) (RequestForms, error) {
	out := RequestForms{Kinds: []RequestKind{}, Fields: words(c, disclosure.Fields), Data: words(c, disclosure.Data), Forms: words(c, disclosure.Forms),
		Warning: disclosure.Warning.In(c.language), Scan: RequestScanMay{scanMedia(), MostScan}}
	for _, k := range disclosure.Kinds {
		kind := RequestKind{Kind: k, Text: k.In(c.language), Ways: []disclosure.Way{}, Required: k.Required(), Bases: []RequestBasis{}}
		for _, w := range disclosure.Ways {
			if k.Comes(w) {
				kind.Ways = append(kind.Ways, w)
			}
		}
		for _, b := range disclosure.Bases {
			if slices.Contains(b.Kinds, k) {
				kind.Bases = append(kind.Bases, RequestBasis{b.ID, b.Title.In(c.language), b.Says})
			}
		}
		out.Kinds = append(out.Kinds, kind)
	}
	return out, nil
}

// words are things to choose, with their words.
func words[T interface {
	~string
	In(language string) string
}](c *call, list []T) []RequestWord {
	out := make([]RequestWord, 0, len(list))
	for _, v := range list {
		out = append(out, RequestWord{string(v), v.In(c.language)})
	}
	return out
}
