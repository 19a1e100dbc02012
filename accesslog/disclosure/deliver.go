package disclosure

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/hold"
	"varuh/accesslog/people"
)

// What a clip takes at most beside what was asked for.
const (
	Lead = 15 * time.Second // before it, back to a key frame: without that its first pictures can't be shown
	Tail = 2 * time.Second  // behind it, to the end of a fragment
)

// Packed is a package that was built for a request.
type Packed struct {
	Manifest  string   // SHA-256 of its manifest, in hexadecimal
	Entry     int64    // disclose, which says what is in it
	Delivered []Wanted // footage that is in it, from the key frames on that its clips begin with: never more than was asked for, but for [Lead] and [Tail]
}

// Built enters that the package of an approved request is there. The program calls it once disclose is durable.
func (r *Register) Built(ctx context.Context, id string, p Packed) (diary.Receipt, error) {
	if b, err := hex.DecodeString(p.Manifest); err != nil || len(b) != 32 {
		return diary.Receipt{}, wrong("%q is no SHA-256 of a manifest", p.Manifest)
	}
	p.Delivered = Content{Wanted: p.Delivered}.normal().Wanted
	return r.takes(ctx, nil, id, Build, func(q *Request, body *proof.Body) error {
		// Entries and packages state footage to the millisecond, outwards.
		if err := q.within(p.Delivered, Lead+time.Millisecond, Tail+time.Millisecond); err != nil {
			return err
		}
		q.Package = p.Manifest
		body.Data = map[string]any{"manifest": p.Manifest, "disclose": p.Entry, "delivered": int64(len(p.Delivered))}
		return nil
	}, func(ctx context.Context, tx *sql.Tx) error {
		return replace(ctx, tx, "request_delivered", id, p.Delivered)
	})
}

// within refuses footage that was not asked for, with so much before and behind it, or none at all.
func (q Request) within(list []Wanted, lead, tail time.Duration) error {
	if len(list) == 0 {
		return wrong("say what footage it is")
	}
	for _, d := range list {
		if err := d.check(); err != nil {
			return err
		}
		if d.Camera == "" {
			return wrong("say for each camera what footage it is")
		}
		if !q.asked(d, lead, tail) {
			return wrong("it is footage of %s that was not asked for", d.name())
		}
	}
	return nil
}

// asked tells whether footage lies in one stretch of what was asked for, with so much before and behind it.
func (q Request) asked(d Wanted, lead, tail time.Duration) bool {
	var list []Wanted
	for _, w := range q.Wanted {
		if w.Camera == "" || w.Camera == d.Camera {
			list = append(list, Wanted{d.Camera, w.From.Add(-lead), w.To.Add(tail)})
		}
	}
	return slices.ContainsFunc(merged(list), func(w Wanted) bool { return !d.From.Before(w.From) && !d.To.After(w.To) })
}

// Expired enters that the package was destroyed before anybody got all of it: why. It can be built again.
func (r *Register) Expired(ctx context.Context, id, why string) (diary.Receipt, error) {
	if err := checkSaid("why", why); err != nil {
		return diary.Receipt{}, err
	}
	return r.takes(ctx, nil, id, Expire, func(q *Request, body *proof.Body) error {
		q.Package, body.Note = "", why
		return nil
	}, nil)
}

// Handing is how a package is handed over. That whoever takes it was warned is part of it (ZVOP-2 art. 41: [Warning]).
type Handing struct {
	Recipient string // name of who takes it, and of what body
	Known     string // how his identity is known, such as by his service card
	Medium    string // such as a USB disk, with its mark
	Manifest  string // SHA-256 of the manifest of what is handed over, in hexadecimal: that of the package
	Warned    bool   // he was told for what alone he may use it
	Remark    string
}

// HandOver enters that the package was handed over.
func (r *Register) HandOver(ctx context.Context, s people.Session, id string, h Handing) (diary.Receipt, error) {
	err := errors.Join(checkSaid("to whom it is handed over", h.Recipient), checkSaid("how his identity is known", h.Known), checkSaid("on what medium", h.Medium),
		checkText("the remark", h.Remark, maxText))
	if err != nil {
		return diary.Receipt{}, err
	}
	if !h.Warned {
		return diary.Receipt{}, wrong("the recipient has to be warned expressly that the footage may be used only for the purpose for which he gets it")
	}
	return r.takes(ctx, &s, id, HandOver, func(q *Request, body *proof.Body) error {
		if h.Manifest != q.Package {
			return wrong("that is not the package which was built for the request: its manifest has the hash %s", q.Package)
		}
		q.Handed, q.Handover = r.Now().UTC(), thisEntry
		body.Recipient, body.Note = h.Recipient, h.Remark
		body.Data = map[string]any{"identity": h.Known, "medium": h.Medium, "manifest": h.Manifest, "warned": yes(h.Warned)}
		return nil
	}, nil)
}

// Showing is how footage was shown on the premises. The viewing itself goes through the door, and has entries of its own.
type Showing struct {
	Recipient string   // name of who looked at it
	Known     string   // how his identity is known
	Viewing   int64    // view.start of the viewing by which he himself showed it: one of [Register.Viewings]
	Footage   []Wanted // of what it delivered; none: all of that
	Warned    bool     // he was told for what alone he may use what he saw
	Remark    string
}

