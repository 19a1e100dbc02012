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

// outlived is what of the footage is past its term, by time: it is to be erased, whatever keeps the purge from it.
func (w Viewing) outlived(ctx context.Context, x wish) (list []Withheld, err error) {
	segments, _, err := w.v.door.o.Index.Span(x.camera, x.stream, x.from, x.to)
	if err != nil {
		return nil, err
	}
	over, err := w.v.door.o.Terms.Over(ctx, w.v.packs(), segments...)
	if err != nil {
		return nil, err
	}
	for i, s := range segments {
		if part := whole(s).within(x.span); over[i] && !part.empty() {
			list = append(list, Withheld{part.from, part.to, ErrTerm})
		}
	}
	return list, nil
}
