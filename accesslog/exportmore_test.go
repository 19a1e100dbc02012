package accesslog

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/evidence"
	"varuh/accesslog/people"
	"varuh/recorder/segment"
)

// What can't be taken out gets a clear answer, and what the law or an authorisation refuses is entered.
func TestBadExport(t *testing.T) {
	t.Parallel()
	start := noon.Add(-time.Hour)
	asked := hall(start, time.Minute)
	for name, tt := range map[string]struct {
		ask     func(*AskExport)
		request func(*disclosure.Request)
		want    error
		entered string
	}{
		"no footage said":     {ask: func(a *AskExport) { a.Ranges = nil }, want: ErrAsk},
		"no request":          {ask: func(a *AskExport) { a.Request = "" }, want: ErrAsk},
		"no such request":     {ask: func(a *AskExport) { a.Request = "2026-2" }, want: disclosure.ErrUnknown},
		"nobody":              {ask: func(a *AskExport) { a.Session = people.Session{} }, want: ErrAsk},
		"two":                 {ask: func(a *AskExport) { a.Order = Order{"boris", 2} }, want: ErrAsk},
		"an order of another": {ask: func(a *AskExport) { a.Session, a.Order = people.Session{}, Order{"boris", 0} }, want: ErrAsk},
		"an unknown ground":   {ask: func(a *AskExport) { a.Ground = "because" }, want: ErrAsk},
		"a long remark":       {ask: func(a *AskExport) { a.Remark = strings.Repeat("x", 2001) }, want: ErrAsk},
		"a case of 10 kB":     {ask: func(a *AskExport) { a.Case = strings.Repeat("x", 10_000) }, want: ErrAsk},
		"no camera":           {ask: func(a *AskExport) { a.Ranges[0].Camera = "" }, want: ErrAsk},
		"the end first":       {ask: func(a *AskExport) { a.Ranges[0].To = start.Add(-time.Second) }, want: ErrSpan},
		"in the future":       {ask: func(a *AskExport) { a.Ranges[0].To = noon.Add(time.Hour) }, want: ErrSpan},
		"a year":              {ask: func(a *AskExport) { a.Ranges[0].From = start.AddDate(-1, 0, 0) }, want: ErrSpan},
		"all cameras and a month": {ask: func(a *AskExport) {
			a.Ranges = []evidence.Range{hall(start.AddDate(0, -1, 0), MaxExport), asked, {Camera: "yard", From: start, To: noon}}
		}, want: ErrSpan},
		"a thousand and one ranges": {ask: func(a *AskExport) {
			a.Ranges = make([]evidence.Range, 1001)
			for i := range a.Ranges {
				a.Ranges[i] = hall(start, time.Duration(i+1)*time.Second)
			}
		}, want: ErrSpan},
		"more than was asked for": {ask: func(a *AskExport) { a.Ranges[0].To = asked.To.Add(time.Second) }, want: ErrRequest, entered: "request"},
		"another camera":          {ask: func(a *AskExport) { a.Ranges[0].Camera = "yard" }, want: ErrRequest, entered: "request"},
		"not approved":            {request: func(q *disclosure.Request) { q.State = disclosure.Complete }, want: ErrRequest, entered: "request"},
		"built already":           {request: func(q *disclosure.Request) { q.State = disclosure.Built }, want: ErrRequest, entered: "request"},
		"by who may not":          {ask: func(a *AskExport) { a.Session = session("gorazd", "s3") }, want: people.ErrNotAllowed, entered: "role"},
		"from outside":            {ask: func(a *AskExport) { a.Address = netip.MustParseAddr("203.0.113.9") }, want: ErrPremises, entered: "premises"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.record(tape{camera: "hall", stream: "main", start: start, length: 2 * time.Minute})
			q := r.request(disclosure.Authority, asked)
			a := takes(asked)
			if tt.ask != nil {
				tt.ask(&a)
			}
			if tt.request != nil {
				tt.request(&q)
				r.law.requests[q.ID] = q
			}
			if _, err := r.door.Export(t.Context(), a); !errors.Is(err, tt.want) {
				t.Errorf("%v, want %v", err, tt.want)
			}
			if n := len(r.entries(opExport)); n != 0 || len(r.door.viewings) != 0 {
				t.Errorf("%d exports are entered, %d open", n, len(r.door.viewings))
			}
			if list := r.entries(opRefused); tt.entered == "" && len(list) > 0 || tt.entered != "" && (len(list) != 1 || list[0].Result != tt.entered) {
				t.Errorf("refusals %+v, want %q", list, tt.entered)
			}
		})
	}
}

