package web

import "sync"

// The most answers with footage that are on their way at once. Each holds one fragment in memory.
const (
	mostSending      = 256
	mostSendingOfOne = 24 // session: a wall of live pictures and a player
)

// gate counts answers with footage. Its zero value is ready.
type gate struct {
	mu  sync.Mutex // guards what follows
	all int
	of  map[string]int // by session
}

// enter counts one more of a session in, until leave is called. The error is errSending.
func (g *gate) enter(session string) (leave func(), err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.all >= mostSending || g.of[session] >= mostSendingOfOne {
		return nil, errSending
	}
	if g.of == nil {
		g.of = map[string]int{}
	}
	g.all++
	g.of[session]++
	return func() { g.leave(session) }, nil
}

func (g *gate) leave(session string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.all--
	if g.of[session]--; g.of[session] == 0 {
		delete(g.of, session)
	}
}
