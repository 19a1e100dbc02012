package disclosure

import (
	"context"
	"errors"
	"fmt"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// Disclosed is a line of the disclosure register (evidenca posredovanj; ZVOP-2 art. 41(6)): what was handed over, when
// and on what basis. It is there from the first delivery on by which footage may have left, whatever becomes of the request.
// To whom, for what purpose and in which case is in its entries: see [Register.Told].
type Disclosed struct {
	Request string // id
	Kind
	Basis    BasisID
	At       time.Time // of the first delivery, or when it was shown
	Footage  []Wanted
	Manifest string // SHA-256, in hexadecimal
	Single   bool   // approved single-handed
	Entry    int64  // handover of the first delivery, request.handover or request.shown
	Handover int64  // request.handover or request.shown; 0: nobody has entered it yet
	Content  int64  // the entry that says what was asked
}

// Disclosed are the disclosures from a time until before another, in order.
func (r *Register) Disclosed(ctx context.Context, from, to time.Time) ([]Disclosed, error) {
	list, err := r.list(ctx, `SELECT `+columns+` FROM requests LEFT JOIN request_left AS l ON l.request = id
		WHERE coalesce(l.at, handed) >= ? AND coalesce(l.at, handed) < ? AND coalesce(l.delivery, handover) > 0 ORDER BY coalesce(l.delivery, handover)`, from.UnixNano(), to.UnixNano())
	out := make([]Disclosed, 0, len(list))
	for _, q := range list {
		out = append(out, q.disclosed())
	}
	return out, err
}

// disclosed is the line of a request of which footage has left, or was shown.
func (q Request) disclosed() Disclosed {
	d := Disclosed{q.ID, q.Kind, q.Basis, q.Handed, q.Delivered, q.Package, q.Single, q.Handover, q.Handover, q.Content}
	if l := q.Left; l.Delivery != 0 {
		d.At, d.Entry = l.At, l.Delivery
		if d.Manifest == "" { // what left is destroyed by now
			d.Manifest = l.Manifest
		}
	}
	return d
}

// Opener opens the bodies of entries; a *diary.Opener with a key of the diary does.
type Opener interface {
	Open(ctx context.Context, i int64) (body, manifest []byte, err error)
}

// Told is what only the entries of a disclosure say.
type Told struct {
	Content               // what was asked: recipient, basis, purpose, case
	Recipient string      // who took it; until that is entered, for whom the first delivery was
	Medium    string      // "" where it was shown
	By        proof.Actor // who handed it over
	Destroyed bool        // the term of an entry is over, and what it said is gone
}

// Told reads the entries of a disclosure. That somebody may read them, and that he does, is for the caller to see to.
func (r *Register) Told(ctx context.Context, o Opener, d Disclosed) (Told, error) {
	var t Told
	asked, err := open(ctx, o, d.Content)
	if err == nil {
		t.Content, err = ContentOf(asked)
	}
	if t.Destroyed = errors.Is(err, diary.ErrPruned); err != nil && !t.Destroyed {
		return Told{}, fmt.Errorf("what was asked for in request %s: %w", d.Request, err)
	}
	entry := d.Entry
	if d.Handover != 0 { // which says how he is known
		entry = d.Handover
	}
	handed, err := open(ctx, o, entry)
	if errors.Is(err, diary.ErrPruned) {
		t.Destroyed = true
		return t, nil
	}
	if err != nil {
		return Told{}, err
	}
	if t.Recipient = handed.Recipient; handed.Actor != nil {
		t.By = *handed.Actor
	}
	t.Medium, _ = handed.Data["medium"].(string)
	return t, nil
}

// Named is for whom the delivery of an entry was, as that says; "" once the term of the entry is over.
func Named(ctx context.Context, o Opener, entry int64) (string, error) {
	body, err := open(ctx, o, entry)
	if errors.Is(err, diary.ErrPruned) {
		return "", nil
	}
	return body.Recipient, err
}

func open(ctx context.Context, o Opener, i int64) (proof.Body, error) {
	text, _, err := o.Open(ctx, i)
	if err != nil {
		return proof.Body{}, fmt.Errorf("couldn't read entry %d: %w", i, err)
	}
	return proof.ParseBody(text)
}

// Mark is footage of a camera that was handed over, for its timeline.
type Mark struct {
	Request  string
	From, To time.Time
	At       time.Time // when it first left, or was shown
	Entry    int64     // handover, request.handover or request.shown
}

// Marks are those of a camera that touch footage from a moment until before another, by their beginning.
func (r *Register) Marks(ctx context.Context, camera string, from, to time.Time) ([]Mark, error) {
	return rows(ctx, r.Diary.Query, scanMark, `SELECT q.id, d."from", d."to", coalesce(l.at, q.handed), coalesce(l.delivery, q.handover) FROM request_delivered d JOIN requests q ON q.id = d.request
		LEFT JOIN request_left l ON l.request = q.id
		WHERE coalesce(l.delivery, q.handover) > 0 AND d.camera = CAST(? AS TEXT) AND d."from" < ? AND d."to" > ? ORDER BY d."from", 5`,
		camera, to.UnixNano(), from.UnixNano())
}
