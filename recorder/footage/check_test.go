package footage

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

func TestCheckSound(t *testing.T) {
	t.Parallel()
	a := recordedArchive(t)
	gone := a.record("gate", "main", noon.Add(13*time.Hour))
	ok(t, a.store.Ring.Erase(t.Context(), []keyring.Ref{ref(gone)}))
	ok(t, a.disk.Remove(a.path(gone)))
	ok(t, a.ix.Remove(gone.ID))
	a.begin(a.header("gate", "main", noon.Add(14*time.Hour)))
	for _, o := range []CheckOptions{{}, {Open: keyring.Identity{a.owner}, Keys: []keyring.PublicKey{a.owner.Public()}}} {
		if list := a.check(o); len(list) > 0 {
			t.Errorf("a sound store: %+v", list)
		}
	}
	sum, err := a.ix.Check(t.Context(), a.disk, []Store{a.store}, CheckOptions{})
	if err != nil || sum.Segments != 5 || sum.Records != 16 || sum.Bytes == 0 {
		t.Errorf("%+v, %v", sum, err)
	}
}

// TestCheckFinds: each way to spoil the first of four segments has its finding, and no other.
func TestCheckFinds(t *testing.T) {
	t.Parallel()
	alter := func(set string) func(*archive, Segment) {
		return func(a *archive, s Segment) {
			_, err := a.ix.write.Exec(`UPDATE segments SET `+set+` WHERE id = ?`, s.ID[:])
			ok(a.t, err)
		}
	}
	for name, tt := range map[string]struct {
		spoil    func(a *archive, s Segment)
		severity Severity
		words    string
	}{
		"file gone":            {func(a *archive, s Segment) { ok(a.t, a.disk.Remove(a.path(s))) }, Incident, "file is gone"},
		"row gone":             {func(a *archive, s Segment) { ok(a.t, a.ix.Remove(s.ID)) }, Warning, "no row for the file"},
		"row and file gone":    {func(a *archive, s Segment) { ok(a.t, a.disk.Remove(a.path(s))); ok(a.t, a.ix.Remove(s.ID)) }, Incident, "no file and no row"},
		"erasure not finished": {func(a *archive, s Segment) { ok(a.t, a.store.Ring.Erase(a.t.Context(), []keyring.Ref{ref(s)})) }, Warning, "erasure was not finished"},
		"slot gone":            {func(a *archive, s Segment) { a.loseSlot(s) }, Incident, "key slot can't be read"},
		"another's file":       {func(a *archive, s Segment) { a.write(a.path(s), a.read(a.path(a.list[2]))) }, Incident, ""},
		"newer version":        {func(a *archive, s Segment) { a.write(a.path(s), newer(a.read(a.path(s)))) }, Incident, "newer"},
		"moved away":           {func(a *archive, s Segment) { ok(a.t, a.disk.Rename(a.path(s), a.path(a.list[3])+".seg")) }, Incident, ""},
		"store of another":     {alter(`store = zeroblob(16)`), Warning, "not here"},
		"index: length":        {alter(`"end" = "end" + 1`), Incident, "agree on length"},
		"index: size":          {alter(`bytes = bytes + 1`), Incident, "agree on size"},
		"index: root":          {alter(`root = zeroblob(32)`), Incident, ""},
		"index: run, stream":   {alter(`run = zeroblob(16), stream = 2`), Incident, "agree on run, stream"},
		"index: start":         {alter(`header_start = 1`), Incident, "agree on start"},
		"index: still open":    {alter(`sealed = 0, records = 0, bytes = 0, root = zeroblob(32), loss = 0, "end" = start`), Note, "the index does not know yet"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := recordedArchive(t)
			tt.spoil(a, a.list[0])
			list := a.check(CheckOptions{})
			if tt.words != "" {
				wants(t, list, tt.severity, tt.words)
			} else if !slices.ContainsFunc(list, func(f Finding) bool { return f.Severity == tt.severity && f.Segment == a.list[0].ID }) {
				t.Errorf("want an %s, got %+v", tt.severity, list)
			}
		})
	}
}

// TestCheckQuick: without the records a file that is gone or not in the index is found, a record that was changed is not.
func TestCheckQuick(t *testing.T) {
	t.Parallel()
	a := recordedArchive(t)
	whole := a.read(a.path(a.list[1]))
	b := bytes.Clone(whole)
	b[len(b)/3] ^= 1
	a.write(a.path(a.list[1]), b)
	if list := a.check(CheckOptions{Quick: true}); len(list) > 0 {
		t.Errorf("found %+v", list)
	}
	if list := a.check(CheckOptions{}); len(list) == 0 {
		t.Error("the change was not in a record")
	}
	ok(t, a.disk.Remove(a.path(a.list[0])))
	wants(t, a.check(CheckOptions{Quick: true}), Incident, "file is gone")
	a.write(a.path(a.list[0]), nil)
	wants(t, a.check(CheckOptions{Quick: true}), Incident, "can't be read")
	sum, err := a.ix.Check(t.Context(), a.disk, []Store{a.store}, CheckOptions{Quick: true})
	if err != nil || sum.Segments != 4 || sum.Records != 0 {
		t.Errorf("%+v, %v", sum, err)
	}
}

