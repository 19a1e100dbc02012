package web

import (
	"net"
	"net/netip"
	"sync"
)

// Bounded is a listener that has at most so many connections open, and so many of one address: one that is too many
// is closed at once. So idle ones of a machine keep nobody else out, and all together cost a known amount of memory.
func Bounded(l net.Listener, most, ofOne int) net.Listener {
	return &bounded{Listener: l, most: most, ofOne: ofOne, open: map[netip.Addr]int{}}
}

type bounded struct {
	net.Listener
	most, ofOne int

	mu   sync.Mutex
	all  int                // guarded by mu
	open map[netip.Addr]int // by address; guarded by mu
}

// Accept waits for the next connection that is not too many.
func (b *bounded) Accept() (net.Conn, error) {
	for {
		conn, err := b.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from := peer(conn)
		if b.admit(from) {
			return &counted{Conn: conn, leave: sync.OnceFunc(func() { b.leave(from) })}, nil
		}
		conn.Close() // nothing was said on it
	}
}

// peer is the network at the other end.
func peer(conn net.Conn) netip.Addr {
	at, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return netip.Addr{}
	}
	return netOf(at.Addr())
}

// netOf is what counts as one: an IPv4 address, the first half of one of IPv6.
func netOf(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if !a.Is6() {
		return a
	}
	first, err := a.Prefix(64)
	if err != nil {
		return a
	}
	return first.Addr()
}

func (b *bounded) admit(from netip.Addr) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.all >= b.most || b.open[from] >= b.ofOne {
		return false
	}
	b.all++
	b.open[from]++
	return true
}

func (b *bounded) leave(from netip.Addr) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all--
	if b.open[from]--; b.open[from] == 0 {
		delete(b.open, from)
	}
}

// counted is a connection that counts until it is closed.
type counted struct {
	net.Conn
	leave func()
}

func (c *counted) Close() error {
	c.leave()
	return c.Conn.Close()
}
