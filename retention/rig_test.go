package retention

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io/fs"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/durable/durabletest"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// must1 is must for a call with one result.
func must1[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		must(t, err)
		return v
	}
}

// Where a rig keeps things.
const (
	rigState = "/state"
	rigStore = "/store"
	rigLate  = "/state/retention.late"
)

// taped is when the rigs recorded, and after is a year and a day later.
var (
	taped = time.Date(2025, 11, 21, 23, 40, 0, 0, time.UTC)
	after = Present{Certain: taped.AddDate(1, 0, 1)}
)

// owner opens what the rigs record.
var owner = func() keyring.PrivateKey {
	k, err := keyring.GenerateKey()
	if err != nil {
		panic(err)
	}
	return k
}()

// medium is what a rig lies on: a simulated disk, so that diary, index and store fail and lose power together, or a
// folder.
type medium interface {
	durable.FS
	Files(dir string) []string
}

// rig is a purge with a diary, an index and a store on one disk.
type rig struct {
	*Purge
	on     medium
	disk   *durabletest.Disk // the same, if it is simulated
	diary  *tape
	index  *rowFile
	holds  *notices
	events []Event
}

// newRig opens what is on a simulated disk, or makes it; newRigOn does on any.
func newRig(t testing.TB, d *durabletest.Disk) *rig {
	t.Helper()
	g := newRigOn(t, d)
	g.disk = d
	return g
}

func newRigOn(t testing.TB, d medium) *rig {
	t.Helper()
	g := &rig{on: d, diary: &tape{disk: d}, index: &rowFile{disk: d}, holds: &notices{}}
	if _, err := d.Stat(rigStore + "/keys"); err != nil {
		must(t, durable.MkdirAll(d, rigState+"/keys", 0o700))
		must(t, durable.MkdirAll(d, rigStore+"/keys", 0o700))
	}
	ring := must1(keyring.Open(d, rigState+"/keys", rigStore+"/keys", keyring.ID{9}, []keyring.PublicKey{owner.Public()}))(t)
	g.Purge = NewPurge(PurgeOptions{
		FS: d, Stores: []footage.Store{{ID: keyring.ID{9}, Dir: rigStore, Ring: ring}}, Index: g.index, Journal: g.diary,
		Holds: g.holds, Gate: NewGate(), Late: rigLate, Events: func(e Event) { g.events = append(g.events, e) },
	})
	return g
}

// record makes sealed segments of a camera, ten minutes each, and their rows.
func (g *rig) record(t testing.TB, camera string, start time.Time, n int) (list []Erasure) {
	t.Helper()
	store := g.Stores[0]
	for i := range n {
		at := start.Add(time.Duration(i) * 10 * time.Minute)
		h := segment.Header{ID: keyring.NewID(at), Store: store.ID, Camera: camera, Stream: "main", Run: keyring.ID{5}, Boot: [16]byte{6},
			Start: at, Clock: segment.Synchronised, Format: "H264 640x360"}
		key, slot, err := store.Ring.Create(t.Context(), h.ID, keyring.KindSegment)
		must(t, err)
		h.Slot = slot
		path := store.Path(camera, h.ID)
		must(t, durable.MkdirAll(g.on, filepath.Dir(path), 0o700))
		w := must1(segment.Create(g.on, path, h, key, segment.AES256GCM))(t)
		must(t, w.Append(segment.Record{Kind: segment.Init, Start: at}, box("ftyp", nil)))
		must(t, w.Append(segment.Record{Kind: segment.Video, Start: at, Duration: 10 * time.Minute}, slices.Concat(box("moof", make([]byte, 8)), box("mdat", []byte(camera)))))
		seal := must1(w.Seal(false))(t)
		must(t, w.Sync())
		row := footage.NewSegment(h).WithSeal(seal, w.Size())
		must(t, w.Close())
		must(t, g.on.SyncDir(filepath.Dir(path)))
		must(t, store.Ring.Seal(t.Context(), []keyring.Sealing{{Ref: keyring.Ref{ID: row.ID, Slot: slot}, Records: row.Records, Root: row.Root}}))
		must(t, g.index.change(func(ids []keyring.ID) []keyring.ID { return append(ids, row.ID) }))
		list = append(list, Erasure{Segment: row, Reason: ByTerm, Due: at.AddDate(1, 0, 0)})
	}
	return list
}

func box(name string, payload []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(8+len(payload)))
	return append(append(b, name...), payload...)
}

// file is where the file of a segment lies.
func (g *rig) file(e Erasure) string { return g.path(listed(e)) }

// there says what is left of a segment: any of key, file and row, sorted. A key is left if one twin alone has it.
func (g *rig) there(t testing.TB, e Erasure) (left []string) {
	t.Helper()
	if _, err := g.on.Stat(g.file(e)); err == nil {
		left = append(left, "file")
	} else if !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	slot := e.Segment.Slot
	for _, dir := range []string{rigState, rigStore} {
		b, err := durable.ReadFile(g.on, filepath.Join(dir, "keys", "slots", e.Segment.ID.Time().Format(time.DateOnly)+".slots"), 1<<20)
		must(t, err)
		const countOfKeys = 88 // in a slot, see FORMAT.md of the keyring
		if b[keyring.SlotSize*slot+countOfKeys] > 0 && !slices.Contains(left, "key") {
			left = append(left, "key")
		}
	}
	if slices.Contains(must1(g.index.read())(t), e.Segment.ID) {
		left = append(left, "row")
	}
	return left
}

