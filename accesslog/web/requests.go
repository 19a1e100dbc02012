package web

import (
	"context"
	"net/http"
	"slices"

	"varuh/accesslog/disclosure"
	"varuh/accesslog/hold"
	"varuh/accesslog/people"
)

// requestRoutes are about requests for footage, until it is handed over. What is asked and by whom is read in the diary,
// which is entered.
var requestRoutes = []route{
	{"GET", "/requests/forms", "requestForms", may(people.Extract, people.Approve, people.ReadDiary, people.File), gives((*Site).requestForms),
		"What there is to choose from when a request is entered: kinds with what they have to say, legal bases, forms of delivery."},
	{"GET", "/requests", "listRequests", may(people.Extract, people.Approve, people.ReadDiary, people.File), gives((*Site).requests),
		"The requests in scope, with deadlines and what is due; for a token those that it filed."},
	{"POST", "/requests", "receiveRequest", may(people.Extract, people.File), takes((*Site).receive).long().keyed(),
		"Enters a request for footage, whatever is missing in it, and holds what it asks for. A token sends an Idempotency-Key."},
	{"GET", "/requests/{request}", "readRequest", may(people.Extract, people.Approve, people.ReadDiary, people.File), gives((*Site).oneRequest),
		"A request, what was done with it, and what whoever asks may do with it now."},
	{"POST", "/requests/{request}/readings", "openRequest", may(people.Extract, people.ReadDiary), takes((*Site).openRequest),
		"What a request and its entries say, once it is entered who reads it and why."},
	{"POST", "/requests/{request}/supplement", "supplementRequest", may(people.Extract, people.File), takes((*Site).supplement).long(),
		"Enters what was missing, or puts right what was wrong, while nobody has decided: all that the request says from now on."},
	{"POST", "/requests/{request}/scan", "enterPaper", may(people.Extract), takes((*Site).enterPaper), "Enters that the paper of an oral request has come."},
	{"POST", "/requests/{request}/extend", "extendRequest", may(people.Approve), takes((*Site).extend), "Gives a request another day, as agreed with the applicant."},
	{"POST", "/requests/{request}/own-law", "followLaw", may(people.Approve), takes((*Site).followLaw), "States that another law says how and until when the request is decided."},
	{"POST", "/requests/{request}/approve", "approveRequest", may(people.Approve), takes((*Site).approve), "Approves a request: another person than entered it does, or one who says in writing why alone."},
	{"POST", "/requests/{request}/refuse", "refuseRequest", may(people.Approve), takes((*Site).refuseRequest), "Refuses a request with reasons, or takes an approval back. What it holds stays so."},
	{"POST", "/requests/{request}/withdraw", "withdrawRequest", may(people.Extract), takes((*Site).withdraw), "Enters that the applicant withdrew the request. What it holds stays so."},
	{"POST", "/requests/{request}/show", "showFootage", may(people.Extract), takes((*Site).shownThere), "Enters that a person concerned looked at the footage on the premises."},
	{"GET", "/requests/{request}/viewings", "listShowings", may(people.Extract), gives((*Site).showings),
		"The asker's own viewings by which footage was shown for a request, one of which the step show names."},
	{"POST", "/requests/{request}/confirm", "confirmReceipt", may(people.Extract), takes((*Site).confirmReceipt), "Enters that the recipient confirmed the receipt of the package."},
	{"POST", "/requests/{request}/release", "releaseRequest", may(people.Approve), takes((*Site).release), "Closes a request that is over, and ends what it holds."},
	{"POST", "/requests/{request}/letters/{letter}", "requestLetter", may(people.Extract, people.Approve), writes(pdfType, (*Site).letter),
		"Gives a letter to the applicant as PDF: what is missing (missing), that it is refused (refusal), or until when it is decided (extension). Whose name is read for it is entered."},
}

// here is the session with the authorisations that count where the call comes from: from outside, only those that are for outside.
func (c *call) here() people.Session {
	s := c.session
	if c.outside() {
		s.Authorisations = slices.DeleteFunc(slices.Clone(s.Authorisations), func(a people.Authorisation) bool { return !a.Outside })
	}
	return s
}

// request is the one in the path, if whoever asks may see it.
func (s *Site) request(c *call) (disclosure.Request, error) {
	q, err := s.o.Requests.Request(c.Context(), c.PathValue("request"))
	if err == nil {
		err = s.o.Requests.Sees(c.here(), q)
	}
	return q, err
}

