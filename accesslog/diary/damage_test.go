package diary

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"varuh/recorder/keyring"
)

// A damaged page anywhere in the database: either the diary is not opened, with a sentence that says it is
// damaged, or it says what is wrong, or reading all of it names what can't be read; and what is read is what
// was written. It never looks repaired.
func TestDamagedPages(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	e, change := person("a")
	if _, err := d.Append(t.Context(), e, change); err != nil {
		t.Fatal(err)
	}
	appendAll(t, d, 60)
	_, err := d.Checkpoint(t.Context())
	must(t, err)
	want := r.readAll(t, d)
	shut(t, d)
	name := filepath.Join(r.dir, "varuh.db")
	whole, err := os.ReadFile(name)
	must(t, err)
	const page = 4096
	quiet := 0
	for at := 0; at < len(whole); at += page {
		for _, spoil := range []struct{ from, n int }{{0, page}, {page - 200, 100}, {page / 2, 64}, {20, 4}} {
			b := append([]byte(nil), whole...)
			for i := range spoil.n {
				b[at+spoil.from+i] ^= 0x5a
			}
			for _, extra := range []string{"-wal", "-shm"} {
				if err := os.Remove(name + extra); err != nil && !errors.Is(err, os.ErrNotExist) {
					t.Fatal(err)
				}
			}
			must(t, os.WriteFile(name, b, 0o600))
			if !r.damageTold(t, fmt.Sprintf("page %d from %d", at/page+1, spoil.from), want) {
				quiet++
			}
		}
	}
	t.Logf("%d pages, %d damages to what nobody reads", len(whole)/page, quiet)
}

func (r *rig) damageTold(t *testing.T, what string, want []string) (told bool) {
	t.Helper()
	d, err := Open(t.Context(), r.options())
	if err != nil {
		if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrVersion) || strings.TrimSpace(err.Error()) == "" {
			t.Errorf("%s: %v", what, err)
		}
		return true
	}
	defer func() { _ = d.Close() }() // what is damaged may fail to close
	told = d.Fault() != nil || len(d.Complaints()) > 0
	for i := range int64(len(want)) {
		body, _, err := d.Opener(keyring.Identity{r.reading}).Open(t.Context(), i)
		switch {
		case err == nil && string(body) != want[i]:
			t.Errorf("%s: entry %d reads otherwise", what, i)
		case err != nil && !Unreadable(err), err != nil && !strings.Contains(err.Error(), fmt.Sprintf("entry %d", i)):
			t.Errorf("%s, entry %d: %v", what, i, err)
		}
		told = told || err != nil
	}
	return told
}

// Hashes that are stored are what proofs are made of: a wrong one would have an honest diary look rewritten.
func TestStoredHashes(t *testing.T) {
	t.Parallel()
	for name, statement := range map[string]string{
		"another": `UPDATE diary_hashes SET hash = zeroblob(32) WHERE id = (SELECT max(id) FROM diary_hashes)`,
		"cut off": `UPDATE diary_hashes SET hash = x'00' WHERE id = (SELECT max(id) FROM diary_hashes)`,
		"missing": `DELETE FROM diary_hashes WHERE id = (SELECT max(id) FROM diary_hashes)`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			d := r.create(t)
			appendAll(t, d, 520)
			shut(t, d)
			r.tamper(t, statement)
			_, err := Open(t.Context(), r.options())
			if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "entries 0 to 511") {
				t.Errorf("%v", err)
			}
		})
	}
}

// readAll are the bodies of all entries.
func (r *rig) readAll(t *testing.T, d *Diary) (list []string) {
	t.Helper()
	for i := range d.Head().Size {
		body, _, err := d.Opener(keyring.Identity{r.reading}).Open(t.Context(), i)
		must(t, err)
		list = append(list, string(body))
	}
	return list
}

// A leaf of a newer version is no damage: whoever meets one is told to update.
func TestNewerLeaf(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 3)
	r.tamper(t, `UPDATE diary_leaves SET leaf = replace(leaf, '"v":1', '"v":2') WHERE i = 2`)
	look := map[string]func() error{
		"Open":   func() error { _, _, err := d.Opener(r.identity()).Open(t.Context(), 2); return err },
		"Export": func() error { return d.Export(t.Context(), dropped{}, Export{}) },
		"Parts": func() (last error) {
			for _, err := range d.Parts(t.Context(), 0, 4) {
				last = err
			}
			return last
		},
		"Entries": func() (last error) {
			for _, err := range d.Entries(t.Context(), 0, 4) {
				last = err
			}
			return last
		},
		"a start": func() error { shut(t, d); _, err := Open(t.Context(), r.options()); return err },
	}
	for _, name := range []string{"Open", "Export", "Parts", "Entries", "a start"} {
		if err := look[name](); !errors.Is(err, ErrVersion) || errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "entry 2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
