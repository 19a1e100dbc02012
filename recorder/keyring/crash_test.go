package keyring

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/durable/durabletest"
)

// scene is a ring with neighbours on one disk, for the crash table of one operation.
type scene struct {
	box
	neighbours []object
	o          object // what the operation works on
}

// before makes a disk on which the ring has the scene's objects, the middle one being o.
func (sc *scene) before(t *testing.T, d *durabletest.Disk) {
	t.Helper()
	sc.box = newBox(t)
	sc.dirs(t, d)
	r := sc.open(t, d)
	a, o, z := create(t, r), create(t, r), create(t, r)
	must(t, r.Seal(t.Context(), a.sealing()))
	sc.neighbours, sc.o = []object{a, z}, o
}

// restart is what the next start does: it mends the twins, after which they are equal and nothing
// that was there before the operation is lost.
func (sc *scene) restart(t *testing.T, d *durabletest.Disk) *Ring {
	t.Helper()
	r := sc.open(t, d)
	for _, o := range sc.neighbours {
		o.opens(t, r, sc.reading, sc.recovery)
	}
	m, err := r.Mend(t.Context(), noon)
	if err != nil || len(m.Lost) > 0 {
		t.Fatalf("mended: %+v, %v", m, err)
	}
	for s, err := range r.All(time.Time{}) {
		if err != nil || s.Fault != nil {
			t.Fatalf("after mending: %+v, %v", s, err)
		}
	}
	for _, o := range sc.neighbours {
		o.opens(t, r, sc.reading, sc.recovery)
	}
	return r
}

// ring opens the ring inside the work of a story, where failing is part of the game.
func (sc *scene) ring(d *durabletest.Disk) (*Ring, error) {
	return Open(d, stateDir, storeDir, sc.store, sc.pubs())
}

func TestCrashInCreate(t *testing.T) {
	t.Parallel()
	var sc scene
	durabletest.Sweep(t, durabletest.Story{
		Before: func(t *testing.T, d *durabletest.Disk) {
			sc = scene{box: newBox(t)}
			sc.dirs(t, d)
		},
		Do: func(d *durabletest.Disk) (err error) {
			r, err := sc.ring(d)
			if err != nil {
				return err
			}
			sc.o = object{Ref: Ref{ID: NewID(noon)}}
			sc.o.key, sc.o.Slot, err = r.Create(t.Context(), sc.o.ID, KindSegment)
			return err
		},
		Check: func(t *testing.T, d *durabletest.Disk, did error) {
			r := sc.restart(t, d)
			if did == nil {
				sc.o.opens(t, r, sc.reading, sc.recovery)
			}
			for s, err := range r.All(time.Time{}) { // an orphan is whole
				must(t, err)
				if _, err := (Identity{sc.recovery}).Open(sc.store, s); err != nil {
					t.Error(err)
				}
			}
			create(t, r).opens(t, r, sc.reading)
		},
	})
}

func TestCrashInSeal(t *testing.T) {
	t.Parallel()
	var sc scene
	durabletest.Sweep(t, durabletest.Story{
		Before: sc.before,
		Do: func(d *durabletest.Disk) error {
			r, err := sc.ring(d)
			if err != nil {
				return err
			}
			return r.Seal(t.Context(), sc.o.sealing())
		},
		Check: func(t *testing.T, d *durabletest.Disk, did error) {
			r := sc.restart(t, d)
			s := sc.o.opens(t, r, sc.reading, sc.recovery)
			if did == nil && s.State != StateSealed {
				t.Errorf("sealed, then %v", s.State)
			}
			must(t, r.Seal(t.Context(), sc.o.sealing()))
			sameTwins(t, d)
		},
	})
}

