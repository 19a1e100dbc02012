package unseal

import (
	"errors"
	"runtime"
	"testing"
	"time"

	"varuh/accesslog/people"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// Who reads in a segment that has just been put out of the list of open ones is waited for by a lock like everybody: when
// it has returned, no segment's key is left.
func TestLockWaitsForThoseLeaving(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(r *rig, s footage.Segment, others []footage.Segment) error{
		"too many are open": func(r *rig, _ footage.Segment, others []footage.Segment) (err error) {
			for _, s := range others {
				_, one := r.keys.Read(s, 1, nil)
				err = errors.Join(err, one)
			}
			return err
		},
		"about to be erased": func(r *rig, s footage.Segment, _ []footage.Segment) error { r.keys.Forget(s.ID); return nil },
		"sealed since": func(r *rig, s footage.Segment, _ []footage.Segment) error {
			s.Sealed = true
			_, err := r.keys.Entries(s)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.unlock()
			s, _ := r.segment(t, 2, false)
			var others []footage.Segment
			for range MaxOpen {
				o, _ := r.segment(t, 2, true)
				others = append(others, o)
			}
			_, err := r.keys.Read(s, 1, nil)
			must(t, err)
			h := r.keys.open[s.ID]
			h.mu.Lock() // as whoever reads a record has it
			left := make(chan error, 1)
			go func() { left <- leave(r, s, others) }()
			for r.opened(s) == h {
				runtime.Gosched()
			}
			locked := make(chan bool, 1)
			go func() { locked <- r.keys.Lock() }()
			select {
			case were := <-locked:
				t.Error("the lock returned while a record was being read")
				locked <- were
			case <-time.After(100 * time.Millisecond):
			}
			if !h.unlocked {
				t.Error("the segment's key went from under the hands of whoever read")
			}
			h.mu.Unlock()
			if !<-locked || h.unlocked || !h.gone {
				t.Error("after the lock there still is a segment's key")
			}
			if err := <-left; err != nil && !errors.Is(err, people.ErrLocked) {
				t.Error(err)
			}
			if len(r.keys.leaving) > 0 {
				t.Errorf("%d are leaving for ever", len(r.keys.leaving))
			}
		})
	}
}

// opened is the handle of a segment.
func (r *rig) opened(s footage.Segment) *handle {
	r.keys.mu.Lock()
	defer r.keys.mu.Unlock()
	return r.keys.open[s.ID]
}

// What a rotation has made joins what is here, and nothing that somebody has locked meanwhile; afterwards the old keys go.
func TestJoin(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	next, err := keyring.GenerateKey()
	must(t, err)
	r.keys.Join(people.FootageKey, keyring.Identity{next})
	if !r.keys.Locked(people.FootageKey) {
		t.Error("a rotation has opened what was locked")
	}
	r.keys.Take(people.FootageKey, keyring.Identity{r.reading})
	r.pass(50 * time.Minute)
	r.keys.Join(people.FootageKey, keyring.Identity{next})
	if id, err := r.keys.Aside(people.FootageKey); err != nil || len(id) != 2 {
		t.Errorf("%d keys, %v", len(id), err)
	}
	var worth []keyring.KeyID
	r.keys.o.Worth = func(people.Which) []keyring.KeyID { return worth }
	r.keys.Only()
	if id, err := r.keys.Aside(people.FootageKey); err != nil || len(id) != 2 {
		t.Errorf("where nobody knows what is worth keeping: %d keys, %v", len(id), err)
	}
	worth = []keyring.KeyID{next.Public().ID()}
	r.keys.Only()
	if id, err := r.keys.Aside(people.FootageKey); err != nil || len(id) != 1 || id[0].Public() != next.Public() {
		t.Errorf("after the rotation: %d keys, %v", len(id), err)
	}
	r.pass(10 * time.Minute)
	if !r.keys.Locked(people.FootageKey) {
		t.Error("a rotation counts as a use of the keys")
	}
}
