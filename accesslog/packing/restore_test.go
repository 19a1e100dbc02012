package packing

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"varuh/accesslog/diary"
	"varuh/accesslog/disclosure"
	"varuh/recorder/durable"
	"varuh/recorder/durable/durabletest"
	"varuh/recorder/keyring"
)

// backup is what a backup of an appliance has: its diary and its key slots, and no object.
type backup struct {
	dir   string            // of the diary
	slots map[string][]byte // of the state folder, by their names
}

func (r *rig) backup(t *testing.T) backup {
	t.Helper()
	b := backup{dir: t.TempDir()}
	must(t, os.Mkdir(filepath.Join(b.dir, "keys"), 0o700))
	keys, err := os.ReadDir(filepath.Join(r.dir, "keys"))
	must(t, err)
	for _, e := range keys {
		data, err := os.ReadFile(filepath.Join(r.dir, "keys", e.Name()))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(b.dir, "keys", e.Name()), data, 0o600))
	}
	name := filepath.Join(b.dir, "varuh.db")
	must(t, os.WriteFile(name, nil, 0o600))
	_, err = r.d.CopyTo(t.Context(), name)
	must(t, err)
	b.slots = r.slots(t)
	return b
}

// slots are the files of the state folder.
func (r *rig) slots(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, name := range r.disk.(*durabletest.Disk).Files("/state") {
		f, err := r.disk.Open(name)
		must(t, err)
		files[name], err = io.ReadAll(io.NewSectionReader(f, 0, 1<<30))
		must(t, err)
		must(t, f.Close())
	}
	return files
}

// restore makes the appliance again from a backup. Its disk is the one that it had, or another one that takes its place.
func (r *rig) restore(t *testing.T, b backup, same bool) {
	t.Helper()
	must(t, r.d.Close())
	if !same {
		r.lost, r.store = r.store, keyring.NewID(noon)
		r.disk = durabletest.New()
		for _, name := range []string{"/state", "/store/keys"} {
			must(t, durable.MkdirAll(r.disk, name, 0o700))
		}
		b.slots = nil // those of a store that is given up are not kept
	}
	for name := range r.slots(t) {
		must(t, r.disk.Remove(name))
	}
	for name, data := range b.slots {
		f, err := r.disk.Create(name, 0o600)
		must(t, err)
		_, err = f.Write(data)
		must(t, err)
		must(t, f.Close())
	}
	r.dir = b.dir
	open, err := diary.Open(t.Context(), r.options()) // by the command, before the program starts
	must(t, err)
	_, err = open.Append(t.Context(), diary.Entry{Op: opRestore}, nil)
	must(t, errors.Join(err, open.Close()))
	r.starts(t, r.disk)
}

