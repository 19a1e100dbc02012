package main

import (
	"context"
	"fmt"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// notify tells systemd something. Without systemd, and if that is deaf, recording goes on alike.
func notify(state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		return
	}
}

// supervise tells systemd that recording has begun, then feeds its watchdog as long as the
// recorder's supervisor comes round. When that hangs, the food stops and systemd restarts the program.
func (d *Daemon) supervise(ctx context.Context) {
	watchdog, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		d.Log.Warn("systemd's watchdog can't be fed", "err", err)
	}
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	var ready, fed, told time.Time
	for {
		var now time.Time
		select {
		case <-ctx.Done():
			return
		case now = <-tick.C:
		}
		alive := d.rec.Alive()
		if alive.Unix() <= 0 {
			continue // what a crash left is still being recovered
		}
		if ready.IsZero() {
			ready = now
			notify(daemon.SdNotifyReady)
			if d.Ready != nil {
				d.Ready()
			}
		}
		if watchdog > 0 && now.Sub(fed) >= watchdog/3 && now.Sub(alive) < watchdog {
			fed = now
			notify(daemon.SdNotifyWatchdog)
		}
		if now.Sub(told) >= 10*time.Second {
			told = now
			notify(fmt.Sprintf("STATUS=%s", d.status().summary()))
		}
	}
}
