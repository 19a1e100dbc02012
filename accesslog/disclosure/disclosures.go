package disclosure

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/hold"
)

// Disclosed is a line of the disclosure register (evidenca posredovanj; ZVOP-2 art. 41(6)): what was handed over, when
// and on what basis. There is one for each package that may have left, from its first delivery on, and one for what was shown of a
// request, whatever becomes of that. To whom, for what purpose and in which case is in its entries: see [Register.Told].
type Disclosed struct {
	Request string // id
	Kind
	Basis     BasisID
	At        time.Time // of the first delivery, or when it was first shown
	Footage   []Wanted  // that left, or was shown
	Asked     []Wanted  // that the request asks for
	Manifest  string    // SHA-256, in hexadecimal; "" where it was shown
	Single    bool      // approved single-handed
	Withdrawn bool      // the request was withdrawn afterwards
	Entry     int64     // handover of the first delivery, view.start of the first viewing, or request.handover or request.shown
	Handover  int64     // request.handover or request.shown; 0: nobody has entered it yet
	Content   int64     // the entry that says what was asked
}

// Disclosed are the disclosures by which something left, or was entered as handed over, from a time until before another, in order.
func (r *Register) Disclosed(ctx context.Context, from, to time.Time) (out []Disclosed, err error) {
	err = r.disclosed(ctx, `TRUE`, nil, func(q Request) {
		for _, l := range q.lines() {
			if slices.ContainsFunc(l.times, func(t time.Time) bool { return !t.Before(from) && t.Before(to) }) {
				out = append(out, l.Disclosed)
			}
		}
	})
	slices.SortFunc(out, func(a, b Disclosed) int { return cmp.Compare(a.Entry, b.Entry) })
	return out, err
}

// disclosed gives the requests of which footage may have left or been shown, by a condition of SQL.
func (r *Register) disclosed(ctx context.Context, condition string, args []any, use func(Request)) error {
	list, err := r.list(ctx, `SELECT `+columns+` FROM requests WHERE (handover > 0 OR id IN (SELECT request FROM request_left) OR
		state = 'approved' AND form IN ('view', 'masked')) AND `+condition+` ORDER BY entry`, args...)
	for _, q := range list {
		if err == nil {
			q, err = r.Lately(ctx, q)
		}
		if err == nil {
			use(q)
		}
	}
	return err
}

// line is one of the register, with the times at which something left by it or was entered.
type line struct {
	Disclosed
	times []time.Time
}

// lines are those of a request of which footage has left, or was shown.
func (q Request) lines() (list []line) {
	for _, d := range q.Departures {
		at := slices.IndexFunc(list, func(l line) bool { return l.Manifest == d.Manifest })
		if at < 0 {
			at, list = len(list), append(list, line{Disclosed: q.line(d)})
		}
		list[at].Footage, list[at].times = union(list[at].Footage, d.Footage), append(list[at].times, d.At)
	}
	if q.Handover == 0 {
		return list
	}
	at := slices.IndexFunc(list, func(l line) bool { return l.Manifest == q.Package })
	if at < 0 {
		at, list = len(list), append(list, line{Disclosed: q.line(Departure{Left{q.Handover, q.Handed, q.Package}, q.Delivered})})
	}
	list[at].Handover, list[at].times = q.Handover, append(list[at].times, q.Handed)
	return list
}

// line is that of a departure.
func (q Request) line(d Departure) Disclosed {
	return Disclosed{Request: q.ID, Kind: q.Kind, Basis: q.Basis, At: d.At, Footage: d.Footage, Asked: q.Wanted, Manifest: d.Manifest, Single: q.Single, Withdrawn: q.State == Withdrawn,
		Entry: d.Delivery, Content: q.Content}
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
	Entry    int64     // as in the register
}

// Marks are those of a camera that touch footage from a moment until before another, by their beginning. What was handed over by what
// a clock showed that was set late is where the footage is by now.
func (r *Register) Marks(ctx context.Context, camera string, from, to time.Time) (out []Mark, err error) {
	asked := hold.Range{Camera: camera, From: from, To: to}
	all, err := r.Twins.Of(asked)
	if err != nil {
		return nil, err
	}
	for _, one := range all {
		if err := r.touching(ctx, one, func(m Mark) error {
			moved, err := r.Twins.Of(hold.Range{Camera: camera, From: m.From, To: m.To})
			for _, is := range moved {
				if is.From.Before(to) && is.To.After(from) {
					out = append(out, Mark{m.Request, is.From, is.To, m.At, m.Entry})
				}
			}
			return err
		}); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, func(a, b Mark) int {
		return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Entry, b.Entry), a.To.Compare(b.To))
	})
	return slices.Compact(out), nil
}

// touching gives the marks on footage of a camera, as it was handed over.
func (r *Register) touching(ctx context.Context, f hold.Range, give func(Mark) error) (err error) {
	const touch = `id IN (SELECT request FROM request_wanted WHERE camera IN ('', CAST(? AS TEXT)) AND "from" < ? AND "to" > ?)`
	var errs []error
	err = r.disclosed(ctx, touch, []any{f.Camera, f.To.Add(Lead).UnixNano(), f.From.Add(-Tail).UnixNano()}, func(q Request) {
		for _, l := range q.lines() {
			for _, w := range l.Footage {
				if (w.Camera == f.Camera || w.Camera == "") && w.From.Before(f.To) && w.To.After(f.From) {
					errs = append(errs, give(Mark{q.ID, w.From, w.To, l.At, l.Entry}))
				}
			}
		}
	})
	return errors.Join(append(errs, err)...)
}
