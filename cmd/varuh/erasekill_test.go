package main

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"

	"varuh/accesslog/diary"
	"varuh/accesslog/hold"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// kill -9 of the whole program while it erases what came to its term: at the end all that is not held is gone, what is held
// is whole, and every erasure that the diary has as begun has come to its end, with nothing erased that it does not name.
func TestKilledErasing(t *testing.T) {
	t.Parallel()
	v := newVictim(t)
	due, kept := v.old(t, 400)
	v.killedPurging(t, due)
	cmd := v.serve(t)
	v.until(t, func(st status) bool { return !st.Terms.At.IsZero() && st.Terms.Due == 0 && st.Terms.Held == len(kept) })
	must(t, errors.Join(cmd.Process.Signal(syscall.SIGTERM), cmd.Wait()))
	v.offline(t, func(s *still) {
		for _, r := range due {
			s.gone(t, s.stores[0], r)
		}
		for _, r := range kept {
			s.whole(t, s.stores[0], r)
		}
		s.with(t, func(d *diary.Diary) { entered(t, d, due...) })
	})
}

// killedPurging kills the program while it destroys the keys of what is due in its first store, and again and again while it
// removes the files. It fails unless some of both were gone, and some were left, when the program died.
func (v *victim) killedPurging(t *testing.T, due []footage.Segment) {
	t.Helper()
	store := v.stores(t)[0]
	slots := func(twin string, r footage.Segment) string {
		return filepath.Join(twin, "slots", r.ID.Time().Format(time.DateOnly)+".slots")
	}
	state, disk := filepath.Join(v.dir, "keys", store.ID.String()), filepath.Join(store.Dir, "keys")
	erased := func() (n int) { // places in both twins
		for _, twin := range []string{state, disk} {
			seen := map[string]bool{}
			for _, r := range due {
				if name := slots(twin, r); !seen[name] {
					seen[name] = true
					n += tombstones(t, name)
				}
			}
		}
		return n
	}
	present := func() []footage.Segment {
		return slices.DeleteFunc(slices.Clone(due), func(r footage.Segment) bool {
			_, err := os.Stat(store.Path(r.Camera, r.ID))
			return errors.Is(err, fs.ErrNotExist)
		})
	}
	halfKeys, halfFiles := 0, 0
	for _, name := range []string{slots(state, due[0]), slots(state, due[len(due)/2]), slots(disk, due[len(due)/2])} {
		if erased() == 2*len(due) {
			break
		}
		v.killAt(t, name, fsnotify.Write)
		if n := erased(); n > 0 && n < 2*len(due) {
			halfKeys++
		}
	}
	rounds := 3
	if os.Getenv("VARUH_LONG") != "" {
		rounds = 60
	}
	for i := range rounds {
		left := present()
		if len(left) == 0 {
			break
		}
		next := left[len(left)*min(i, 1)/(rounds-i+1)]
		v.killAt(t, store.Path(next.Camera, next.ID), fsnotify.Remove)
		if n := len(present()); n > 0 && n < len(due) {
			halfFiles++
		}
	}
	t.Logf("killed with some keys gone: %d times; with some files gone: %d", halfKeys, halfFiles)
	if halfKeys == 0 || halfFiles == 0 {
		t.Errorf("of the kills %d were in the middle of the keys and %d of the files: the others tell nothing", halfKeys, halfFiles)
	}
}

// tombstones counts the slots of a slot file that say that they are erased.
func tombstones(t *testing.T, name string) (n int) {
	t.Helper()
	b, err := os.ReadFile(name)
	must(t, err)
	for slot := range slices.Chunk(b, 512) {
		if slot[10] >= byte(keyring.StateErased) {
			n++
		}
	}
	return n
}

// killAt starts the program and kills it when something happens to a file.
func (v *victim) killAt(t *testing.T, name string, op fsnotify.Op) {
	t.Helper()
	happened, forget := watch(t, name, op)
	defer forget()
	cmd := v.begin(t)
	v.await(t, happened)
	v.kill(t, cmd)
}