// Shown enters that a person concerned looked at the footage that was asked for, or at a part of it.
func (r *Register) Shown(ctx context.Context, s people.Session, id string, v Showing) (diary.Receipt, error) {
	err := errors.Join(checkSaid("to whom it was shown", v.Recipient), checkSaid("how his identity is known", v.Known), checkText("the remark", v.Remark, maxText))
	if err != nil {
		return diary.Receipt{}, err
	}
	if !v.Warned || v.Viewing <= 0 {
		return diary.Receipt{}, wrong("say by which viewing it was shown, and that the person was warned")
	}
	v.Footage = Content{Wanted: v.Footage}.normal().Wanted
	return r.takes(ctx, &s, id, Show, func(q *Request, body *proof.Body) (err error) {
		if v.Footage, err = r.shownIn(ctx, s, *q, v.Viewing, v.Footage); err != nil {
			return err
		}
		q.Handed, q.Handover = r.Now().UTC(), thisEntry
		body.Recipient, body.Note = v.Recipient, v.Remark
		body.Data = map[string]any{"identity": v.Known, "viewing": v.Viewing, "warned": yes(v.Warned), "delivered": int64(len(v.Footage))}
		return nil
	}, func(ctx context.Context, tx *sql.Tx) error {
		return replace(ctx, tx, "request_delivered", id, v.Footage)
	})
}

// Confirmed enters that the recipient confirmed the receipt: how, with the scan of what he signed.
func (r *Register) Confirmed(ctx context.Context, s people.Session, id, how, scan string) (diary.Receipt, error) {
	if err := errors.Join(checkSaid("how he confirmed it", how), checkScan(scan)); err != nil {
		return diary.Receipt{}, err
	}
	return r.takes(ctx, &s, id, Confirm, scanned(how, scan, func(*Request) {}), nil)
}

// Scanned enters that the paper of an oral request has come, with the hash of its scan.
func (r *Register) Scanned(ctx context.Context, s people.Session, id, remark, scan string) (diary.Receipt, error) {
	if scan == "" {
		return diary.Receipt{}, wrong("say the hash of the scan of the paper")
	}
	if err := errors.Join(checkText("the remark", remark, maxText), checkScan(scan)); err != nil {
		return diary.Receipt{}, err
	}
	return r.takes(ctx, &s, id, Scan, scanned(remark, scan, func(q *Request) { q.PaperPending, q.Signed = false, true }), nil)
}

func scanned(note, scan string, do func(*Request)) func(*Request, *proof.Body) error {
	return func(q *Request, body *proof.Body) error {
		if body.Note = note; scan != "" {
			body.Data = map[string]any{"scan": scan}
		}
		do(q)
		return nil
	}
}

// Release closes a request that is over, and ends what it holds: who does so, and why. From then on nothing is done with it,
// but that a paper which was awaited is entered. After an error, or a crash, it is to be called again: then only the holds
// that are left are cleared, and where none is, the error is [ErrReleased].
func (r *Register) Release(ctx context.Context, s people.Session, id, reason string) (diary.Receipt, error) {
	if err := checkSaid("why", reason); err != nil {
		return diary.Receipt{}, err
	}
	q, err := r.Request(ctx, id)
	if err != nil {
		return diary.Receipt{}, err
	}
	by, err := r.actor(&s, course[Release].by, q)
	if err != nil {
		return diary.Receipt{}, err
	}
	force, err := r.Holds.List(ctx)
	if err != nil {
		return diary.Receipt{}, err
	}
	left := q.left(force)
	var receipt diary.Receipt
	if !q.Released || len(left) == 0 {
		if receipt, err = r.close(ctx, s, q, reason); err != nil {
			return diary.Receipt{}, err
		}
	}
	for _, h := range left {
		if _, err := r.Holds.Clear(ctx, h.Hold, *by, "request "+q.ID+" is over: "+reason); err != nil && !errors.Is(err, hold.ErrUnknown) {
			return receipt, fmt.Errorf("request %s is released, but hold %s is not cleared: release it once more: %w", id, h.Hold, err)
		}
	}
	return receipt, nil
}

// close enters that a request is released.
func (r *Register) close(ctx context.Context, s people.Session, q Request, reason string) (diary.Receipt, error) {
	return r.takes(ctx, &s, q.ID, Release, func(now *Request, body *proof.Body) error {
		now.Released, body.Note = true, reason
		body.Data = map[string]any{"holds": ids(q.Holds)}
		return nil
	}, nil)
}

// left are the holds of a request that are still in force.
func (q Request) left(force []hold.Hold) (list []Held) {
	for _, h := range q.Holds {
		if slices.ContainsFunc(force, func(f hold.Hold) bool { return f.ID == h.Hold }) {
			list = append(list, h)
		}
	}
	return list
}

// BuildBy is until when the package of a request has to be built, and false where there is none to build, or no limit yet.
func (r *Register) BuildBy(ctx context.Context, q Request) (time.Time, bool, error) {
	if q.Form.Shown() || !q.undecided() && q.State != Approved {
		return time.Time{}, false, nil
	}
	first, err := r.firstDue(ctx, q)
	if err != nil {
		return time.Time{}, false, err
	}
	var decided time.Time
	if q.State == Approved {
		decided = q.Decided
	}
	by := BuildBy(decided, first, r.Zone)
	return by, !by.IsZero(), nil
}

// firstDue is when the first footage that a request asks for comes to its term; zero for never, as where the hold itself
// passes the term.
func (r *Register) firstDue(ctx context.Context, q Request) (first time.Time, err error) {
	if q.Kind.holds(q.Basis) != hold.Disclosure {
		return time.Time{}, nil
	}
	for _, w := range q.Wanted {
		due, ok, err := r.Footage.Due(ctx, w.Camera, w.From, w.To)
		if err != nil {
			return time.Time{}, fmt.Errorf("couldn't tell when the footage of %s comes to its term: %w", w.name(), err)
		}
		if ok && (first.IsZero() || due.Before(first)) {
			first = due
		}
	}
	return first, nil
}
