package web

import (
	"net"
	"net/netip"
	"slices"
	"sync"
)

// Bounded is a listener that has at most so many connections open, and so many of one network. One of a network that has
// its own is closed at once; where all are taken, the oldest of the network that has most makes room for one that has
// fewer. So no few machines keep the others out, and all together cost a known amount of memory.
func Bounded(l net.Listener, most, ofOne int) net.Listener {
	return &bounded{Listener: l, most: most, ofOne: ofOne, open: map[netip.Addr][]*counted{}}
}

type bounded struct {
	net.Listener
	most, ofOne int

	mu   sync.Mutex
	all  int                       // guarded by mu
	open map[netip.Addr][]*counted // by network, oldest first; guarded by mu
}

// Accept waits for the next connection that is not too many.
func (b *bounded) Accept() (net.Conn, error) {
	for {
		conn, err := b.Listener.Accept()
		if err != nil {
			return nil, err
		}
		c := &counted{Conn: conn, of: b, from: peer(conn)}
		goes := b.admit(c)
		if goes != nil {
			goes.Conn.Close() // whoever reads from it finds out
		}
		if goes != c {
			return c, nil
		}
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

// admit counts a connection in, and gives the one that has to go for it: itself, another one, or nil.
func (b *bounded) admit(c *counted) (goes *counted) {
	b.mu.Lock()
	defer b.mu.Unlock()
	own := len(b.open[c.from])
	if own >= b.ofOne {
		return c
	}
	if b.all >= b.most {
		if goes = b.oldest(own + 1); goes == nil {
			return c
		}
		b.drop(goes)
	}
	b.all++
	b.open[c.from] = append(b.open[c.from], c)
	return goes
}

// oldest is the oldest connection of the network that has most, if that is more than some.
func (b *bounded) oldest(than int) (c *counted) {
	for _, list := range b.open {
		if len(list) > than {
			c, than = list[0], len(list)
		}
	}
	return c
}

// drop counts a connection out, once.
func (b *bounded) drop(c *counted) {
	i := slices.Index(b.open[c.from], c)
	if i < 0 {
		return
	}
	b.all--
	if b.open[c.from] = slices.Delete(b.open[c.from], i, i+1); len(b.open[c.from]) == 0 {
		delete(b.open, c.from)
	}
}

// counted is a connection that counts until it is closed.
type counted struct {
	net.Conn
	of   *bounded
	from netip.Addr
}

func (c *counted) Close() error {
	c.of.mu.Lock()
	c.of.drop(c)
	c.of.mu.Unlock()
	return c.Conn.Close()
}