// An authority, a court and a person in the footage get what was recorded whatever hung on the wall; for others there has to
// have been a notice.
func TestExportLaw(t *testing.T) {
	t.Parallel()
	start := noon.Add(-time.Hour)
	asked := hall(start, time.Minute)
	for _, tt := range []struct {
		kind   disclosure.Kind
		basis  disclosure.BasisID
		notice bool
		want   error
	}{
		{disclosure.Authority, "zkp-220", false, nil}, {disclosure.Subject, "gdpr-15", false, nil}, {disclosure.Other, courtOrder, false, nil},
		{disclosure.Own, "zkp-148", false, ErrPurpose}, {disclosure.Other, "zvop2-41", false, ErrPurpose},
		{disclosure.Own, "zkp-148", true, nil}, {disclosure.Other, "zvop2-41", true, nil},
	} {
		r := newRig(t)
		r.record(tape{camera: "hall", stream: "main", start: start, length: 2 * time.Minute})
		if !tt.notice {
			r.law.spans = nil
		}
		q := r.request(tt.kind, asked)
		q.Basis = tt.basis
		r.law.requests[q.ID] = q
		e, err := r.door.Export(t.Context(), takes(asked))
		if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
			t.Errorf("%s by %s, with a notice: %v: %v, want %v", tt.kind, tt.basis, tt.notice, err, tt.want)
		}
		if err == nil && len(e.Notices()) > 0 != tt.notice {
			t.Errorf("notices %v", e.Notices())
		}
	}
}

// Which stream is taken, and across which segments; what is being written is sealed and collected first.
func TestExportStreams(t *testing.T) {
	t.Parallel()
	start := noon.Add(-3 * time.Minute)
	main := tape{camera: "hall", stream: "main", start: start, length: 150 * time.Second, segment: 30 * time.Second, open: true}
	sub := main
	sub.stream, sub.open = "sub", false
	for name, tt := range map[string]struct {
		tapes []tape
		want  string
	}{
		"main":                    {[]tape{main}, "main"},
		"main beside sub":         {[]tape{sub, main}, "main"},
		"sub where there is none": {[]tape{sub}, "sub"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			for _, p := range tt.tapes {
				r.record(p)
			}
			asked := hall(start.Add(45*time.Second), 100*time.Second)
			r.request(disclosure.Authority, asked)
			e := r.export(takes(asked))
			segments := map[[16]byte]bool{}
			var last time.Duration
			_, err := read(t.Context(), e, func(p evidence.Part, n int, x evidence.Record) {
				if p.Stream != tt.want || p.Collect >= e.Entry() {
					t.Errorf("a part of %s, collected by %d", p.Stream, p.Collect)
				}
				segments[p.Segment] = true
				last = time.Duration(n)
			})
			must(t, err)
			if len(segments) != 4 || last == 0 || len(e.Gaps()) != 0 {
				t.Errorf("%d segments, gaps %v", len(segments), gaps(e, start))
			}
		})
	}
}

// What nobody can seal now is not left out silently.
func TestExportUnsettled(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-3 * time.Minute)
	r.record(tape{camera: "hall", stream: "main", start: start, length: time.Minute, open: true})
	r.writing = nil // nobody seals it
	asked := hall(start, 30*time.Second)
	r.request(disclosure.Authority, asked)
	if _, err := r.door.Export(t.Context(), takes(asked)); !errors.Is(err, ErrUnsettled) {
		t.Errorf("%v", err)
	}
}

// Restricted footage is taken out on a listed ground alone, by who may.
func TestExportGround(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 2 * time.Minute})
	r.restrict(start.Add(20*time.Second), 5*time.Second)
	asked := hall(start, time.Minute)
	r.request(disclosure.Authority, asked)
	a := takes(asked)
	a.Session = session("ana", "s1")
	for _, a.Ground = range []Ground{"", Claims} {
		if got := gaps(r.export(a), start); fmt.Sprint(got) != "[hall/main restricted 20s–26s]" {
			t.Errorf("a caretaker, ground %q: gaps %v", a.Ground, got)
		}
	}
	a = takes(asked)
	a.Ground = Claims
	e := r.export(a)
	n, err := read(t.Context(), e, nil)
	must(t, err)
	if len(e.Gaps()) > 0 || n < 60 || r.last(opExport).Data["ground"] != "claims" {
		t.Errorf("%d fragments, gaps %v", n, gaps(e, start))
	}
}

