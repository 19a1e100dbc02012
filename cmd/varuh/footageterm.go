package main

import (
	"context"
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

	mu   sync.Mutex                  // guards what follows
	s    retention.Situation         // with all that keeps footage
	held *retention.Judge            // by that; nil: nobody has asked yet
	own  map[string]*retention.Judge // see [eraser.ownJudge], by the request
	size int64                       // entries that the diary had then
	made time.Duration               // uptime
}

// Over implements [accesslog.Terms].
func (f *footageTerms) Over(ctx context.Context, request string, list ...footage.Segment) ([]bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	j, err := f.judge(ctx, request)
	if err != nil {
		return nil, err
	}
	over, now := make([]bool, len(list)), f.e.time.latest()
	for i := range list {
		over[i] = j.Verdict(&list[i]).Over(now)
	}
	return over, nil
}

// judge is who judges what goes into the package of a request, or, for "", what is shown. The caller holds mu.
func (f *footageTerms) judge(ctx context.Context, request string) (*retention.Judge, error) {
	if err := f.renew(ctx); err != nil {
		return nil, err
	}
	if request == "" {
		return f.held, nil
	}
	if j := f.own[request]; j != nil {
		return j, nil
	}
	q, err := f.requests.Request(ctx, request)
	if err != nil {
		return nil, err
	}
	j, err := f.e.ownJudge(ctx, f.s, q)
	if err == nil {
		f.own[request] = j
	}
	return j, err
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
		f.s, f.held, f.own, f.size, f.made = s, retention.NewJudge(s), map[string]*retention.Judge{}, size, up
	}
	return nil
}

// ownJudge judges as if nothing kept footage but the holds of one request. Those keep it as they keep it from the purge: so what was
// made of it is due with it once they end.
func (e *eraser) ownJudge(ctx context.Context, s retention.Situation, q disclosure.Request) (*retention.Judge, error) {
	register, _, err := e.books()
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, h := range q.Holds {
		ids = append(ids, h.Hold)
	}
	s.Restrictions = nil
	if s.Holds, err = register.Some(ctx, ids); err != nil {
		return nil, err
	}
	return retention.NewJudge(s), nil
}
