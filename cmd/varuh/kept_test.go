package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/recorder/durable/durabletest"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/retention"
)

// keptDay is when the tests of what is kept play.
var keptDay = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// spanOf is an hour of a camera that is held past the term.
func spanOf(camera string, hour int) keptSpan {
	at := keptDay.Add(time.Duration(hour) * time.Hour)
	return keptSpan{Camera: camera, From: at, To: at.Add(time.Hour), Past: true}
}

// keptOn is what is kept on a simulated disk.
func keptOn(t testing.TB, d *durabletest.Disk) *kept {
	t.Helper()
	for _, dir := range []string{"/state", "/store"} {
		if _, err := d.Stat(dir); err != nil {
			must(t, d.Mkdir(dir, 0o700))
		}
	}
	k, err := keptIn(d)
	must(t, err)
	return k
}

func keptIn(d *durabletest.Disk) (*kept, error) {
	ring, err := keyring.Open(d, "/state", "/store", keyring.ID{9}, nil)
	if err != nil {
		return nil, err
	}
	return openKept([]footage.Store{{ID: keyring.ID{9}, Dir: "/store", Ring: ring}}, slog.New(slog.DiscardHandler)), nil
}

// fakeDiary is a diary whose key signs with a word.
type fakeDiary struct {
	remembered
	word    string
	refuses error // to enter anything
	entered *[]keptLost
}

func (f fakeDiary) read() (remembered, error) { return f.remembered, nil }

func (f fakeDiary) vouch(text []byte) ([]byte, error) {
	sum := sha256.Sum256(append([]byte(f.word), text...))
	return sum[:], nil
}

func (f fakeDiary) vouched(text, sig []byte) (bool, error) {
	want, err := f.vouch(text)
	return bytes.Equal(want, sig), err
}

func (f fakeDiary) enter(lost keptLost) error {
	if f.refuses == nil && f.entered != nil {
		*f.entered = append(*f.entered, lost)
	}
	return f.refuses
}

// diaryOf is a diary of an origin that says this.
func diaryOf(origin string, size int64, spans ...keptSpan) fakeDiary {
	return fakeDiary{remembered: remembered{Origin: origin, Size: size, Kept: spans}, word: "own", entered: new([]keptLost)}
}

// put writes spans as if a trusted diary had them that went on.
func (k *kept) put(t testing.TB, spans ...keptSpan) (lost []keptSpan) {
	t.Helper()
	return k.from(t, diaryOf("diary", 7, spans...), keptDay).spans
}

// putBack writes spans as if a diary had them that went back, and that two persons have accepted.
func (k *kept) putBack(t testing.TB, spans ...keptSpan) (lost []keptSpan) {
	t.Helper()
	return k.from(t, diaryOf("accepted", 5, spans...), keptDay).spans
}

func (k *kept) from(t testing.TB, d keptDiary, now time.Time) keptLost {
	t.Helper()
	lost, err := k.write(t.Context(), d, now, now, nil)
	must(t, err)
	return lost
}

func holdsOf(spans ...keptSpan) (list []retention.Hold) {
	for _, s := range spans {
		list = append(list, s.hold())
	}
	return list
}

// Either copy serves, the newest says the terms, and while no diary is trusted what any holds is held.
func TestKeptCopies(t *testing.T) {
	t.Parallel()
	d := durabletest.New()
	a, b := spanOf("gate", 0), spanOf("yard", 5)
	k := keptOn(t, d)
	if _, known := k.policies(); known || k.holds(false) != nil {
		t.Error("something is remembered of nothing")
	}
	k.put(t, a)
	state, store := "/state/kept.mark", "/store/kept.mark"
	old := d.Files("/state")
	if !slices.Contains(old, state) {
		t.Fatalf("written were %q", old)
	}
	was := readOf(t, d, state)
	k.put(t, b)
	now := readOf(t, d, state)
	for _, tt := range []struct {
		name         string
		state, store string
		want         []retention.Hold
	}{
		{"both", now, now, holdsOf(b)},
		{"an old copy in the state folder", was, now, holdsOf(a, b)},
		{"an old copy on the store", now, was, holdsOf(a, b)},
		{"torn in the state folder", now[:40], now, holdsOf(b)},
		{"damaged on the store", now, strings.Replace(now, "yard", "gate", 1), holdsOf(b)},
		{"none on the store", now, "", holdsOf(b)},
		{"none", "", "", nil},
		{"both torn", now[:40], now[:90], nil},
	} {
		for name, text := range map[string]string{state: tt.state, store: tt.store} {
			putAt(t, d, name, text)
		}
		got := keptOn(t, d).holds(false)
		for _, h := range tt.want {
			if !slices.Contains(got, h) {
				t.Errorf("%s: held is %+v, want %+v", tt.name, got, tt.want)
			}
		}
		if len(tt.want) == 0 && len(got) > 0 || len(got) > 0 && !slices.Contains(tt.want, got[0]) {
			t.Errorf("%s: held is %+v, want %+v", tt.name, got, tt.want)
		}
		k := keptOn(t, d)
		k.put(t, b)
		if got := k.holds(true); len(got) > 0 {
			t.Errorf("%s: a trusted diary is told of %+v", tt.name, got)
		}
	}
}