// begin starts the program, and waits for nothing.
func (v *victim) begin(t *testing.T) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("varuh", "serve", "--dir", v.dir)
	cmd.Stderr = v.log
	must(t, cmd.Start())
	return cmd
}

func (v *victim) kill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	must(t, cmd.Process.Kill())
	if err := cmd.Wait(); err == nil {
		t.Fatal("it ended by itself")
	}
}

func (v *victim) await(t *testing.T, happened <-chan struct{}) {
	t.Helper()
	select {
	case <-happened:
	case <-time.After(never):
		t.Fatalf("it does not come to that:\n%s", v.log)
	}
}

// watch tells each time that something happens to a file, until it is to forget; what nobody has taken yet counts once.
func watch(t *testing.T, name string, op fsnotify.Op) (_ <-chan struct{}, forget func()) {
	t.Helper()
	w, err := fsnotify.NewWatcher()
	must(t, err)
	must(t, w.Add(filepath.Dir(name)))
	happened := make(chan struct{}, 1)
	go func() {
		for e := range w.Events { // a missed one shows as a wait that ends in a failure
			if e.Name != name || !e.Has(op) {
				continue
			}
			select {
			case happened <- struct{}{}:
			default:
			}
		}
	}()
	return happened, func() { must(t, w.Close()) }
}

// old records so many segments of more than a year ago, every tenth under an order, on a machine whose clock a person has
// confirmed.
func (v *victim) old(t *testing.T, n int) (due, kept []footage.Segment) {
	t.Helper()
	v.recordOnce(t) // the index gets to know the store
	all := v.due(t, "a", n)
	v.offline(t, func(s *still) {
		log := slog.New(slog.DiscardHandler)
		s.with(t, func(d *diary.Diary) {
			boot := later(t, 0, 0).Boot
			keeper := openTimekeeper(v.dir, boot, log)
			keeper.told("person", boot.Now())
			e := newEraser(s.site, s.index, keeper, log)
			e.begin(d)
			for i, r := range all {
				if i%10 > 0 {
					due = append(due, r)
					continue
				}
				kept = append(kept, r)
				_, err := e.register.Set(t.Context(), hold.Asked{Kind: hold.Order, Basis: "order", By: ana, Review: time.Now().AddDate(0, 1, 0),
					Range: hold.Range{Camera: "a", From: r.Start, To: r.Start.Add(time.Second)}})
				must(t, err)
			}
		})
	})
	return due, kept
}

// due records so many segments of a camera, of more than a year ago, that nobody holds: by turns in each store, and two a
// day, so that each folder that a purge works through has few of them.
func (v *victim) due(t *testing.T, camera string, n int) (rows []footage.Segment) {
	t.Helper()
	v.offline(t, func(s *still) {
		for i := range n {
			at := time.Now().Add(-600*24*time.Hour + time.Duration(i)*12*time.Hour)
			rows = append(rows, s.recordAt(t, s.stores[i%len(s.stores)], camera, at))
		}
	})
	return rows
}

// offline works on the appliance while the program does not run.
func (v *victim) offline(t *testing.T, work func(*still)) {
	t.Helper()
	cfg, err := loadConfig(v.dir, terminal{nil, v.log, v.log})
	must(t, err)
	site, err := openSite(cfg)
	must(t, err)
	ix, err := footage.Open(indexFile(v.dir))
	must(t, err)
	work(&still{site, ix})
	must(t, errors.Join(ix.Close(), site.Close()))
}

// stores are where the stores are, whoever has them open.
func (v *victim) stores(t *testing.T) (list []footage.Store) {
	t.Helper()
	v.offline(t, func(s *still) { list = s.stores })
	return list
}

// recordOnce lets the program record for a moment.
func (v *victim) recordOnce(t *testing.T) {
	t.Helper()
	cmd := v.serve(t)
	must(t, errors.Join(cmd.Process.Signal(syscall.SIGTERM), cmd.Wait()))
}
