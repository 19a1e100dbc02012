package accesslog

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	"varuh/accesslog/diary"
	"varuh/accesslog/evidence"
	"varuh/accesslog/people"
)

// AskExport is what somebody says who takes footage out for a request.
type AskExport struct {
	Session people.Session // of who asks; of a job that goes on without one the zero value
	Order   Order          // of a job that goes on without a session
	Address netip.Addr     // that it is asked from, or the order was; the zero value is the console
	Request string         // id of the request, which has to be approved
	Case    string         // its number, as the request says it; may be missing
	// BasisText are the words of its own that its legal basis has, as the request says them; may be missing.
	BasisText string
	Ground    Ground // for footage whose processing is restricted; may be missing: then it is left out, and a gap says so
	Remark    string // may be missing
	Ranges    []evidence.Range
	Sound     bool // sound, too, where a notice allowed it; else what proves it goes along, and nothing that can be heard
}

// Order is what a job goes on by that its person does not wait for, as after a restart: his authorisation counts, whether
// or not he is logged in.
type Order struct {
	Person string // id
	Entry  int64  // that has the order: request.approve, or export of before
}

// Export is footage on its way into a package. One goroutine at a time uses it.
type Export struct {
	w      Viewing
	course course
}

// Export takes footage out for an approved request: when the error is nil its export is durable. Before, what is being
// written of it is sealed and collected, so that all that is delivered has its proof. Of a camera the main stream is taken, or
// the sub stream where there is nothing of main in all of what is asked for of it. A range begins at the key frame before
// it, if that may be handed out, and ends with the fragment that its end lies in: the entry names what can leave, and
// so does [Export.Delivered].
//
// What may not be handed out, or can't be, is a gap with its cause. The errors are those of [Door.Open], [ErrRequest],
// [ErrUnsettled], and [ErrNothing] or [ErrRestricted] where all is gap.
func (d *Door) Export(ctx context.Context, a AskExport) (*Export, error) {
	a, err := a.check(d.o.Now())
	if err != nil {
		return nil, err
	}
	v := newViewing(d, Ask{Session: a.Session, Ground: a.Ground, Remark: a.Remark}, d.o.Now())
	v.export, v.ordered = true, a.Order != Order{}
	e := &Export{w: Viewing{v, a.Address}}
	if err := v.answer(ctx, a.Request, a.Case, a.BasisText); err != nil {
		return nil, err
	}
	if err := e.ordered(ctx, a.Order); err != nil {
		return nil, err
	}
	g, err := e.begin(ctx, a)
	if err != nil {
		return nil, d.refuse(ctx, e.w, g.wish, err)
	}
	if err := d.admit(v); err != nil {
		return nil, err
	}
	if err := e.start(ctx, a, g); err != nil {
		d.forget(v)
		return nil, err
	}
	return e, nil
}

// ordered finds the person of an order, and sees that it is one for the request.
func (e *Export) ordered(ctx context.Context, o Order) (err error) {
	v := e.w.v
	if !v.ordered {
		return nil
	}
	if v.door.o.Orders == nil || o.Person == "" {
		return ask("say who asks: a session, or the person of an order")
	}
	for l, err := range v.door.o.Diary.Entries(ctx, o.Entry, o.Entry+1) {
		if err != nil {
			return err
		}
		if l.Op == opExport || l.Op == opApprove || l.Op == opOrder {
			if l.Ref != nil && *l.Ref == v.answers.entry {
				v.session, err = v.door.o.Orders.Ordered(ctx, o.Person)
				return err
			}
		}
	}
	return ask("entry %d is no order for the request %s", o.Entry, v.answers.id)
}