func readOf(t testing.TB, d *durabletest.Disk, name string) string {
	t.Helper()
	f, err := d.Open(name)
	must(t, err)
	b := make([]byte, keyring.MaxMark)
	n, _ := f.ReadAt(b, 0) // shorter, so with io.EOF
	must(t, f.Close())
	return string(b[:n])
}

func putAt(t testing.TB, d *durabletest.Disk, name, text string) {
	t.Helper()
	if _, err := d.Stat(name); err == nil {
		must(t, d.Remove(name))
	}
	if text == "" {
		return
	}
	f, err := d.Create(name, 0o600)
	must(t, err)
	_, err = f.Write([]byte(text))
	must(t, err)
	must(t, f.Close())
}

// What the newest copy holds and a diary does not that is trusted again, is told of once and held for two weeks; what
// is set anew, or was never lost, is not.
func TestKeptLost(t *testing.T) {
	t.Parallel()
	d := durabletest.New()
	a, b, c := spanOf("gate", 0), spanOf("yard", 5), spanOf("yard", 9)
	c.Until = keptDay.AddDate(0, 0, 3)
	keptOn(t, d).put(t, a, b, c)
	k := keptOn(t, d)
	lost := k.putBack(t, a)
	b.Until = keptDay.AddDate(0, 0, 14)
	if want := []keptSpan{b, c}; !slices.Equal(lost, want) {
		t.Errorf("lost are %+v, want %+v", lost, want)
	}
	if lost := k.putBack(t, a); len(lost) > 0 {
		t.Errorf("told again of %+v", lost)
	}
	for range 2 {
		if got := k.holds(true); !slices.Equal(got, holdsOf(b, c)) {
			t.Errorf("beside a trusted diary there is %+v", got)
		}
		if said := k.sentence(); !strings.Contains(said, "2 holds and restrictions") || !strings.Contains(said, "yard from 2026-11-21 17:00:00") || !strings.Contains(said, "before 2026-11-24") {
			t.Errorf("said: %q", said)
		}
		k = keptOn(t, d)
		if said := k.sentence(); said != "" {
			t.Errorf("before a diary is trusted: %q", said)
		}
		if lost := k.putBack(t, a); len(lost) > 0 {
			t.Errorf("told again of %+v", lost)
		}
	}
	lost = k.from(t, diaryOf("accepted", 9, a), c.Until).spans
	if got := k.holds(true); len(lost) > 0 || !slices.Equal(got, holdsOf(b)) {
		t.Errorf("three days later: %+v, lost %+v", got, lost)
	}
}

// However much is held, it is remembered: in fewer ranges that hold more. Terms that do not fit are the law's.
func TestKeptTooMuch(t *testing.T) {
	t.Parallel()
	d := durabletest.New()
	k := keptOn(t, d)
	var spans []keptSpan
	for i := range 3000 {
		spans = append(spans, spanOf(fmt.Sprintf("camera-%d", i%20), 2*i))
	}
	policies := retention.Policies{}
	for i := range 20 {
		for v := range 60 {
			policies[fmt.Sprintf("camera-%d", i)] = append(policies[fmt.Sprintf("camera-%d", i)], retention.Version{Policy: retention.Policy{Limit: retention.Term{Days: v + 1}}, From: keptDay})
		}
	}
	policies["short"] = []retention.Version{{Policy: retention.Policy{Limit: retention.PublicTransport}}}
	f := diaryOf("diary", 7, spans...)
	f.Policies = policies
	k.from(t, f, keptDay)
	if n := len(readOf(t, d, "/store/kept.mark")); n > keyring.MaxMark {
		t.Errorf("%d bytes", n)
	}
	again := keptOn(t, d)
	if _, strange, err := again.signed(f); err != nil || strange != nil {
		t.Errorf("what was joined is not signed: %v", err)
	}
	for _, k := range []*kept{k, again} {
		if said := k.sentence(); !strings.Contains(said, "one by one") {
			t.Errorf("said: %q", said)
		}
	}
	got := again.newest.Kept
	for _, s := range spans {
		if !slices.ContainsFunc(got, func(o keptSpan) bool { return o.covers(s) }) {
			t.Fatalf("%+v is not held by %d ranges", s, len(got))
		}
	}
	if slices.ContainsFunc(got, func(s keptSpan) bool { return s.Camera == "" }) || len(got) < 20 {
		t.Errorf("%d ranges", len(got))
	}
	p, known := again.policies()
	if !known || len(p["short"]) != 1 {
		t.Errorf("of the terms is left %+v", p)
	}
}