// What became of packages after a backup is so after a restore, too, as far as there is anything of them: what was destroyed
// stays destroyed, what was lost with its disk is entered as lost and can be built again. A link of before opens nothing, for it may
// have been used or ended since, and says so to whoever issued it.
func TestRestore(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		after func(t *testing.T, r *rig)
		same  bool // disk
		why   Why
		state disclosure.State
		keys  int
	}{
		"nothing happened": {nil, true, "", disclosure.Built, 1},
		"the disk is lost": {nil, false, Lost, disclosure.Approved, 0},
		"it was destroyed": {func(t *testing.T, r *rig) {
			_, err := r.requests.Refuse(t.Context(), head(), r.request, "ni podlage")
			must(t, err)
			must(t, r.tendAll(t.Context()))
		}, true, Lost, disclosure.Approved, 0},
		"it came to its term": {func(t *testing.T, r *rig) {
			r.erased = true
			must(t, r.tendAll(t.Context()))
		}, true, Term, disclosure.Approved, 0},
		"it came to its term and the disk is lost": {func(_ *testing.T, r *rig) { r.erased = true }, false, Term, disclosure.Approved, 0},
		"it was built again": {func(t *testing.T, r *rig) {
			must(t, r.o.Shelf.Destroy(t.Context(), r.job(t).Place))
			must(t, r.tendAll(t.Context()))
			r.built(t)
		}, true, Lost, disclosure.Approved, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.built(t)
			l := r.issued(t, 1)
			b := r.backup(t)
			if tt.after != nil {
				tt.after(t, r)
			}
			r.restore(t, b, tt.same)
			if _, err := r.Use(t.Context(), l.Secret, l.Passphrase, office, true); !errors.Is(err, ErrLink) {
				t.Errorf("the link of before: %v", err)
			}
			if list, err := r.Links(t.Context(), r.request); err != nil || len(list) != 1 || !list[0].Restored {
				t.Errorf("links %+v, %v", list, err)
			}
			must(t, r.settled(t.Context()))
			job := r.job(t)
			if keys, files := r.left(t); job.Why != tt.why || r.state(t).State != tt.state || keys != tt.keys || files != tt.keys {
				t.Errorf("it is %s, %s, the request %s; %d keys and %d files are left", job.Step, job.Why, r.state(t).State, keys, files)
			}
			if list := r.ops(t, opErase); len(list) != 1-tt.keys || len(list) == 1 && *list[0].Ref != job.Stage {
				t.Errorf("entries: %+v", list)
			}
			if tt.why == Lost {
				r.built(t)
				if _, err := r.Use(t.Context(), l.Secret, l.Passphrase, office, true); err == nil {
					t.Error("the link of before opens the package of now")
				}
			}
			if tt.why == "" {
				l := r.issued(t, 1)
				must(t, justErr(r.Use(t.Context(), l.Secret, l.Passphrase, office, true)))
			}
			r.check(t)
		})
	}
}

// A link that was ended, or used up, after a backup opens nothing once that is restored, and can be ended.
func TestRestoreRevivesNoLink(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.built(t)
	l, used := r.issued(t, 1), r.issued(t, 1)
	b := r.backup(t)
	must(t, r.EndLink(t.Context(), clerk(), r.request, l.ID))
	must(t, justErr(r.Use(t.Context(), used.Secret, used.Passphrase, office, true)))
	r.restore(t, b, true)
	for _, l := range []Issued{l, used} {
		if _, err := r.Use(t.Context(), l.Secret, l.Passphrase, office, true); !errors.Is(err, ErrLink) {
			t.Errorf("%v", err)
		}
		must(t, r.EndLink(t.Context(), clerk(), r.request, l.ID))
	}
	if list, err := r.Links(t.Context(), r.request); err != nil || len(list) > 0 {
		t.Errorf("links %+v, %v", list, err)
	}
}

// What was ordered before a backup, and built after it, is built anew: nobody knows of what lies there.
func TestRestoreOrder(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, err := r.Order(t.Context(), clerk(), r.request, Asked{})
	must(t, err)
	b := r.backup(t)
	must(t, r.settled(t.Context()))
	before := r.job(t).Place
	r.restore(t, b, true)
	must(t, r.settled(t.Context()))
	if job := r.job(t); job.Step != Built || job.Place == before {
		t.Errorf("it is %s, at %v", job.Step, job.Place)
	}
	r.check(t)
}

// What was handed over after a backup nobody knows of once that is restored: the register says since when it can't be whole, and so does
// the request, before it is refused and in the entry of that.
func TestRestoreForgets(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.built(t)
	b := r.backup(t)
	r.whole(t)
	must(t, justErr(r.Jobs.HandOver(t.Context(), clerk(), r.request, handing())))
	r.restore(t, b, true)
	must(t, r.settled(t.Context()))
	if list, err := r.requests.Restored(t.Context(), noon); err != nil || len(list) != 1 {
		t.Errorf("the register tells of %+v, %v", list, err)
	}
	over, err := r.requests.RestoredOver(t.Context(), r.state(t))
	if must(t, err); len(over) != 1 {
		t.Fatalf("the request tells of %+v", over)
	}
	refused, err := r.requests.Refuse(t.Context(), head(), r.request, "ni podlage")
	must(t, err)
	if body, err := r.body(t.Context(), refused.Index); err != nil || body.Data["restored"] != over[0].Entry {
		t.Errorf("it is refused by %+v, %v", body.Data, err)
	}
}
