package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"varuh/accesslog/disclosure"
	"varuh/accesslog/packing/sealed"
	"varuh/accesslog/web"
)

// requestForm is a request for footage as a file has it.
type requestForm struct {
	Kind     disclosure.Kind    `json:"kind"`
	Way      disclosure.Way     `json:"way"`
	Received time.Time          `json:"received,omitzero"` // by the controller; now if it is missing
	Content  disclosure.Content `json:"content"`
}

// requestOrder asks for something to be done with a request. Its enclosure is the scan of a paper.
type requestOrder struct {
	who
	enclosure
	ID      string
	Form    requestForm        // that comes in, or what it says from now on
	Day     string             // by the calendar of the site
	Text    string             // reasons, or what was agreed or said
	Content int64              // the entry that says what is approved
	Showing disclosure.Showing // how footage was shown
	Note    string

	scan string // SHA-256 of the enclosure, once it is put by; "" for none
}

// requestDone is what came of it.
type requestDone struct {
	Entry   int64              `json:"entry"`
	Request disclosure.Request `json:"request"`
	Gone    int                `json:"gone"` // stretches of footage that are not here
	Zone    string             `json:"zone"` // of the site

	Restored []disclosure.Restored `json:"restored"` // over it while it was approved
}

// requestsAnswer are requests.
type requestsAnswer struct {
	Requests []disclosure.Request `json:"requests"`
	Due      []disclosure.Due     `json:"due"`
	Course   []disclosure.Done    `json:"course"` // of the one that was asked for
	Zone     string               `json:"zone"`   // of the site

	Restored []disclosure.Restored `json:"restored"` // over the one that was asked for, while it was approved
}

// What is asked about requests. Their steps are in [requestSteps].
var (
	askRequests   = asking[requestOrder, requestsAnswer]{"/request/list", "", false, (*eraser).listRequests}
	askAddRequest = asking[requestOrder, requestDone]{"/request/add", "request.receive", true, (*eraser).addRequest}
	askSupplement = asking[requestOrder, requestDone]{"/request/supplement", "request.supplement", true, (*eraser).supplementRequest}
	askViewings   = asking[requestOrder, []disclosure.Viewed]{"/request/viewings", "", false, (*eraser).listViewings}
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
		return a, fmt.Errorf("%w (varuh request list shows those that there are)", err)
	}
	a.Requests = []disclosure.Request{q}
	if a.Course, err = r.Course(ctx, o.ID); err == nil {
		a.Restored, err = r.RestoredOver(ctx, q)
	}
	return a, err
}

// addRequest enters a request, and holds what it asks for.
func (e *eraser) addRequest(ctx context.Context, o requestOrder) (done requestDone, err error) {
	r, err := e.requests(ctx)
	if err == nil {
		err = e.putBy(ctx, &o)
	}
	if err != nil {
		return done, err
	}
	got, err := r.Receive(ctx, o.session, disclosure.Asked{Kind: o.Form.Kind, Way: o.Form.Way, Content: o.Form.Content, Received: o.Form.Received, Scan: o.scan})
	return requestDone{Entry: got.Receipt.Index, Request: got.Request, Gone: len(got.Gone), Zone: r.Zone.String()}, err
}

func (e *eraser) supplementRequest(ctx context.Context, o requestOrder) (done requestDone, err error) {
	r, err := e.requests(ctx)
	if err == nil {
		err = e.putBy(ctx, &o)
	}
	if err != nil {
		return done, err
	}
	got, err := r.Supplement(ctx, o.session, o.ID, disclosure.Supplemented{Content: o.Form.Content, Received: o.Form.Received, Scan: o.scan})
	return requestDone{Entry: got.Receipt.Index, Request: got.Request, Gone: len(got.Gone), Zone: r.Zone.String()}, forCommand(err, o.ID)
}

// listViewings are those by which whoever asks can have shown the footage of a request.
func (e *eraser) listViewings(ctx context.Context, o requestOrder) ([]disclosure.Viewed, error) {
	r, err := e.requests(ctx)
	if err != nil {
		return nil, err
	}
	q, err := r.Request(ctx, o.ID)
	if err != nil {
		return nil, err
	}
	list, err := r.Viewings(ctx, o.session, q)
	return list, forCommand(err, o.ID)
}

// errNoScan is returned for a file that is no scan.
var errNoScan = fmt.Errorf("the scan of a paper is a PDF, JPEG or PNG file of at most %s: scan it as one", size(web.MostScan))

// putBy puts the scan of a paper by, encrypted, until the step that names it is entered; after an error of that it dies in a day.
func (e *eraser) putBy(ctx context.Context, o *requestOrder) error {
	if !o.Enclosed {
		return nil
	}
	if _, err := e.packages(); err != nil {
		return err
	}
	scan := bufio.NewReader(o.body)
	begins, err := scan.Peek(8)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("the scan of the paper did not come whole: %w", err)
	}
	media := web.ScanMedia(begins)
	if media == "" {
		return errNoScan
	}
	hash, _, err := e.entrance.scans.Keep(ctx, o.session.Person.ID, media, scan, web.MostScan)
	if errors.Is(err, sealed.ErrLarge) {
		return errNoScan
	}
	o.scan = hex.EncodeToString(hash[:])
	return err
}

// handRequests serves what the commands about requests ask.
func (d *Daemon) handRequests(mux *http.ServeMux) {
	askRequests.hand(d, mux)
	askAddRequest.hand(d, mux)
	askSupplement.hand(d, mux)
	askViewings.hand(d, mux)
	for _, step := range requestSteps {
		step.hand(d, mux)
	}
}
