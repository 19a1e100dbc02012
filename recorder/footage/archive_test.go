package footage

import (
	"bytes"
	"encoding/binary"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/durable/durabletest"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

const (
	stateKeys = "/state/keys"
	storeDir  = "/store"
	storeKeys = "/store/keys"
)

// archive is a store with footage, its keys and its index, as a recorder leaves them.
type archive struct {
	t     *testing.T
	disk  *durabletest.Disk
	store Store
	ix    *Index
	owner keyring.PrivateKey
	list  []Segment
}

func newArchive(t *testing.T) *archive {
	t.Helper()
	a := &archive{t: t, disk: durabletest.New(), ix: emptyIndex(t), store: Store{ID: keyring.ID{9}, Dir: storeDir}}
	for _, dir := range []string{stateKeys, storeKeys} {
		ok(t, durable.MkdirAll(a.disk, dir, 0o700))
	}
	var err error
	a.owner, err = keyring.GenerateKey()
	ok(t, err)
	a.store.Ring, err = keyring.Open(a.disk, stateKeys, storeKeys, a.store.ID, []keyring.PublicKey{a.owner.Public()})
	ok(t, err)
	return a
}

// recordedArchive holds two streams of yard and one of gate, with a gap.
func recordedArchive(t *testing.T) *archive {
	t.Helper()
	a := newArchive(t)
	a.record("yard", "main", noon)
	a.record("yard", "main", noon.Add(20*time.Second), segment.Gap{From: noon.Add(3 * time.Second), To: noon.Add(20 * time.Second), Cause: "unreachable"})
	a.record("yard", "sub", noon)
	a.record("gate", "main", noon.Add(12*time.Hour))
	return a
}

// header is that of a segment that begins at start.
func (a *archive) header(camera, stream string, start time.Time, gaps ...segment.Gap) segment.Header {
	return segment.Header{
		ID: keyring.NewID(start), Store: a.store.ID, Camera: camera, Stream: stream, Run: keyring.ID{5},
		Boot: [16]byte{6}, BootTime: start.Sub(noon.Add(-time.Hour)), Start: start, Clock: segment.Synchronised,
		Format: "H264 640x360", Gaps: gaps,
	}
}

// record records three seconds.
func (a *archive) record(camera, stream string, start time.Time, gaps ...segment.Gap) Segment {
	a.t.Helper()
	return a.recordHeader(a.header(camera, stream, start, gaps...))
}

func (a *archive) recordHeader(h segment.Header) Segment {
	a.t.Helper()
	s, w := a.begin(h)
	seal, err := w.Seal(false)
	ok(a.t, err)
	ok(a.t, w.Sync())
	s = s.WithSeal(seal, w.Size())
	ok(a.t, w.Close())
	ok(a.t, a.store.Ring.Seal(a.t.Context(), []keyring.Sealing{{Ref: ref(s), Records: s.Records, Root: s.Root}}))
	ok(a.t, a.ix.Sealed(s))
	a.list[len(a.list)-1] = s
	return s
}

// begin records three seconds and leaves the segment open.
func (a *archive) begin(h segment.Header) (Segment, *segment.Writer) {
	a.t.Helper()
	key, slot, err := a.store.Ring.Create(a.t.Context(), h.ID, keyring.KindSegment)
	ok(a.t, err)
	h.Slot = slot
	s := NewSegment(h)
	ok(a.t, a.ix.Begin(s, h.Gaps...))
	ok(a.t, durable.MkdirAll(a.disk, filepath.Dir(a.path(s)), 0o700))
	w, err := segment.Create(a.disk, a.path(s), h, key, segment.AES256GCM)
	ok(a.t, err)
	ok(a.t, w.Append(segment.Record{Kind: segment.Init, Start: h.Start}, box("ftyp", nil)))
	for i := range 3 {
		r := segment.Record{Kind: segment.Video, Start: h.Start.Add(time.Duration(i) * time.Second), Duration: time.Second}
		if i == 1 {
			r.Flags = segment.Loss
		}
		ok(a.t, w.Append(r, slices.Concat(box("moof", make([]byte, 8)), box("mdat", bytes.Repeat([]byte(h.Camera), 4)))))
	}
	a.list = append(a.list, s)
	return s, w
}

// box is an ISO box around a payload.
func box(name string, payload []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(8+len(payload)))
	return append(append(b, name...), payload...)
}

func ref(s Segment) keyring.Ref { return keyring.Ref{ID: s.ID, Slot: s.Slot} }

func (a *archive) path(s Segment) string { return a.store.Path(s.Camera, s.ID) }

// slotFile is the file with the slot of s in one twin's folder.
func (a *archive) slotFile(dir string, s Segment) string {
	a.t.Helper()
	for _, name := range a.disk.Files(dir) {
		if strings.Contains(name, s.ID.Time().Format("2006-01-02")) {
			return name
		}
	}
	a.t.Fatalf("no slots of %s in %s", s.ID.Time(), dir)
	return ""
}

// loseSlot wipes the slot of s out of both twins.
func (a *archive) loseSlot(s Segment) {
	a.t.Helper()
	for _, dir := range []string{stateKeys, storeKeys} {
		name := a.slotFile(dir, s)
		b := a.read(name)
		clear(b[keyring.SlotSize*s.Slot:][:keyring.SlotSize])
		a.write(name, b)
	}
}

func (a *archive) read(name string) []byte {
	a.t.Helper()
	b, err := durable.ReadFile(a.disk, name, 1<<20)
	ok(a.t, err)
	return b
}

func (a *archive) write(name string, b []byte) {
	a.t.Helper()
	ok(a.t, durable.WriteFile(a.disk, name, b, fs.FileMode(0o600)))
}

// check runs Check and returns what it found.
func (a *archive) check(o CheckOptions) []Finding {
	a.t.Helper()
	var list []Finding
	o.Found = func(f Finding) { list = append(list, f) }
	sum, err := a.ix.Check(a.t.Context(), a.disk, []Store{a.store}, o)
	ok(a.t, err)
	if n := sum.Incidents + sum.Warnings + sum.Notes; n != len(list) {
		a.t.Errorf("%d findings, but counted %+v", len(list), sum)
	}
	return list
}

// wants demands exactly one finding, of a severity and with some words.
func wants(t *testing.T, list []Finding, severity Severity, words string) {
	t.Helper()
	if len(list) != 1 || list[0].Severity != severity || !strings.Contains(list[0].Sentence, words) {
		t.Errorf("want one %s with %q, got %+v", severity, words, list)
	}
}