// What lapsed meanwhile by itself was not lost.
func TestKeptLapsed(t *testing.T) {
	t.Parallel()
	d := durabletest.New()
	a := spanOf("gate", 0)
	a.Until = keptDay
	keptOn(t, d).put(t, a)
	if lost := keptOn(t, d).putBack(t); len(lost) > 0 {
		t.Errorf("lost are %+v", lost)
	}
}

// The form on disk, which outlives the program.
func TestKeptForm(t *testing.T) {
	t.Parallel()
	a, b := spanOf("gate", 0), spanOf("", 5)
	b.Past, b.Until = false, keptDay
	r := remembered{Version: keptVersion, Number: 7, Origin: "example.org/varuh/1", Size: 40, Key: "k", Kept: []keptSpan{a}, Lost: []keptSpan{b},
		Policies: retention.Policies{"gate": {{Policy: retention.Policy{Limit: retention.Term{Days: 30}}}}},
		Shorter:  retention.Policies{"yard": {{Policy: retention.Policy{Limit: retention.PublicTransport}}}}}
	unsigned := func([]byte) ([]byte, error) { return nil, nil }
	got, joined, err := r.encode(unsigned)
	must(t, err)
	want := `8e430fd1
{"v":2,"n":7,"origin":"example.org/varuh/1","size":40,"key":"k","kept":[{"camera":"gate","from":"2026-11-21T12:00:00Z","to":"2026-11-21T13:00:00Z","past":true}],` +
		`"lost":[{"from":"2026-11-21T17:00:00Z","to":"2026-11-21T18:00:00Z","until":"2026-11-21T12:00:00Z"}],"policies":{"gate":[{"limit":"30d"}]},"shorter":{"yard":[{"limit":"7d"}]}}`
	if short := string(got[:8]) + string(got[64:]); short != want || joined {
		t.Errorf("it is %s", short)
	}
	back, err := parseRemembered(got)
	if err != nil || !back.same(r) {
		t.Errorf("read back: %+v, %v", back, err)
	}
	for i := range got { // a flipped bit anywhere is found
		bad := slices.Clone(got)
		bad[i] ^= 1
		if _, err := parseRemembered(bad); err == nil {
			t.Fatalf("byte %d flipped, and nothing is wrong", i)
		}
	}
}

// After a crash at any point every hold of before is held, the one that was being set if it was acknowledged.
func TestCrashInKept(t *testing.T) {
	t.Parallel()
	a, b := spanOf("gate", 0), spanOf("yard", 5)
	durabletest.Sweep(t, durabletest.Story{
		Before: func(t *testing.T, d *durabletest.Disk) { keptOn(t, d).put(t, a) },
		Do: func(d *durabletest.Disk) error {
			k, err := keptIn(d)
			if err != nil {
				return err
			}
			_, err = k.write(context.Background(), diaryOf("diary", 7, a, b), keptDay, keptDay, nil)
			if err == nil && k.stuck != nil {
				err = k.stuck
			}
			return err
		},
		Check: func(t *testing.T, d *durabletest.Disk, did error) {
			k := keptOn(t, d)
			got := k.holds(false)
			if !slices.Contains(got, a.hold()) || did == nil && !slices.Contains(got, b.hold()) {
				t.Errorf("held is %+v after %v", got, did)
			}
			if lost := k.put(t, a, b); len(lost) > 0 || k.sentence() != "" {
				t.Errorf("the next start has lost %+v: %s", lost, k.sentence())
			}
		},
	})
}

// A place that takes no mark is told of, the other remembers, and the next write ends it.
func TestKeptCannotBeWritten(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	e, _, _ := s.eraser(t, later(t, 7, 0))
	block := filepath.Join(s.stores[0].Dir, "keys", "kept.mark")
	must(t, os.Remove(block))
	must(t, os.MkdirAll(filepath.Join(block, "x"), 0o700))
	row := s.record(t, s.stores[0])
	o := holdOrder{who: herself, ground: ground{Basis: "seen"}, Kind: "provisional",
		span: span{"yard", row.Start.Format(time.RFC3339), row.End.Add(time.Second).Format(time.RFC3339)}}
	_, err := askHold.done(t.Context(), e, o)
	must(t, err)
	if said := strings.Join(e.status().Troubles, "; "); !strings.Contains(said, "can't be noted beside all key slots") {
		t.Errorf("said: %q", said)
	}
	if got := openKept(s.stores[1:], slog.New(slog.DiscardHandler)).holds(false); len(got) != 1 || got[0].Camera != "yard" {
		t.Errorf("the other store remembers %+v", got)
	}
	must(t, os.RemoveAll(block))
	e.cycle(t.Context())
	if said := e.kept.sentence(); said != "" {
		t.Errorf("afterwards: %q", said)
	}
	if got := openKept(s.stores[:1], slog.New(slog.DiscardHandler)).holds(false); len(got) != 1 {
		t.Errorf("afterwards it remembers %+v", got)
	}
}