// Footage of before the clock was set is asked for by the time that it was in truth, and its parts say by how much it was off.
func TestExportClock(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	shown, truth := time.Date(1970, 1, 1, 0, 5, 0, 0, time.UTC), noon.Add(-2*time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: shown, length: 20 * time.Second, late: true})
	must(t, r.index.Redate([16]byte{2}, truth))
	asked := hall(truth.Add(4*time.Second), 10*time.Second)
	r.request(disclosure.Authority, asked)
	e := r.export(takes(asked))
	for s := range e.Footage() {
		if len(s) != 1 || s[0].Correction != truth.Sub(shown) {
			t.Errorf("parts %+v", s)
		}
	}
	if o := r.last(opExport).Objects[0]; !o.From.Equal(asked.From) || !o.To.Equal(asked.To) || len(e.Gaps()) > 0 {
		t.Errorf("entered is %+v, gaps %v", o, gaps(e, truth))
	}
}

// A job goes on by the order of somebody who is not logged in. A crash leaves an export without an end, which the next start
// enters.
func TestExportOrder(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 2 * time.Minute})
	asked := hall(start, time.Minute)
	r.request(disclosure.Authority, asked)
	first := r.export(takes(asked))
	r.law.gone["s2"] = true
	r.reopen() // after a crash
	if n, err := r.door.Recover(t.Context()); n != 1 || err != nil {
		t.Fatalf("%d closed, %v", n, err)
	}
	if end := r.last(opTaken); *end.Ref != first.Entry() || end.Result != string(Interrupted) || len(r.entries(opEnd)) != 0 {
		t.Errorf("the end says %+v", end)
	}
	a := takes(asked)
	a.Session, a.Order = people.Session{}, Order{"boris", first.Entry()}
	e := r.export(a)
	n, err := read(t.Context(), e, nil)
	must(t, err)
	must(t, r.door.Sweep(t.Context()))
	must(t, e.Close(t.Context()))
	entry := r.last(opExport)
	if n < 60 || entry.Actor.ID != "boris" || entry.Actor.Proof != "order" || entry.Data["order"] != first.Entry() || r.last(opTaken).Result != string(Exported) {
		t.Errorf("%d fragments, entry %+v", n, entry)
	}
	if n, err := r.door.Recover(t.Context()); n != 0 || err != nil {
		t.Errorf("%d more to close, %v", n, err)
	}
}

// An approver looks at what a request asks for before he decides; nobody else does, at nothing else, and not when it is over.
func TestPreview(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 5 * time.Minute})
	q := r.request(disclosure.Authority, hall(start.Add(time.Minute), time.Minute))
	a := Ask{Session: session("boris", "s2"), Address: inHouse, Request: q.ID, Case: "KU 7/2026", Camera: "hall", Stream: "main", From: start.Add(time.Minute), To: start.Add(2 * time.Minute)}
	state := func(s disclosure.State) {
		q.State = s
		r.law.requests[q.ID] = q
		_, err := r.diary.Append(t.Context(), diary.Entry{Op: "request.step", Ref: &q.Entry}, nil)
		must(t, err)
	}
	for _, s := range disclosure.States {
		state(s)
		v, err := r.door.Open(t.Context(), a)
		may := s == disclosure.Incomplete || s == disclosure.Complete || s == disclosure.Extended || s == disclosure.OwnLaw || s == disclosure.Silent || s == disclosure.Approved
		if may != (err == nil) || !may && !errors.Is(err, ErrRequest) {
			t.Errorf("%s: %v", s, err)
		}
		if err == nil {
			must(t, v.End(t.Context(), NotStated))
		}
	}
	state(disclosure.Complete)
	v := r.open(a)
	e := r.last(opStart)
	if *e.Ref != q.Entry || e.Case != "KU 7/2026" || e.Purpose != "odločanje o zahtevi 2026-1" || e.Data["purpose"] != "law:authority" || e.Basis == "" || e.Data["request"] != q.ID {
		t.Errorf("entry %+v", e)
	}
	tl, err := v.Pieces(t.Context(), "hall", "main", start, start.Add(5*time.Minute))
	must(t, err)
	var seen set
	must(t, v.Deliver(t.Context(), tl.Pieces, func(p Piece, _ []byte) (bool, error) { seen = seen.add(p.span(), 0); return true, nil }))
	if e := r.last(opMore); e.Case != "KU 7/2026" || e.Data["request"] != q.ID {
		t.Errorf("a further lease: %+v", e)
	}
	if len(seen) != 1 || seen[0].from.Before(start.Add(time.Minute-mostLead)) || seen[0].to.After(start.Add(2*time.Minute+mostTail)) || seen[0].to.Before(start.Add(2*time.Minute)) {
		t.Errorf("seen is %v", seen)
	}
	if len(tl.Withheld) != 2 || !errors.Is(tl.Withheld[0].Why, ErrRequest) {
		t.Errorf("withheld: %+v", tl.Withheld)
	}
	state(disclosure.Refused)
	if err := v.Deliver(t.Context(), tl.Pieces[:1], all); !errors.Is(err, ErrRequest) {
		t.Errorf("after the refusal: %v", err)
	}
	state(disclosure.Complete)
	for name, change := range map[string]func(*Ask){
		"by a caretaker":    func(a *Ask) { a.Session = session("ana", "s1") },
		"of other footage":  func(a *Ask) { a.From = a.From.Add(-30 * time.Second) },
		"with a purpose":    func(a *Ask) { a.Purpose = property.ID },
		"live":              func(a *Ask) { a.Live = true },
		"of no request":     func(a *Ask) { a.Request = "2026-9" },
		"with a wrong case": func(a *Ask) { a.Case = strings.Repeat("x", 501) },
	} {
		b := a
		change(&b)
		if _, err := r.door.Open(t.Context(), b); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
}

