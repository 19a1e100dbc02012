package disclosure

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/hold"
	"varuh/accesslog/people"
)

// Asked is a request as it comes in.
type Asked struct {
	Kind
	Way
	Content
	Received time.Time // by the controller; zero for now. A paper may have come before it is entered
	Scan     string    // SHA-256 of the scan of its paper, in hexadecimal; "" for none
	Key      string    // idempotency key of a token: 16 to 128 characters, another one for each request

	paper Stored    // where the scan lies
	said  time.Time // Received as it was said: zero for nothing
}

// Received is what came of it.
type Received struct {
	Receipt diary.Receipt // zero where it had been entered before
	Request Request
	Again   bool          // the same token asked the same with the same key before
	Held    []hold.Effect // what the holds that were set now keep
	Gone    []Wanted      // footage that is not here (any more): nothing of it could be held
}

// reviewDays is when the holds of a request are looked at, after they were set.
const reviewDays = 90

// Receive enters a request, whatever is missing in it, and holds what it asks for. Whoever enters it needs
// [people.Extract] for all the cameras; a token, [people.File]. [ErrWrong], [ErrCamera], [ErrFuture] and
// [ErrKey] refuse it.
func (r *Register) Receive(ctx context.Context, s people.Session, a Asked) (Received, error) {
	now := r.present()
	a.Content = a.Content.normal()
	a.said = a.Received
	if a.Received.IsZero() {
		a.Received = now
	}
	by, err := r.enters(s, a, now)
	if err != nil {
		return Received{}, err
	}
	if err := r.checkAsked(a, now); err != nil {
		return Received{}, err
	}
	if a.paper, err = r.stored(ctx, a.Scan); err != nil {
		return Received{}, err
	}
	r.receiving.Lock()
	defer r.receiving.Unlock()
	used, before, err := r.before(ctx, s, a)
	if err != nil || before != nil {
		return Received{Request: value(before), Again: before != nil}, err
	}
	q := a.request(s, now)
	out := Received{}
	if err := r.hold(ctx, by, &q, a.Content, a.Wanted, &out); err != nil {
		return Received{}, err
	}
	out.Receipt, err = r.enter(ctx, by, q, a, used, out.Gone)
	if err != nil {
		return Received{}, stands(q.Holds, err)
	}
	out.Request, err = r.Request(ctx, q.ID)
	return out, err
}

func value(q *Request) Request {
	if q == nil {
		return Request{}
	}
	return *q
}

// enters is who enters a request, if that is allowed.
func (r *Register) enters(s people.Session, a Asked, now time.Time) (proof.Actor, error) {
	if (s.Proof == byToken) != (a.Way == Token) {
		return proof.Actor{}, wrong("a request comes by a token where a token enters it, and only there")
	}
	if a.Way != Token {
		auth, err := allows(s, people.Extract, a.Wanted, now)
		return s.As(auth), err
	}
	auth, err := allows(s, people.File, a.Wanted, now)
	return s.As(auth), err
}

// byToken is how package people says that a session is that of a token.
const byToken = "token"

// checkAsked refuses what can't be entered.
func (r *Register) checkAsked(a Asked, now time.Time) error {
	switch {
	case !slices.Contains(Kinds, a.Kind):
		return wrong("%q is no kind of request; there are authority, own initiative, other and subject", a.Kind)
	case !slices.Contains(Ways, a.Way) || !a.Kind.Comes(a.Way):
		return wrong("a request of the kind %q does not come by the way %q; only one of an authority is urgent, or comes by a token", a.Kind, a.Way)
	case a.Received.After(now):
		return wrong("it is to have come at %s, which has not been yet; look at the appliance's clock", a.Received.In(r.Zone).Format(time.DateTime))
	case a.Received.Before(now.AddDate(-1, 0, 0)):
		return wrong("it is to have come on %s; look at the year", a.Received.In(r.Zone).Format(time.DateOnly))
	case a.Way != Paper && a.Scan != "":
		return wrong("only a paper has a scan; that of an oral request is entered when it comes")
	}
	return errors.Join(checkScan(a.Scan), r.checkContent(a.Content, now))
}

func checkScan(scan string) error {
	if b, err := hex.DecodeString(scan); scan != "" && (err != nil || len(b) != 32 || strings.ToLower(scan) != scan) {
		return wrong("the hash of a scan is SHA-256 in 64 hexadecimal digits, in small letters")
	}
	return nil
}

// checkContent refuses what can be in no request to this controller now.
func (r *Register) checkContent(c Content, now time.Time) error {
	if err := c.check(); err != nil {
		return err
	}
	for _, w := range c.Wanted {
		if w.Camera != "" && !r.Known(w.Camera) {
			return fmt.Errorf("%w: %q", ErrCamera, w.Camera)
		}
		if w.To.After(now) {
			return fmt.Errorf("%w: it asks for %s until %s; look at the appliance's clock, if that has been", ErrFuture, w.name(), w.To.In(r.Zone).Format(time.DateTime))
		}
	}
	return nil
}

