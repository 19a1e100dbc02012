package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/disclosure"
)

// requestForm is a request for footage as a file has it.
type requestForm struct {
	Kind     disclosure.Kind    `json:"kind"`
	Way      disclosure.Way     `json:"way"`
	Received time.Time          `json:"received,omitzero"` // by the controller; now if it is missing
	Content  disclosure.Content `json:"content"`
}

// requestOrder asks for something to be done with a request.
type requestOrder struct {
	who
	ID      string
	Form    requestForm // that comes in, or what it says from now on
	Day     string      // by the calendar of the site
	Text    string      // reasons, or what was agreed or said
	Content int64       // the entry that says what is approved
	Note    string
}

// requestDone is what came of it.
type requestDone struct {
	Entry   int64              `json:"entry"`
	Request disclosure.Request `json:"request"`
	Gone    int                `json:"gone"` // stretches of footage that are not here
	Zone    string             `json:"zone"` // of the site
}

// requestsAnswer are requests.
type requestsAnswer struct {
	Requests []disclosure.Request `json:"requests"`
	Due      []disclosure.Due     `json:"due"`
	Course   []disclosure.Done    `json:"course"` // of the one that was asked for
	Zone     string               `json:"zone"`   // of the site
}

var (
	askRequests   = asking[requestOrder, requestsAnswer]{"/request/list", "", false, (*eraser).listRequests}
	askAddRequest = asking[requestOrder, requestDone]{"/request/add", "request.receive", true, (*eraser).addRequest}
	askSupplement = asking[requestOrder, requestDone]{"/request/supplement", "request.supplement", true, (*eraser).supplementRequest}
	askExtend     = asking[requestOrder, requestDone]{"/request/extend", "request.extend", false, (*eraser).extendRequest}
	askOwnLaw     = asking[requestOrder, requestDone]{"/request/own-law", "request.law", false, (*eraser).followLaw}
	askApprove    = asking[requestOrder, requestDone]{"/request/approve", "request.approve", false, (*eraser).approveRequest}
	askRefuse     = asking[requestOrder, requestDone]{"/request/refuse", "request.refuse", false, (*eraser).refuseRequest}
	askWithdraw   = asking[requestOrder, requestDone]{"/request/withdraw", "request.withdraw", false, (*eraser).withdrawRequest}
	askReceipt    = asking[requestOrder, requestDone]{"/request/confirm", "request.confirm", false, (*eraser).confirmReceipt}
	askRelease    = asking[requestOrder, requestDone]{"/request/release", "request.release", true, (*eraser).releaseRequest}
)

// listRequests are all requests, or the one that is asked for, with what is due of them. They name nobody.
func (e *eraser) listRequests(ctx context.Context, o requestOrder) (a requestsAnswer, err error) {
	r, err := e.requests(ctx)
	if err != nil {
		return a, err
	}
	a.Zone = r.Zone.String()
	if a.Due, err = r.Due(ctx); err != nil {
		return a, err
	}
	if o.ID == "" {
		a.Requests, err = r.Requests(ctx)
		return a, err
	}
	q, err := r.Request(ctx, o.ID)
	if err != nil {
		return a, err
	}
	a.Requests = []disclosure.Request{q}
	a.Course, err = r.Course(ctx, o.ID)
	return a, err
}

// addRequest enters a request, and holds what it asks for.
func (e *eraser) addRequest(ctx context.Context, o requestOrder) (done requestDone, err error) {
	r, err := e.requests(ctx)
	if err != nil {
		return done, err
	}
	got, err := r.Receive(ctx, o.session, disclosure.Asked{Kind: o.Form.Kind, Way: o.Form.Way, Content: o.Form.Content, Received: o.Form.Received})
	return requestDone{got.Receipt.Index, got.Request, len(got.Gone), r.Zone.String()}, err
}

