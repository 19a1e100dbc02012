package evidencetest

import (
	"os"
	"os/exec"
	"runtime/debug"
	"runtime/metrics"
	"syscall"
	"testing"
	"time"
)

// Worked is how long processors have worked for this program: on a machine that does other things as well, the time that
// passes says nothing.
func Worked(b testing.TB) time.Duration {
	b.Helper()
	var u syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// OpenSSL is how long processors work for openssl with as many bytes.
func OpenSSL(b testing.TB, size int64, args ...string) time.Duration {
	b.Helper()
	if _, err := exec.LookPath("openssl"); err != nil && os.Getenv("CI") == "" {
		b.Skip("openssl is missing: apt-get install openssl")
	}
	cmd := exec.Command("openssl", args...)
	in, err := cmd.StdinPipe()
	must(b, err)
	must(b, cmd.Start())
	for block := make([]byte, 1<<20); size > 0; size -= int64(len(block)) {
		_, err := in.Write(block[:min(size, int64(len(block)))])
		must(b, err)
	}
	must(b, in.Close())
	must(b, cmd.Wait())
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

// Peak is the most memory that the program had from the operating system, above what it had before.
func Peak(do func()) uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	now := func() uint64 { metrics.Read(sample); return sample[0].Value.Uint64() - sample[1].Value.Uint64() }
	debug.FreeOSMemory()
	before, most, done, ended := now(), uint64(0), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for tick := time.NewTicker(5 * time.Millisecond); ; {
			select {
			case <-tick.C:
				most = max(most, now())
			case <-done:
				return
			}
		}
	}()
	do()
	close(done)
	<-ended
	return max(most, before) - before
}
