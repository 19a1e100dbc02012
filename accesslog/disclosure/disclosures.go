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
// and on what basis. To whom, for what purpose and in which case is in its entries: see [Register.Told].
type Disclosed struct {
	Request string // id
	Kind
	Basis    BasisID
	At       time.Time
	Footage  []Wanted
	Manifest string // SHA-256, in hexadecimal
	Single   bool   // approved single-handed
	Entry    int64  // request.handover or request.shown
	Content  int64  // the entry that says what was asked
}

// Disclosed are the disclosures from a time until before another, in order.
func (r *Register) Disclosed(ctx context.Context, from, to time.Time) ([]Disclosed, error) {
	list, err := r.list(ctx, `SELECT `+columns+` FROM requests WHERE handed >= ? AND handed < ? AND handover > 0 ORDER BY handover`, from.UnixNano(), to.UnixNano())
	out := make([]Disclosed, 0, len(list))
	for _, q := range list {
		out = append(out, Disclosed{q.ID, q.Kind, q.Basis, q.Handed, q.Delivered, q.Package, q.Single, q.Handover, q.Content})
	}
	return out, err
}

// Opener opens the bodies of entries; a *diary.Opener with a key of the diary does.
type Opener interface {
	Open(ctx context.Context, i int64) (body, manifest []byte, err error)
}

// Told is what only the entries of a disclosure say.
type Told struct {
	Content               // what was asked: recipient, basis, purpose, case
	Recipient string      // who took it
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
	handed, err := open(ctx, o, d.Entry)
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
	At       time.Time // when it was handed over, or shown
	Entry    int64     // request.handover or request.shown
}

// Marks are those of a camera that touch footage from a moment until before another, by their beginning.
func (r *Register) Marks(ctx context.Context, camera string, from, to time.Time) ([]Mark, error) {
	return rows(ctx, r.Diary.Query, scanMark, `SELECT q.id, d."from", d."to", q.handed, q.handover FROM request_delivered d JOIN requests q ON q.id = d.request
		WHERE q.handover > 0 AND d.camera = CAST(? AS TEXT) AND d."from" < ? AND d."to" > ? ORDER BY d."from", q.handover`,
		camera, to.UnixNano(), from.UnixNano())
}
