package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"

	"varuh/accesslog/hold"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// holding is a hold that was being set when the program was killed.
type holding struct {
	camera string
	way    int // see killedHolding
	due    []footage.Segment
	told   *hold.Effect // what the command was told; nil: it was cut off
}

// kill -9 of the whole program while it erases and a hold is being set on what it erases. What the command was told is
// entered; and a hold that is entered has kept all of its segments, but those that its entry counts as erased before. Where
// none is entered all are gone. No segment is ever half there.
func TestKilledSettingHold(t *testing.T) {
	t.Parallel()
	v := newVictim(t, "one", "two")
	v.old(t, 0)
	rounds := 6
	if os.Getenv("VARUH_LONG") != "" {
		rounds = 60
	}
	var all []holding
	for i := 0; i < rounds || !met(all) && i < 5*rounds; i++ {
		due := 50
		if i >= rounds {
			due = 400 // a busy machine erases fewer before the hold comes
		}
		all = append(all, v.killedHolding(t, fmt.Sprintf("c%d", i), i%3, due))
	}
	cmd := v.serve(t)
	v.until(t, func(st status) bool { return !st.Terms.At.IsZero() && st.Terms.Due == 0 })
	must(t, errors.Join(cmd.Process.Signal(syscall.SIGTERM), cmd.Wait()))

	won, late, cut, saved := 0, 0, 0, 0
	v.offline(t, func(s *still) {
		before := v.held(t, s)
		for _, h := range all {
			n, entered := before[h.camera]
			if !entered {
				n = len(h.due)
			}
			if gone := s.wentOf(t, h.due); gone != n {
				t.Errorf("of %d segments of %s %d are gone, want %d (entered: %v)", len(h.due), h.camera, gone, n, entered)
			}
			switch {
			case h.told == nil && entered:
				saved++
				fallthrough
			case h.told == nil:
				cut++
			case !entered || len(h.told.Late) != n || h.told.Segments != len(h.due)-n:
				t.Errorf("%s: the command was told of %d that came too late and %d kept; the diary of %d and %d (entered: %v)", h.camera, len(h.told.Late), h.told.Segments, n, len(h.due)-n, entered)
			default:
				s.names(t, h)
			}
			if entered && n < len(h.due) {
				won++
			}
			if entered && n > 0 {
				late++
			}
		}
	})
	t.Logf("of %d holds %d kept something, %d came too late for something; %d commands were cut off, %d of them once it was entered", len(all), won, late, cut, saved)
	if won == 0 || late == 0 || cut == 0 || saved == 0 {
		t.Error("each of these must be met")
	}
}

// met tells whether a command was cut off once its hold was entered, and another was told of a hold that won in part.
func met(all []holding) bool {
	cut, won := false, false
	for _, h := range all {
		cut = cut || h.told == nil && h.way == 2
		won = won || h.told != nil && len(h.told.Late) > 0 && len(h.told.Late) < len(h.due)
	}
	return cut && won
}

// killedHolding lets the program erase segments of a camera in two stores, sets a hold on all of them when the first file
// goes, and kills the program: once the command is told (0), when the database changes (1), which may be the hold's entry,
// or (2) when what is held is remembered beside the keys, after the entry and before the command is told.
func (v *victim) killedHolding(t *testing.T, camera string, way, due int) holding {
	t.Helper()
	h, store := holding{camera: camera, way: way, due: v.due(t, camera, due)}, v.stores(t)[0]
	going, forget := watch(t, store.Path(camera, h.due[0].ID), fsnotify.Remove)
	defer forget()
	cmd := v.begin(t)
	v.await(t, going)
	changed, told := make(<-chan struct{}), make(chan *hold.Effect, 1)
	if way > 0 {
		name := []string{1: diaryFile(v.dir) + "-wal", 2: filepath.Join(v.dir, "keys", store.ID.String(), "kept.mark")}[way]
		var forget func()
		changed, forget = watch(t, name, fsnotify.Write|fsnotify.Create)
		defer forget()
	}
	go func() {
		defer close(told) // it was cut off, if nothing is in it
		order := holdOrder{who: claims("Ana"), ground: ground{Basis: "order", Review: time.Now().AddDate(0, 1, 0).Format(time.DateOnly)}, Kind: "order",
			span: span{camera, h.due[0].Start.Format(time.RFC3339Nano), h.due[len(h.due)-1].End.Format(time.RFC3339Nano)}}
		var e hold.Effect
		if err := askFor(t.Context(), v.dir, askHold.path, order, &e); err == nil {
			told <- &e
		}
	}()
	select {
	case h.told = <-told:
		v.kill(t, cmd)
	case <-changed:
		v.kill(t, cmd)
		h.told = <-told
	}
	if h.told == nil && way == 0 {
		t.Errorf("no hold could be set on %s:\n%s", camera, v.log)
	}
	return h
}

// held are the cameras with a hold in the diary, and how many segments its entry counts as erased before.
func (v *victim) held(t *testing.T, s *still) map[string]int {
	t.Helper()
	cameras := map[string]int{}
	ops, bodies, _ := entries(t, &clerk{state: v.dir, appliance: s.appliance, index: s.index}, v.keys)
	for i, b := range bodies {
		if ops[i] != "hold.set" {
			continue
		}
		n, _ := b.Data["erased_before"].(int64) // missing: none
		for _, o := range b.Objects {
			cameras[o.Camera] = int(n)
		}
	}
	return cameras
}

// wentOf counts the segments that are gone, and fails unless the others are whole.
func (s *still) wentOf(t *testing.T, due []footage.Segment) (gone int) {
	t.Helper()
	for _, r := range due {
		if _, err := s.index.Get(r.ID); errors.Is(err, footage.ErrUnknown) {
			s.gone(t, s.storeOf(r), r)
			gone++
			continue
		}
		s.whole(t, s.storeOf(r), r)
	}
	return gone
}

// names fails unless what a command was told names what was erased before.
func (s *still) names(t *testing.T, h holding) {
	t.Helper()
	named := map[keyring.ID]bool{}
	for _, l := range h.told.Late {
		named[l.ID] = true
	}
	for _, r := range h.due {
		if _, err := s.index.Get(r.ID); (err == nil) == named[r.ID] {
			t.Errorf("%s at %s: %v, and named as erased before: %v", h.camera, r.Start, err, named[r.ID])
		}
	}
}

func (s *still) storeOf(r footage.Segment) footage.Store {
	return s.stores[slices.IndexFunc(s.stores, func(st footage.Store) bool { return st.ID == r.Store })]
}
