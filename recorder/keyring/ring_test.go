package keyring

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/durable/durabletest"
)

func TestLifeOfASlot(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.dirsOS(t, func(fsys durable.FS, r *Ring) {
		o := create(t, r)
		if s := o.opens(t, r, b.reading, b.recovery); s.State != StateOpen || s.Fault != nil {
			t.Errorf("after Create: %+v", s)
		}
		must(t, r.Seal(t.Context(), o.sealing()))
		if s := o.opens(t, r, b.reading, b.recovery); s.State != StateSealed || s.Records != 601 || s.Root != [32]byte{1, 2, 3} {
			t.Errorf("after Seal: %+v", s)
		}
		must(t, r.Erase(t.Context(), []Ref{o.Ref}))
		s, err := r.Slot(o.Ref)
		must(t, err)
		if s.State != StateErased || len(s.Keys) != 0 || s.Root != [32]byte{} {
			t.Errorf("after Erase: %+v", s)
		}
	})
}

// dirsOS runs a test on the real file system.
func (b box) dirsOS(t *testing.T, test func(durable.FS, *Ring)) {
	t.Helper()
	state, store := t.TempDir(), t.TempDir()
	r, err := Open(durable.OS, state, store, b.store, b.pubs())
	must(t, err)
	test(durable.OS, r)
}

func TestAgainIsNoError(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	d, r := b.disk(t)
	o := create(t, r)
	ctx := t.Context()
	must(t, r.Seal(ctx, o.sealing()))
	must(t, r.Seal(ctx, o.sealing()))
	other := o.sealing()
	other[0].Records++
	if err := r.Seal(ctx, other); !errors.Is(err, ErrSealed) {
		t.Errorf("sealed with other contents: %v", err)
	}
	must(t, r.Erase(ctx, []Ref{o.Ref, o.Ref}))
	must(t, r.Erase(ctx, []Ref{o.Ref}))
	if err := r.Seal(ctx, o.sealing()); !errors.Is(err, ErrErased) {
		t.Errorf("sealed after its erasure: %v", err)
	}
	sameTwins(t, d)
}

func TestOneBadSlotDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	_, r := b.disk(t)
	good := create(t, r)
	stranger := Ref{ID: NewID(noon), Slot: good.Slot}
	err := r.Seal(t.Context(), append([]Sealing{{Ref: stranger}}, good.sealing()...))
	if !errors.Is(err, ErrNoSlot) || !strings.Contains(err.Error(), stranger.ID.String()) {
		t.Errorf("got %v", err)
	}
	if s := good.opens(t, r); s.State != StateSealed {
		t.Errorf("the good one is %v", s.State)
	}
}

func TestNoSecretOnDisk(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	d, r := b.disk(t)
	o := create(t, r)
	must(t, r.Seal(t.Context(), o.sealing()))
	nowhere(t, d, "/", "the key", o.key[:])
	for _, private := range []PrivateKey{b.reading, b.recovery} {
		secret := private.secret()
		nowhere(t, d, "/", "a private key", secret[:])
	}
	s := o.opens(t, r)
	must(t, r.Erase(t.Context(), []Ref{o.Ref}))
	for _, k := range s.Keys {
		nowhere(t, d, "/", "the sealed key of an erased object", k.Box[:])
	}
}

func TestOldCopyLosesToTombstone(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{stateDir, storeDir} {
		b := newBox(t)
		d, r := b.disk(t)
		o, kept := create(t, r), create(t, r)
		old := files(t, d, "/")[twinFile(dir)]
		must(t, r.Erase(t.Context(), []Ref{o.Ref}))
		must(t, r.Seal(t.Context(), kept.sealing()))
		replace(t, d, twinFile(dir), old)

		r = b.open(t, d)
		s, err := r.Slot(o.Ref)
		if err != nil || s.State != StateErased || s.Fault == nil {
			t.Errorf("%s put back: %+v, %v", dir, s, err)
		}
		if s := kept.opens(t, r, b.reading); s.State != StateSealed {
			t.Errorf("%s put back: the other is %v", dir, s.State)
		}
		m, err := r.Mend(t.Context(), noon)
		if err != nil || len(m.Fixed) != 2 || len(m.Lost) != 0 || m.Slots != 2 {
			t.Errorf("mended: %+v, %v", m, err)
		}
		sameTwins(t, d)
		if s, err := r.Slot(o.Ref); err != nil || s.State != StateErased || s.Fault != nil {
			t.Errorf("after mending: %+v, %v", s, err)
		}
	}
}

