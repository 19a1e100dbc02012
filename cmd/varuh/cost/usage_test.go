package cost

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// usage is what processes have taken since they began, and the memory they have now.
type usage struct {
	cpu     time.Duration
	pss     int64 // bytes
	written int64 // bytes handed to the disk
	wakeups int64
}

// usageOf adds up processes.
func usageOf(processes []*process) (u usage, err error) {
	for _, p := range processes {
		one, err := usageOfPID(p.pid())
		if err != nil {
			return u, errors.Join(err, p.running())
		}
		u.cpu += one.cpu
		u.pss += one.pss
		u.written += one.written
		u.wakeups += one.wakeups
	}
	return u, nil
}

func usageOfPID(pid int) (u usage, err error) {
	// The CPU clock of another process, as clock_getcpuclockid(3) makes its number.
	const sched = 2
	var cpu unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|sched), &cpu); err != nil {
		return u, fmt.Errorf("CPU clock of process %d: %w", pid, err)
	}
	u.cpu = time.Duration(cpu.Nano())
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil {
		return u, err
	}
	for _, name := range tasks {
		n, err := field(name, "voluntary_ctxt_switches")
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, unix.ESRCH) { // the thread ended
			return u, err
		}
		u.wakeups += n
	}
	if u.written, err = field(fmt.Sprintf("/proc/%d/io", pid), "write_bytes"); err != nil {
		return u, asRoot(err)
	}
	u.pss, err = field(fmt.Sprintf("/proc/%d/smaps_rollup", pid), "Pss")
	u.pss <<= 10 // it is told in kB
	return u, asRoot(err)
}

func asRoot(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w; run the benchmark as root, since varuh hides its memory from every other account", err)
	}
	return err
}

// field is the number after a name in a file of lines "name: number".
func field(file, name string) (int64, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		rest, ok := strings.CutPrefix(line, name+":")
		if f := strings.Fields(rest); ok && len(f) > 0 {
			return strconv.ParseInt(f[0], 10, 64)
		}
	}
	return 0, fmt.Errorf("%s has no %s", file, name)
}

// diskWritten syncs the file system of dir and tells how many bytes its disk has written since the
// machine was started; ok is false where the kernel does not say.
func diskWritten(dir string) (n int64, ok bool, err error) {
	d, err := os.Open(dir)
	if err != nil {
		return 0, false, err
	}
	defer d.Close()
	if err := unix.Syncfs(int(d.Fd())); err != nil {
		return 0, false, fmt.Errorf("sync %s: %w", dir, err)
	}
	var st unix.Stat_t
	if err := unix.Fstat(int(d.Fd()), &st); err != nil {
		return 0, false, err
	}
	b, err := os.ReadFile(fmt.Sprintf("/sys/dev/block/%d:%d/stat", unix.Major(st.Dev), unix.Minor(st.Dev)))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, false, nil // no disk of its own, as with btrfs
	} else if err != nil {
		return 0, false, err
	}
	const sectorsWritten, sector = 6, 512 // Documentation/block/stat.rst
	f := strings.Fields(string(b))
	if len(f) <= sectorsWritten {
		return 0, false, nil
	}
	n, err = strconv.ParseInt(f[sectorsWritten], 10, 64)
	return n * sector, true, err
}

// size is how many bytes the files below dir have.
func size(dir string) (n int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			n += info.Size()
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil // not begun yet
	}
	return n, err
}

func TestUsageOfThisProcess(t *testing.T) {
	before, err := usageOfPID(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	var own unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &own); err != nil {
		t.Fatal(err)
	}
	after, err := usageOfPID(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if cpu := time.Duration(own.Nano()); before.cpu > cpu || cpu > after.cpu {
		t.Errorf("the clock tells %v, then the process itself %v, then the clock %v", before.cpu, cpu, after.cpu)
	}
	if before.pss < 1<<20 || before.pss > 1<<30 || before.wakeups == 0 {
		t.Errorf("%+v is not what a test takes", before)
	}
}

func TestSizeOfFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "a", "b"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"x", "a/y", "a/b/z"} {
		if err := os.WriteFile(filepath.Join(dir, name), make([]byte, 100), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := size(dir); n != 300 || err != nil {
		t.Errorf("size is %d, %v, want 300", n, err)
	}
	if n, err := size(filepath.Join(dir, "none")); n != 0 || err != nil {
		t.Errorf("a folder that is not there has %d bytes, %v", n, err)
	}
}
