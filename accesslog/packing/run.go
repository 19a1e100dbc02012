package packing

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"varuh/accesslog"
	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/people"
)

// How often a job is looked at.
const (
	lookEach  = 20 * time.Second // whether there is one, and whether a package's time is over
	againEach = 10 * time.Second // after something that may pass, such as a diary that takes no entry
	mostTries = 3                // of a package whose footage changes meanwhile
	mostWait  = 15 * time.Minute // for what was recorded last to be in the diary
)

// Run builds what is ordered, one package after the other, and destroys what is over, until ctx ends. What an earlier start
// left is brought to its end before.
func (j *Jobs) Run(ctx context.Context) {
	var both sync.WaitGroup
	both.Go(func() { j.loop(ctx, j.look, func(ctx context.Context) (bool, error) { return false, j.tendAll(ctx) }) })
	j.loop(ctx, j.wake, j.step)
	both.Wait()
}

// loop does something whenever there may be more of it to do.
func (j *Jobs) loop(ctx context.Context, wake <-chan struct{}, do func(context.Context) (more bool, err error)) {
	tick := time.NewTicker(lookEach)
	defer tick.Stop()
	for ctx.Err() == nil {
		more, err := do(ctx)
		if err != nil && ctx.Err() == nil {
			j.o.Log.Warn("a package could not be brought on; it is tried again", "err", err)
			j.pause(ctx, againEach)
			continue
		}
		if more {
			continue
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-wake:
		}
	}
}

func (j *Jobs) pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// step settles what is there and builds the first package that can be, and tells whether there may be more. One that has to wait
// keeps no other from being built.
func (j *Jobs) step(ctx context.Context) (more bool, err error) {
	if err := j.settle(ctx); err != nil {
		return false, err
	}
	list, err := j.read(ctx, `ended = 0 AND stage = 0`)
	if err != nil {
		return false, err
	}
	var waits error
	for _, p := range list {
		if ctx.Err() != nil || j.o.Locked() {
			return false, nil
		}
		err := j.carry(ctx, p)
		switch {
		case ctx.Err() != nil:
			return false, nil
		case errors.Is(err, people.ErrLocked):
			j.changed(p.Request)
			return false, nil
		case err == nil:
			return true, nil // which begins anew with those that wait
		}
		waits = errors.Join(waits, err)
	}
	return false, waits
}

// carry builds a package, or enters why it can't be built. The error is of something that may pass, and is told.
func (j *Jobs) carry(ctx context.Context, p Package) error {
	err := j.tries(ctx, p)
	if !errors.Is(err, accesslog.ErrUnsettled) {
		delete(j.waits, p.ID)
	}
	if err == nil {
		j.o.Log.Info("a package is built", "entry", p.ID)
		j.told(p.Request, nil)
		return j.tendAll(ctx)
	}
	if ctx.Err() != nil || errors.Is(err, people.ErrLocked) {
		return err
	}
	if now, read := j.one(ctx, p.ID); read != nil || now.Ended != 0 {
		return read // somebody has cancelled it
	}
	if passes(err) && !j.waitedLong(p, err) {
		j.told(p.Request, err)
		j.changed(p.Request)
		return fmt.Errorf("the package of request %s waits: %w", p.Request, err)
	}
	return j.fail(ctx, p, err)
}

// tries builds a package, and tries once more where its footage changes meanwhile.
func (j *Jobs) tries(ctx context.Context, p Package) error {
	var err error
	for range mostTries {
		r, running := j.begin(ctx, p)
		err = j.build(running, r, p)
		j.answered = j.answered && (err == nil || errors.Is(err, accesslog.ErrUnsettled)) // which comes before anything is entered
		j.finish(r)
		j.changed(p.Request)
		if !errors.Is(err, ErrFootage) || ctx.Err() != nil {
			break
		}
	}
	return err
}

// waitedLong tells whether a package has waited so long for its footage to be in the diary that it never will be.
func (j *Jobs) waitedLong(p Package, err error) bool {
	if !errors.Is(err, accesslog.ErrUnsettled) {
		return false
	}
	since, waits := j.waits[p.ID]
	if !waits {
		j.waits[p.ID] = j.o.Now()
		return false
	}
	return j.o.Now().Sub(since) >= mostWait
}

// passes tells whether an error may pass by itself: the diary takes no entry, or what was recorded last is not in it yet.
func passes(err error) bool {
	for _, e := range []error{diary.ErrUncertain, diary.ErrFault, diary.ErrClosed, accesslog.ErrDiary, accesslog.ErrUnsettled} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// fail enters that a package can't be built. It can be ordered again.
func (j *Jobs) fail(ctx context.Context, p Package, why error) error {
	_, err := j.o.Diary.AppendKeeping(ctx, diary.Entry{Op: opFail, Ref: &p.ID, Body: proof.Body{Result: "not built", Note: clip(why.Error()),
		Data: map[string]any{"request": p.Request}}}, j.ends(ctx, p, Failed))
	if err != nil {
		return fmt.Errorf("couldn't enter that a package can't be built (%w): %w", why, err)
	}
	j.o.Log.Warn("a package can't be built", "entry", p.ID, "err", why)
	j.told(p.Request, why)
	j.changed(p.Request)
	return nil
}

// clip bounds what an entry says of an error, and makes it text that an entry can have.
func clip(text string) string { return strings.ToValidUTF8(text[:min(len(text), 2000)], "") }