// TestCheckGaps: a gap of a header that the index has otherwise.
func TestCheckGaps(t *testing.T) {
	t.Parallel()
	a := recordedArchive(t)
	_, err := a.ix.write.Exec(`UPDATE gaps SET cause = 'schedule', header_from = header_from - 1`)
	ok(t, err)
	wants(t, a.check(CheckOptions{}), Incident, "agree on gaps")
}

// step is how many bits of a file are left out between two that a test flips: every bit takes minutes.
func step() int {
	if os.Getenv("VARUH_LONG") == "1" {
		return 1
	}
	return 61 // prime, so that all places in a byte come up
}

// TestCheckEveryBit: a bit changed in a segment is an incident of that segment and of no other.
func TestCheckEveryBit(t *testing.T) {
	t.Parallel()
	a := recordedArchive(t)
	path := a.path(a.list[0])
	whole := a.read(path)
	for bit := 0; bit < 8*len(whole); bit += step() {
		b := bytes.Clone(whole)
		b[bit/8] ^= 1 << (bit % 8)
		a.write(path, b)
		a.wantIncident(t, "bit", bit)
	}
}

// TestCheckEveryCut: a sealed segment cut anywhere, or grown, is an incident.
func TestCheckEveryCut(t *testing.T) {
	t.Parallel()
	a := recordedArchive(t)
	path := a.path(a.list[0])
	whole := a.read(path)
	for size := 0; size < len(whole); size += (step() + 7) / 8 {
		a.write(path, whole[:size])
		a.wantIncident(t, "cut at", size)
	}
	for _, seal := range []int{1, 32, 33, 100} { // trailer and seal
		a.write(path, whole[:len(whole)-seal])
		a.wantIncident(t, "cut off the end", seal)
	}
	a.write(path, append(bytes.Clone(whole), 0))
	a.wantIncident(t, "one byte more than", len(whole))
}

func (a *archive) wantIncident(t *testing.T, what string, n int) {
	t.Helper()
	list := a.check(CheckOptions{})
	if !slices.ContainsFunc(list, func(f Finding) bool { return f.Severity == Incident }) {
		t.Errorf("%s %d: not found, only %+v", what, n, list)
	}
	for _, f := range list {
		if f.Segment != a.list[0].ID {
			t.Errorf("%s %d: a finding about another: %+v", what, n, f)
		}
	}
}

// TestCheckMovedRecord: a record put in the place of the one with its number in another segment is
// whole, and so is its checksum; the root tells. The others decrypt.
func TestCheckMovedRecord(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	s, other := a.record("yard", "main", noon), a.record("yard", "main", noon.Add(time.Minute))
	b, from := a.read(a.path(s)), a.read(a.path(other))
	const moved = 2
	at := a.entry(s, moved)
	copy(b[at.Offset:at.Offset+at.Size], from[at.Offset:])
	a.write(a.path(s), b)
	keyless := a.check(CheckOptions{})
	if len(keyless) == 0 {
		t.Fatal("not found")
	}
	for _, f := range append(keyless, a.check(CheckOptions{Open: keyring.Identity{a.owner}})...) {
		if f.Severity != Incident || f.Segment != s.ID {
			t.Errorf("%+v", f)
		}
	}
	for n, err := range a.readable(s) {
		if (err != nil) != (n == moved) {
			t.Errorf("record %d: %v", n, err)
		}
	}
}

// TestCheckForged: a change that keeps checksum, count and root, as one who knows the format can make
// it, needs the key to be seen.
func TestCheckForged(t *testing.T) {
	t.Parallel()
	a := recordedArchive(t)
	s := a.list[0]
	b, e := a.read(a.path(s)), a.entry(s, 1)
	record := b[e.Offset : e.Offset+e.Size]
	record[len(record)-5] ^= 1 // the last of the ciphertext
	binary.BigEndian.PutUint32(record[len(record)-4:], crc32.Checksum(record[:len(record)-4], crc32.MakeTable(crc32.Castagnoli)))
	a.write(a.path(s), b)
	if list := a.check(CheckOptions{}); len(list) > 0 {
		t.Errorf("keyless: %+v", list)
	}
	wants(t, a.check(CheckOptions{Open: keyring.Identity{a.owner}}), Incident, "record 1")
}

func (a *archive) entry(s Segment, n int) segment.Entry {
	a.t.Helper()
	in, err := segment.Open(a.disk, a.path(s))
	ok(a.t, err)
	seal, err := in.Seal()
	ok(a.t, errors.Join(err, in.Close()))
	return seal.Index[n]
}

