package accesslog

import (
	"context"
	"time"

	"varuh/recorder/footage"
	"varuh/retention"
)

// theLaw knows of no policy and of nothing that holds footage: a door without terms shows what the law lets anybody have.
type theLaw struct{ now func() time.Time }

// Over implements [Terms].
func (l theLaw) Over(_ context.Context, _ string, list ...footage.Segment) ([]bool, error) {
	now := retention.Present{}.Latest(l.now())
	j, over := retention.NewJudge(retention.Situation{Present: retention.Present{Certain: now}}), make([]bool, len(list))
	for i := range list {
		over[i] = j.Verdict(&list[i]).Over(now)
	}
	return over, nil
}

// packs is the request for whose package footage is taken out, or "".
func (v *viewing) packs() string {
	if v.export && v.answers != nil {
		return v.answers.id
	}
	return ""
}

// inTerm is [ErrTerm] for a segment that is past its term.
func (w Viewing) inTerm(ctx context.Context, s footage.Segment) error {
	over, err := w.v.door.o.Terms.Over(ctx, w.v.packs(), s)
	if err == nil && over[0] {
		err = ErrTerm
	}
	return err
}

// sift divides segments into what is in its term and what is past it.
func (w Viewing) sift(ctx context.Context, segments []footage.Segment) (in, past []footage.Segment, err error) {
	over, err := w.v.door.o.Terms.Over(ctx, w.v.packs(), segments...)
	if err != nil {
		return nil, nil, err
	}
	for i, s := range segments {
		if over[i] {
			past = append(past, s)
		} else {
			in = append(in, s)
		}
	}
	return in, past, nil
}

// outlived is what of the footage is past its term, by time: it is to be erased, whatever keeps the purge from it.
func (w Viewing) outlived(ctx context.Context, x wish) ([]Withheld, error) {
	segments, _, err := w.v.door.o.Index.Span(x.camera, x.stream, x.from, x.to)
	if err != nil {
		return nil, err
	}
	in, past, err := w.sift(ctx, segments)
	if err != nil {
		return nil, err
	}
	return x.without(in, past), nil
}

// without is the time of which there is footage past its term and no other. Both are of one time where a clock was wrong: what it dated
// ahead is past its term as soon as that time has come, and hides nothing of what was recorded then.
func (x span) without(in, past []footage.Segment) (list []Withheld) {
	if len(past) == 0 {
		return nil
	}
	var good set
	for _, s := range in {
		if !s.Sealed {
			s.End = x.to
		}
		good = good.add(whole(s), hole)
	}
	for _, s := range past {
		for rest := whole(s).within(x); !rest.empty(); {
			part := good.missing(rest)
			if part.empty() {
				break
			}
			list = append(list, Withheld{part.from, part.to, ErrTerm})
			rest.from = part.to
		}
	}
	return list
}
