package diary

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

func TestAppendAndReadBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	start, err := d.Append(t.Context(), viewing(1), nil)
	must(t, err)
	end := Entry{Op: "view.end", Ref: &start.Index, Body: proof.Body{Actor: ana(), Result: "nothing found"}}
	if _, err := d.Append(t.Context(), end, nil); err != nil {
		t.Fatal(err)
	}
	if start.Index != 1 || start.Size != 2 || !start.Time.Equal(noon) {
		t.Errorf("receipt %+v", start)
	}
	shut(t, d)
	d = r.open(t)
	var ops []string
	for e, err := range d.Entries(t.Context(), 0, 100) {
		must(t, err)
		ops = append(ops, e.Op)
	}
	if got := strings.Join(ops, " "); got != "origin.begin view.start view.end" {
		t.Errorf("entries %s", got)
	}
	for _, k := range []keyring.PrivateKey{r.reading, r.recovery} {
		raw, _, err := d.Opener(keyring.Identity{k}).Open(t.Context(), 1)
		must(t, err)
		body, err := proof.ParseBody(raw)
		if err != nil || body.Actor.Name != "Ana Kovač" || body.Purpose != "purpose 1" || body.Software != "varuh test" {
			t.Errorf("body %+v, %v", body, err)
		}
	}
	if _, _, err := d.Opener(keyring.Identity{generate(t)}).Open(t.Context(), 1); !errors.Is(err, ErrNoKey) {
		t.Errorf("with another key: %v", err)
	}
	for _, i := range []int64{-1, 3, 1 << 40} {
		if _, _, err := d.Opener(keyring.Identity{r.reading}).Open(t.Context(), i); !errors.Is(err, ErrNoEntry) {
			t.Errorf("entry %d: %v", i, err)
		}
	}
}