// What is approved to be shown on the premises is shown by who hands out, on the premises: each entry names the request and its
// case, so that the step which follows can name the viewing.
func TestShowingOnThePremises(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 5 * time.Minute})
	q := r.request(disclosure.Subject, hall(start.Add(time.Minute), time.Minute))
	a := Ask{Session: session("ana", "s1"), Address: inHouse, Request: q.ID, Case: "KU 7/2026", Camera: "hall", Stream: "main", From: start.Add(time.Minute), To: start.Add(2 * time.Minute)}
	if _, err := r.door.Open(t.Context(), a); !errors.Is(err, people.ErrNotAllowed) {
		t.Errorf("what becomes a package is shown by a caretaker: %v", err)
	}
	if e := r.last(opRefused); e.Case != "KU 7/2026" || e.Data["request"] != q.ID {
		t.Errorf("the refusal: %+v", e)
	}
	for _, form := range []disclosure.Form{disclosure.View, disclosure.Masked} {
		q.Form = form
		r.law.change(func() { r.law.requests[q.ID] = q })
		v := r.open(a)
		if e := r.last(opStart); *e.Ref != q.Entry || e.Purpose != "ogled v prostorih po zahtevi 2026-1" || e.Data["showing"] != "yes" || e.Data["purpose"] != "law:subject" {
			t.Errorf("entry %+v", e)
		}
		must(t, v.End(t.Context(), Reported))
		if e := r.last(opEnd); e.Case != "KU 7/2026" || e.Data["request"] != q.ID {
			t.Errorf("the end: %+v", e)
		}
	}
	r.law.change(func() {
		out := authorise(people.Caretaker, "hall")
		out.Outside = true
		r.law.grants["ana"] = []people.Authorisation{out}
	})
	a.Address = netip.MustParseAddr("203.0.113.7")
	if _, err := r.door.Open(t.Context(), a); !errors.Is(err, ErrPremises) {
		t.Errorf("shown elsewhere: %v", err)
	}
	q.State = disclosure.HandedOver
	r.law.change(func() { r.law.requests[q.ID] = q })
	a.Address = inHouse
	if _, err := r.door.Open(t.Context(), a); err == nil {
		t.Error("shown once more when it is over")
	}
}

