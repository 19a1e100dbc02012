package derived

import (
	"errors"
	"fmt"
	"math"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// memory is what the program may have of its own, in bytes: H.265 of 4K takes some 400 MiB.
const memory = 640 << 20

// gentle is how far it gives way to recording.
const gentle = 10

// confine limits a program that was started and waits for its first byte.
func confine(pid int, limit time.Duration) error {
	for _, l := range []struct {
		what string
		of   int
		most uint64
	}{
		{"the size of files", unix.RLIMIT_FSIZE, 0},
		{"core dumps", unix.RLIMIT_CORE, 0},
		{"memory", unix.RLIMIT_DATA, memory},
		{"open files", unix.RLIMIT_NOFILE, 16},
		{"processor time", unix.RLIMIT_CPU, uint64(math.Ceil(2*limit.Seconds())) + 1},
	} {
		if err := unix.Prlimit(pid, l.of, &unix.Rlimit{Cur: l.most, Max: l.most}, nil); err != nil {
			return fmt.Errorf("couldn't limit %s: %w", l.what, err)
		}
	}
	if err := unix.Setpriority(unix.PRIO_PROCESS, pid, gentle); err != nil {
		return fmt.Errorf("couldn't have it give way: %w", err)
	}
	f, err := os.OpenFile(fmt.Sprintf("/proc/%d/oom_score_adj", pid), os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("couldn't have it die first where memory ends: %w", err)
	}
	_, err = f.WriteString("1000")
	return errors.Join(err, f.Close())
}
