package rtsp

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

// period is how often armed connections look for what has come. All look at the same moments: one
// wake-up of the process serves them all.
const period = 100 * time.Millisecond

// epoch is where the moments are counted from.
var epoch = time.Now()

// mark is how many bytes must wait before the kernel wakes us between two moments (SO_RCVLOWAT). It
// is more than 20 Mbit/s bring in a period, so that in the rule nothing but the clock wakes us; the
// kernel makes room for twice as much.
const mark = 256 << 10

// tick is a TCP connection that, once armed, gathers bytes instead of waking for every packet. What
// came is returned no later than a period after, timeouts are never seen outside.
type tick struct {
	net.Conn
	armed    atomic.Bool
	deadline time.Time // owned by the reader
}

// arm begins the gathering. A Read that waits already goes over to it.
func (t *tick) arm() error {
	raw, err := t.Conn.(syscall.Conn).SyscallConn()
	if err != nil {
		return fmt.Errorf("couldn't get at the socket: %w", err)
	}
	var sockErr error
	err = raw.Control(func(fd uintptr) {
		sockErr = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVLOWAT, mark)
	})
	if err = errors.Join(err, sockErr); err != nil {
		return fmt.Errorf("couldn't set the low-water mark of the socket: %w", err)
	}
	t.armed.Store(true)
	return t.Conn.SetReadDeadline(epoch) // long past: the waiting Read returns and sets its own
}

// Read returns at least one byte, or why none will ever come.
func (t *tick) Read(p []byte) (int, error) {
	for {
		if err := t.wind(); err != nil {
			return 0, err
		}
		n, err := t.Conn.Read(p)
		if n > 0 || err == nil {
			return n, err
		}
		if !t.armed.Load() || !errors.Is(err, os.ErrDeadlineExceeded) {
			return 0, err
		}
	}
}

// wind sets the deadline to the next moment, if the last one is over. A read before it takes what
// is there at once and waits only if nothing is.
func (t *tick) wind() error {
	if !t.armed.Load() {
		return nil
	}
	now := time.Since(epoch)
	if now < t.deadline.Sub(epoch) {
		return nil
	}
	t.deadline = epoch.Add((now/period + 1) * period)
	return t.Conn.SetReadDeadline(t.deadline)
}
