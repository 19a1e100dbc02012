package diary

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

// A clear manifest is read without a key, opened and exported like any other, kept by a pin, and held against
// its leaf; one that is not clear stays encrypted.
func TestClearManifest(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	list, hidden := []byte(`{"canary":"4d1f","v":1}`), []byte(`{"canary":"b7e2","v":1}`)
	clear, err := d.Append(t.Context(), Entry{Op: "erase.start", Manifest: list, Clear: true}, nil)
	must(t, err)
	sealed, err := d.Append(t.Context(), Entry{Op: "erase.start", Manifest: hidden}, nil)
	must(t, err)
	none, err := d.Append(t.Context(), Entry{Op: "erase.end", Clear: true}, nil)
	must(t, err)

	check := func(d *Diary) {
		t.Helper()
		if got, err := d.Manifest(t.Context(), clear.Index); err != nil || !bytes.Equal(got, list) {
			t.Errorf("%s, %v", got, err)
		}
		if got, err := d.Manifest(t.Context(), sealed.Index); !errors.Is(err, ErrNoKey) {
			t.Errorf("one that is encrypted: %s, %v", got, err)
		}
		if got, err := d.Manifest(t.Context(), none.Index); got != nil || err != nil {
			t.Errorf("none: %s, %v", got, err)
		}
		if got, err := d.Manifest(t.Context(), 99); !errors.Is(err, ErrNoEntry) {
			t.Errorf("no entry: %s, %v", got, err)
		}
		for i, want := range map[int64][]byte{clear.Index: list, sealed.Index: hidden, none.Index: nil} {
			if _, got, err := d.Opener(keyring.Identity{r.reading}).Open(t.Context(), i); err != nil || !bytes.Equal(got, want) {
				t.Errorf("entry %d opened: %s, %v", i, got, err)
			}
		}
		if report := r.verify(t, d); report.Intact.State != proof.Yes {
			t.Errorf("%+v", report)
		}
	}
	check(d)
	_, err = d.Pin(t.Context(), "hold 1", []int64{clear.Index, sealed.Index}, keyring.Identity{r.reading}, proof.Body{Actor: ana()}, nil)
	must(t, err)
	check(d)
	shut(t, d)
	raw, err := os.ReadFile(filepath.Join(r.dir, "varuh.db"))
	must(t, err)
	if !bytes.Contains(raw, list) || bytes.Contains(raw, hidden) {
		t.Error("what is to be clear is encrypted, or the other way round")
	}

	r.tamper(t, `UPDATE diary_bodies SET manifest = x'7b7d' WHERE i = 1`)
	d = r.open(t)
	if _, err := d.Manifest(t.Context(), clear.Index); !errors.Is(err, ErrDamaged) {
		t.Errorf("another one in its place: %v", err)
	}
	if _, _, err := d.Opener(keyring.Identity{r.reading}).Open(t.Context(), clear.Index); !errors.Is(err, ErrDamaged) {
		t.Errorf("another one in its place, opened: %v", err)
	}
}