func TestCrashInErase(t *testing.T) {
	t.Parallel()
	var sc scene
	var boxes []SealedKey
	durabletest.Sweep(t, durabletest.Story{
		Before: func(t *testing.T, d *durabletest.Disk) {
			sc.before(t, d)
			boxes = sc.o.opens(t, sc.open(t, d)).Keys
		},
		Do: func(d *durabletest.Disk) error {
			r, err := sc.ring(d)
			if err != nil {
				return err
			}
			return r.Erase(t.Context(), []Ref{sc.o.Ref})
		},
		Check: func(t *testing.T, d *durabletest.Disk, did error) {
			if did == nil {
				sc.gone(t, d, boxes)
			}
			r := sc.restart(t, d)
			s, err := r.Slot(sc.o.Ref)
			must(t, err)
			if s.State != StateErased {
				sc.o.opens(t, r, sc.reading, sc.recovery) // whole, since not gone
			}
			must(t, r.Erase(t.Context(), []Ref{sc.o.Ref}))
			sc.gone(t, d, boxes)
			sameTwins(t, d)
		},
	})
}

func (sc *scene) gone(t *testing.T, d *durabletest.Disk, boxes []SealedKey) {
	t.Helper()
	for _, k := range boxes {
		nowhere(t, d, "/", "a sealed key of the erased object", k.Box[:])
	}
}

// A twin that is torn is not the only one to be whole, and stays so until the other is whole again.
func TestCrashWhileOneTwinIsBad(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{stateDir, storeDir} {
		var sc scene
		durabletest.Sweep(t, durabletest.Story{
			Before: func(t *testing.T, d *durabletest.Disk) {
				sc.before(t, d)
				overwrite(t, d, twinFile(dir), make([]byte, 256), int64(sc.o.Slot)*SlotSize+100)
			},
			Do: func(d *durabletest.Disk) error {
				r, err := sc.ring(d)
				if err != nil {
					return err
				}
				return r.Seal(t.Context(), sc.o.sealing())
			},
			Check: func(t *testing.T, d *durabletest.Disk, did error) {
				s := sc.o.opens(t, sc.restart(t, d), sc.reading, sc.recovery)
				if did == nil && s.State != StateSealed {
					t.Errorf("sealed, then %v", s.State)
				}
			},
		})
	}
}

func TestCrashInRetire(t *testing.T) {
	t.Parallel()
	var sc scene
	durabletest.Sweep(t, durabletest.Story{
		Before: func(t *testing.T, d *durabletest.Disk) {
			sc.before(t, d)
			must(t, sc.open(t, d).Erase(t.Context(), []Ref{sc.o.Ref, sc.neighbours[0].Ref, sc.neighbours[1].Ref}))
			sc.neighbours = nil
		},
		Do: func(d *durabletest.Disk) error {
			r, err := sc.ring(d)
			if err != nil {
				return err
			}
			return r.Retire(t.Context(), noon)
		},
		Check: func(t *testing.T, d *durabletest.Disk, did error) {
			r := sc.restart(t, d)
			if s, err := r.Slot(sc.o.Ref); err != nil || s.State != StateErased {
				t.Errorf("%+v, %v", s, err)
			}
			must(t, r.Retire(t.Context(), noon))
			sameTwins(t, d)
			if next := create(t, r); next.Slot != 3 {
				t.Errorf("number %d given out again", next.Slot)
			}
		},
	})
}

// TestCrashInAnothersPlace: a power cut while a place is erased that one twin has torn and the other for another object
// costs that object nothing, and erasing again ends it.
func TestCrashInAnothersPlace(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{stateDir, storeDir} {
		var sc scene
		var was displaced
		durabletest.Sweep(t, durabletest.Story{
			Before: func(t *testing.T, d *durabletest.Disk) {
				sc.box, sc.neighbours = newBox(t), nil
				sc.dirs(t, d)
				was = anothersPlace(t, d, sc.open(t, d), dir)
				sc.neighbours = []object{was.owner}
			},
			Do: func(d *durabletest.Disk) error {
				r, err := sc.ring(d)
				if err != nil {
					return err
				}
				return r.Erase(t.Context(), []Ref{was.Ref})
			},
			Check: func(t *testing.T, d *durabletest.Disk, did error) {
				r := sc.restart(t, d)
				if _, err := r.Slot(was.Ref); !errors.Is(err, ErrNoSlot) {
					t.Errorf("once the twins are mended: %v", err)
				}
				nowhere(t, d, "/", "the sealed key", was.box)
				sameTwins(t, d)
				was.owner.opens(t, r, sc.reading)
			},
		})
	}
}

