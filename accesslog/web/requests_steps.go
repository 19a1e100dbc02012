package web

import (
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/people"
)

// stepped does a step with the request in the path, and tells what has become of it.
func (s *Site) stepped(c *call, do func(people.Session, disclosure.Request) (diary.Receipt, error)) (RequestStepped, error) {
	q, err := s.request(c)
	if err != nil {
		return RequestStepped{}, err
	}
	receipt, err := do(c.here(), q)
	if err != nil {
		return RequestStepped{}, err
	}
	if q, err = s.o.Requests.Request(c.Context(), q.ID); err != nil {
		return RequestStepped{}, err
	}
	info, err := s.requestNow(c, q)
	return RequestStepped{receipt.Index, info}, err
}

func (s *Site) enterPaper(c *call, in RequestScan) (RequestStepped, error) {
	return s.stepped(c, func(who people.Session, q disclosure.Request) (diary.Receipt, error) {
		return s.o.Requests.Scanned(c.Context(), who, q.ID, in.Remark, in.Scan)
	})
}

func (s *Site) extend(c *call, in RequestExtension) (RequestStepped, error) {
	return s.stepped(c, func(who people.Session, q disclosure.Request) (diary.Receipt, error) {
		return s.o.Requests.Extend(c.Context(), who, q.ID, in.Day.Time, in.Agreed)
	})
}

func (s *Site) followLaw(c *call, in RequestOwnLaw) (RequestStepped, error) {
	return s.stepped(c, func(who people.Session, q disclosure.Request) (diary.Receipt, error) {
		return s.o.Requests.FollowLaw(c.Context(), who, q.ID, in.Law, in.Day.Time)
	})
}

func (s *Site) approve(c *call, in RequestApproval) (RequestStepped, error) {
	return s.stepped(c, func(who people.Session, q disclosure.Request) (diary.Receipt, error) {
		return s.o.Requests.Approve(c.Context(), who, q.ID, disclosure.Approval{Content: in.Content, Single: in.Single, Remark: in.Remark})
	})
}

func (s *Site) refuseRequest(c *call, in RequestRefusal) (RequestStepped, error) {
	return s.stepped(c, func(who people.Session, q disclosure.Request) (diary.Receipt, error) {
		return s.o.Requests.Refuse(c.Context(), who, q.ID, in.Reasons)
	})
}

func (s *Site) withdraw(c *call, in RequestWithdrawal) (RequestStepped, error) {
	return s.stepped(c, func(who people.Session, q disclosure.Request) (diary.Receipt, error) {
		return s.o.Requests.Withdraw(c.Context(), who, q.ID, in.Said)
	})
}

func (s *Site) shownThere(c *call, in RequestShowing) (RequestStepped, error) {
	list, err := wantedOf(in.Footage)
	if err != nil {
		return RequestStepped{}, err
	}
	return s.stepped(c, func(who people.Session, q disclosure.Request) (diary.Receipt, error) {
		return s.o.Requests.Shown(c.Context(), who, q.ID, disclosure.Showing{Recipient: in.Recipient, Known: in.Known, Viewing: in.Viewing, Footage: list,
			Warned: in.Warned, Remark: in.Remark})
	})
}

// showings are the asker's own viewings for a request.
func (s *Site) showings(c *call) (ShowingList, error) {
	out := ShowingList{Viewings: []ShowingInfo{}}
	q, err := s.request(c)
	if err != nil {
		return out, err
	}
	list, err := s.o.Requests.Viewings(c.Context(), c.here(), q)
	for _, v := range list {
		one := ShowingInfo{Entry: v.Entry, At: moment{v.At}, Ended: v.Ended, Seen: footageOf(v.Saw), May: true}
		if why := v.Usable(); why != nil {
			one.May, one.Why = false, c.why(why)
		}
		out.Viewings = append(out.Viewings, one)
	}
	return out, err
}

func (s *Site) confirmReceipt(c *call, in RequestConfirmation) (RequestStepped, error) {
	return s.stepped(c, func(who people.Session, q disclosure.Request) (diary.Receipt, error) {
		return s.o.Requests.Confirmed(c.Context(), who, q.ID, in.How, in.Scan)
	})
}

func (s *Site) release(c *call, in Reason) (RequestStepped, error) {
	defer s.decided(c) // also after an error: some of it may be cleared
	return s.stepped(c, func(who people.Session, q disclosure.Request) (diary.Receipt, error) {
		return s.o.Requests.Release(c.Context(), who, q.ID, in.Reason)
	})
}

// requestSteps are the steps of persons, and whether whoever asks may do them now.
func (s *Site) requestSteps(c *call, q disclosure.Request) ([]RequestStep, error) {
	list, here := []RequestStep{}, c.here()
	for _, step := range disclosure.Steps {
		if step.By() == "" {
			continue
		}
		err := s.o.Requests.Able(c.Context(), here, q, step)
		if err != nil && sayingOf(err).status >= 500 {
			return nil, err
		}
		one := RequestStep{Step: step, May: err == nil}
		if err != nil {
			one.Single = sayingOf(err).err == disclosure.ErrFourEyes
			one.May, one.Why = one.Single, c.why(err)
		}
		list = append(list, one)
	}
	return list, nil
}

// why is what people are told of an error in one line.
func (c *call) why(err error) string {
	p := sayingOf(err).problem(c.language, err)
	if p.Reason != "" {
		return p.Title + ": " + p.Reason
	}
	return p.Title
}

// wantedOf is footage as package disclosure knows it.
func wantedOf(list []Footage) ([]disclosure.Wanted, error) {
	out := make([]disclosure.Wanted, 0, len(list))
	for _, f := range list {
		if f.Camera == "" {
			return nil, &wrong{"camera", missing}
		}
		if f.Camera == everyCamera {
			f.Camera = ""
		}
		out = append(out, disclosure.Wanted{Camera: f.Camera, From: f.From.Time, To: f.To.Time})
	}
	return out, nil
}

// footageOf is footage as it is answered.
func footageOf(list []disclosure.Wanted) []Footage {
	out := make([]Footage, 0, len(list))
	for _, w := range list {
		if w.Camera == "" {
			w.Camera = everyCamera
		}
		out = append(out, Footage{w.Camera, span{moment{w.From}, moment{w.To}}})
	}
	return out
}

// content is what a request says, as package disclosure knows it.
func (r RequestContent) content() (disclosure.Content, error) {
	list, err := wantedOf(r.Footage)
	return disclosure.Content{Applicant: r.Applicant, Basis: r.Basis, BasisText: r.BasisText, Purpose: r.Purpose, Case: r.Case, Wanted: list, Data: r.Data,
		Form: r.Form, Manner: r.Manner, Identity: r.Identity, Remark: r.Remark}, err
}

func contentOf(c disclosure.Content) RequestContent {
	return RequestContent{c.Applicant, c.Basis, c.BasisText, c.Purpose, c.Case, footageOf(c.Wanted), c.Data, c.Form, c.Manner, c.Identity, c.Remark}
}

// deadlineOf is a deadline as it is answered.
func (c *call) deadlineOf(d disclosure.Deadline, there bool) *RequestDeadline {
	if !there {
		return nil
	}
	now := c.site.o.Now()
	return &RequestDeadline{Days: d.Days, Last: day{civil(d.Last)}, Ends: day{civil(d.Ends)}, Moved: d.Moved(), Rule: d.Rule, Text: d.Rule.In(c.language),
		Late: d.Late(now), Over: d.Over(now)}
}

// civil is the day of a time, by the clock of its zone.
func civil(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}
