package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/configs"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// still is an appliance that does not run, with its site held.
type still struct {
	*site
	index *footage.Index
}

// newStill makes one with two stores. It is let go when the test ends.
func newStill(t *testing.T) *still {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "box")
	term := terminal{strings.NewReader(""), io.Discard, io.Discard}
	c := initCmd{Store: []string{filepath.Join(dir, "one"), filepath.Join(dir, "two")}, Controller: "sola.example", YesIWroteDown: true}
	_, err := c.make(dir, term)
	must(t, err)
	cfg, err := loadConfig(dir, term)
	must(t, err)
	s, err := openSite(cfg)
	must(t, err)
	ix, err := footage.Open(indexFile(dir))
	must(t, err)
	t.Cleanup(func() { must(t, errors.Join(ix.Close(), s.Close())) })
	return &still{s, ix}
}

// marks are those of a daemon.
func (s *still) marks() *marks {
	return newMarks(s.stores, s.index, slog.New(slog.DiscardHandler))
}

// with opens the diary for one use.
func (s *still) with(t *testing.T, use func(d *diary.Diary)) {
	t.Helper()
	d, err := openDiary(t.Context(), s.cfg.State, s.appliance)
	must(t, err)
	use(d)
	must(t, d.Close())
}

// enterSome writes entries.
func enterSome(t *testing.T, d *diary.Diary, n int) {
	t.Helper()
	for range n {
		if _, err := d.Append(t.Context(), diary.Entry{Op: "collect"}, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// keepIn keeps marks in a ring.
func keepIn(r *keyring.Ring) func(context.Context, []byte) error {
	return func(ctx context.Context, mark []byte) error { return r.SetMark(ctx, diaryMark, mark) }
}

// markOf is what is to be remembered of a diary now.
func markOf(t *testing.T, d *diary.Diary) []byte {
	t.Helper()
	b, err := mark(t.Context(), d)
	must(t, err)
	return b
}

// marked is the checkpoint in a mark.
func marked(t *testing.T, mark []byte) proof.Checkpoint {
	t.Helper()
	var notes []string
	must(t, json.Unmarshal(mark, &notes))
	c, err := proof.ReadCheckpoint([]byte(notes[0]))
	must(t, err)
	return c
}

// copyOf copies files, and back returns them to what they were; what was not there is removed.
func copyOf(t *testing.T, names ...string) (back func()) {
	t.Helper()
	was := map[string][]byte{}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err == nil {
			was[name] = b
		} else if !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	return func() {
		t.Helper()
		for _, name := range names {
			if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
			if b, ok := was[name]; ok {
				must(t, os.WriteFile(name, b, 0o600))
			}
		}
	}
}

// stateFiles are all that a copy of the state folder holds of the diary, what is remembered of it included.
func stateFiles(state string, stores []footage.Store) []string {
	names := []string{diaryFile(state), diaryFile(state) + "-wal", diaryFile(state) + "-shm", filepath.Join(state, "keys", "diary.checkpoint"),
		indexFile(state), indexFile(state) + "-wal", indexFile(state) + "-shm"}
	for _, s := range stores {
		names = append(names, filepath.Join(state, "keys", s.ID.String(), "diary.mark"))
	}
	return names
}

// How far everybody knows the diary is what the one says that knows least.
func TestMarksStand(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	m := s.marks()
	var at [3][]byte // notes at three sizes
	var size [3]int64
	s.with(t, func(d *diary.Diary) {
		for i := range at {
			enterSome(t, d, 3)
			at[i], size[i] = markOf(t, d), d.Head().Size
		}
		one, two := s.stores[0].Ring, s.stores[1].Ring
		for _, tt := range []struct {
			name            string
			one, two, index []byte
			want            int64
		}{
			{"nobody knows anything", nil, nil, nil, 0},
			{"one store knows all", at[2], nil, nil, 0},
			{"the index knows nothing", at[2], at[1], nil, 0},
			{"a store knows less", at[2], at[0], at[1], size[0]},
			{"the index knows less", at[2], at[1], at[0], size[0]},
			{"all know all", at[2], at[2], at[2], size[2]},
			{"a mark is damaged", at[2], at[2][:40], at[2], 0},
		} {
			for _, set := range []struct {
				mark []byte
				keep func(context.Context, []byte) error
				file []string
			}{
				{tt.one, keepIn(one), []string{filepath.Join(s.stores[0].Dir, "keys", "diary.mark"), filepath.Join(s.cfg.State, "keys", s.stores[0].ID.String(), "diary.mark")}},
				{tt.two, keepIn(two), []string{filepath.Join(s.stores[1].Dir, "keys", "diary.mark"), filepath.Join(s.cfg.State, "keys", s.stores[1].ID.String(), "diary.mark")}},
				{tt.index, s.index.SetMark, nil},
			} {
				if set.mark == nil && set.file == nil {
					continue // an index that never had one
				}
				for _, name := range set.file {
					if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
						t.Fatal(err)
					}
				}
				if set.mark != nil {
					must(t, set.keep(t.Context(), set.mark))
				}
			}
			if got, err := m.hold(t.Context(), d); err != nil || got != tt.want || d.Fault() != nil {
				t.Errorf("%s: known to all before %d, want %d; %v, %v", tt.name, got, tt.want, err, d.Fault())
			}
		}
		// Of the two copies in one store the newer counts.
		must(t, one.SetMark(t.Context(), diaryMark, at[2]))
		must(t, two.SetMark(t.Context(), diaryMark, at[2]))
		must(t, os.WriteFile(filepath.Join(s.stores[0].Dir, "keys", "diary.mark"), at[0], 0o600))
		if got, err := m.hold(t.Context(), d); err != nil || got != size[2] {
			t.Errorf("with an older copy in one twin: %d, %v", got, err)
		}
	})
	if said := m.sentence(); strings.Count(said, "remember no checkpoint") != 2 { // both twins of the damaged one
		t.Errorf("said of the marks: %q", said)
	}
}

// A copy of the state folder is put back, with all that it remembers of its diary; the store alone, which was
// not, names the fault, to the daemon and to a command. Nobody overwrites that.
func TestStateIsPutBack(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	store := s.stores[1]
	var then, now int64
	var held string
	s.with(t, func(d *diary.Diary) {
		enterSome(t, d, 3)
		must(t, s.marks().write(t.Context(), d))
		then = d.Head().Size
	})
	must(t, s.index.Close())
	back := copyOf(t, stateFiles(s.cfg.State, s.stores)...)
	var err error
	s.index, err = footage.Open(indexFile(s.cfg.State))
	must(t, err)
	s.with(t, func(d *diary.Diary) {
		enterSome(t, d, 4)
		must(t, s.marks().write(t.Context(), d))
		now, held = d.Head().Size, string(markOf(t, d))
	})
	must(t, s.index.Close())
	back()
	must(t, os.Remove(filepath.Join(s.stores[0].Dir, "keys", "diary.mark"))) // the other disk is a new one
	s.index, err = footage.Open(indexFile(s.cfg.State))
	must(t, err)

	var out strings.Builder
	d, err := s.openDiary(t.Context(), &out)
	must(t, err)
	f := d.Fault()
	if f == nil || f.Kind != diary.FaultRollback || f.There != now || f.Here != then || f.By != "the key slots of "+store.Dir+" (copy on the store)" {
		t.Errorf("a command was told %+v, %s", f, &out)
	}
	m := s.marks()
	if _, err := m.hold(t.Context(), d); err != nil || d.Fault() == nil {
		t.Errorf("the daemon was told %v, %v", d.Fault(), err)
	}
	m.remember(t.Context(), d)
	if got, err := os.ReadFile(filepath.Join(store.Dir, "keys", "diary.mark")); err != nil || string(got) != held {
		t.Errorf("what was remembered was overwritten: %q, %v", got, err)
	}
	if _, err := d.Append(t.Context(), diary.Entry{Op: "view.start"}, nil); !errors.Is(err, diary.ErrFault) {
		t.Errorf("access: %v", err)
	}
	ana, bor := proof.Actor{ID: "Ana"}, proof.Actor{ID: "Bor"}
	if _, err := d.Accept(t.Context(), ana, bor, "the card failed"); err != nil {
		t.Fatal(err)
	}
	if from, err := m.hold(t.Context(), d); err != nil || from != 0 || d.Fault() != nil {
		t.Errorf("after two persons accepted it, what the store remembers is %d, %v, %v", from, err, d.Fault())
	}
	must(t, m.write(t.Context(), d))
	if from, err := m.hold(t.Context(), d); err != nil || from != d.Head().Size {
		t.Errorf("remembered anew: %d, %v", from, err)
	}
	must(t, d.Close())
}

// The same, by the daemon: at each stop and start the diary is remembered, and one that was put back is
// named in the status.
func TestDaemonRemembers(t *testing.T) {
	t.Parallel()
	b := startBox(t, configs.MetricsOff, nil)
	store := b.site.stores[0]
	mark := filepath.Join(store.Dir, "keys", "diary.mark")
	b.end(t)
	first, err := os.ReadFile(mark)
	must(t, err)
	back := copyOf(t, stateFiles(b.dir, b.site.stores)...)
	b.again(t)
	b.end(t)
	second, err := os.ReadFile(mark)
	must(t, err)
	was, is := marked(t, first), marked(t, second)
	if is.Size <= was.Size {
		t.Errorf("after another run %d entries are remembered, %d before", is.Size, was.Size)
	}
	back()
	b.again(t)
	if st := b.status(); !strings.Contains(st.Diary.Sentence, fmt.Sprintf("remembers %d:", is.Size)) || !strings.Contains(st.Diary.Sentence, "(copy on the store)") {
		t.Errorf("the status says %q", st.Diary.Sentence)
	}
	b.end(t)
	if now, err := os.ReadFile(mark); err != nil || string(now) != string(second) {
		t.Errorf("what was remembered was overwritten: %v", err)
	}
}

// again starts the daemon of a box once more.
func (b *box) again(t *testing.T) {
	t.Helper()
	cfg, err := loadConfig(b.dir, terminal{nil, b.log, b.log})
	must(t, err)
	ready := make(chan struct{})
	b.Daemon = &Daemon{Log: slog.New(slog.NewTextHandler(b.log, nil)), Reload: b.reload, Boot: b.boot, Ready: func() { close(ready) }}
	ctx, cancel := context.WithCancel(t.Context())
	b.stop = cancel
	go func() { b.done <- b.Run(ctx, cfg) }()
	select {
	case <-ready:
	case err := <-b.done:
		t.Fatal(err)
	}
}

// What another diary's key signed proves nothing: it is told of and entered, and makes no fault.
func TestMarkOfAnotherDiary(t *testing.T) {
	t.Parallel()
	s, other := newStill(t), newStill(t)
	other.with(t, func(d *diary.Diary) {
		enterSome(t, d, 50)
		must(t, s.stores[0].Ring.SetMark(t.Context(), diaryMark, markOf(t, d)))
	})
	c := &clerk{state: s.cfg.State, appliance: s.appliance, index: s.index, log: slog.New(slog.DiscardHandler), marks: s.marks(), cameras: func() []string { return nil }}
	c.run(t)
	said := c.marks.sentence()
	if !strings.Contains(said, "of another appliance") {
		t.Errorf("said of the marks: %q", said)
	}
	c.marks.tell(strings.Split(said, "; ")[0]) // as when the diary is opened anew
	if again := c.marks.sentence(); again != said {
		t.Errorf("then it is said %q", again)
	}
	s.with(t, func(d *diary.Diary) {
		var ops []string
		for e, err := range d.Entries(t.Context(), 0, d.Head().Size) {
			must(t, err)
			ops = append(ops, e.Op)
		}
		if want := []string{"origin.begin", "incident.open", "incident.open", "stop"}; !slices.Equal(ops, want) || d.Fault() != nil {
			t.Errorf("the entries are %q, want %q; %v", ops, want, d.Fault())
		}
	})
	marks, err := s.stores[0].Ring.Marks(diaryMark)
	must(t, err)
	for _, m := range marks {
		if c := marked(t, m.Data); c.Origin != s.appliance.Diary {
			t.Errorf("afterwards %s remembers %+v", m.Twin, c)
		}
	}
}

// A place that takes no mark is told of, the others remember, and it is told when it is over.
func TestMarkCannotBeWritten(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	m := s.marks()
	s.with(t, func(d *diary.Diary) {
		block := filepath.Join(s.stores[0].Dir, "keys", "diary.mark")
		must(t, os.MkdirAll(filepath.Join(block, "x"), 0o700))
		m.remember(t.Context(), d)
		if said := m.sentence(); !strings.Contains(said, "can't be noted elsewhere") || !strings.Contains(said, s.stores[0].Dir) {
			t.Errorf("said: %q", said)
		}
		if from := s.marksOf(t, s.stores[1].Ring); from != d.Head().Size {
			t.Errorf("the other store remembers %d entries", from)
		}
		must(t, os.RemoveAll(block))
		m.remember(t.Context(), d)
		if said := m.sentence(); said != "" {
			t.Errorf("afterwards: %q", said)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		m.remember(ended, d)
		if said := m.sentence(); said != "" {
			t.Errorf("a stop is told of: %q", said)
		}
	})
}

// marksOf is the size that both twins of a ring remember.
func (s *still) marksOf(t *testing.T, r *keyring.Ring) (size int64) {
	t.Helper()
	list, err := r.Marks(diaryMark)
	must(t, err)
	for i, m := range list {
		c := marked(t, m.Data)
		if i > 0 && c.Size != size {
			t.Errorf("the twins remember %d and %d entries", size, c.Size)
		}
		size = c.Size
	}
	return size
}

// A copy of the state folder of before some changes of the signing key is put back, with the key of then: the
// last checkpoint is signed by a key that this diary never had, and still the store names the fault. With
// however many changes, a mark is small enough to be kept.
func TestStateOfAnOldKeyIsPutBack(t *testing.T) {
	t.Parallel()
	for name, changes := range map[string]int{"one": 1, "many": 12} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStill(t)
			back := copyOf(t, append(stateFiles(s.cfg.State, s.stores)[:4], filepath.Join(s.cfg.State, "keys", "diary.key"))...)
			s.with(t, func(d *diary.Diary) {
				for range changes {
					if _, err := d.RotateSigningKey(t.Context(), proof.Body{}, "yearly"); err != nil {
						t.Fatal(err)
					}
				}
				enterSome(t, d, 3)
				must(t, s.marks().write(t.Context(), d))
				if n := len(markOf(t, d)); n > footage.MaxMark || n < 500 {
					t.Errorf("the mark has %d bytes", n)
				}
			})
			back()
			s.with(t, func(d *diary.Diary) {
				m := s.marks()
				_, err := m.hold(t.Context(), d)
				must(t, err)
				f := d.Fault()
				if changes == 1 && (f == nil || f.Kind != diary.FaultRollback || f.There != 2) {
					t.Errorf("the fault is %+v", f)
				}
				if changes > 1 && !strings.Contains(m.sentence(), "no checkpoint that a key of this diary signed") {
					t.Errorf("said: %q, %v", m.sentence(), f)
				}
			})
		})
	}
}
