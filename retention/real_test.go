package retention

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/durable/durabletest"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// realRig is a purge on real disks: a store that is an ext4 file system of its own, on a sparse image.
type realRig struct {
	*Purge
	dir  string
	list []Erasure
}

func newRealRig(t testing.TB, image int64, n int, size int64) *realRig {
	t.Helper()
	g := &realRig{dir: t.TempDir()}
	store := durabletest.Image(t, image>>20)
	for _, dir := range []string{filepath.Join(g.dir, "keys"), filepath.Join(store, "keys")} {
		must(t, os.Mkdir(dir, 0o700))
	}
	s := footage.Store{ID: keyring.ID{9}, Dir: store}
	s.Ring = must1(keyring.Open(durable.OS, filepath.Join(g.dir, "keys"), filepath.Join(store, "keys"), s.ID, []keyring.PublicKey{owner.Public()}))(t)
	index := filepath.Join(g.dir, "footage.db")
	must1(footage.Rebuild(t.Context(), durable.OS, index, []footage.Store{s}))(t)
	ix := must1(footage.Open(index))(t)
	t.Cleanup(func() { must(t, ix.Close()) })
	g.Purge = NewPurge(PurgeOptions{
		FS: durable.OS, Stores: []footage.Store{s}, Index: ix, Journal: &notebook{name: filepath.Join(g.dir, "diary")},
		Holds: &notices{}, Gate: NewGate(), Late: filepath.Join(g.dir, "retention.late"),
	})
	g.fill(t, ix, n, size)
	return g
}

// fill makes sealed segments with keys, rows and files; the files hold nothing but their space.
func (g *realRig) fill(t testing.TB, ix *footage.Index, n int, size int64) {
	t.Helper()
	g.list = make([]Erasure, n)
	errs := make([]error, n)
	var wg sync.WaitGroup
	for worker := range 64 { // who share the syncs of the keyring
		wg.Go(func() {
			for i := worker; i < n; i += 64 {
				at := taped.Add(time.Duration(i/16) * 10 * time.Minute)
				row := footage.Segment{ID: keyring.NewID(at), Store: g.Stores[0].ID, Camera: fmt.Sprintf("camera-%d", i%16), Stream: "main", Start: at, HeaderStart: at,
					End: at.Add(10 * time.Minute), Bytes: size, Records: 601, Sealed: true, Clock: segment.Synchronised, Format: "H264 1920x1080"}
				_, row.Slot, errs[i] = g.Stores[0].Ring.Create(context.Background(), row.ID, keyring.KindSegment)
				path := g.Stores[0].Path(row.Camera, row.ID)
				errs[i] = errors.Join(errs[i], os.MkdirAll(filepath.Dir(path), 0o700), fallocate(path, size))
				g.list[i] = Erasure{Segment: row, Reason: ByTerm, Due: at.AddDate(1, 0, 0)}
			}
		})
	}
	wg.Wait()
	must(t, errors.Join(errs...))
	for part := range slices.Chunk(g.list, 1000) {
		var rows []footage.Segment
		for _, e := range part {
			rows = append(rows, e.Segment)
		}
		must(t, ix.Sealed(rows...))
	}
	must(t, durable.OS.SyncFS(g.Stores[0].Dir))
}

func fallocate(path string, size int64) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(syscall.Fallocate(int(f.Fd()), 0, 0, size), f.Close())
}

// notebook is a diary that only makes entries durable, one after the other, and remembers its lists.
type notebook struct {
	name    string
	entries int64
	lists   []Started
}

func (n *notebook) Enter(_ context.Context, e Entry) (int64, error) {
	f, err := os.OpenFile(n.name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return 0, err
	}
	_, err = f.Write(append(slices.Clip(e.Manifest), '\n'))
	index := n.entries
	n.entries++
	if e.Op == OpStart {
		n.lists = append(n.lists, Started{Index: index, Manifest: e.Manifest})
	}
	for i := range n.lists {
		n.lists[i].Ended = n.lists[i].Ended || e.Op == OpEnd && n.lists[i].Index == *e.Ref
	}
	return index, errors.Join(err, f.Sync(), f.Close())
}