// request is the request that comes of what is asked.
func (a Asked) request(s people.Session, now time.Time) Request {
	q := Request{ID: newID(), Kind: a.Kind, Way: a.Way, Basis: a.Basis, Received: a.Received.UTC(), Signed: a.Scan != "" || a.Way == Token,
		PaperPending: a.Way == Oral, Entry: thisEntry, Content: thisEntry, Wanted: a.Wanted, Entrants: []string{s.Person.ID}}
	if a.Way == Token {
		q.Token = s.Person.ID
	}
	q.settle(a.Content, q.Received)
	return q
}

// settle says whether a request is complete by what it says from a time on.
func (q *Request) settle(c Content, since time.Time) {
	q.Missing = c.Missing(q.Kind, q.Signed || q.PaperPending)
	switch {
	case len(q.Missing) > 0:
		q.State = Incomplete // it never was anything else: see Supplement
	case q.Completed.IsZero():
		q.Completed = since.UTC()
		fallthrough
	default:
		q.State = Complete
	}
	q.Basis, q.Form = "", c.Form
	if _, ok := q.Kind.basis(c.Basis); ok {
		q.Basis = c.Basis
	}
}

// hold holds footage for a request that is about to be entered.
func (r *Register) hold(ctx context.Context, by proof.Actor, q *Request, c Content, list []Wanted, out *Received) error {
	for _, w := range list {
		e, err := r.Holds.Set(ctx, hold.Asked{Kind: q.Kind.holds(q.Basis), Range: hold.Range{Camera: w.Camera, From: w.From, To: w.To},
			Basis: "zahteva " + q.ID + ": " + q.Kind.In("sl"), Case: c.Case.Number, Review: r.present().AddDate(0, 0, reviewDays), By: by})
		switch {
		case errors.Is(err, hold.ErrGone):
			out.Gone = append(out.Gone, w)
		case err != nil:
			return stands(q.Holds, fmt.Errorf("the footage of %s can't be held: %w", w.name(), err))
		default:
			out.Held = append(out.Held, e)
			q.Holds = append(q.Holds, Held{e.ID, w})
		}
	}
	return nil
}

// stands says of an error what stays of the attempt: what was held is still held.
func stands(list []Held, err error) error {
	if len(list) == 0 {
		return err
	}
	ids := make([]string, len(list))
	for i, h := range list {
		ids[i] = h.Hold
	}
	next := "enter it again, and let an approver clear these"
	if errors.Is(err, diary.ErrUncertain) {
		next = "if the request is not there, " + next
	}
	return fmt.Errorf("%w; its footage is held all the same (%s): %s", err, strings.Join(ids, ", "), next)
}

// enter writes the entry of a new request, with its rows.
func (r *Register) enter(ctx context.Context, by proof.Actor, q Request, a Asked, used *key, gone []Wanted) (diary.Receipt, error) {
	body, err := a.Content.body(by)
	if err != nil {
		return diary.Receipt{}, err
	}
	body.Data["way"], body.Data["received"], body.Data["missing"] = string(q.Way), q.Received.Format(time.RFC3339), joined(q.Missing)
	body.Data["holds"], body.Data["gone"] = ids(q.Holds), int64(len(gone))
	if a.Scan != "" {
		body.Data["scan"] = a.Scan
	}
	body.Data = q.data(body.Data)
	return r.Diary.Append(ctx, diary.Entry{Op: opReceive, Body: body}, func(tx *sql.Tx) error {
		i, err := diary.Next(ctx, tx)
		if err != nil {
			return err
		}
		if err := q.insert(ctx, tx, i); err != nil {
			return err
		}
		if err := r.done(ctx, tx, Done{i, q.ID, opReceive, r.Now(), a.Scan, a.paper}); err != nil {
			return err
		}
		return used.insert(ctx, tx, q.ID)
	})
}

// body is that of an entry which has what a request says now.
func (c Content) body(by proof.Actor) (proof.Body, error) {
	text, err := c.encode()
	if err != nil {
		return proof.Body{}, err
	}
	return proof.Body{Actor: &by, Basis: cmp.Or(c.Basis.Stated("sl", c.BasisText), c.BasisText), Case: c.Case.Number, Recipient: c.Applicant.Name, Objects: objects(c.Wanted), Purpose: c.Purpose,
		Data: map[string]any{"content": string(text)}}, nil
}

func ids(list []Held) string {
	out := make([]string, len(list))
	for i, h := range list {
		out[i] = h.Hold
	}
	return strings.Join(out, " ")
}
