package web

import (
	"context"
	"sync"
	"time"
)

// How many requests are at work at once, at most; each counts until its answer has left. One person has at most a part of that (…OfOne),
// and so has one network from which nobody has logged in, so that nobody keeps others out. A request that finds no place waits for
// gatePatience, and only then is refused: a page asks for much in one moment, and for little in a minute.
const (
	mostSending        = 256 // answers with footage: each holds one fragment in memory
	mostSendingOfOne   = 64  // walls of live pictures and players on two devices
	mostListening      = 256 // for events
	mostListeningOfOne = 32  // windows
	mostWorking        = 64  // other requests of who is known: each holds an answer of some MiB at most
	mostWorkingOfOne   = 8
	mostStrange        = 256 // requests of who is not: their answers are short
	mostStrangeOfOne   = 32
	mostTaking         = 16 // uploads, which may take long
	mostTakingOfOne    = 4
	mostExporting      = 1 // bundle of the diary: that has one connection for it

	gatePatience = 5 * time.Second
	mostWaits    = 4 // times as many wait for a place as there are
)

// gates are all of a site's.
type gates struct{ sending, listening, working, strange, taking, exporting *gate }

func usualGates() gates {
	return gates{
		sending:   newGate(mostSending, mostSendingOfOne, errSending),
		listening: newGate(mostListening, mostListeningOfOne, errAtOnce),
		working:   newGate(mostWorking, mostWorkingOfOne, errAtOnce),
		strange:   newGate(mostStrange, mostStrangeOfOne, errAtOnce),
		taking:    newGate(mostTaking, mostTakingOfOne, errAtOnce),
		exporting: newGate(mostExporting, mostExporting, errAtOnce),
	}
}

// gateOf is the one that a call goes through.
func (s *Site) gateOf(c *call) *gate {
	switch h := c.route.handler; {
	case h.listens:
		return s.gates.listening
	case h.slow && h.media != "":
		return s.gates.sending
	case h.arrives:
		return s.gates.taking
	case c.session.Person.ID != "":
		return s.gates.working
	default:
		return s.gates.strange
	}
}

// asker is who asks, as far as bounds go: a person, or the holder of a token; where he is not known, his network.
func (c *call) asker() string {
	if id := c.session.Person.ID; id != "" {
		return id
	}
	return netOf(c.address).String()
}

// gate counts what is at work.
type gate struct {
	most, ofOne int
	full        error
	patience    time.Duration // of who finds it full

	mu      sync.Mutex // guards what follows
	all     int
	of      map[string]int // by who asks
	queue   map[string]int // those who wait, by who asks
	waiting int
	freed   chan struct{} // is closed when somebody leaves
}

func newGate(most, ofOne int, full error) *gate {
	return &gate{most: most, ofOne: ofOne, full: full, patience: gatePatience, of: map[string]int{}, queue: map[string]int{}, freed: make(chan struct{})}
}

// enter counts one more in, once there is room, until leave is called. The error is that of the gate, or of ctx.
func (g *gate) enter(ctx context.Context, who string) (leave func(), err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.room(who) {
		if err := g.wait(ctx, who); err != nil {
			return nil, err
		}
	}
	g.all++
	g.of[who]++
	return sync.OnceFunc(func() { g.leave(who) }), nil
}

func (g *gate) room(who string) bool { return g.all < g.most && g.of[who] < g.ofOne }

// wait lets somebody wait for room. It is called with mu held, and returns with it.
func (g *gate) wait(ctx context.Context, who string) error {
	refused := laterError{g.full, gatePatience}
	if g.patience == 0 || g.waiting >= g.most*mostWaits || g.queue[who] >= g.ofOne*mostWaits {
		return refused
	}
	g.waiting++
	g.queue[who]++
	defer func() { g.waiting--; drop(g.queue, who) }()
	late := time.NewTimer(g.patience)
	defer late.Stop()
	for !g.room(who) {
		freed, err := g.freed, error(nil)
		g.mu.Unlock()
		select {
		case <-freed:
		case <-late.C:
			err = refused
		case <-ctx.Done():
			err = ctx.Err()
		}
		g.mu.Lock()
		if err != nil {
			return err
		}
	}
	return nil
}

func (g *gate) leave(who string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.all--
	drop(g.of, who)
	close(g.freed)
	g.freed = make(chan struct{})
}

// drop counts one less.
func drop(of map[string]int, who string) {
	if of[who]--; of[who] == 0 {
		delete(of, who)
	}
}