// readable tells for every record whether it can be decrypted.
func (a *archive) readable(s Segment) (errs []error) {
	a.t.Helper()
	slot, err := a.store.Ring.Slot(ref(s))
	ok(a.t, err)
	key, err := keyring.Identity{a.owner}.Open(a.store.ID, slot)
	ok(a.t, err)
	in, err := segment.Open(a.disk, a.path(s))
	ok(a.t, err)
	ok(a.t, in.Unlock(key))
	for n := range int(s.Records) {
		_, _, err := in.Read(n, nil)
		errs = append(errs, err)
	}
	ok(a.t, in.Close())
	return errs
}

// TestCheckSlotBits: a bit changed in one twin harms nothing and is found; in both it is an incident.
func TestCheckSlotBits(t *testing.T) {
	t.Parallel()
	a := recordedArchive(t)
	state, store := a.slotFile(stateKeys, a.list[0]), a.slotFile(storeKeys, a.list[0])
	whole := a.read(state)
	for bit := 0; bit < 8*len(whole); bit += step() {
		b := bytes.Clone(whole)
		b[bit/8] ^= 1 << (bit % 8)
		a.write(state, b)
		wants(t, a.check(CheckOptions{}), Warning, "twins")
		a.write(store, b)
		if list := a.check(CheckOptions{}); len(list) != 1 || list[0].Severity != Incident {
			t.Errorf("bit %d in both twins: %+v", bit, list)
		}
		a.write(state, whole)
		a.write(store, whole)
	}
}

// TestCheckOldSlot puts slot files back as they were at some time before.
func TestCheckOldSlot(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		since    func(a *archive, s Segment) // what happens after the copy was taken
		both     bool
		severity Severity
		words    string
	}{
		"one twin of an erased one": {since: erase, severity: Warning, words: "erasure was not finished"},
		"one twin of one long gone": {since: eraseAll, severity: Warning, words: "one twin of its key slot"},
		"both of an erased one":     {since: eraseAll, both: true, severity: Incident, words: "old copy after it was erased"},
		"both of a sealed one":      {since: seal, both: true, severity: Incident, words: "old copy"},
		"one of a sealed one":       {since: seal, severity: Warning, words: "twins"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newArchive(t)
			h := a.header("yard", "main", noon)
			var s Segment
			if strings.Contains(name, "erased") {
				s = a.recordHeader(h)
			} else {
				s, _ = a.begin(h)
			}
			state, store := a.slotFile(stateKeys, s), a.slotFile(storeKeys, s)
			old := a.read(state)
			tt.since(a, s)
			a.write(state, old)
			if tt.both {
				a.write(store, old)
			}
			list := a.check(CheckOptions{})
			if !slices.ContainsFunc(list, func(f Finding) bool { return f.Severity == tt.severity && strings.Contains(f.Sentence, tt.words) }) {
				t.Errorf("want %s with %q, got %+v", tt.severity, tt.words, list)
			}
		})
	}
}

func erase(a *archive, s Segment) {
	ok(a.t, a.store.Ring.Erase(a.t.Context(), []keyring.Ref{ref(s)}))
}

func eraseAll(a *archive, s Segment) {
	erase(a, s)
	ok(a.t, a.disk.Remove(a.path(s)))
	ok(a.t, a.ix.Remove(s.ID))
}

// seal recovers an open segment, as the next start would.
func seal(a *archive, s Segment) {
	sl, err := segment.Recover(a.disk, a.path(s))
	ok(a.t, err)
	st, err := a.disk.Stat(a.path(s))
	ok(a.t, err)
	ok(a.t, a.store.Ring.Seal(a.t.Context(), []keyring.Sealing{{Ref: ref(s), Records: sl.Records, Root: sl.Root}}))
	ok(a.t, a.ix.Sealed(s.WithSeal(sl, st.Size())))
}

// TestCheckRetiredKey: a slot sealed to a key that a rotation has put out of use.
func TestCheckRetiredKey(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	a.record("yard", "main", noon)
	next, err := keyring.GenerateKey()
	ok(t, err)
	wants(t, a.check(CheckOptions{Keys: []keyring.PublicKey{next.Public()}}), Incident, "out of use")
	wants(t, a.check(CheckOptions{Open: keyring.Identity{next}}), Warning, "no private key here")
}

// TestCheckIndexDamaged: pages of the index itself.
func TestCheckIndexDamaged(t *testing.T) {
	t.Parallel()
	a := recordedArchive(t)
	_, err := a.ix.write.Exec(`PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 2 WHERE name = 'segments_by_start'`)
	ok(t, err)
	path := a.ix.path
	ok(t, a.ix.Close())
	ix := open(t, path)
	damaged := 0
	_, err = ix.Check(t.Context(), a.disk, []Store{a.store}, CheckOptions{Found: func(f Finding) {
		if strings.Contains(f.Sentence, "index is damaged") {
			damaged++
		}
	}})
	if damaged == 0 && !errors.Is(err, ErrDamaged) {
		t.Errorf("not found: %v", err)
	}
}

func TestCheckEnds(t *testing.T) {
	t.Parallel()
	a := recordedArchive(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.ix.Check(ctx, a.disk, []Store{a.store}, CheckOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
