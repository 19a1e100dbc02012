package accesslog

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// sweepEvery is how often [Door.Run] looks what has ended by itself.
const sweepEvery = 15 * time.Second

// Run ends what ends by itself, until ctx ends: viewings that nobody uses or whose session is over, the keys that nobody
// has used for long. It enters refusals that were counted, and what the diary did not take before. failed is told of
// what goes wrong; it goes on.
func (d *Door) Run(ctx context.Context, failed func(error)) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := d.Sweep(ctx); err != nil && ctx.Err() == nil {
				failed(err)
			}
		}
	}
}

// Sweep is what Run does each time.
func (d *Door) Sweep(ctx context.Context) error {
	err := errors.Join(d.pay(ctx), d.tell(ctx, false), d.endIdle(ctx))
	if d.o.Keys.k.Idled() {
		err = errors.Join(err, d.enterLater(ctx, diary.Entry{Op: opLock, Body: proof.Body{Result: "idle"}}))
	}
	return err
}

// endIdle ends the viewings that nobody uses, or may use any more.
func (d *Door) endIdle(ctx context.Context) (err error) {
	for _, v := range d.all() {
		_, gone := v.person(ctx)
		switch now := d.o.Now(); {
		case errors.Is(gone, ErrSession) || reason(gone) != "":
			err = errors.Join(err, v.endSelf(ctx, CutOff, "the session is over"))
		case gone != nil:
			err = errors.Join(err, gone)
		case v.aim != nil && !now.Before(v.aim.until):
			err = errors.Join(err, v.endSelf(ctx, CutOff, "its time is over"))
		case v.idle(now, d.o.Idle):
			err = errors.Join(err, v.endSelf(ctx, NotStated, "nobody used it any more"))
		}
	}
	return err
}

// endSelf is end, but that somebody else was faster is no error.
func (v *viewing) endSelf(ctx context.Context, o Outcome, why string) error {
	if err := v.end(ctx, o, why); !errors.Is(err, ErrEnded) {
		return err
	}
	return nil
}

// all are the viewings that are open.
func (d *Door) all() []*viewing {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Collect(maps.Values(d.viewings))
}

// Lock lets the reading keys go, and enters by whom. Viewings stay open and go on when somebody has unlocked.
func (d *Door) Lock(ctx context.Context, by proof.Actor) error {
	if !d.o.Keys.k.Lock() {
		return nil
	}
	return d.enterLater(ctx, diary.Entry{Op: opLock, Body: proof.Body{Actor: &by}})
}

// Close lets the keys go, ends all viewings with their entries, and opens none any more. What the diary does not take by
// now, or by the end of ctx, is told at the next start, by [Door.Recover].
func (d *Door) Close(ctx context.Context) error {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.o.Keys.k.Lock()
	entered := make(chan error, 1)
	go func() { entered <- d.endAll(ctx) }() // a commit that hangs can't be called back
	select {
	case err := <-entered:
		return err
	case <-ctx.Done():
		return fmt.Errorf("%w: what became of viewings was not entered in time: %w", ErrDiary, ctx.Err())
	}
}

func (d *Door) endAll(ctx context.Context) (err error) {
	for _, v := range d.all() {
		err = errors.Join(err, v.endSelf(ctx, CutOff, "the program stops"))
	}
	return errors.Join(err, d.tell(ctx, true), d.pay(ctx))
}
