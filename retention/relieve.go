package retention

import (
	"context"
	"fmt"
	"strings"

	"varuh/recorder/footage"
)

// Relieve frees a store until want bytes are free on its disk, by what plan chooses for the bytes that are missing. It
// is [PlanRelief] for the segments of that store.
//
// It erases nothing where the free space cannot be told. Where files can't be removed it goes on beside them, but tries
// one segment first, and nothing more once [maxStuck] are stuck: a disk that frees nothing would else cost one
// key after the other. While the diary cannot be written, it waits. What it cannot free, or frees by breaking a
// promise, is an event.
func (p *Purge) Relieve(ctx context.Context, now Present, store footage.Store, want uint64, plan func(need int64) (Relief, error)) (Report, error) {
	return p.work(ctx, now, func(r *run) {
		if !p.replayed {
			r.failed(errNotReplayed)
			return
		}
		r.failed(r.relieve(ctx, store, want, plan))
	})
}

func (r *run) relieve(ctx context.Context, store footage.Store, want uint64, plan func(need int64) (Relief, error)) error {
	free, err := r.free(store)
	if err != nil || free >= want {
		return err
	}
	r.resume(ctx)
	stuck, size := r.stuck(store)
	if stuck > maxStuck {
		return fmt.Errorf("the disk %s is full, and %d segments on it that were to go can't be erased: nothing more is erased there until that works", store.Dir, stuck)
	}
	if free, err = r.free(store); err != nil || free >= want {
		return err
	}
	relief, err := plan(int64(want-free) + size)
	if err != nil {
		return fmt.Errorf("couldn't choose what to erase on the full disk %s: %w", store.Dir, err)
	}
	r.warn(store, relief)
	before, next := r.report.Freed, r.fresh(relief.Erasures)
	if stuck > 0 && len(next) > 0 {
		r.erase(ctx, next[:1])
		if next = next[1:]; r.report.Freed == before {
			return fmt.Errorf("the disk %s is full, and the next segment that was to go for it could not be erased either", store.Dir)
		}
	}
	r.erase(ctx, next)
	return r.gained(store, free, r.report.Freed-before)
}

// free is how many bytes can still be written to a store. Not to know that is an error, never room enough.
func (r *run) free(store footage.Store) (uint64, error) {
	if err := r.mounted(store); err != nil {
		return 0, err
	}
	free, err := r.FS.Free(store.Dir)
	if err != nil {
		return 0, fmt.Errorf("couldn't tell how full the disk %s is, so nothing is erased for it: %w", store.Dir, err)
	}
	return free, nil
}

// maxStuck is how many segments of one store may be stuck before nothing more is erased for its room.
const maxStuck = 16

// stuck is how many segments of a store this run failed to erase, and their bytes. A plan for room has them
// again, as long as their rows are there, and must find as much besides.
func (r *run) stuck(store footage.Store) (n int, size int64) {
	for _, f := range r.report.Failures {
		if f.Segment.Store == store.ID {
			n++
			size += f.Segment.Bytes
		}
	}
	return n, size
}

// warn tells what a relief costs, and what it cannot give.
func (r *run) warn(store footage.Store, relief Relief) {
	if relief.Short > 0 {
		r.event(EventFull, nil, "the disk %s is full, and all that is left on it is held, restricted or being recorded: recording stops at the reserve. Add a disk, or clear holds that are no longer needed", store.Dir)
	}
	if relief.Kept > 0 {
		r.event(EventOther, nil, "the disk %s is full of data that is not footage, and what could go for it is promised, so it stays: recording stops at the reserve. Remove that data, add a disk, or lower the promise", store.Dir)
	}
	if len(relief.Broken) > 0 {
		r.event(EventPromise, nil, "the disk %s is too small for what is promised: footage of %s goes before its promised depth. Add a disk, or lower the promise", store.Dir, strings.Join(relief.Broken, ", "))
	}
}

// gained says it when footage went and the disk is as full as before: something else fills it.
func (r *run) gained(store footage.Store, before uint64, freed int64) error {
	if freed == 0 {
		return nil
	}
	after, err := r.free(store)
	if err == nil && after <= before {
		err = fmt.Errorf("%d bytes of footage were erased on the full disk %s, and it has no more room than before: look for what else fills it", freed, store.Dir)
	}
	return err
}
