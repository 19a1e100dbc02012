package retention

import (
	"bufio"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"varuh/recorder/durable"
)

// folder is a folder of the real disk as a rig sees a disk. It tells of every change, before it is made.
type folder struct {
	durable.FS
	root   string
	change func() // may be nil
}

func (f folder) at(name string) string {
	if f.change != nil {
		f.change()
	}
	return f.root + name
}

func (f folder) Open(name string) (durable.File, error)   { return f.FS.Open(f.root + name) }
func (f folder) OpenRW(name string) (durable.File, error) { return f.FS.OpenRW(f.at(name)) }
func (f folder) Create(name string, perm fs.FileMode) (durable.File, error) {
	return f.FS.Create(f.at(name), perm)
}
func (f folder) Mkdir(name string, perm fs.FileMode) error  { return f.FS.Mkdir(f.at(name), perm) }
func (f folder) Rename(old, new string) error               { return f.FS.Rename(f.at(old), f.root+new) }
func (f folder) Remove(name string) error                   { return f.FS.Remove(f.at(name)) }
func (f folder) ReadDir(name string) ([]fs.DirEntry, error) { return f.FS.ReadDir(f.root + name) }
func (f folder) Stat(name string) (fs.FileInfo, error)      { return f.FS.Stat(f.root + name) }
func (f folder) SyncDir(name string) error                  { return f.FS.SyncDir(f.at(name)) }
func (f folder) SyncFS(name string) error                   { return f.FS.SyncFS(f.at(name)) }
func (f folder) Free(name string) (uint64, error)           { return f.FS.Free(f.root + name) }

// Files lists all files under a folder.
func (f folder) Files(dir string) (list []string) {
	err := filepath.WalkDir(f.root+dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			list = append(list, strings.TrimPrefix(path, f.root))
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		panic(err)
	}
	return list
}

// killed names the folder that the child of TestKill works in.
const killed = "VARUH_TEST_PURGE_IN"

// TestKill kills a program that erases, with SIGKILL, again and again, and looks at what the next start makes of it.
// Every second one is without its diary.
func TestKill(t *testing.T) {
	if dir := os.Getenv(killed); dir != "" {
		purgeUntilKilled(t, dir)
		return
	}
	t.Parallel()
	kills := 16
	if os.Getenv("VARUH_LONG") == "1" {
		kills = 400
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, 0))
	for i := range kills {
		f := folder{FS: durable.OS, root: t.TempDir()}
		g := newRigOn(t, f)
		all := g.record(t, "yard", taped, 12)
		must(t, writeJSON(f, rigState+"/plan.json", all[:9]))
		if i%2 == 1 {
			must(t, durable.WriteFile(f, rigState+"/nodiary", nil, 0o600))
		}
		for killAfter(t, f.root, chance.IntN(90)) { // what a start does may be killed as well
			if chance.IntN(2) == 0 {
				break
			}
		}
		g = newRigOn(t, f)
		g.start(t, 0)
		g.wantConsistent(t, all, false)
		g.wantWhole(t, all[9:]...)
		if t.Failed() {
			t.Fatalf("after kill %d", i)
		}
	}
}

// killAfter runs the child until it has begun so many changes, and kills it. It returns false if the child was done
// before.
func killAfter(t *testing.T, dir string, changes int) bool {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run", "^TestKill$", "-test.count", "1")
	child.Env = append(os.Environ(), killed+"="+dir)
	child.Stderr = os.Stderr
	out := must1(child.StdoutPipe())(t)
	must(t, child.Start())
	lines, alive := bufio.NewScanner(out), true
	for range changes + 1 {
		alive = lines.Scan() && lines.Text() == "change"
		if !alive {
			break
		}
	}
	if alive {
		if err := child.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Fatal(err)
		}
	}
	for lines.Scan() {
	}
	err := child.Wait()
	if err != nil && !alive {
		t.Fatalf("the child ended with %v", err)
	}
	return err != nil // it may have come to its end just before it was killed
}

// purgeUntilKilled is the child: it erases three segments at a time and writes a line before every change.
func purgeUntilKilled(t *testing.T, dir string) {
	var plan []Erasure
	f := folder{FS: durable.OS, root: dir}
	must(t, readJSON(f, rigState+"/plan.json", &plan))
	f.change = func() { must1(os.Stdout.WriteString("change\n"))(t) }
	g := newRigOn(t, f)
	if _, err := f.Stat(rigState + "/nodiary"); err == nil {
		g.diary.down = errDown
	}
	if _, err := g.Replay(t.Context(), after, 0); err != nil && !errors.Is(err, errDown) {
		t.Fatal(err)
	}
	for len(plan) > 0 {
		var left []Erasure
		for _, e := range plan[:3] {
			if len(g.there(t, e)) > 0 {
				left = append(left, e)
			}
		}
		if _, err := g.Run(t.Context(), after, planned(left...)); err != nil && !errors.Is(err, errDown) {
			t.Fatal(err)
		}
		plan = plan[3:]
	}
}
