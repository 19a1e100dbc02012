package accesslog

import (
	"context"
	"errors"
	"fmt"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// end ends a viewing once. What is on its way out counts as delivered.
func (v *viewing) end(ctx context.Context, o Outcome, why string) error {
	v.mu.Lock()
	if v.ended {
		v.mu.Unlock()
		return ErrEnded
	}
	v.ended = true
	v.ledger.settle()
	began, o := v.began, v.taken(o)
	v.mu.Unlock()
	v.door.forget(v)
	if began < 0 { // whoever is entering its beginning enters its end, too
		return nil
	}
	return v.enterEnd(ctx, o, why)
}

// endings are the operations that begin something, and those that end it.
var endings = map[string]string{opStart: opEnd, opAim: opEnd, opExport: opTaken}

// endOf is the operation that ends what another begins, or nothing.
func endOf(op string) string { return endings[op] }

// op is the operation that begins the viewing.
func (v *viewing) op() string {
	switch {
	case v.aim != nil:
		return opAim
	case v.export:
		return opExport
	}
	return opStart
}

// enterEnd enters what a viewing that has ended delivered. Its ledger does not change any more.
func (v *viewing) enterEnd(ctx context.Context, o Outcome, why string) error {
	actor := v.session.Actor()
	e := diary.Entry{Op: endOf(v.op()), Ref: &v.began, Body: proof.Body{Actor: &actor, Result: string(o), Note: why,
		Data: map[string]any{"viewing": v.id}}}
	v.answers.name(&e.Body)
	var err error
	if e.Manifest, err = v.ledger.state(&e.Body); err != nil {
		return err
	}
	return v.door.enterLater(ctx, e)
}

// owed is an entry that the diary did not take, or did not say whether it did.
type owed struct {
	draft *diary.Draft
	op    string
}

// mostOwed bounds what is owed. Each viewing owes at most two, and viewings begin only while the diary is written;
// refusals, which go on without it, get half of the room.
const mostOwed = 4 * mostViewings

// enter makes an entry durable. The error is [ErrDiary], or that of ctx; then nothing may be decrypted.
func (d *Door) enter(ctx context.Context, e diary.Entry) (diary.Receipt, error) {
	w, err := d.o.Diary.Draft(e)
	if err != nil {
		return diary.Receipt{}, fmt.Errorf("%w: %w", ErrDiary, err)
	}
	r, err := d.offer(ctx, w)
	if errors.Is(err, diary.ErrUncertain) {
		if r, err = d.offer(ctx, w); err != nil { // it may be there, whatever the second try says
			d.owe(owed{w, e.Op})
		}
	}
	if err != nil && ctx.Err() != nil {
		return r, err
	}
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrDiary, err)
	}
	return r, err
}

// offer offers an entry to the diary, and notes whether that took it. While it does not, no lease counts that was taken
// before: see lease. That an asker left says nothing of the diary, and neither does an entry that was taken before
// another failed.
func (d *Door) offer(ctx context.Context, w *diary.Draft) (diary.Receipt, error) {
	d.mu.Lock()
	before := d.failed
	d.mu.Unlock()
	r, err := d.o.Diary.Enter(ctx, w)
	if err == nil || ctx.Err() == nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.note(err, before)
	}
	return r, err
}

// Wrote is told how each commit of the diary ended, whoever wished for it: see [diary.Options]. From one that failed on
// nothing is decrypted, until the diary has taken an entry. It waits for nothing.
func (d *Door) Wrote(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.note(err, d.failed)
}

// note notes whether the diary took an entry, unless one failed since there were so many failures. The caller holds mu.
func (d *Door) note(err error, before uint64) {
	switch {
	case err != nil:
		d.down, d.failed = true, d.failed+1
	case d.failed == before:
		d.down = false
	}
}

func (d *Door) isDown() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.down
}

// enterLater makes an entry durable, now or as soon as the diary can be written. A caller who leaves does not stop it.
func (d *Door) enterLater(ctx context.Context, e diary.Entry) error {
	w, err := d.o.Diary.Draft(e)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDiary, err)
	}
	if _, err = d.offer(context.WithoutCancel(ctx), w); err != nil {
		d.owe(owed{w, e.Op})
		return fmt.Errorf("%w: %s is entered later: %w", ErrDiary, e.Op, err)
	}
	return nil
}

func (d *Door) owe(o owed) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if o.op == opRefused && len(d.owed) >= mostOwed/2 || len(d.owed) >= mostOwed {
		return
	}
	d.owed = append(d.owed, o)
}

// pay writes what is owed. A beginning of which nobody knew whether it was there gets its end.
func (d *Door) pay(ctx context.Context) (err error) {
	select {
	case d.paying <- struct{}{}:
		defer func() { <-d.paying }()
	case <-ctx.Done():
		return ctx.Err()
	}
	d.mu.Lock()
	list := d.owed
	d.owed = nil
	d.mu.Unlock()
	for _, o := range list {
		err = errors.Join(err, d.payOne(ctx, o))
	}
	return err
}

func (d *Door) payOne(ctx context.Context, o owed) error {
	r, err := d.offer(ctx, o.draft)
	if err != nil {
		d.owe(o)
		return fmt.Errorf("%w: %w", ErrDiary, err)
	}
	op := endOf(o.op)
	if op == "" {
		return nil
	}
	return d.enterLater(ctx, diary.Entry{Op: op, Ref: &r.Index, Body: proof.Body{Result: string(CutOff)}})
}
