package diary

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"
	"slices"
	"time"

	"varuh/accesslog/diary/proof"
)

const (
	maxOffered = 4096            // entries that may wait for the writer without anybody waiting for them
	maxBatch   = 256             // entries in one commit
	retryAfter = 5 * time.Second // until offered entries are tried again after a failed commit
)

// request is an entry on its way into the diary.
type request struct {
	op       string
	ref      *int64
	body     []byte
	manifest []byte
	clear    bool                          // the manifest is stored unencrypted
	apply    func(b *batch, i int64) error // the change of state, nil without one
	guarded  bool                          // refused while there is a fault
	plain    bool                          // changes tables of the diary alone, without an entry
	alone    func(*sql.DB) error           // runs by itself, outside of a transaction
	signs    bool                          // brings the key that signs its batch
	last     bool                          // ends its batch: the checkpoint is to be of just this entry
	offered  bool                          // nobody waits; kept until it is written
	lastTry  bool                          // offered, and the diary is being closed
	doubt    int64                         // not 0: it may be there, at this index or behind it
	done     chan struct{}                 // closed when receipt and err are set

	receipt Receipt
	err     error
}

// Append writes an entry durably, with the change of state that it is about, if any. ctx can end the
// wait for the writer, not a commit that it has begun. An error other than [ErrUncertain] says that
// nothing was written.
func (d *Diary) Append(ctx context.Context, e Entry, change Change) (Receipt, error) {
	r, err := d.prepare(e)
	if err != nil {
		return Receipt{}, err
	}
	if change != nil {
		if !Governed(e.Op) {
			return Receipt{}, fmt.Errorf("entry %s: %w", e.Op, ErrUngoverned)
		}
		r.apply = func(b *batch, _ int64) error { return change(b.tx) }
	}
	r.guarded = change != nil || letsOut(e.Op)
	return d.wait(ctx, r)
}

// Offer takes an entry to be written soon, and never waits. It returns false, and takes nothing, if it
// can't be encoded or too many wait: the caller keeps it and offers it again.
func (d *Diary) Offer(e Entry) bool {
	r, err := d.prepare(e)
	if err != nil || letsOut(e.Op) {
		return false
	}
	r.offered = true
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed || d.offered >= maxOffered || e.Ref != nil && *e.Ref >= d.head.Size {
		return false
	}
	d.offered++
	d.enqueue(r)
	return true
}

// letsOut tells whether an operation lets footage out, or leads to that.
func letsOut(op string) bool {
	return slices.Contains([]string{"view.start", "view.more", "view.aim", "export", "disclose", "handover"}, op)
}

// change runs a durable change of the diary's own tables, those that are not governed, without an entry.
func (d *Diary) change(ctx context.Context, f Change) error {
	return d.plain(ctx, func(b *batch) error { return f(b.tx) })
}

// plain is change for what the writer keeps beside the tables, too.
func (d *Diary) plain(ctx context.Context, f func(b *batch) error) error {
	r := &request{plain: true, done: make(chan struct{})}
	r.apply = func(b *batch, _ int64) error { return f(b) }
	_, err := d.wait(ctx, r)
	return err
}

// onWriter runs f between two commits, with the writing connection.
func (d *Diary) onWriter(ctx context.Context, f func(*sql.DB) error) error {
	r := &request{alone: f, done: make(chan struct{})}
	_, err := d.wait(ctx, r)
	return err
}

// name is what errors call a request.
func (r *request) name() string {
	if r.op == "" {
		return "a change of the diary's own tables"
	}
	return "entry " + r.op
}

// prepare encodes what does not depend on the entry's number.
func (d *Diary) prepare(e Entry) (*request, error) {
	e.Body.Salt = proof.NewSalt()
	e.Body.Software, e.Body.Clock = d.o.Software, d.o.Clock()
	body, err := proof.EncodeBody(e.Body)
	if err != nil {
		return nil, fmt.Errorf("entry %s: %w", e.Op, err)
	}
	switch {
	case e.Manifest != nil && Governed(e.Op):
		return nil, fmt.Errorf("entry %s: the obj of a governed operation is the state, so it can have no manifest", e.Op)
	case len(e.Manifest) > proof.MaxManifest:
		return nil, fmt.Errorf("entry %s: a manifest of %d bytes, at most %d are allowed", e.Op, len(e.Manifest), proof.MaxManifest)
	}
	probe := proof.Leaf{Index: 1 << 52, Op: e.Op, Ref: e.Ref}
	if _, err := proof.EncodeLeaf(probe); err != nil {
		return nil, fmt.Errorf("entry %s: %w", e.Op, err)
	}
	return &request{op: e.Op, ref: e.Ref, body: body, manifest: e.Manifest, clear: e.Clear && e.Manifest != nil, done: make(chan struct{})}, nil
}

