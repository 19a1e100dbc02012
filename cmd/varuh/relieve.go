package main

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"varuh/accesslog/packing/sealed"
	"varuh/recorder/footage"
	"varuh/retention"
)

// The room that is kept free above the reserve, at which recording stops.
const (
	relieveEach = time.Minute      // how often it is looked at; and at once when the recorder stops at the reserve
	aheadOf     = 10 * time.Minute // what all cameras write in this time has room: ten looks may fail
	relieveFor  = time.Hour        // what they write in this time goes at once, so that the diary gets few entries for it
	mostRoom    = 512 << 20        // more is kept only for cameras that write it in that time
	leastRoom   = 128 << 20        // so much is kept where the disk is no smaller than four times that
	takesAgain  = 68 << 20         // a full store takes footage again 64 MiB above the reserve: this is more, on any disk
)

// room is how many bytes are to be free on a disk of so many bytes: above the reserve ten minutes of all cameras, at
// least one percent of the disk, between 128 and 512 MiB. On a small disk it is a quarter at most, for the rest is
// what it was bought for, but as much as lets a full store record again.
func (e *eraser) room(total uint64) uint64 {
	above := min(max(total/100, leastRoom), mostRoom)
	above = max(above, uint64(e.load()*aheadOf.Seconds()))
	return e.reserve + max(min(above, total/4), takesAgain)
}

// step is how many bytes go beyond that once there is less: an hour of all cameras, two percent of the disk at most.
func (e *eraser) step(total uint64) uint64 {
	return min(uint64(e.load()*relieveFor.Seconds()), total/50)
}

// relieveAll frees every store that is fuller than that.
func (e *eraser) relieveAll(ctx context.Context) {
	for _, s := range e.stores {
		if ctx.Err() != nil {
			return
		}
		e.relieve(ctx, s)
	}
}

// relieve frees one store.
func (e *eraser) relieve(ctx context.Context, store footage.Store) {
	_, d, err := e.books()
	if err != nil || d.Fault() != nil || e.present(store) != nil {
		return // the recorder tells of a disk that is not here
	}
	free, err := e.fs.Free(store.Dir)
	total, totalErr := totalOf(store.Dir)
	part, planned := "disk "+store.Dir, false
	e.watchOther(store)
	if err == nil && totalErr == nil && free >= e.room(total) {
		e.settleEvents(part, true)
		return
	}
	present := e.time.now()
	step := e.step(total)
	report, err := e.purging().Relieve(ctx, present, store, e.room(total)+step, func(need int64) (retention.Relief, error) {
		planned = true
		return e.planRelief(ctx, present, store, need, int64(step))
	})
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		e.log.Debug("a disk could not be relieved", "store", store.Dir, "err", err)
	}
	e.settleEvents(part, planned)
	e.erased(ctx, d, report.Erased)
}

// planRelief chooses what goes for so many bytes, of which step are ahead of need: no promise is broken for those, and
// that they can't be found is no alarm.
func (e *eraser) planRelief(ctx context.Context, present retention.Present, store footage.Store, need, step int64) (retention.Relief, error) {
	s, err := e.situation(ctx, present)
	if err != nil {
		return retention.Relief{}, err
	}
	objects, err := sealed.Taken(e.fs, store)
	if err != nil {
		return retention.Relief{}, err
	}
	s.Other = e.other.excess(store) + objects // no promise is broken for a package
	all, err := retention.PlanRelief(s, on(store, e.index.All()), need)
	if err != nil || step == 0 || len(all.Broken) == 0 && all.Short+all.Kept == 0 {
		return all, err
	}
	return retention.PlanRelief(s, on(store, e.index.All()), max(need-step, 0))
}

// yields is how many bytes of a store's footage could go for a sealed object that needs so many. No promise is broken for it,
// nothing goes that is held, and nothing goes for the answer.
func (e *eraser) yields(ctx context.Context, store footage.Store, need int64) (int64, error) {
	s, err := e.situation(ctx, e.time.now())
	if err != nil {
		return 0, err
	}
	s.Other = need
	all, err := retention.PlanRelief(s, on(store, e.index.All()), need)
	return all.Freed, err
}

// on passes the segments of one store.
func on(store footage.Store, all retention.Segments) retention.Segments {
	return func(yield func(footage.Segment, error) bool) {
		for s, err := range all {
			if (err != nil || s.Store == store.ID) && !yield(s, err) {
				return
			}
		}
	}
}

// totalOf is the size of a folder's disk, in bytes.
func totalOf(dir string) (uint64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, fmt.Errorf("couldn't ask for the size of the disk of %s: %w", dir, err)
	}
	return st.Blocks * uint64(st.Bsize), nil
}

// capacity is how many bytes of footage the stores can take: what is there, and what is free above the room that is kept.
func (e *eraser) capacity() (sum int64, err error) {
	held, err := e.index.Bytes()
	if err != nil {
		return 0, err
	}
	for _, n := range held {
		sum += n
	}
	for _, s := range e.stores {
		total, err := totalOf(s.Dir)
		if err != nil {
			return 0, err
		}
		free, err := e.fs.Free(s.Dir)
		if err != nil {
			return 0, err
		}
		sum += int64(free) - int64(min(e.room(total), free))
	}
	return sum, nil
}
