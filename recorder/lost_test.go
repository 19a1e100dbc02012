package recorder

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// A segment whose file is gone, or was cut, is told of with its row, whatever its key slot says; one that was
// erased is not told of as lost.
func TestLostSegmentsAreTold(t *testing.T) {
	g := newRig(t, nil)
	r := g.open()
	defer func() { must(t, g.opts.Index.Close()) }()
	begin := func(state keyring.State, file string) footage.Segment {
		t.Helper()
		row := footage.NewSegment(segment.Header{ID: keyring.NewID(r.Boot.Now()), Store: g.store.ID, Camera: "door", Stream: "main", Start: r.Boot.Now()})
		_, slot, err := g.store.Ring.Create(t.Context(), row.ID, keyring.KindSegment)
		must(t, err)
		row.Slot = slot
		ref := keyring.Ref{ID: row.ID, Slot: slot}
		if state == keyring.StateSealed {
			must(t, g.store.Ring.Seal(t.Context(), []keyring.Sealing{{Ref: ref, Records: 7, Root: [32]byte{7}}}))
		}
		if state == keyring.StateErased {
			must(t, g.store.Ring.Erase(t.Context(), []keyring.Ref{ref}))
		}
		must(t, r.Index.Begin(row))
		if file != "" {
			path := g.store.Path("door", row.ID)
			must(t, os.MkdirAll(filepath.Dir(path), 0o700))
			must(t, os.WriteFile(path, []byte(file), 0o600))
		}
		return row
	}
	for name, tt := range map[string]struct {
		state keyring.State
		file  string
		kind  string
		told  bool
		gone  bool // the error says so
		kept  bool // the row
	}{
		"open, gone":           {keyring.StateOpen, "", EventVanished, true, true, false},
		"open, without a head": {keyring.StateOpen, "x", EventVanished, true, false, false},
		"sealed, gone":         {keyring.StateSealed, "", EventDamaged, true, true, true},
		"sealed, cut":          {keyring.StateSealed, "varuh", EventDamaged, true, false, true},
		"erased":               {keyring.StateErased, "", EventVanished, false, false, false},
		"erased, file there":   {keyring.StateErased, "x", EventVanished, false, false, false},
	} {
		row := begin(tt.state, tt.file)
		g.events = nil
		must(t, r.disks[0].mendOne(t.Context(), torn{row: row}))
		if len(g.events) != 1 || g.events[0].Kind != tt.kind || g.events[0].Camera != "door" || g.events[0].Sentence == "" {
			t.Errorf("%s: told as %+v", name, g.events)
			continue
		}
		e := g.events[0]
		if told := e.Segment != nil && e.Segment.ID == row.ID; told != tt.told || errors.Is(e.Err, fs.ErrNotExist) != tt.gone {
			t.Errorf("%s: told as %+v", name, e)
		}
		if _, err := r.Index.Get(row.ID); (err == nil) != tt.kept {
			t.Errorf("%s: the row: %v", name, err)
		}
	}
}