// wantGone and wantWhole demand what is left of segments.
func (g *rig) wantGone(t testing.TB, list ...Erasure) {
	t.Helper()
	for _, e := range list {
		if left := g.there(t, e); len(left) > 0 {
			t.Errorf("of %s of %s there is still %v", e.Segment.ID, e.Segment.Camera, left)
		}
	}
}

func (g *rig) wantWhole(t testing.TB, list ...Erasure) {
	t.Helper()
	for _, e := range list {
		if left := g.there(t, e); len(left) < 3 {
			t.Errorf("of %s of %s there is only %v", e.Segment.ID, e.Segment.Camera, left)
		}
	}
}

// wantEntries demands the operations in the diary.
func (g *rig) wantEntries(t testing.TB, ops ...string) []entry {
	t.Helper()
	entries := must1(g.diary.read())(t)
	var have []string
	for _, e := range entries {
		have = append(have, e.Op)
	}
	if !slices.Equal(have, ops) {
		t.Errorf("the diary has %v, want %v", have, ops)
	}
	return entries
}

// wantEvents demands the kinds of the events so far, and forgets them.
func (g *rig) wantEvents(t testing.TB, kinds ...string) {
	t.Helper()
	var have []string
	for _, e := range g.events {
		have = append(have, e.Kind)
		if strings.Contains(e.Sentence, "%!") || e.Sentence == "" {
			t.Errorf("an event says %q", e.Sentence)
		}
	}
	if !slices.Equal(have, kinds) {
		t.Errorf("events %v, want %v", have, kinds)
	}
	g.events = nil
}

// start does what a start does, and demands that it works.
func (g *rig) start(t testing.TB, from int64) Report {
	t.Helper()
	return must1(g.Replay(t.Context(), after, from))(t)
}

// entry is one entry of a tape.
type entry struct {
	Op       string
	Ref      *int64
	Manifest []byte
	Data     map[string]any
}

// tape is a diary in one file of the simulated disk.
type tape struct {
	disk durable.FS
	down error // of every call
	hook func(op string)
	lies string // operation whose entry is written although Enter fails
}

const tapeFile = rigState + "/diary.json"

func (d *tape) read() (list []entry, err error) { return list, readJSON(d.disk, tapeFile, &list) }

func (d *tape) Enter(_ context.Context, e Entry) (int64, error) {
	if d.hook != nil {
		d.hook(e.Op)
	}
	if d.down != nil && d.lies != e.Op {
		return 0, d.down
	}
	list, err := d.read()
	if err != nil {
		return 0, err
	}
	list = append(list, entry{e.Op, e.Ref, e.Manifest, e.Data})
	return int64(len(list) - 1), errors.Join(writeJSON(d.disk, tapeFile, list), d.down)
}

func (d *tape) Started(_ context.Context, from int64) iter.Seq2[Started, error] {
	return func(yield func(Started, error) bool) {
		list, err := d.read()
		if err = errors.Join(err, d.down); err != nil {
			yield(Started{}, err)
			return
		}
		for i, e := range list {
			s := Started{Index: int64(i), Manifest: e.Manifest}
			for _, end := range list {
				if end.Op == OpEnd && *end.Ref == s.Index {
					s.Ended, s.End = true, end.Manifest
				}
			}
			if e.Op == OpStart && (!s.Ended || s.Index >= from) && !yield(s, nil) {
				return
			}
		}
	}
}

// rowFile is an index in one file of the simulated disk.
type rowFile struct {
	disk durable.FS
	down error
}

const rowsFile = rigState + "/rows.json"

func (r *rowFile) read() (ids []keyring.ID, err error) { return ids, readJSON(r.disk, rowsFile, &ids) }

func (r *rowFile) change(f func([]keyring.ID) []keyring.ID) error {
	ids, err := r.read()
	if err != nil {
		return err
	}
	return writeJSON(r.disk, rowsFile, f(ids))
}

func (r *rowFile) Remove(ids ...keyring.ID) error {
	if r.down != nil {
		return r.down
	}
	return r.change(func(have []keyring.ID) []keyring.ID {
		return slices.DeleteFunc(have, func(id keyring.ID) bool { return slices.Contains(ids, id) })
	})
}

// notices are holds and restrictions that are set.
type notices struct {
	holds        []Hold
	restrictions []Restriction
	down         error
}

func (n *notices) Holds(context.Context) ([]Hold, error)               { return n.holds, n.down }
func (n *notices) Restrictions(context.Context) ([]Restriction, error) { return n.restrictions, nil }

// readJSON leaves v as it is if there is no file.
func readJSON(d durable.FS, name string, v any) error {
	b, err := durable.ReadFile(d, name, 16<<20)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	return json.Unmarshal(b, v)
}

func writeJSON(d durable.FS, name string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return durable.WriteFile(d, name, b, 0o600)
}

// copyOf is what the files under a folder hold, to be put back later.
func copyOf(t testing.TB, d medium, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, name := range d.Files(dir) {
		files[name] = must1(durable.ReadFile(d, name, 16<<20))(t)
	}
	return files
}

func putBack(t testing.TB, d durable.FS, files map[string][]byte) {
	t.Helper()
	for name, b := range files {
		must(t, durable.MkdirAll(d, filepath.Dir(name), 0o700))
		must(t, durable.WriteFile(d, name, bytes.Clone(b), 0o600))
	}
}
