package diary

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"
	"slices"

	"varuh/accesslog/diary/proof"
)

// maxBatch is how many entries one commit has at most.
const maxBatch = 256

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
	doubt    int64                         // not 0: it may be there, at this index or behind it
	done     chan struct{}                 // closed when receipt and err of this try are set

	receipt Receipt
	err     error
}

// Append writes an entry durably, with the change of state that it is about, if any. ctx can end the
// wait for the writer, not a commit that it has begun. An error other than [ErrUncertain] says that
// nothing was written.
func (d *Diary) Append(ctx context.Context, e Entry, change Change) (Receipt, error) {
	w, err := d.Draft(e)
	if err != nil {
		return Receipt{}, err
	}
	r := w.r
	if change != nil {
		if !Governed(e.Op) {
			return Receipt{}, fmt.Errorf("entry %s: %w", e.Op, ErrUngoverned)
		}
		r.apply = func(b *batch, _ int64) error { return change(b.tx) }
	}
	r.guarded = r.guarded || change != nil
	return d.wait(ctx, r)
}

// Draft is an entry that is to be written, in its final form but for its number and its time.
type Draft struct{ r *request }

// Draft prepares an entry for [Diary.Enter]. An error says that it can never be written.
func (d *Diary) Draft(e Entry) (*Draft, error) {
	r, err := d.prepare(e)
	if err != nil {
		return nil, err
	}
	r.guarded = letsOut(e.Op)
	return &Draft{r}, nil
}

// Enter writes a draft durably, as Append does. It may be called again with the same draft after any error, by one
// goroutine at a time: after [ErrUncertain] the diary looks whether the entry is there, and writes it once. With
// another diary, or after a restart, that is not so.
func (d *Diary) Enter(ctx context.Context, w *Draft) (Receipt, error) { return d.wait(ctx, w.r) }

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
	r := &request{plain: true}
	r.apply = func(b *batch, _ int64) error { return f(b) }
	_, err := d.wait(ctx, r)
	return err
}

// onWriter runs f between two commits, with the writing connection.
func (d *Diary) onWriter(ctx context.Context, f func(*sql.DB) error) error {
	r := &request{alone: f}
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
	return &request{op: e.Op, ref: e.Ref, body: body, manifest: e.Manifest, clear: e.Clear && e.Manifest != nil}, nil
}

// wait hands a request to the writer and waits for it.
func (d *Diary) wait(ctx context.Context, r *request) (Receipt, error) {
	if err := ctx.Err(); err != nil {
		return Receipt{}, fmt.Errorf("%s was not written: %w", r.name(), err)
	}
	r.done, r.err = make(chan struct{}), nil
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return Receipt{}, fmt.Errorf("%s: %w", r.name(), ErrClosed)
	}
	d.queue = append(d.queue, r)
	d.rouse()
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
			answer(list, err)
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

// answer tells the callers of a batch.
func answer(list []*request, err error) {
	for _, r := range list {
		if r.err == nil {
			r.err = err
		}
		close(r.done)
	}
}