// rotating is a scene with key files.
type rotating struct {
	scene
	next box // the keys that come
}

const (
	keyFile     = "/state/reading.key"
	publicState = "/state/keys/public.json"
	publicStore = "/store/keys/public.json"
)

func (ro *rotating) before(t *testing.T, d *durabletest.Disk) {
	t.Helper()
	ro.scene.before(t, d)
	ro.next = newBox(t)
	must(t, WriteKeyFile(d, keyFile, ro.reading))
	for _, name := range []string{publicState, publicStore} {
		must(t, WritePublic(d, name, NewPublic(ro.reading.Public(), ro.recovery.Public(), noon)))
	}
	must(t, ro.open(t, d).Erase(t.Context(), []Ref{ro.neighbours[0].Ref}))
	ro.neighbours = ro.neighbours[1:]
}

func (ro *rotating) rotation(d durable.FS, r *Ring) Rotation {
	return Rotation{FS: d, Rings: []*Ring{r}, Publics: []string{publicState, publicStore}, KeyFile: keyFile}
}

func TestCrashInRotation(t *testing.T) {
	t.Parallel()
	var ro rotating
	durabletest.Sweep(t, durabletest.Story{
		Before: ro.before,
		Do: func(d *durabletest.Disk) error {
			r, err := ro.ring(d)
			if err != nil {
				return err
			}
			rotation := ro.rotation(d, r)
			if err := rotation.Begin(t.Context(), ro.next.reading, ro.next.recovery.Public(), noon); err != nil {
				return err
			}
			_, err = rotation.Finish(t.Context())
			return err
		},
		Check: func(t *testing.T, d *durabletest.Disk, did error) {
			ro.readable(t, d)
			if did != nil {
				ro.goOn(t, d)
			}
			ro.rotated(t, d)
		},
	})
}

// readable checks that the private keys on disk open everything, wherever the rotation stands.
func (ro *rotating) readable(t *testing.T, d *durabletest.Disk) {
	t.Helper()
	keys, err := ReadIdentity(d, keyFile)
	must(t, err)
	r := ro.open(t, d)
	for _, o := range []object{ro.o, ro.neighbours[0]} {
		s, err := r.Slot(o.Ref)
		must(t, err)
		if got, err := keys.Open(ro.store, s); err != nil || got != o.key {
			t.Fatalf("the keys on disk do not open %v: %v", o.Ref, err)
		}
	}
}

// goOn ends the rotation as the next start would.
func (ro *rotating) goOn(t *testing.T, d *durabletest.Disk) {
	t.Helper()
	p, err := ReadPublic(d, publicState)
	must(t, err)
	rotation := ro.rotation(d, ro.open(t, d))
	if !p.Rotating() && p.Current()[0] == ro.reading.Public() {
		must(t, rotation.Begin(t.Context(), ro.next.reading, ro.next.recovery.Public(), noon))
	}
	_, err = rotation.Finish(t.Context())
	must(t, err)
}

// rotated checks that only the new keys open anything, and that nothing of the old ones is left.
func (ro *rotating) rotated(t *testing.T, d *durabletest.Disk) {
	t.Helper()
	r := ro.open(t, d)
	for _, o := range []object{ro.o, ro.neighbours[0]} {
		o.opens(t, r, ro.next.reading, ro.next.recovery)
	}
	sameTwins(t, d)
	old := ro.reading.Public().ID()
	for name, b := range files(t, d, "/") {
		if bytes.Contains(b, old[:]) || bytes.Contains(b, []byte(old.String())) {
			t.Errorf("%s still names the old key", name)
		}
	}
	k, err := ReadKeyFile(d, keyFile)
	if err != nil || k.Public() != ro.next.reading.Public() {
		t.Errorf("the key file holds %v, %v", k, err)
	}
	if all := files(t, d, "/"); !bytes.Equal(all[publicState], all[publicStore]) {
		t.Error("the public key files differ")
	}
	if _, left := files(t, d, "/")[nextKeyFile(keyFile)]; left {
		t.Error("the new private key is there twice")
	}
}
