package keyring

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"varuh/recorder/durable/durabletest"
)

func TestRotationWhileRecording(t *testing.T) {
	t.Parallel()
	var ro rotating
	d := durabletest.New()
	ro.before(t, d)
	r := ro.open(t, d)
	rotation := ro.rotation(d, r)
	must(t, rotation.Begin(t.Context(), ro.next.reading, ro.next.recovery.Public(), noon))

	var made []object
	var recording sync.WaitGroup
	recording.Go(func() {
		for range 30 {
			o := create(t, r)
			must(t, r.Seal(t.Context(), o.sealing()))
			made = append(made, o)
		}
		must(t, r.Erase(t.Context(), []Ref{made[0].Ref}))
	})
	done, err := rotation.Finish(t.Context())
	recording.Wait()
	if err != nil || done.Slots < 2 || len(done.Lost) != 0 {
		t.Fatalf("%+v, %v", done, err)
	}
	for _, o := range made[1:] {
		o.opens(t, r, ro.next.reading, ro.next.recovery)
	}
	if s, err := r.Slot(made[0].Ref); err != nil || s.State != StateErased {
		t.Errorf("erased during the rotation: %+v, %v", s, err)
	}
	ro.rotated(t, d)
}

// A Create that sealed its key before a rotation began, and reaches the disk after, seals it anew.
func TestRotationOvertakesCreate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, next := newBox(t), newBox(t)
		_, r := b.disk(t)
		hold := make(chan struct{})
		go r.commit(t.Context(), newTask(func() error { <-hold; return nil })) // keeps the committer busy
		synctest.Wait()
		var o object
		var creating sync.WaitGroup
		creating.Go(func() { o = create(t, r) })
		synctest.Wait() // sealed to the old keys, waiting for the committer
		r.mu.Lock()
		r.pubs = next.pubs()
		r.mu.Unlock()
		close(hold)
		creating.Wait()
		if s := o.opens(t, r, next.reading, next.recovery); !sealedTo(s, next.pubs()) {
			t.Errorf("sealed to %v", s.Keys)
		}
	})
}

func TestRotationRefuses(t *testing.T) {
	t.Parallel()
	var ro rotating
	d := durabletest.New()
	ro.before(t, d)
	r := ro.open(t, d)
	rotation := ro.rotation(d, r)
	if done, err := rotation.Finish(t.Context()); err != nil || done.Slots != 0 {
		t.Errorf("none begun: %+v, %v", done, err)
	}
	must(t, rotation.Begin(t.Context(), ro.next.reading, ro.next.recovery.Public(), noon))
	if err := rotation.Begin(t.Context(), generate(t), generate(t).Public(), noon); err == nil {
		t.Error("a second rotation began before the first ended")
	}
	must(t, d.Remove(keyFile))
	if _, err := rotation.Finish(t.Context()); !errors.Is(err, ErrNoKey) || !strings.Contains(err.Error(), "still needed") {
		t.Errorf("without the old private key: %v", err)
	}
	rotation.Old = Identity{ro.reading} // from a credential
	if _, err := rotation.Finish(t.Context()); err != nil {
		t.Error(err)
	}
	ro.rotated(t, d)
}

// A slot that is damaged in both twins stops no rotation, and is told.
func TestRotationTellsWhatIsLost(t *testing.T) {
	t.Parallel()
	var ro rotating
	d := durabletest.New()
	ro.before(t, d)
	r := ro.open(t, d)
	lost := create(t, r)
	for _, dir := range []string{stateDir, storeDir} {
		overwrite(t, d, twinFile(dir), []byte{0xff}, int64(lost.Slot)*SlotSize)
	}
	rotation := ro.rotation(d, r)
	must(t, rotation.Begin(t.Context(), ro.next.reading, ro.next.recovery.Public(), noon))
	done, err := rotation.Finish(t.Context())
	if err != nil || len(done.Lost) != 1 || !errors.Is(done.Lost[0], ErrDamaged) {
		t.Errorf("%+v, %v", done, err)
	}
	ro.o.opens(t, r, ro.next.reading, ro.next.recovery)
}

func TestCancelledCallerWritesNothing(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	d, r := b.disk(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	before := len(d.Ops())
	if _, _, err := r.Create(ctx, NewID(noon), KindSegment); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if len(d.Ops()) != before {
		t.Error("it wrote")
	}
}