func (e *eraser) supplementRequest(ctx context.Context, o requestOrder) (done requestDone, err error) {
	r, err := e.requests(ctx)
	if err != nil {
		return done, err
	}
	got, err := r.Supplement(ctx, o.session, o.ID, disclosure.Supplemented{Content: o.Form.Content, Received: o.Form.Received})
	return requestDone{got.Receipt.Index, got.Request, len(got.Gone), r.Zone.String()}, err
}

// stepped does a step with a request.
func (e *eraser) stepped(ctx context.Context, o requestOrder, do func(*disclosure.Register) (diary.Receipt, error)) (done requestDone, err error) {
	r, err := e.requests(ctx)
	if err != nil {
		return done, err
	}
	receipt, err := do(r)
	if err != nil {
		return done, err
	}
	q, err := r.Request(ctx, o.ID)
	return requestDone{Entry: receipt.Index, Request: q, Zone: r.Zone.String()}, err
}

func (e *eraser) extendRequest(ctx context.Context, o requestOrder) (requestDone, error) {
	return e.stepped(ctx, o, func(r *disclosure.Register) (diary.Receipt, error) {
		day, err := dayOf(o.Day)
		if err != nil {
			return diary.Receipt{}, err
		}
		return r.Extend(ctx, o.session, o.ID, day, o.Text)
	})
}

func (e *eraser) followLaw(ctx context.Context, o requestOrder) (requestDone, error) {
	return e.stepped(ctx, o, func(r *disclosure.Register) (diary.Receipt, error) {
		var day time.Time
		if o.Day != "" {
			var err error
			if day, err = dayOf(o.Day); err != nil {
				return diary.Receipt{}, err
			}
		}
		return r.FollowLaw(ctx, o.session, o.ID, o.Text, day)
	})
}

// errDay is returned for what is no day.
var errDay = errors.New("want a day such as 2026-12-15")

func dayOf(text string) (time.Time, error) {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return day, errDay
	}
	return day, nil
}

func (e *eraser) approveRequest(ctx context.Context, o requestOrder) (requestDone, error) {
	return e.stepped(ctx, o, func(r *disclosure.Register) (diary.Receipt, error) {
		return r.Approve(ctx, o.session, o.ID, disclosure.Approval{Content: o.Content, Single: o.Text, Remark: o.Note})
	})
}

func (e *eraser) refuseRequest(ctx context.Context, o requestOrder) (requestDone, error) {
	return e.stepped(ctx, o, func(r *disclosure.Register) (diary.Receipt, error) { return r.Refuse(ctx, o.session, o.ID, o.Text) })
}

func (e *eraser) withdrawRequest(ctx context.Context, o requestOrder) (requestDone, error) {
	return e.stepped(ctx, o, func(r *disclosure.Register) (diary.Receipt, error) { return r.Withdraw(ctx, o.session, o.ID, o.Text) })
}

func (e *eraser) confirmReceipt(ctx context.Context, o requestOrder) (requestDone, error) {
	return e.stepped(ctx, o, func(r *disclosure.Register) (diary.Receipt, error) {
		return r.Confirmed(ctx, o.session, o.ID, o.Text, "")
	})
}

func (e *eraser) releaseRequest(ctx context.Context, o requestOrder) (requestDone, error) {
	return e.stepped(ctx, o, func(r *disclosure.Register) (diary.Receipt, error) { return r.Release(ctx, o.session, o.ID, o.Text) })
}

// handRequests serves what the commands about requests ask.
func (d *Daemon) handRequests(mux *http.ServeMux) {
	askRequests.hand(d, mux)
	askAddRequest.hand(d, mux)
	askSupplement.hand(d, mux)
	askExtend.hand(d, mux)
	askOwnLaw.hand(d, mux)
	askApprove.hand(d, mux)
	askRefuse.hand(d, mux)
	askWithdraw.hand(d, mux)
	askReceipt.hand(d, mux)
	askRelease.hand(d, mux)
}