// wait hands a request to the writer and waits for it.
func (d *Diary) wait(ctx context.Context, r *request) (Receipt, error) {
	if err := ctx.Err(); err != nil {
		return Receipt{}, fmt.Errorf("%s was not written: %w", r.name(), err)
	}
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return Receipt{}, fmt.Errorf("%s: %w", r.name(), ErrClosed)
	}
	d.enqueue(r)
	d.mu.Unlock()
	select {
	case <-r.done:
	case <-ctx.Done():
		if d.withdraw(r) {
			return Receipt{}, fmt.Errorf("%s was not written: %w", r.name(), ctx.Err())
		}
		<-r.done
	}
	if r.err != nil {
		return Receipt{}, fmt.Errorf("%s: %w", r.name(), r.err)
	}
	return r.receipt, nil
}

// enqueue is called with mu held.
func (d *Diary) enqueue(r *request) {
	d.queue = append(d.queue, r)
	d.rouse()
}

// rouse makes the writer look at its queue.
func (d *Diary) rouse() {
	select {
	case d.wake <- struct{}{}:
	default: // it is to look anyway
	}
}

// withdraw takes a request back unless the writer has it.
func (d *Diary) withdraw(r *request) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	at := slices.Index(d.queue, r)
	if at < 0 {
		return false
	}
	d.queue = slices.Delete(d.queue, at, at+1)
	return true
}

// take takes the next batch from the queue.
func (d *Diary) take() (list []*request, closed bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := min(len(d.queue), maxBatch)
	if alone := slices.IndexFunc(d.queue[:n], func(r *request) bool { return r.alone != nil }); alone >= 0 {
		n = max(alone, 1)
	}
	if last := slices.IndexFunc(d.queue[:n], func(r *request) bool { return r.last }); last >= 0 {
		n = last + 1
	}
	list = slices.Clone(d.queue[:n])
	d.queue = slices.Delete(d.queue, 0, n)
	return list, d.closed
}

// write is the writer: it runs until the diary is closed and its queue is empty.
func (d *Diary) write() {
	defer close(d.finished)
	for range d.wake {
		for {
			d.gather()
			list, closed := d.take()
			if len(list) == 0 {
				if closed {
					return
				}
				break
			}
			err := d.commitAll(list)
			d.tell(list, err)
			if d.answer(list, err) {
				break
			}
		}
	}
}

// gather lets those run whom the last batch woke, as long as they wish further entries at once: one commit
// for all. A single one costs nothing.
func (d *Diary) gather() {
	for before := -1; ; {
		runtime.Gosched()
		d.mu.Lock()
		n := len(d.queue)
		d.mu.Unlock()
		if n == before || n >= maxBatch {
			return
		}
		before = n
	}
}

// tell says outside whether the diary can be written. A batch of which nothing was to be committed says
// nothing of that, and the failure of what runs by itself is its caller's alone.
func (d *Diary) tell(list []*request, err error) {
	if list[0].alone == nil && (err != nil || slices.ContainsFunc(list, func(r *request) bool { return r.err == nil })) {
		d.o.Wrote(err)
	}
}

// answer tells the callers of a batch. Offered entries that could not be written go back to the head of
// the queue, and pause says that it is better to wait before they are tried again.
func (d *Diary) answer(list []*request, err error) (pause bool) {
	var told, again []*request
	for _, r := range list {
		if r.err == nil {
			r.err = err
		}
		if r.offered && r.err != nil {
			again = append(again, r)
		} else {
			told = append(told, r)
		}
	}
	pause = d.queueAgain(again)
	for _, r := range told {
		if r.offered {
			d.mu.Lock()
			d.offered--
			d.mu.Unlock()
		}
		close(r.done)
	}
	return pause
}

// queueAgain puts offered entries back. Once the diary is being closed, each is tried a last time.
func (d *Diary) queueAgain(list []*request) (pause bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		tried := len(list)
		list = slices.DeleteFunc(list, func(r *request) bool { return r.lastTry })
		d.lost += tried - len(list)
	}
	for _, r := range list {
		r.err, r.lastTry = nil, d.closed
	}
	d.queue = append(list, d.queue...)
	if len(list) == 0 || d.closed {
		return false
	}
	time.AfterFunc(retryAfter, d.rouse)
	return true
}
