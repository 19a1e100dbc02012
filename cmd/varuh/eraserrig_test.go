package main

import (
	"errors"
	"log/slog"
	"os"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/recorder"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// laterBoot is a boot of the machine some time later.
type laterBoot struct {
	recorder.Boot
	id    byte
	ahead time.Duration
	clock segment.ClockState
}

func (b *laterBoot) Now() time.Time            { return b.Boot.Now().Add(b.ahead) }
func (b *laterBoot) ID() [16]byte              { return [16]byte{b.id} }
func (b *laterBoot) Clock() segment.ClockState { return b.clock }

// later is a boot so much later, whose clock is set.
func later(t *testing.T, id byte, ahead time.Duration) *laterBoot {
	t.Helper()
	boot, err := recorder.ThisBoot()
	must(t, err)
	return &laterBoot{Boot: boot, id: id, ahead: ahead, clock: segment.Synchronised}
}

// eraser is that of an appliance that does not run, with its diary open until the test ends. What it enters of itself
// is in noted.
func (s *still) eraser(t *testing.T, boot recorder.Boot) (e *eraser, d *diary.Diary, noted *[]diary.Entry) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	d, err := openDiary(t.Context(), s.cfg.State, s.appliance)
	must(t, err)
	t.Cleanup(func() { must(t, d.Close()) })
	e, noted = newEraser(s.site, s.index, openTimekeeper(s.cfg.State, boot, log), log), new([]diary.Entry)
	e.note = func(x diary.Entry) { *noted = append(*noted, x) }
	must(t, e.replay(t.Context(), d, 0))
	return e, d, noted
}

// ops are the operations in a diary.
func ops(t *testing.T, d *diary.Diary) (list []string) {
	t.Helper()
	for e, err := range d.Entries(t.Context(), 0, d.Head().Size) {
		must(t, err)
		list = append(list, e.Op)
	}
	return list
}

func count1(list []string, op string) (n int) {
	for _, o := range list {
		if o == op {
			n++
		}
	}
	return n
}

func (s *still) whole(t *testing.T, store footage.Store, row footage.Segment) {
	t.Helper()
	slot, err := store.Ring.Slot(keyring.Ref{ID: row.ID, Slot: row.Slot})
	_, statErr := os.Stat(store.Path(row.Camera, row.ID))
	_, rowErr := s.index.Get(row.ID)
	if err := errors.Join(err, statErr, rowErr); err != nil || slot.State != keyring.StateSealed {
		t.Errorf("the segment of %s at %s is not whole: %v, %v", row.Camera, row.Start, slot.State, err)
	}
}

// ana is who sets holds.
var ana = proof.Actor{Name: "Ana", Proof: "claimed on the console"}

// herself is Ana as she asks for something, once it is known that it is she.
var herself = who{by: ana}

// claims is somebody of whom a name is known alone.
func claims(name string) who { return who{Actor: name} }

// playedSecond is the other of two persons.
func playedSecond(name string) second {
	if name == "" {
		return second{}
	}
	return second{other: played(name).by}
}

func (b *box) whole(t *testing.T, row footage.Segment, store footage.Store) {
	t.Helper()
	(&still{b.site, b.index}).whole(t, store, row)
}
