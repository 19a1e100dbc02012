package main

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"varuh/accesslog"
	"varuh/accesslog/diary"
	"varuh/accesslog/disclosure/scans"
	"varuh/accesslog/notice"
	"varuh/accesslog/packing"
	"varuh/accesslog/web"
	"varuh/accesslog/web/certificate"
	"varuh/configs"
)

// entrance is how persons get in while varuh runs: the keys in memory, the door, and the pages before it. It opens once
// the diary is open, and closes when the program is asked to stop, so that viewings have their entries before the diary
// is closed. The recorder waits for none of it.
type entrance struct {
	d         *Daemon
	keys      *accesslog.Keys
	fragments *fragments
	stopping  <-chan struct{} // closed when the program is asked to stop
	scans     *scans.Keeper   // of papers; set before anybody gets in
	door      atomic.Pointer[accesslog.Door]
	packages  atomic.Pointer[packing.Jobs]

	mu       sync.Mutex
	troubles map[string]string   // what keeps persons out, by part; guarded by mu
	keeper   *certificate.Keeper // of the pages; nil until they are served; guarded by mu
	served   string              // where the pages are, and the fingerprint of the authority; "" while they are not served; guarded by mu
}

// newEntrance makes the entrance of a daemon. run opens it.
func newEntrance(d *Daemon, stopping <-chan struct{}) *entrance {
	return &entrance{d: d, keys: d.site.openKeys(d.Boot.Now), fragments: newFragments(), stopping: stopping, troubles: map[string]string{}}
}

// run opens the entrance and closes it when ctx ends, or the program is asked to stop.
func (e *entrance) run(ctx context.Context, open *diary.Diary) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		select {
		case <-e.stopping:
			stop()
		case <-ctx.Done():
		}
	}()
	o, err := e.options(ctx, open)
	if err != nil {
		e.wrong(partDoor, "nobody gets in: the registers can't be read", err)
		return
	}
	if !e.recover(ctx, o.Door) {
		return
	}
	e.unlock()
	var parts sync.WaitGroup
	parts.Go(func() {
		o.Door.Run(ctx, func(err error) {
			e.d.Log.Warn("what became of viewings can't be entered yet; it is tried again", "err", err)
		})
	})
	parts.Go(func() { e.sweepScans(ctx, e.scans) })
	parts.Go(func() { o.Packages.Run(ctx) })
	if e.d.site.cfg.HTTPS != configs.PagesOff {
		e.serve(ctx, o)
	}
	parts.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), waitForEnd)
	defer cancel()
	if err := o.Packages.Close(last); err != nil {
		e.d.Log.Warn("not all deliveries of packages could be closed with an entry; the next start does it, and knows less", "err", err)
	}
	if err := o.Door.Close(last); err != nil {
		e.d.Log.Warn("not all viewings could be closed with an entry; the next start does it", "err", err)
	}
}

// recover closes the viewings that a crash left open. Before that is entered nobody gets in. It returns false if ctx ended.
func (e *entrance) recover(ctx context.Context, door *accesslog.Door) bool {
	for {
		n, err := door.Recover(ctx)
		if err == nil {
			e.right(partDoor)
			if n > 0 {
				e.d.Log.Warn("a crash had cut viewings off; they were closed with their entries", "viewings", n)
			}
			return true
		}
		if ctx.Err() == nil {
			e.wrong(partDoor, "nobody gets in until viewings that a crash cut off are closed in the diary", err)
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(openAgain):
		}
	}
}

// options are the door with all that it asks, and what the pages show beside it.
func (e *entrance) options(ctx context.Context, open *diary.Diary) (o web.Options, err error) {
	d := e.d
	if o.People, err = d.office.persons(ctx); err != nil {
		return o, err
	}
	if o.Holds, _, err = d.eraser.books(); err != nil {
		return o, err
	}
	if o.Requests, err = d.eraser.requests(ctx); err != nil {
		return o, err
	}
	e.scans = e.scansOf(open, o.Requests)
	o.Scans = e.scans
	o.Notices = &notice.Register{Diary: open, Zone: d.office.zone(), Now: d.Boot.Now, Known: d.office.isKnown}
	o.Premises, o.Published = d.site.cfg.Networks(), d.site.cfg.Published
	o.Door = accesslog.NewDoor(accesslog.Options{Diary: open, Keys: e.keys, Index: d.index, Sessions: o.People, Notices: o.Notices,
		Restrictions: o.Holds, Terms: &footageTerms{e: d.eraser, requests: o.Requests}, Orders: o.People, Requests: o.Requests, Recording: settling{d}, Premises: o.Premises, Now: d.Boot.Now})
	e.door.Store(o.Door)
	o.Packages = e.packer(open, o)
	e.packages.Store(o.Packages)
	o.Keys, o.Diary, o.Index, o.Closed, o.Now, o.Log = e.keys, open, d.index, e.fragments, d.Boot.Now, d.Log
	o.Decided, o.Bundle, o.Retention = d.decided, d.bundle, shownRetention{d}
	o.Gone, o.Folder = d.goneCameras, typedFolder(d.site.cfg.Dir)
	o.Cameras, o.Status, o.Verify, o.Issuer, o.InBoth = d.shownCameras, d.shownStatus, e.verify, d.issuer(), bothLanguages
	return o, nil
}

// committed is told how each commit of the diary ended. A door that stands shows nothing from one that failed on.
func (e *entrance) committed(err error) {
	if door := e.door.Load(); door != nil {
		door.Wrote(err)
	}
}
