package disclosure

import (
	"context"
	"database/sql"
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

// Supplemented is what a request says from now on: all of it, in the place of what it said.
type Supplemented struct {
	Content
	Received time.Time // by the controller; zero for now. A request becomes complete then
	Scan     string    // SHA-256 of the scan of the paper that brought it, in hexadecimal; "" where it was signed before, or is not

	paper Stored // where the scan lies
}

// Supplement enters what was missing, or puts right what was wrong, while nobody has decided. Footage that is asked
// for now and was not before is held, too; what was held stays so, but where the basis gives another kind of hold: then that takes
// the place of the first, if it keeps the footage. What is complete stays complete. Whoever enters it counts among those who
// entered the request. A request that came by a token is supplemented by that token, or by a person.
func (r *Register) Supplement(ctx context.Context, s people.Session, id string, a Supplemented) (Received, error) {
	now := r.present()
	a.Content = a.Content.normal()
	q, err := r.Request(ctx, id)
	if err != nil {
		return Received{}, err
	}
	by, err := r.supplements(s, q, a, now)
	if err != nil {
		return Received{}, err
	}
	if err := q.May(Supplement); err != nil {
		return Received{}, err
	}
	if a.Received.IsZero() {
		a.Received = now
	}
	if a.Received.After(now) || a.Received.Before(q.Received) {
		return Received{}, wrong("it is to have come at %s: after the request itself, and not later than now", a.Received.In(r.Zone).Format(time.DateTime))
	}
	if err := checkScan(a.Scan); err != nil {
		return Received{}, err
	}
	if err := r.checkContent(a.Content, now); err != nil {
		return Received{}, err
	}
	if a.paper, err = r.stored(ctx, a.Scan); err != nil {
		return Received{}, err
	}
	before := q
	q.Signed, q.Wanted, q.Content = q.Signed || a.Scan != "", a.Wanted, thisEntry
	q.Entrants = append(slices.Clone(q.Entrants), s.Person.ID)
	if q.settle(a.Content, a.Received); !before.Completed.IsZero() && len(q.Missing) > 0 {
		return Received{}, lacks(q.Missing)
	}
	q.Holds = nil
	out := Received{}
	if err := r.hold(ctx, by, &q, a.Content, before.unheld(q), &out); err != nil {
		return Received{}, err
	}
	if out.Receipt, err = r.enterSupplement(ctx, by, q, before, a, out.Gone); err != nil {
		return Received{}, stands(q.Holds, err)
	}
	if err := r.follow(ctx, by, id, "a supplement", q.Holds); err != nil {
		return out, err
	}
	out.Request, err = r.Request(ctx, id)
	return out, err
}

// follow clears the holds of a request of another kind than its basis gives now, such as of a court's order that there is not:
// those in whose place one of a list was set. Nobody may let footage go alone, so what nothing else keeps stays held until it is
// approved on that basis, or released.
func (r *Register) follow(ctx context.Context, by proof.Actor, id, step string, instead []Held) error {
	q, err := r.Request(ctx, id)
	if err != nil {
		return err
	}
	force, err := r.Holds.List(ctx)
	if err != nil {
		return err
	}
	kind := q.Kind.holds(q.Basis)
	for _, h := range q.left(force) {
		other := slices.ContainsFunc(force, func(f hold.Hold) bool { return f.ID == h.Hold && f.Kind != kind })
		if !other || instead != nil && !slices.ContainsFunc(instead, func(i Held) bool { return i.covers(h.Wanted) }) {
			continue
		}
		if _, err := r.Holds.Clear(ctx, h.Hold, by, "request "+id+" is of another basis by "+step); err != nil && !errors.Is(err, hold.ErrUnknown) {
			return fmt.Errorf("it is entered, but hold %s of another basis is not cleared: it goes once the request is approved or released: %w", h.Hold, err)
		}
	}
	return nil
}

// covers tells whether a hold keeps all of some footage.
func (h Held) covers(w Wanted) bool {
	return (h.Camera == "" || h.Camera == w.Camera) && !h.From.After(w.From) && !h.To.Before(w.To)
}

// lacks refuses to take from a complete request what made it complete. The term of the law runs from the complete request
// (ZVOP-2 art. 41(2)), which the controller has had since: if it could be made incomplete, then whoever enters it could begin
// the term anew, or keep silence from counting as a refusal.
func lacks(missing []Field) error {
	names := make([]string, len(missing))
	for i, f := range missing {
		names[i] = f.In("en")
	}
	return wrong("the request is complete, and its term runs; it would lack %s. Enter other words in the place of what is wrong, or have the request refused", strings.Join(names, "; "))
}

// supplements is who supplements a request, if that is allowed: what it asked for has to be in scope, and what it asks
// for then.
func (r *Register) supplements(s people.Session, q Request, a Supplemented, now time.Time) (proof.Actor, error) {
	all := slices.Concat(q.Wanted, a.Wanted)
	if s.Proof != byToken {
		auth, err := allows(s, people.Extract, all, now)
		return s.As(auth), err
	}
	if q.Token != s.Person.ID {
		return proof.Actor{}, ErrUnknown
	}
	return r.enters(s, Asked{Way: Token, Content: Content{Wanted: all}}, now)
}

// unheld is what a request asks for now and nothing was held for before. Where its basis gives another kind of hold, that
// is all of it.
func (q Request) unheld(now Request) (list []Wanted) {
	same := q.Kind.holds(q.Basis) == now.Kind.holds(now.Basis)
	for _, w := range now.Wanted {
		if !same || !slices.ContainsFunc(q.Holds, func(h Held) bool { return h.Wanted == w }) {
			list = append(list, w)
		}
	}
	return list
}

// enterSupplement writes the entry of a supplement, and in its transaction what the request says and holds now. gone is what
// it asks for and isn't on the appliance; before is the request as it was read, so that nothing is entered if it has changed since.
func (r *Register) enterSupplement(ctx context.Context, by proof.Actor, q, before Request, a Supplemented, gone []Wanted) (diary.Receipt, error) {
	body, err := a.Content.body(by)
	if err != nil {
		return diary.Receipt{}, err
	}
	body.Data["received"] = a.Received.UTC().Format(time.RFC3339)
	body.Data["missing"], body.Data["holds"], body.Data["gone"] = joined(q.Missing), ids(q.Holds), int64(len(gone))
	if a.Scan != "" {
		body.Data["scan"] = a.Scan
	}
	body.Data = q.data(body.Data)
	return r.Diary.Append(ctx, diary.Entry{Op: opSupplement, Ref: &q.Entry, Body: body}, func(tx *sql.Tx) error {
		i, err := diary.Next(ctx, tx)
		if err != nil {
			return err
		}
		if err := q.update(ctx, tx, i, before.Last); err != nil {
			return err
		}
		if err := r.done(ctx, tx, Done{i, q.ID, opSupplement, r.Now(), a.Scan, a.paper}); err != nil {
			return err
		}
		return q.insertParts(ctx, tx, q.Holds)
	})
}