func TestOneTwinIsEnough(t *testing.T) {
	t.Parallel()
	damage := map[string]func(*testing.T, *durabletest.Disk, string){
		"torn":    func(t *testing.T, d *durabletest.Disk, name string) { overwrite(t, d, name, make([]byte, 100), 200) },
		"zeros":   func(t *testing.T, d *durabletest.Disk, name string) { overwrite(t, d, name, make([]byte, SlotSize), 0) },
		"missing": func(t *testing.T, d *durabletest.Disk, name string) { must(t, d.Remove(name)) },
		"cut":     func(t *testing.T, d *durabletest.Disk, name string) { replace(t, d, name, []byte("varuhkey")) },
	}
	for what, do := range damage {
		for _, dir := range []string{stateDir, storeDir} {
			b := newBox(t)
			d, r := b.disk(t)
			o := create(t, r)
			do(t, d, twinFile(dir))
			if s := o.opens(t, r, b.reading, b.recovery); s.Fault == nil {
				t.Errorf("%s in %s is not reported", what, dir)
			}
			must(t, r.Seal(t.Context(), o.sealing()))
			sameTwins(t, d)
			if s := o.opens(t, r, b.reading); s.Fault != nil {
				t.Errorf("%s in %s after Seal: %v", what, dir, s.Fault)
			}
		}
	}
}

func TestBothTwinsDamaged(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	d, r := b.disk(t)
	bad, good := create(t, r), create(t, r)
	for _, dir := range []string{stateDir, storeDir} {
		overwrite(t, d, twinFile(dir), []byte{0xff}, 200)
	}
	if _, err := r.Slot(bad.Ref); !errors.Is(err, ErrDamaged) {
		t.Errorf("got %v", err)
	}
	m, err := r.Mend(t.Context(), time.Time{})
	if err != nil || m.Slots != 1 || len(m.Lost) != 1 || !errors.Is(m.Lost[0], ErrDamaged) {
		t.Errorf("mended: %+v, %v", m, err)
	}
	must(t, r.Erase(t.Context(), []Ref{bad.Ref}))
	if s, err := r.Slot(bad.Ref); err != nil || s.State != StateErased {
		t.Errorf("erased though damaged: %+v, %v", s, err)
	}
	good.opens(t, r, b.reading)
}

func TestForeignSlots(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	d, r := b.disk(t)
	o, other := create(t, r), create(t, r)
	raw := files(t, d, "/")[twinFile(storeDir)]
	overwrite(t, d, twinFile(storeDir), raw[SlotSize:2*SlotSize], 0) // moved within its file
	if s := o.opens(t, r, b.reading); s.Fault == nil {
		t.Error("a slot moved within its file is not reported")
	}
	if _, err := r.Slot(Ref{ID: o.ID, Slot: other.Slot}); !errors.Is(err, ErrNoSlot) {
		t.Errorf("another object's number: %v", err)
	}
	if _, err := r.Slot(Ref{ID: o.ID, Slot: 1 << 30}); !errors.Is(err, ErrNoSlot) {
		t.Errorf("a number past the end: %v", err)
	}
	stranger, err := Open(d, stateDir, storeDir, NewID(noon), b.pubs())
	must(t, err)
	if _, err := stranger.Slot(o.Ref); !errors.Is(err, ErrNoSlot) {
		t.Errorf("another store's ring: %v", err)
	}
}

// TestEraseInAnothersPlace: one twin is torn where the other has the slot of another object. Erasing the one that was
// there destroys what the torn twin still has of it, and the other object keeps its key in both.
func TestEraseInAnothersPlace(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{stateDir, storeDir} {
		b := newBox(t)
		d, r := b.disk(t)
		gone := anothersPlace(t, d, r, dir)
		if _, err := r.Slot(gone.Ref); !errors.Is(err, ErrDamaged) {
			t.Errorf("torn in %s: %v", dir, err)
		}
		must(t, r.Erase(t.Context(), []Ref{gone.Ref}))
		sameTwins(t, d)
		gone.owner.opens(t, r, b.reading, b.recovery)
		nowhere(t, d, "/", "the sealed key", gone.box)
		if _, err := r.Slot(gone.Ref); !errors.Is(err, ErrNoSlot) {
			t.Errorf("afterwards: %v", err)
		}
	}
}

// displaced is an object whose slot is torn in one twin, and another's in the other.
type displaced struct {
	object
	owner object
	box   []byte // the torn twin still has it
}

// anothersPlace makes one; dir is the twin that is torn. The owner's slot is the only one of its day: so it has the number.
func anothersPlace(t *testing.T, d durable.FS, r *Ring, dir string) displaced {
	t.Helper()
	was := displaced{object: create(t, r)}
	torn := files(t, d, "/")[twinFile(dir)]
	was.box = torn[atKeys+8 : atKeys+88]
	for _, twin := range []string{stateDir, storeDir} {
		must(t, d.Remove(twinFile(twin)))
	}
	clear(r.next)
	was.owner = create(t, r)
	torn[300] ^= 0xff // of the second box
	overwrite(t, d, twinFile(dir), torn, 0)
	return was
}