// begin finds what can be taken out, in the order of a viewing's steps. Of an error the wish is what it is about.
func (e *Export) begin(ctx context.Context, a AskExport) (g grant, err error) {
	d, hull := e.w.v.door, wish{}
	if err := d.sound(); err != nil {
		return g, err
	}
	e.course.asked = a.Ranges
	for i, r := range a.Ranges {
		g.wish = wish{camera: r.Camera, stream: "main", span: span{r.From, r.To}}
		if g.session, g.by, err = e.w.who(ctx, g.wish); err != nil {
			return g, err
		}
		b, err := e.lawfully(ctx, g.wish)
		if err != nil {
			return g, err
		}
		if err := e.course.tell(r.Camera, b); err != nil {
			return g, err
		}
		if g.purpose.join(b); i == 0 {
			hull = g.wish
		}
		hull.span = hull.hull(g.span)
	}
	if d.o.Keys.Locked(people.FootageKey) {
		return g, ErrLocked
	}
	p := planner{ctx: ctx, w: e.w, session: g.session, sound: a.Sound, course: &e.course}
	err = p.plan()
	if err == nil {
		g.wish = hull
	}
	return g, err
}

// lawfully sees whether the request asks for a range, and whether the law lets that be used for it.
func (e *Export) lawfully(ctx context.Context, x wish) (b basis, err error) {
	q, err := e.w.v.door.request(ctx, e.w.v.answers.id)
	if err != nil {
		return b, err
	}
	if lacks := wantedOf(q, x.camera, 0, 0).missing(x.span); !lacks.empty() {
		return b, fmt.Errorf("%w: it doesn't ask for this footage", ErrRequest)
	}
	return e.w.lawfully(ctx, x)
}

// start enters the export with all that can leave.
func (e *Export) start(ctx context.Context, a AskExport, g grant) (err error) {
	v := e.w.v
	entry := diary.Entry{Op: opExport, Body: e.w.body(g)}
	b := &entry.Body
	delete(b.Data, "stream") // there are several
	b.Note, b.Data["gaps"] = v.remark, int64(len(e.course.gaps))
	if v.ordered {
		b.Data["order"] = a.Order.Entry
	}
	if a.Sound {
		b.Data["sound"] = "yes"
	}
	if entry.Manifest, err = e.course.planned.state(b); err != nil {
		return err
	}
	return v.enterBeginning(ctx, entry, e.course.planned.wishes()...)
}

// Entry is the number of the export.
func (e *Export) Entry() int64 { return e.w.Entry() }

// Asked is what was asked for, in its one form: by camera and time, joined where ranges touch.
func (e *Export) Asked() []evidence.Range { return slices.Clone(e.course.asked) }

// Footage is what goes into the clips, by camera and time. Each record is decrypted when it is read, once all has been asked
// anew that is asked before each piece of a viewing; the first error ends it. What was there when the export was entered
// and is not any more, such as footage that was erased meanwhile, is an error: another export says the gap.
func (e *Export) Footage() evidence.Footage {
	return func(yield func(evidence.Stretch, error) bool) {
		for _, s := range e.course.stretches {
			if !yield(s, nil) {
				return
			}
		}
		e.w.v.mu.Lock()
		defer e.w.v.mu.Unlock()
		e.w.v.whole = true
	}
}

// Gaps are the times that were asked for and are not delivered, with the causes: those of the recorder and of package
// collect, and erased, restricted and unreadable.
func (e *Export) Gaps() []evidence.Gap { return slices.Clone(e.course.gaps) }

// Notices are those in force over what was asked for. The hash is that of the notice's content, see package notice.
func (e *Export) Notices() []evidence.Notice { return slices.Clone(e.course.notices) }

// Bytes is how much footage can leave, as it is stored.
func (e *Export) Bytes() int64 { return e.course.planned.bytes }

// Delivered is what has been read so far, to the millisecond: what disclose states.
func (e *Export) Delivered() []evidence.Range {
	v := e.w.v
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.ledger.rangesOf()
}

// Close ends the export: an entry export.end states what was delivered. That the door ended it before is no error. It is
// [ErrDiary] if the entry is not written yet; then the door writes it later.
func (e *Export) Close(ctx context.Context) error { return e.w.v.endSelf(ctx, CutOff, "") }

// taken tells what became of an export that ends: one that was read to its end is not cut off.
func (v *viewing) taken(o Outcome) Outcome {
	if v.whole {
		return Exported
	}
	return o
}
