package main

import (
	"context"
	"errors"
	"fmt"
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

	site    *site
	index   *footage.Index
	rec     *recorder.Recorder
	events  *eventCounts
	started time.Time

	rotating sync.Mutex // held while the keys are replaced

	mu       sync.Mutex
	cfg      *configs.Config // the one in force; guarded by mu
	problems []string        // of a newer one that is not in force; guarded by mu
}

// Run records until ctx ends and everything is sealed. The error says why it could not begin, or
// what failed at the end.
func (d *Daemon) Run(ctx context.Context, cfg *configs.Config) (err error) {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	d.started, d.cfg, d.events = time.Now(), cfg, newEventCounts()
	if d.site, err = openSite(cfg); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.site.Close()) }()
	for _, w := range d.site.warnings {
		d.Log.Warn(w)
	}
	if err := d.openIndex(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.index.Close()) }()
	if err := d.openRecorder(); err != nil {
		return err
	}
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

func (d *Daemon) openRecorder() error {
	boot, err := recorder.ThisBoot()
	if err != nil {
		return err
	}
	known := rtsp.OpenPins(durable.OS, pinFile(d.cfg.State))
	client := &rtsp.Client{Pins: known, Silence: time.Duration(d.cfg.Silence), Notes: func(n rtsp.Note) {
		d.Log.Info(n.Sentence, "host", n.Host)
	}}
	d.rec = recorder.New(recorder.Options{
		FS: durable.OS, Stores: d.site.stores, Index: d.index, Boot: boot, Connect: client.Run,
		SegmentDuration: time.Duration(d.cfg.SegmentDuration), SyncInterval: time.Duration(d.cfg.SyncInterval),
		Reserve: uint64(d.cfg.Reserve), Silence: time.Duration(d.cfg.Silence),
		Events: d.events.add, Log: d.Log,
	})
	d.rec.Apply(cameras(d.cfg))
	return nil
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
	var parts sync.WaitGroup
	parts.Go(func() { d.serveSocket(aside, socket) })
	if d.cfg.Metrics != configs.MetricsOff {
		parts.Go(func() { d.serveMetrics(aside, d.cfg.Metrics) })
	}
	parts.Go(func() { d.follow(aside) })
	parts.Go(func() { d.supervise(aside) })
	err = d.rec.Run(ctx)
	notify("STOPPING=1")
	stop()
	parts.Wait()
	return err
}

// follow reads the configuration again when its files change and when Reload asks.
func (d *Daemon) follow(ctx context.Context) {
	changed := make(chan struct{}, 1)
	var watch sync.WaitGroup
	watch.Go(func() {
		err := configs.Watch(ctx, d.cfg.Dir, func() {
			select {
			case changed <- struct{}{}:
			default:
			}
		})
		if err != nil {
			d.Log.Warn("changes of the configuration are not noticed; after one run: systemctl reload varuh", "err", err)
		}
	})
	for {
		select {
		case <-ctx.Done():
			watch.Wait()
			return
		case <-changed:
		case <-d.Reload:
		}
		d.reload()
	}
}

// reload puts a valid configuration in force. An invalid one leaves the old one and is shown.
func (d *Daemon) reload() {
	next, err := configs.Load(d.cfg.Dir)
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil {
		d.problems = []string{err.Error()}
		var list configs.Problems
		if errors.As(err, &list) {
			d.problems = d.problems[:0]
			for _, p := range list {
				d.problems = append(d.problems, p.Error())
			}
		}
		for _, p := range d.problems {
			d.Log.Error("the configuration was changed and is wrong; the old one stays in force", "problem", p)
		}
		return
	}
	d.problems = nil
	if fixed := needsRestart(d.cfg, next); fixed != "" {
		d.problems = []string{fmt.Sprintf("%s: %s changed; that takes a restart: systemctl restart varuh", configs.File, fixed)}
		d.Log.Warn(d.problems[0])
	}
	changes := difference(d.cfg, next)
	d.cfg.Cameras, d.cfg.Zone = next.Cameras, next.Zone
	if changes != "" {
		d.Log.Info("the configuration is in force: " + changes)
	}
	d.rec.Apply(cameras(next))
}
