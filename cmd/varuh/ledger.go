package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/retention"
)

// ledger is what a purge asks of the diary, whatever state that is in: without one that is trusted nothing is entered, the
// copies are asked later, and what is held is what is remembered of it, too.
type ledger struct{ *eraser }

var errNotOpen = errors.New("the diary is not open yet, or can't be used: see varuh status")

// trusted is the diary, or why there is none that can be trusted: an error that is [retention.ErrNoDiary].
func (e *eraser) trusted() (*diary.Diary, error) {
	_, d, err := e.books()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", retention.ErrNoDiary, err)
	}
	if f := d.Fault(); f != nil {
		return nil, fmt.Errorf("%w before two persons have accepted this: %v", retention.ErrNoDiary, f)
	}
	return d, nil
}

// Enter implements [retention.Journal]. A diary that went back gets no list: it may yet be replaced by the one that did not.
func (l ledger) Enter(ctx context.Context, e retention.Entry) (int64, error) {
	d, err := l.trusted()
	if err != nil {
		return 0, err
	}
	return journal{d}.Enter(ctx, e)
}

// Started implements [retention.Journal].
func (l ledger) Started(ctx context.Context, from int64) iter.Seq2[retention.Started, error] {
	d, err := l.trusted()
	if err != nil {
		return func(yield func(retention.Started, error) bool) { yield(retention.Started{}, err) }
	}
	return journal{d}.Started(ctx, from)
}

// Erase implements [retention.Copies].
func (l ledger) Erase(ctx context.Context, segments []retention.Listed) error {
	d, err := l.trusted()
	if err != nil {
		return err
	}
	return copyRegister(d).Erase(ctx, segments)
}

// Holds implements [retention.Holds]: those of a diary that is trusted, with what it lost; of one that went back, with
// all that is remembered; and without one, what is remembered alone.
//
// Where nothing is remembered either, nobody knows of a hold. Then footage goes by the law's term alone, see [ledger.Policies]:
// not to keep footage past its term comes before not to lose what may be held, and the status names the day before
// which a person has to bring the diary back. A mark lies in the folders of the key slots, in two copies on every
// store: where none is left, hardly anything is that could be held.
func (l ledger) Holds(ctx context.Context) (list []retention.Hold, err error) {
	register, _, err := l.books()
	if err == nil {
		list, err = register.Holds(ctx)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	_, doubt := l.trusted()
	return append(list, l.kept.holds(err == nil && doubt == nil)...), nil
}

// Restrictions implements [retention.Holds]. Those that are remembered are among the holds.
func (l ledger) Restrictions(ctx context.Context) (list []retention.Restriction, err error) {
	register, _, err := l.books()
	if err == nil {
		list, err = register.Restrictions(ctx)
	}
	if err != nil {
		return nil, ctx.Err()
	}
	return list, nil
}

// Policies are what is decided: by a diary that is trusted, or as it is remembered. Where nothing is remembered, all
// footage goes by the law alone: what a diary says that went back may be too short, and what a file of the
// configuration says is not decided.
func (l ledger) Policies(ctx context.Context) (retention.Policies, error) {
	d, err := l.trusted()
	if err == nil {
		var p retention.Policies
		if p, err = readPolicies(ctx, d); err == nil {
			return p, nil
		}
	}
	p, _ := l.kept.policies()
	return p, ctx.Err()
}

// doubts says what goes on and what waits while no diary is trusted, "" while one is.
func (e *eraser) doubts(s standing) string {
	if _, err := e.trusted(); err == nil {
		return ""
	}
	text := "while the diary can't be used"
	if _, _, err := e.books(); err == nil {
		text = "until two persons have accepted that the diary went back"
	}
	text += ", only footage goes whose term is over, to be entered afterwards; all else waits, and a full disk stops at its reserve. Nothing can be held anew; "
	if _, known := e.kept.policies(); known {
		return text + "what was held when the diary was last trusted stays"
	}
	text += "what is held is not known, so footage goes when the law's term of a year is over"
	var next time.Time
	for _, c := range s.Cameras {
		if due := retention.Law.End(c.Oldest, nil); !c.Oldest.IsZero() && (next.IsZero() || due.Before(next)) {
			next = due
		}
	}
	if next.IsZero() {
		return text
	}
	return text + ": the next on " + next.Format(time.DateOnly) + ". Whoever needs it must bring the diary back before"
}

// decidedLong is for how long back it must be known what was decided: no footage is there from before but what is held.
const decidedLong = 400 * 24 * time.Hour

// remembered has what a trusted diary says of holds and terms remembered beside the key slots. What the diary lost is
// entered.
func (e *eraser) remembered(ctx context.Context) {
	register, _, err := e.books()
	if err != nil {
		return
	}
	present := e.time.now()
	lost, err := e.kept.write(ctx, func() (list []keptSpan, p retention.Policies, err error) {
		d, err := e.trusted()
		if err != nil {
			return nil, nil, err
		}
		holds, err := register.Holds(ctx)
		if err != nil {
			return nil, nil, err
		}
		restrictions, err := register.Restrictions(ctx)
		if err != nil {
			return nil, nil, err
		}
		for _, h := range holds {
			list = append(list, keptSpan{h.Camera, h.From.UTC(), h.To.UTC(), h.PastTerm, h.Until})
		}
		for _, r := range restrictions {
			list = append(list, keptSpan{r.Camera, r.From.UTC(), r.To.UTC(), r.PastTerm, r.Until})
		}
		p, err = readPolicies(ctx, d)
		if !present.Certain.IsZero() {
			p = p.Since(present.Certain.Add(-decidedLong))
		}
		return list, p, err
	}, present.Certain, present.Latest(e.time.boot.Now()))
	if err != nil && ctx.Err() == nil && !errors.Is(err, retention.ErrNoDiary) {
		e.log.Error("what is held can't be read, to be noted beside the key slots", "err", err)
	}
	if len(lost) == 0 {
		return
	}
	e.log.Warn(e.kept.sentence())
	if e.note != nil {
		var of []proof.Object
		for _, s := range lost[:min(len(lost), maxFindings)] {
			of = append(of, proof.Object{Camera: cameraName(s.Camera), From: s.From, To: s.To})
		}
		e.note(diary.Entry{Op: "incident.open", Body: proof.Body{Result: "holds lost", Objects: of, Data: map[string]any{"lost": int64(len(lost))},
			Note: "holds or restrictions that the key slots remember are not in the diary any more; they last until " + first(lost).Format(time.DateOnly) + " for somebody to set them anew"}})
	}
}
