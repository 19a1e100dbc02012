package main

import (
	"context"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/disclosure/scans"
)

// scansFolder is that of the scans of papers on a store.
const scansFolder = "scans"

// scansOf keeps the scans of papers, and has the register of requests know them.
func (e *entrance) scansOf(open *diary.Diary, requests *disclosure.Register) *scans.Keeper {
	return scans.New(scans.Options{Shelf: e.d.eraser.shelfOf(scansFolder, e.keys.ObjectKey), Named: requests.Scans, Now: e.d.Boot.Now,
		Lives: func(ctx context.Context, i int64) (bool, error) { return stillThere(ctx, open, i) }})
}

// waits is where a scan was put by that no step names yet; false while nobody gets in.
func (e *entrance) waits(scan string) (disclosure.Stored, bool) {
	if e.packages.Load() == nil { // then scans is not set, either
		return disclosure.Stored{}, false
	}
	return e.scans.Waits(scan)
}

// stillThere tells whether the diary has an entry: its term is not over, or a hold keeps it.
func stillThere(ctx context.Context, d *diary.Diary, i int64) (bool, error) {
	if i >= d.Head().Cut {
		return true, nil
	}
	for _, err := range d.Parts(ctx, i, i+1) {
		return err == nil, err
	}
	return false, nil
}

// sweepScansEach is how often scans that nothing names any more are destroyed.
const sweepScansEach = time.Hour

// sweepScans destroys scans that nothing names any more, at once and then hourly, until ctx ends.
func (e *entrance) sweepScans(ctx context.Context, keeper *scans.Keeper) {
	tick := time.NewTicker(sweepScansEach)
	defer tick.Stop()
	for {
		n, err := keeper.Sweep(ctx)
		if n > 0 {
			e.d.Log.Info("destroyed " + count(n, "scan that nothing named any more", "scans that nothing named any more"))
		}
		if err != nil && ctx.Err() == nil {
			e.d.Log.Warn("scans that nothing names could not all be destroyed; it is tried again every hour", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
