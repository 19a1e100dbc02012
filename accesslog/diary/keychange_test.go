package diary

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/durable"
	"varuh/recorder/durable/durabletest"
)

// onDisk is the rig's diary with its keys on a disk that fails as told.
func (r *rig) onDisk(disk durable.FS) Options {
	o := r.options()
	o.Keys, o.FS = "/keys", disk
	return o
}

// createOnDisk makes a diary with its keys on a disk, and closes it.
func (r *rig) createOnDisk(t *testing.T) *durabletest.Disk {
	t.Helper()
	disk := durabletest.New()
	must(t, durable.MkdirAll(disk, "/keys", 0o700))
	d, err := Create(t.Context(), r.onDisk(disk), "sola.example", Entry{Body: proof.Body{Note: "first start"}})
	must(t, err)
	shut(t, d)
	return disk
}

// signs opens the diary with what is left of its keys: it must have one that signs, and say nothing of a fault.
func (r *rig) signs(t *testing.T, name string, disk durable.FS) {
	t.Helper()
	d, err := Open(t.Context(), r.onDisk(disk))
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	_, err = d.Append(t.Context(), Entry{Op: "collect"}, nil)
	if err != nil || d.Fault() != nil {
		t.Errorf("%s: %v, %v", name, d.Fault(), err)
	}
	shut(t, d)
}

// Whatever step of a change of keys fails, and however the power goes, the key in force is there: also between
// the zeros in the old file and the name of the new one.
func TestKeyChangeFails(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	disk := r.createOnDisk(t)
	for n := 0; ; n++ {
		ops := 0
		for _, fault := range durabletest.Faults {
			disk = disk.AfterPowerLoss(durabletest.KeepsAll)
			d, err := Open(t.Context(), r.onDisk(disk))
			must(t, err)
			before := len(disk.Ops())
			disk.FailAt(before+n, fault)
			_, err = d.RotateSigningKey(t.Context(), proof.Body{}, "yearly")
			ops = len(disk.Ops()) - before
			if n < ops && err == nil && fault != durabletest.FailsButDone {
				t.Errorf("operation %d %v, and nobody was told", n, fault)
			}
			disk.FailAt(-1, fault)
			_ = d.Close() // the power may be gone
			for _, l := range durabletest.Losses {
				r.signs(t, fmt.Sprintf("operation %d of a change %v, then %v", n, fault, l), disk.AfterPowerLoss(l))
			}
		}
		if n > ops {
			return
		}
	}
}

// A change that comes after one whose end failed does not draw over the key in force.
func TestKeyChangeAfterOneThatFailed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	disk := r.createOnDisk(t)
	for n := 0; ; n++ {
		disk = disk.AfterPowerLoss(durabletest.KeepsAll)
		d, err := Open(t.Context(), r.onDisk(disk))
		must(t, err)
		stop := errors.New("the new key gets no name")
		d.keys.fs = renames{disk, stop}
		if _, err = d.RotateSigningKey(t.Context(), proof.Body{}, "yearly"); !errors.Is(err, stop) {
			t.Fatal(err)
		}
		if _, err = d.RotateSigningKey(t.Context(), proof.Body{}, "yearly"); !errors.Is(err, stop) {
			t.Errorf("while the first has not come to its end: %v", err)
		}
		d.keys.fs = disk
		before := len(disk.Ops())
		disk.FailAt(before+n, durabletest.PowerGone)
		_, err = d.RotateSigningKey(t.Context(), proof.Body{}, "yearly")
		ops := len(disk.Ops()) - before
		_ = d.Close() // the power is gone
		for _, l := range durabletest.Losses {
			r.signs(t, fmt.Sprintf("operation %d of the second change, then %v", n, l), disk.AfterPowerLoss(l))
		}
		if n > ops {
			must(t, err)
			return
		}
	}
}

// renames is a disk on which the new signing key can't be given its name.
type renames struct {
	durable.FS
	err error
}

// Rename implements [durable.FS].
func (r renames) Rename(oldname, newname string) error {
	if strings.HasSuffix(oldname, nextSuffix) {
		return r.err
	}
	return r.FS.Rename(oldname, newname)
}

// A key that has no successor is not destroyed.
func TestSettleWithoutNext(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	name := filepath.Join(r.dir, "keys", signingFile)
	before, err := os.ReadFile(name)
	must(t, err)
	if err := d.keys.settle(); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if after, err := os.ReadFile(name); err != nil || string(after) != string(before) {
		t.Errorf("the key is gone, %v", err)
	}
}

// Many who accept, or change the key, at once: one accepts, each change has its turn, and the key is there.
func TestParallelKeyChanges(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.wentBack(t)
	d := r.open(t)
	var all sync.WaitGroup
	accepted := make(chan bool, 8)
	for range 8 {
		all.Go(func() {
			_, err := d.Accept(t.Context(), *ana(), proof.Actor{ID: "p2"}, "looked at it")
			accepted <- err == nil
			if _, err := d.RotateSigningKey(t.Context(), proof.Body{Actor: ana()}, "yearly"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	close(accepted)
	n := 0
	for yes := range accepted {
		if yes {
			n++
		}
	}
	if n != 1 || d.Fault() != nil {
		t.Errorf("%d accepted: %v", n, d.Fault())
	}
	shut(t, d)
	if d = r.open(t); d.Fault() != nil {
		t.Error(d.Fault())
	}
	appendAll(t, d, 1)
}

// Checkpoints that leave at once do not stand in each other's way, and the note is of the last.
func TestParallelCheckpoints(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 8 {
				_, err := d.Append(t.Context(), Entry{Op: "collect"}, nil)
				if err == nil {
					_, err = d.Checkpoint(t.Context())
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	note, err := os.ReadFile(filepath.Join(r.dir, "keys", noteFile))
	if err != nil || string(note) != string(d.LastCheckpoint()) {
		t.Errorf("the note is not of the last checkpoint: %v\n%s", err, note)
	}
}