func (n *notebook) Started(_ context.Context, from int64) iter.Seq2[Started, error] {
	return func(yield func(Started, error) bool) {
		for _, s := range n.lists {
			if (!s.Ended || s.Index >= from) && !yield(s, nil) {
				return
			}
		}
	}
}

// wantFiles demands which files are there.
func (g *realRig) wantFiles(t *testing.T, there bool, list ...Erasure) {
	t.Helper()
	for _, e := range list {
		if _, err := os.Stat(g.path(listed(e))); there != (err == nil) || err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: want it there %v: %v", g.path(listed(e)), there, err)
		}
	}
}

// TestRealDisk has the faults that only a kernel can make: an immutable file, a file system remounted read-only, and
// one on which not a byte is free. Each is told within one run, erases nothing that it should not, and all that
// should goes as soon as it can.
func TestRealDisk(t *testing.T) {
	g := newRealRig(t, 96<<20, 60, 1<<20)
	dir := g.Stores[0].Dir
	must1(g.Replay(t.Context(), after, 0))(t)

	stuck := g.path(listed(g.list[1]))
	durabletest.AsRoot(t, "chattr", "+i", stuck)
	report, err := g.Run(t.Context(), after, planned(g.list[:10]...))
	if !errors.Is(err, syscall.EPERM) || len(report.Failures) != 1 || report.Failures[0].Segment.ID != g.list[1].Segment.ID {
		t.Errorf("with an immutable file: %+v, %v", report, err)
	}
	g.wantFiles(t, true, g.list[1])
	g.wantFiles(t, false, g.list[2:10]...)
	durabletest.AsRoot(t, "chattr", "-i", stuck)
	if report, err := g.Run(t.Context(), after, planned()); err != nil || report.Erased != 10 {
		t.Errorf("when it can be removed: %+v, %v", report, err)
	}

	durabletest.AsRoot(t, "mount", "-o", "remount,ro", dir)
	report, err = g.Run(t.Context(), after, planned(g.list[10:20]...))
	if !errors.Is(err, syscall.EROFS) || len(report.Failures) != 10 || report.Open != 1 {
		t.Errorf("read-only: %+v, %v", report, err)
	}
	g.wantFiles(t, true, g.list[10:20]...)
	report, err = g.Relieve(t.Context(), after, g.Stores[0], 1<<40, func(int64) (Relief, error) { return Relief{Erasures: g.list[20:30]}, nil })
	if err == nil || len(report.Failures) != 11 {
		t.Errorf("beside ten that are stuck pressure is to try one more, and no other: %+v, %v", report, err)
	}
	g.wantFiles(t, true, g.list[10:30]...)
	durabletest.AsRoot(t, "mount", "-o", "remount,rw", dir)
	if report, err := g.Run(t.Context(), after, planned()); err != nil || report.Erased != 11 {
		t.Errorf("when it can be written: %+v, %v", report, err)
	}

	filler := must1(os.Create(filepath.Join(dir, "filler")))(t)
	for size := 1 << 20; size > 0; {
		if n, err := filler.Write(make([]byte, size)); errors.Is(err, syscall.ENOSPC) && n == 0 {
			size /= 2
		}
	}
	must(t, errors.Join(filler.Sync(), filler.Close()))
	if free := must1(durable.OS.Free(dir))(t); free > 64<<10 {
		t.Fatalf("the disk is not full: %d bytes are free", free)
	}
	report, err = g.Relieve(t.Context(), after, g.Stores[0], 8<<20, func(need int64) (Relief, error) {
		return Relief{Erasures: g.list[21 : 21+(need+1<<20-1)>>20]}, nil
	})
	if free := must1(durable.OS.Free(dir))(t); err != nil || free < 8<<20 || report.Erased < 8 || report.Erased > 9 {
		t.Errorf("full: %+v, %v; %d bytes are free", report, err, free)
	}
	g.wantFiles(t, true, g.list[31:]...)
}
