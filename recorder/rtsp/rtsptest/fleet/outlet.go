package fleet

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
)

// maxBehind is how far behind a reader may be, in bytes.
const maxBehind = 8 << 20

var errCut = errors.New("the reader was cut off")

// outlet is one connection, written without ever waiting.
type outlet struct {
	source *Source
	conn   net.Conn
	raw    syscall.RawConn
	sent   *atomic.Int64 // of the path; nil until it is known

	mu     sync.Mutex
	behind []byte // not taken by the kernel yet
	err    error  // sticky
}

func newOutlet(s *Source, c net.Conn) (*outlet, error) {
	raw, err := c.(syscall.Conn).SyscallConn()
	return &outlet{source: s, conn: c, raw: raw}, err
}

// Write hands b to the kernel or keeps it. It fails only when the connection is of no more use.
func (o *outlet) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return 0, o.err
	}
	rest := b
	if len(o.behind) > 0 {
		o.behind = append(o.behind, b...)
		rest = o.behind
	}
	n, err := o.try(rest)
	if err != nil {
		o.err = err
		return 0, err
	}
	if o.sent != nil {
		o.sent.Add(int64(n))
	}
	if rest = rest[n:]; len(rest) > 0 {
		o.source.stalls.Add(1)
	}
	o.behind = append(o.behind[:0], rest...)
	if len(o.behind) > maxBehind {
		o.source.cut.Add(1)
		o.conn.Close()
		o.err = errCut
		return 0, o.err
	}
	return len(b), nil
}

// try makes one write and tells how much the kernel took.
func (o *outlet) try(b []byte) (n int, err error) {
	closed := o.raw.Write(func(fd uintptr) bool {
		n, err = syscall.Write(int(fd), b)
		return true // never wait until it can be written
	})
	if closed != nil {
		return 0, closed
	}
	if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR) {
		return 0, nil
	}
	return max(n, 0), err
}
