package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"varuh/configs"
)

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

// reload puts a valid configuration in force, but for the keys that take a restart. An invalid one
// leaves the old one and is shown.
func (d *Daemon) reload() {
	d.reloading.Lock()
	defer d.reloading.Unlock()
	load := d.load
	if load == nil {
		load = configs.Load
	}
	next, err := load(d.cfg.Dir)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.mistakes = mistakes(err)
	for _, p := range d.mistakes {
		d.Log.Error("the configuration was changed and is wrong; the old one stays in force", "problem", p)
	}
	if err != nil {
		return
	}
	if keys := needsRestart(d.cfg, next); !slices.Equal(keys, d.restart) {
		if d.restart = keys; len(keys) > 0 {
			d.Log.Warn(takesRestart(keys))
		}
	}
	changes := difference(d.cfg, next)
	d.cfg.Cameras, d.cfg.Zone = next.Cameras, next.Zone
	if changes != "" {
		d.Log.Info("the configuration is in force: " + changes)
		d.enterConfig(changes)
	}
	d.rec.Apply(cameras(next))
	d.eraser.decided()
}

// mistakes are what a configuration was refused for, nil if it was not. One that is of no file has no name of it.
func mistakes(err error) configs.Problems {
	if err == nil {
		return nil
	}
	if list, ok := errors.AsType[configs.Problems](err); ok {
		return list
	}
	return configs.Problems{{What: err.Error()}}
}

// takesRestart says what waits. Everything else of the file is in force.
func takesRestart(keys []string) string {
	return "takes a restart: " + strings.Join(keys, ", ") + " in " + configs.File + " (systemctl restart varuh)"
}