func TestNewerVersionIsLeftAlone(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	d, r := b.disk(t)
	o := create(t, r)
	image := [SlotSize]byte(files(t, d, "/")[twinFile(storeDir)])
	image[atVersion+1]++
	resum(&image)
	overwrite(t, d, twinFile(storeDir), image[:], 0)
	before := files(t, d, "/")[twinFile(storeDir)]
	for what, err := range map[string]error{
		"Seal":  r.Seal(t.Context(), o.sealing()),
		"Erase": r.Erase(t.Context(), []Ref{o.Ref}),
	} {
		if !errors.Is(err, ErrVersion) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if after := files(t, d, "/")[twinFile(storeDir)]; string(after) != string(before) {
		t.Error("it was overwritten")
	}
}

func TestNumbersAreNeverUsedTwice(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	d, r := b.disk(t)
	first := create(t, r)
	d.FailAt(len(d.Ops()), durabletest.Fails)
	if _, _, err := r.Create(t.Context(), NewID(noon), KindSegment); !errors.Is(err, durabletest.ErrFault) {
		t.Fatalf("got %v", err)
	}
	second := create(t, r)
	if second.Slot != first.Slot+2 {
		t.Errorf("numbers %d and %d around one that failed", first.Slot, second.Slot)
	}
	if third := create(t, b.open(t, d)); third.Slot != second.Slot+1 {
		t.Errorf("number %d after a restart", third.Slot)
	}
	n := 0
	for _, err := range r.All(time.Time{}) {
		must(t, err)
		n++
	}
	if n != 3 {
		t.Errorf("All met %d slots, want 3", n)
	}
}

func TestErasureNeedsNoSpace(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	d, r := b.disk(t)
	o := create(t, r)
	d.SetFree(SlotSize / 2)
	for range 3 {
		if _, _, err := r.Create(t.Context(), NewID(noon), KindSegment); !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("Create on a full disk: %v", err)
		}
	}
	must(t, r.Seal(t.Context(), o.sealing()))
	must(t, r.Erase(t.Context(), []Ref{o.Ref}))
	d.SetFree(-1)
	create(t, r).opens(t, r, b.reading)
	m, err := b.open(t, d).Mend(t.Context(), time.Time{})
	if err != nil || len(m.Lost) != 0 {
		t.Errorf("mended: %+v, %v", m, err)
	}
}

func TestUnmountedDisk(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	d := durabletest.New()
	must(t, durable.MkdirAll(d, stateDir, 0o700))
	_, err := Open(d, stateDir, storeDir, b.store, b.pubs())
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "mounted?") {
		t.Errorf("got %v", err)
	}
}

func TestWithoutPublicKeys(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	d, r := b.disk(t)
	o := create(t, r)
	r, err := Open(d, stateDir, storeDir, b.store, nil)
	must(t, err)
	if _, _, err := r.Create(t.Context(), NewID(noon), KindSegment); err == nil {
		t.Error("a slot was made that nobody could open")
	}
	must(t, r.Erase(t.Context(), []Ref{o.Ref}))
}

// On a disk that takes 200 ms a sync, 32 cameras that end together are sealed within a second,
// and 32 that begin on a new day within a second and a half.
func TestCamerasShareSyncs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBox(t)
		d, r := b.disk(t)
		d.OnOp(func(op durabletest.Op) {
			if strings.HasPrefix(op.Kind, "Sync") {
				time.Sleep(200 * time.Millisecond) // the bubble's time
			}
		})
		objects := make([]object, 32)
		together := func(limit time.Duration, work func(i int)) {
			t.Helper()
			var all sync.WaitGroup
			start := time.Now()
			for i := range objects {
				all.Go(func() { work(i) })
			}
			all.Wait()
			if took := time.Since(start); took > limit {
				t.Errorf("took %v, want at most %v", took, limit)
			}
		}
		together(1600*time.Millisecond, func(i int) { objects[i] = create(t, r) })
		together(time.Second, func(i int) { must(t, r.Seal(t.Context(), objects[i].sealing())) })
		for _, o := range objects {
			o.opens(t, r, b.reading)
		}
	})
}

func TestStalledDiskLetsCallersGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBox(t)
		d, r := b.disk(t)
		o := create(t, r)
		stall := make(chan struct{})
		d.OnOp(func(durabletest.Op) { <-stall })
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if err := r.Seal(ctx, o.sealing()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if s := o.opens(t, r, b.reading); s.State != StateOpen {
			t.Errorf("while the disk stalls: %v", s.State)
		}
		close(stall)
		must(t, r.Seal(t.Context(), o.sealing()))
		o.opens(t, r, b.reading)
	})
}

func TestReadersSeeWholeSlots(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.dirsOS(t, func(_ durable.FS, r *Ring) {
		o := create(t, r)
		var all sync.WaitGroup
		all.Go(func() {
			for range 50 {
				must(t, r.Seal(t.Context(), o.sealing()))
			}
		})
		for range 500 {
			if s, err := r.Slot(o.Ref); err != nil || s.Fault != nil {
				t.Error(err, s.Fault)
			}
		}
		all.Wait()
	})
}
