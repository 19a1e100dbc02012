package durabletest

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"syscall"
	"testing"

	"varuh/recorder/durable"
)

func create(t *testing.T, d *Disk, name string, writes ...string) durable.File {
	t.Helper()
	f, err := d.Create(name, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range writes {
		if _, err := f.Write([]byte(w)); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// content is what a file holds, or "absent".
func content(t *testing.T, d *Disk, name string) string {
	t.Helper()
	b, err := durable.ReadFile(d, name, 1<<20)
	if errors.Is(err, fs.ErrNotExist) {
		return "absent"
	} else if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestPowerLoss has, for each thing that was or was not synced, what each loss leaves.
func TestPowerLoss(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		work func(d *Disk)
		want [5]string // in the order of Losses
	}{
		{"nothing synced", func(d *Disk) { create(t, d, "/a", "old", "1234") },
			[5]string{"absent", "old1234", "old12", "", "\x00\x00\x00\x00\x00\x00\x00"}},
		{"bytes synced, name not", func(d *Disk) { must(t, create(t, d, "/a", "old").Sync()) },
			[5]string{"absent", "old", "old", "old", "old"}},
		{"name synced, bytes not", func(d *Disk) { create(t, d, "/a", "1234"); must(t, d.SyncDir("/")) },
			[5]string{"", "1234", "12", "", "\x00\x00\x00\x00"}},
		{"all synced by SyncFS", func(d *Disk) { create(t, d, "/a", "1234"); must(t, d.SyncFS("/")) },
			[5]string{"1234", "1234", "1234", "1234", "1234"}},
		{"overwritten in place", func(d *Disk) {
			f := create(t, d, "/a", "abcdef")
			must(t, d.SyncFS("/"))
			_, err := f.WriteAt([]byte("WXYZ"), 1)
			must(t, err)
		}, [5]string{"abcdef", "aWXYZf", "aWXdef", "abcdef", "abcdef"}},
		{"truncated", func(d *Disk) {
			f := create(t, d, "/a", "abcdef")
			must(t, d.SyncFS("/"))
			must(t, f.Truncate(2))
		}, [5]string{"abcdef", "ab", "ab", "abcdef", "ab"}},
		{"removed", func(d *Disk) { create(t, d, "/a", "1"); must(t, d.SyncFS("/")); must(t, d.Remove("/a")) },
			[5]string{"1", "absent", "absent", "absent", "absent"}},
		{"renamed over", func(d *Disk) {
			create(t, d, "/a", "old")
			create(t, d, "/b", "new")
			must(t, d.SyncFS("/"))
			must(t, d.Rename("/b", "/a"))
		}, [5]string{"old", "new", "new", "new", "new"}},
		{"in a folder whose name is not durable", func(d *Disk) {
			must(t, d.Mkdir("/dir", 0o700))
			must(t, create(t, d, "/dir/a", "1").Sync())
			must(t, d.SyncDir("/dir"))
			must(t, d.Rename("/dir/a", "/a"))
		}, [5]string{"absent", "1", "1", "1", "1"}},
		{"synced after a failed sync", func(d *Disk) {
			f := create(t, d, "/a", "1234")
			must(t, d.SyncDir("/"))
			d.FailAt(len(d.Ops()), Fails)
			if err := f.Sync(); !errors.Is(err, ErrFault) {
				t.Errorf("failing sync: %v", err)
			}
			must(t, f.Sync()) // durable is only the length, as on Linux
			if !d.Forgets() {
				t.Error("the disk does not know that it forgets")
			}
		}, [5]string{"\x00\x00\x00\x00", "1234", "1234", "\x00\x00\x00\x00", "\x00\x00\x00\x00"}},
		{"written again after a failed sync", func(d *Disk) {
			f := create(t, d, "/a", "1234")
			must(t, d.SyncDir("/"))
			d.FailAt(len(d.Ops()), Fails)
			if err := f.Sync(); !errors.Is(err, ErrFault) {
				t.Errorf("failing sync: %v", err)
			}
			_, err := f.WriteAt([]byte("XY"), 1)
			must(t, errors.Join(err, f.Sync()))
		}, [5]string{"\x00XY\x00", "1XY4", "1XY4", "\x00XY\x00", "\x00XY\x00"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := New()
			c.work(d)
			for i, l := range Losses {
				if got := content(t, d.AfterPowerLoss(l), "/a"); got != c.want[i] {
					t.Errorf("%s: %q, want %q", l, got, c.want[i])
				}
			}
		})
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, how := range Faults {
		d := New()
		f := create(t, d, "/a")
		d.FailAt(len(d.Ops()), how)
		_, err := f.Write([]byte("x"))
		want := map[Fault]error{Fails: ErrFault, FailsButDone: ErrFault, PowerGone: ErrPower}[how]
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", how, err, want)
		}
		if got := content(t, d.AfterPowerLoss(KeepsAll), "/a"); (got == "x") != (how == FailsButDone) {
			t.Errorf("%s: file holds %q", how, got)
		}
		if _, err = d.Stat("/a"); errors.Is(err, ErrPower) != (how == PowerGone) {
			t.Errorf("%s: afterwards: %v", how, err)
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	d := New()
	f := create(t, d, "/a", "12")
	d.SetFree(3)
	if n, err := f.Write([]byte("3456")); n != 3 || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("write past the limit: %d, %v", n, err)
	}
	if free, err := d.Free("/"); free != 0 || err != nil {
		t.Errorf("free: %d, %v", free, err)
	}
	if _, err := f.WriteAt([]byte("x"), 0); err != nil {
		t.Errorf("overwriting on a full disk: %v", err)
	}
	d.SetFree(-1)
	d.SetReadOnly(true)
	if _, err := f.Write([]byte("x")); !errors.Is(err, syscall.EROFS) {
		t.Errorf("write to a read-only disk: %v", err)
	}
	if got := content(t, d, "/a"); got != "x2345" {
		t.Errorf("file holds %q", got)
	}
}

// TestLikeOS does the same on the simulated disk and on the real one.
func TestLikeOS(t *testing.T) {
	t.Parallel()
	onDisk := walk(t, New(), "/")
	onOS := walk(t, durable.OS, t.TempDir())
	if !slices.Equal(onDisk, onOS) {
		t.Errorf("simulated: %q\nreal:      %q", onDisk, onOS)
	}
}

// walk uses every operation and writes down what can be seen of it.
func walk(t *testing.T, fsys durable.FS, dir string) (seen []string) {
	t.Helper()
	note := func(what string, err error) {
		for _, known := range []error{nil, fs.ErrExist, fs.ErrNotExist, fs.ErrClosed, io.EOF, syscall.ENOTEMPTY, syscall.EBADF} {
			if errors.Is(err, known) {
				seen = append(seen, what+": "+errName(known))
				return
			}
		}
		t.Errorf("%s: %v", what, err)
	}
	dir += "/d"
	note("mkdir", fsys.Mkdir(dir, 0o700))
	note("mkdir again", fsys.Mkdir(dir, 0o700))
	note("mkdir too deep", fsys.Mkdir(dir+"/x/y", 0o700))
	f, err := fsys.Create(dir+"/a", 0o600)
	note("create", err)
	_, err = fsys.Create(dir+"/a", 0o600)
	note("create again", err)
	_, err = f.Write([]byte("hello"))
	note("write", err)
	_, err = f.WriteAt([]byte("J"), 7)
	note("write at", err)
	note("truncate", f.Truncate(9))
	note("sync", f.Sync())
	note("sync folder", fsys.SyncDir(dir))
	note("sync all", fsys.SyncFS(dir))
	b := make([]byte, 4)
	n, err := f.ReadAt(b, 6)
	note("read at "+string(b[:n]), err)
	note("close", f.Close())
	note("close again", f.Close())
	f, err = fsys.Open(dir + "/a")
	note("open", err)
	_, err = f.Write(b)
	note("write to a file open for reading", err)
	all, err := io.ReadAll(f)
	note("read "+string(all), err)
	note("close", f.Close())
	note("rename", fsys.Rename(dir+"/a", dir+"/b"))
	note("remove folder", fsys.Remove(dir))
	list, err := fsys.ReadDir(dir)
	note("list "+list[0].Name(), err)
	st, err := fsys.Stat(dir + "/b")
	note("stat "+st.Name()+" "+st.Mode().String(), err)
	_, err = fsys.OpenRW(dir + "/a")
	note("open gone", err)
	note("remove", fsys.Remove(dir+"/b"))
	note("remove again", fsys.Remove(dir+"/b"))
	return seen
}

func errName(err error) string {
	if err == nil {
		return "done"
	}
	return err.Error()
}

func TestSweepFindsAMissingSync(t *testing.T) {
	t.Parallel()
	for _, syncs := range []bool{true, false} {
		var lost bool
		ops := Sweep(t, Story{
			Do: func(d *Disk) error {
				f, err := d.Create("/a", 0o600)
				if err != nil {
					return err
				}
				_, err = f.Write([]byte("x"))
				if syncs && err == nil {
					err = f.Sync()
				}
				return errors.Join(err, d.SyncDir("/"))
			},
			Check: func(t *testing.T, d *Disk, did error) {
				if b, err := durable.ReadFile(d, "/a", 9); did == nil && (err != nil || string(b) != "x") {
					lost = true
				}
			},
		})
		if want := map[bool]int{true: 4, false: 3}[syncs]; ops != want {
			t.Errorf("%d operations, want %d", ops, want)
		}
		if lost == syncs {
			t.Errorf("with sync %v: lost %v", syncs, lost)
		}
	}
}

func TestHookSeesEveryOperation(t *testing.T) {
	t.Parallel()
	d := New()
	var seen []Op
	d.OnOp(func(op Op) { seen = append(seen, op) })
	walk(t, d, "/")
	if !slices.Equal(seen, d.Ops()) || len(seen) == 0 {
		t.Errorf("hook saw %v", seen)
	}
	if _, err := os.Stat("/d"); err == nil {
		t.Error("the simulated disk touched the real one")
	}
}
