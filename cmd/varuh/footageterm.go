package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"varuh/accesslog/disclosure"
	"varuh/recorder/footage"
	"varuh/retention"
)

// judgeEach is how long a judgement of terms counts, unless something was entered meanwhile: the door asks before each piece.
const judgeEach = time.Second

// footageTerms tells the door what is past its term, by the verdicts that the purge goes by.
type footageTerms struct {
	e        *eraser
	requests *disclosure.Register

	mu         sync.Mutex       // guards what follows
	held, free *retention.Judge // with all that keeps footage, and without
	size       int64            // entries that the diary had then
	made       time.Duration    // uptime
}

// Over implements [accesslog.Terms].
func (f *footageTerms) Over(ctx context.Context, request string, list ...footage.Segment) ([]bool, error) {
	over, some, err := f.judged(ctx, request != "", list)
	if err != nil || request == "" || !some {
		return over, err
	}
	q, err := f.requests.Request(ctx, request)
	if err != nil {
		return nil, err
	}
	kept, err := f.requests.Kept(ctx, q)
	if err != nil {
		return nil, err
	}
	for i, s := range list {
		of := func(w disclosure.Wanted) bool {
			return (w.Camera == "" || w.Camera == s.Camera) && w.From.Before(s.End) && s.Start.Before(w.To)
		}
		over[i] = over[i] && !slices.ContainsFunc(kept, of)
	}
	return over, nil
}

// judged is which of some segments are over, and whether any is.
func (f *footageTerms) judged(ctx context.Context, free bool, list []footage.Segment) (over []bool, some bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.renew(ctx); err != nil {
		return nil, false, err
	}
	j, now := f.held, f.e.time.latest()
	if free {
		j = f.free
	}
	over = make([]bool, len(list))
	for i := range list {
		over[i] = j.Verdict(&list[i]).Over(now)
		some = some || over[i]
	}
	return over, some, nil
}

// renew makes the judgement anew where it is out of date. The caller holds mu.
func (f *footageTerms) renew(ctx context.Context) error {
	var size int64
	if _, d, err := f.e.books(); err == nil {
		size = d.Head().Size
	}
	if up := f.e.time.boot.Uptime(); f.held == nil || size != f.size || up-f.made >= judgeEach {
		s, err := f.e.situation(ctx, retention.Present{Certain: f.e.time.latest()})
		if err != nil {
			return err
		}
		f.held, f.free, f.size, f.made = retention.NewJudge(s), unheld(s), size, up
	}
	return nil
}

// unheld judges as if nothing kept any footage.
func unheld(s retention.Situation) *retention.Judge {
	s.Holds, s.Restrictions = nil, nil
	return retention.NewJudge(s)
}