func TestAppendRefuses(t *testing.T) {
	t.Parallel()
	d := newRig(t).create(t)
	ahead := int64(7)
	nothing := func(*sql.Tx) error { return nil }
	for name, tt := range map[string]struct {
		e      Entry
		change Change
		want   string
	}{
		"odd operation":       {Entry{Op: "View"}, nil, "operation"},
		"a later entry":       {Entry{Op: "view.end", Ref: &ahead}, nil, "no such entry"},
		"too long":            {Entry{Op: "view.end", Body: proof.Body{Note: strings.Repeat("x", proof.MaxBody)}}, nil, "bytes"},
		"change, ungoverned":  {Entry{Op: "view.end"}, nothing, "governed"},
		"manifest, governed":  {Entry{Op: "person.add", Manifest: []byte("{}")}, nothing, "manifest"},
		"a change that fails": {Entry{Op: "person.add"}, func(*sql.Tx) error { return errors.New("no such role") }, "no such role"},
	} {
		if _, err := d.Append(t.Context(), tt.e, tt.change); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Append(ended, viewing(0), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
	if d.Head().Size != 1 {
		t.Errorf("%d entries after refusals", d.Head().Size)
	}
}

// A change that fails is undone alone: its neighbours in the same commit stand.
func TestChangesAndEntriesGoTogether(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	var wg sync.WaitGroup
	for _, id := range []string{"a", "b", "b", "c", "a"} {
		wg.Go(func() {
			e, change := person(id)
			if _, err := d.Append(t.Context(), e, change); err != nil && !strings.Contains(err.Error(), "UNIQUE") {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if d.Head().Size != 4 {
		t.Errorf("%d entries for three persons", d.Head().Size)
	}
	shut(t, d)
	if d = r.open(t); d.Fault() != nil {
		t.Errorf("after a restart: %v", d.Fault())
	}
	if report := r.verify(t, d); report.Intact.State != proof.Yes {
		t.Errorf("%+v", report)
	}
}

// A draft is written once, however often it is entered, and says where; what can never be written makes none.
func TestDraft(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	w, err := d.Draft(Entry{Op: "collect", Body: proof.Body{Note: "an hour"}, Manifest: []byte(`{"hour":"12"}`)})
	must(t, err)
	if _, err := d.Draft(Entry{Op: "collect", Body: proof.Body{Note: "an \xff hour"}}); err == nil {
		t.Error("a note that is no text")
	}
	at := faults{"commit", 1}
	d.step = at.step
	if _, err := d.Enter(t.Context(), w); !errors.Is(err, errInjected) || errors.Is(err, ErrUncertain) {
		t.Error(err)
	}
	got, err := d.Enter(t.Context(), w)
	if err != nil || got.Index != 1 || got.Size != 2 {
		t.Errorf("%+v, %v", got, err)
	}
	_, manifest, err := d.Opener(keyring.Identity{r.reading}).Open(t.Context(), 1)
	if err != nil || string(manifest) != `{"hour":"12"}` {
		t.Errorf("manifest %s, %v", manifest, err)
	}
}

// Every proof of every size, over the border of a block of stored hashes, is what package tlog checks.
func TestProofs(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	var hashes []tlog.Hash
	roots := []tlog.Hash{{}}
	var f proof.Frontier
	appendAll(t, d, 521)
	for e, err := range d.Entries(t.Context(), 0, 1<<40) {
		must(t, err)
		hashes = append(hashes, proof.HashLeaf(e.Raw))
		f.Add(hashes[len(hashes)-1])
		roots = append(roots, f.Root())
	}
	if h := d.Head(); h.Root != roots[h.Size] || h.Size != 522 {
		t.Fatalf("head %+v", h)
	}
	sizes := []int64{1, 2, 3, 100, 255, 256, 257, 300, 511, 512, 513, 521, 522}
	for _, size := range sizes {
		for i := int64(0); i < size; i += 1 + size/40 {
			p, err := d.Prove(t.Context(), i, size)
			if err != nil || tlog.CheckRecord(p, size, roots[size], i, hashes[i]) != nil {
				t.Fatalf("entry %d of %d: %v", i, size, err)
			}
		}
		for _, old := range sizes {
			if old >= size {
				continue
			}
			p, err := d.Consistency(t.Context(), old, size)
			if err != nil || tlog.CheckTree(p, size, roots[size], old, roots[old]) != nil {
				t.Fatalf("from %d to %d: %v", old, size, err)
			}
		}
	}
}

func TestRotateSigningKey(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	old, err := os.ReadFile(filepath.Join(r.dir, "keys", signingFile))
	must(t, err)
	before, err := d.Checkpoint(t.Context())
	must(t, err)
	first := d.Head().VKey
	if _, err := d.RotateSigningKey(t.Context(), proof.Body{Actor: ana()}, "yearly"); err != nil {
		t.Fatal(err)
	}
	appendAll(t, d, 3)
	keys, err := d.Keys(t.Context())
	if err != nil || len(keys) != 2 || keys[0].String() != first || keys[1].String() != d.Head().VKey {
		t.Fatalf("keys %v, %v", keys, err)
	}
	now, err := os.ReadFile(filepath.Join(r.dir, "keys", signingFile))
	if err != nil || bytes.Equal(now, old) {
		t.Errorf("the key file is as it was, %v", err)
	}
	// Whoever knows only the first key follows the change.
	report, err := proof.VerifyBundle(t.Context(), r.bundle(t, d), proof.VerifyOptions{Keys: keys[:1], Held: [][]byte{before}})
	if err != nil || report.Intact.State != proof.Yes || report.Complete.State != proof.Yes {
		t.Errorf("%+v, %v", report, err)
	}
	shut(t, d)
	appendAll(t, r.open(t), 1)
}

func TestRotateReading(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 2)
	next := generate(t)
	if _, err := d.RotateReading(t.Context(), keyring.Identity{r.reading}, []keyring.PublicKey{next.Public()}, proof.Body{}); err != nil {
		t.Fatal(err)
	}
	appendAll(t, d, 1)
	for i := range d.Head().Size {
		if _, _, err := d.Opener(keyring.Identity{next}).Open(t.Context(), i); err != nil {
			t.Error(err)
		}
		if _, _, err := d.Opener(keyring.Identity{r.reading, r.recovery}).Open(t.Context(), i); !errors.Is(err, ErrNoKey) {
			t.Errorf("entry %d opens with the old keys: %v", i, err)
		}
	}
}

func TestYearsClose(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 1)
	year := 366 * 24 * time.Hour
	r.clock.Store(int64(year))
	appendAll(t, d, 1) // year.close 2026 goes before it
	r.clock.Store(0)
	appendAll(t, d, 1) // a clock that went back closes and opens nothing
	shut(t, d)
	r.clock.Store(int64(2 * year))
	d = r.open(t)
	appendAll(t, d, 1)
	var ops []string
	for e, err := range d.Entries(t.Context(), 0, 100) {
		must(t, err)
		ops = append(ops, e.Op)
	}
	if got := strings.Join(ops, " "); got != "origin.begin view.start year.close view.start view.start year.close view.start" {
		t.Error(got)
	}
}