// A preview is of the cameras for which its approver decides: that he may look at others on his own account gives him no law's
// purpose for them.
func TestPreviewScope(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	start := noon.Add(-time.Hour)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 5 * time.Minute})
	q := r.request(disclosure.Authority, hall(start.Add(time.Minute), time.Minute))
	q.State = disclosure.Complete
	r.law.change(func() { r.law.requests[q.ID] = q })
	a := Ask{Session: session("boris", "s2"), Address: inHouse, Request: q.ID, Case: "KU 7/2026", Camera: "hall", Stream: "main", From: start.Add(time.Minute), To: start.Add(2 * time.Minute)}
	for camera, may := range map[string]bool{"yard": false, "hall": true} {
		r.law.change(func() {
			r.law.grants["boris"] = []people.Authorisation{authorise(people.Approver, camera), authorise(people.Caretaker, "hall")}
		})
		v, err := r.door.Open(t.Context(), a)
		if may && err != nil || !may && !errors.Is(err, people.ErrScope) {
			t.Errorf("approver of the %s: %v", camera, err)
		}
		if err == nil {
			must(t, v.End(t.Context(), NotStated))
		}
	}
}

// A clip begins with the key frame before what is asked for, and not with a fragment that ends some milliseconds later than that
// begins; of its sound nothing is lost.
func TestExportBegins(t *testing.T) {
	t.Parallel()
	start := noon.Add(-time.Hour)
	for name, tt := range map[string]struct {
		from, want time.Duration
	}{
		"between key frames":                    {31 * time.Second, 30 * time.Second},
		"on a key frame":                        {30 * time.Second, 30 * time.Second},
		"in an overlap":                         {30*time.Second + 3*time.Millisecond, 30 * time.Second},
		"behind an overlap":                     {30*time.Second + 7*time.Millisecond, 30 * time.Second},
		"before a key frame":                    {30*time.Second - time.Millisecond, 28 * time.Second},
		"on a segment":                          {20 * time.Second, 20 * time.Second},
		"in the overlap of segments":            {20*time.Second + 3*time.Millisecond, 20 * time.Second},
		"behind the first fragment of the tape": {time.Second, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.notices(noon, loud(false, property), sign(false, property))
			r.record(tape{camera: "hall", stream: "main", start: start, length: time.Minute, segment: 20 * time.Second, sound: true, overlap: 6 * time.Millisecond})
			asked := hall(start.Add(tt.from), 9*time.Second)
			r.request(disclosure.Authority, asked)
			a := takes(asked)
			a.Sound = true
			e := r.export(a)
			var heard set
			pictures := 0
			_, err := read(t.Context(), e, func(p evidence.Part, n int, _ evidence.Record) {
				s, err := r.index.Get(p.Segment)
				must(t, err)
				entries, err := r.keys.k.Entries(s)
				must(t, err)
				x := pieceOf(s, n, entries[n])
				if x.Kind == segment.Audio {
					heard = heard.add(x.span(), joint)
				} else if pictures++; pictures == 1 && (!x.KeyFrame || !x.Start.Equal(start.Add(tt.want))) {
					t.Errorf("the first picture is record %d, %v behind the start of the tape, want %v", n, x.Start.Sub(start), tt.want)
				}
			})
			must(t, err)
			if lacks := heard.missing(span{asked.From, asked.To}); pictures == 0 || !lacks.empty() || heard[0].from.Before(start.Add(tt.want-time.Second)) || len(e.Gaps()) != 0 {
				t.Errorf("%d pictures, heard %v, gaps %v", pictures, heard, gaps(e, start))
			}
		})
	}
}

// A viewing that shows footage for a request stops where that is refused or entered as shown meanwhile, though its lease names all of it:
// whoever did so did not know what would be shown yet.
func TestShowingEndsWithItsRequest(t *testing.T) {
	t.Parallel()
	for _, state := range []disclosure.State{disclosure.Refused, disclosure.Withdrawn, disclosure.HandedOver} {
		r := newRig(t)
		start := noon.Add(-time.Hour)
		r.record(tape{camera: "hall", stream: "main", start: start, length: 5 * time.Minute})
		q := r.request(disclosure.Subject, hall(start.Add(time.Minute), time.Minute))
		q.Form = disclosure.View
		r.law.change(func() { r.law.requests[q.ID] = q })
		v := r.open(Ask{Session: session("ana", "s1"), Address: inHouse, Request: q.ID, Case: "KU 7/2026", Camera: "hall", Stream: "main", From: start.Add(time.Minute), To: start.Add(2 * time.Minute)})
		pieces := r.pieces(v, "hall", "main", start.Add(time.Minute), time.Minute)
		must(t, v.Deliver(t.Context(), pieces[:1], all))
		q.State = state
		r.law.change(func() { r.law.requests[q.ID] = q })
		if err := v.Deliver(t.Context(), pieces, all); !errors.Is(err, ErrRequest) {
			t.Errorf("%s: %v", state, err)
		}
	}
}
