package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"varuh/configs"
	"varuh/recorder"
	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/rtsp"
)

// Daemon is "varuh serve" without its process: it holds the site, records, answers on the socket
// and serves metrics until its context ends. Tests start and stop it in their own process.
type Daemon struct {
	Log    *slog.Logger
	Reload <-chan struct{} // asks for the configuration to be read again, as SIGHUP does; may be nil
	Ready  func()          // called once recording has begun; may be nil
	Boot   recorder.Boot   // the machine's clocks; nil: those of the kernel
	FS     durable.FS      // of the stores, where footage is written, measured and erased; nil: the kernel's. Tests put faults into it

	site     *site
	index    *footage.Index
	rec      *recorder.Recorder
	events   *eventCounts
	clerk    *clerk
	time     *timekeeper
	eraser   *eraser
	office   *office
	entrance *entrance
	backups  *backups
	room     *room
	started  time.Time
	packaged glance[packagesStatus] // how packages are

	rotating sync.Mutex // held while the keys are replaced

	// reloading is held from reading the configuration until it is in force: of two reloads side by side
	// the one that read the older files could else come last.
	reloading sync.Mutex
	load      func(dir string) (*configs.Config, error) // stands in for configs.Load in a test; owned by reload

	mu       sync.Mutex
	cfg      *configs.Config  // the one in force; guarded by mu
	mistakes configs.Problems // of a newer one that is not in force; guarded by mu
	restart  []string         // keys of a valid one that differ and wait for a restart; guarded by mu
}

// Run records until ctx ends and everything is sealed. The error says why it could not begin, or
// what failed at the end.
func (d *Daemon) Run(ctx context.Context, cfg *configs.Config) (err error) {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.FS == nil {
		d.FS = durable.OS
	}
	d.started, d.cfg, d.events, d.room = time.Now(), cfg, newEventCounts(), newRoom(cfg.State, d.Log)
	defer func() { err = d.room.explain(err) }()
	if d.site, err = openSite(cfg); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.site.Close()) }()
	for _, w := range d.site.warnings {
		d.Log.Warn(w)
	}
	d.room.look() // a full disk gives up what is held for it before anything is opened
	if err := d.openIndex(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.index.Close()) }()
	if d.Boot == nil {
		if d.Boot, err = recorder.ThisBoot(); err != nil {
			return err
		}
	}
	d.time = openTimekeeper(cfg.State, d.Boot, d.Log)
	d.time.save() // before any footage is begun, which it dates
	d.entrance = newEntrance(d, ctx.Done())
	d.openRecorder()
	return d.serve(ctx)
}

func (d *Daemon) openIndex(ctx context.Context) error {
	index, report, err := footage.OpenOrRebuild(ctx, durable.OS, indexFile(d.site.cfg.State), d.site.stores)
	if err != nil {
		return err
	}
	d.index = index
	if report == nil {
		return nil
	}
	if made := count(report.Segments, "segment", "segments"); report.Anew && report.Segments > 0 {
		d.Log.Warn("the index of footage was missing or damaged and was made anew from " + made)
	} else if report.Segments > 0 {
		d.Log.Warn("a store that the index of footage did not know was read; it holds " + made)
	}
	for _, f := range report.Findings {
		d.Log.Warn(f.Sentence, "path", f.Path, "severity", f.Severity)
	}
	return nil
}

func (d *Daemon) openRecorder() {
	known := rtsp.OpenPins(durable.OS, pinFile(d.cfg.State))
	client := &rtsp.Client{Pins: known, Silence: max(3*time.Duration(d.cfg.Silence), 15*time.Second), Notes: func(n rtsp.Note) {
		d.Log.Info(n.Sentence, "host", n.Host)
	}}
	d.rec = recorder.New(recorder.Options{
		FS: d.FS, Stores: d.site.stores, Present: d.site.present, Index: d.index, Boot: d.Boot, Connect: client.Run,
		SegmentDuration: time.Duration(d.cfg.SegmentDuration), SyncInterval: time.Duration(d.cfg.SyncInterval),
		Reserve: uint64(d.cfg.Reserve), Silence: time.Duration(d.cfg.Silence),
		Events: d.happened, Stored: d.entrance.fragments.stored, Log: d.Log,
	})
	d.rec.Apply(cameras(d.cfg))
}

// serve runs the parts side by side. Only the recorder may end the daemon; it ends last, so that
// the socket still answers while segments are sealed.
func (d *Daemon) serve(ctx context.Context) error {
	aside, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	socket, err := listen(d.cfg.State)
	if err != nil {
		return err
	}
	written := d.openClerk(aside)
	var parts sync.WaitGroup
	parts.Go(func() { d.serveSocket(aside, socket) })
	if d.cfg.Metrics != configs.MetricsOff {
		parts.Go(func() { d.serveMetrics(aside, d.cfg.Metrics) })
	}
	parts.Go(func() { d.room.watch(aside) })
	parts.Go(func() { d.time.run(aside) })
	parts.Go(func() { d.follow(aside) })
	parts.Go(func() { d.supervise(aside) })
	err = d.rec.Run(ctx)
	notify("STOPPING=1")
	stop()
	parts.Wait()
	d.endClerk(written)
	return err
}
