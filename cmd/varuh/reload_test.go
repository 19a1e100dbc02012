package main

import (
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"varuh/configs"
	"varuh/recorder"
)

// However many ask at once, what was read last is what is in force: nobody reads while another reload
// has read and not yet applied.
func TestReloadsInTurn(t *testing.T) {
	t.Parallel()
	d := &Daemon{Log: slog.New(slog.DiscardHandler), cfg: &configs.Config{Zone: time.FixedZone("0", 0)}, rec: recorder.New(recorder.Options{})}
	var reads atomic.Int32
	d.load = func(string) (*configs.Config, error) {
		n := reads.Add(1)
		for range 10 { // let the others come, if nothing keeps them out
			runtime.Gosched()
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		if inForce := d.cfg.Zone.String(); inForce != fmt.Sprint(n-1) {
			t.Errorf("read %d begins while that of %s is in force", n, inForce)
		}
		return &configs.Config{Zone: time.FixedZone(fmt.Sprint(n), 0)}, nil
	}
	var all sync.WaitGroup
	for range 50 {
		all.Go(d.reload)
	}
	all.Wait()
	if inForce := d.cfg.Zone.String(); inForce != "50" {
		t.Errorf("the configuration of read %s is in force, want 50", inForce)
	}
}