func (s *Site) requests(c *call) (RequestList, error) {
	out := RequestList{Requests: []RequestInfo{}}
	list, err := s.o.Requests.Requests(c.Context())
	if err != nil {
		return out, err
	}
	force, err := s.o.Holds.List(c.Context())
	if err != nil {
		return out, err
	}
	here := c.here()
	for _, q := range slices.Backward(list) {
		if s.o.Requests.Sees(here, q) != nil {
			continue
		}
		info, err := s.requestInfo(c, q, force)
		if err != nil {
			return out, err
		}
		out.Requests = append(out.Requests, info)
	}
	return out, nil
}

func (s *Site) oneRequest(c *call) (RequestDetail, error) {
	q, err := s.request(c)
	if err != nil {
		return RequestDetail{}, err
	}
	out := RequestDetail{Course: []RequestDone{}, Steps: []RequestStep{}}
	if out.RequestInfo, err = s.requestNow(c, q); err != nil {
		return RequestDetail{}, err
	}
	course, err := s.o.Requests.Course(c.Context(), q.ID)
	if err != nil {
		return RequestDetail{}, err
	}
	for _, d := range course {
		out.Course = append(out.Course, RequestDone{d.Entry, d.Op, moment{d.At}, d.Scan})
	}
	if out.Steps, err = s.requestSteps(c, q); err != nil {
		return RequestDetail{}, err
	}
	out.Here, err = s.requestHere(c, q)
	return out, err
}

// receive enters a request.
func (s *Site) receive(c *call, in RequestAsked) (RequestEntered, error) {
	content, err := in.Content.content()
	if err != nil {
		return RequestEntered{}, err
	}
	if in.Way == "" {
		in.Way = disclosure.Paper
		if c.session.Proof == byToken {
			in.Way = disclosure.Token
		}
	}
	got, err := s.o.Requests.Receive(c.Context(), c.here(), disclosure.Asked{Kind: in.Kind, Way: in.Way, Content: content, Received: in.Received.Time, Scan: in.Scan,
		Key: c.Header.Get(keyHeader)})
	return s.entered(c, got, err)
}

// byToken is how a session says that it is that of a token.
const byToken = "token"

// keyHeader has the key by which the same request is entered once, however often it is sent.
const keyHeader = "Idempotency-Key"

func (s *Site) supplement(c *call, in RequestSupplement) (RequestEntered, error) {
	q, err := s.request(c)
	if err != nil {
		return RequestEntered{}, err
	}
	content, err := in.Content.content()
	if err != nil {
		return RequestEntered{}, err
	}
	got, err := s.o.Requests.Supplement(c.Context(), c.here(), q.ID, disclosure.Supplemented{Content: content, Received: in.Received.Time, Scan: in.Scan})
	return s.entered(c, got, err)
}

// entered is what is told of a request that was just entered. What it holds is remembered outside the diary, also after an
// error: some of it may be held.
func (s *Site) entered(c *call, got disclosure.Received, err error) (RequestEntered, error) {
	if err != nil {
		s.decided(c)
		return RequestEntered{}, err
	}
	out := RequestEntered{Entry: got.Receipt.Index, Again: got.Again, Held: []HeldNow{}, Gone: footageOf(got.Gone)}
	if len(got.Held) > 0 {
		out.Held = s.heldAll(c, got.Held)
	}
	if c.session.Proof == byToken {
		out.Held, out.Gone = []HeldNow{}, []Footage{} // they would tell what there is
	}
	out.Request, err = s.requestNow(c, got.Request)
	return out, err
}

// heldAll is what is told of holds that were just set: see [Site.held].
func (s *Site) heldAll(c *call, list []hold.Effect) []HeldNow {
	s.decided(c)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Context()), pinWithin)
	defer cancel()
	_, err := s.pin(ctx, false)
	if err != nil {
		s.o.Log.Warn("entries about what is held are not all kept apart yet; it is tried again", "err", err)
	}
	out := make([]HeldNow, 0, len(list))
	for _, e := range list {
		now := heldNow(e)
		now.Waits = err != nil
		out = append(out, now)
	}
	return out
}

// keyed lets a route be asked with a key by which the same is done once.
func (h handler) keyed() handler {
	h.header = http.CanonicalHeaderKey(keyHeader)
	return h
}
