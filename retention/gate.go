package retention

import (
	"context"
	"fmt"
	"time"

	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// Holds tells what must not be erased. What it returns includes every hold whose setting has begun inside
// [Gate.Set]. What was set for footage by a clock that was set since is there by either time of that, see footage.Index.Twins.
type Holds interface {
	Holds(ctx context.Context) ([]Hold, error)
	Restrictions(ctx context.Context) ([]Restriction, error)
}

// Gate stands between the setting of a hold and the destruction of keys: one at a time. So whoever sets a
// hold either wins, or is told which segments went before; a purge never destroys half of what it looked at
// before the hold was there. A restriction is set and a hold cleared through it as well.
//
// Whoever writes the diary from inside must have taken the gate first: a purge writes it inside, too.
type Gate struct {
	turn  chan struct{} // holds a token while somebody is inside
	taken []dated       // the last whose keys were destroyed, oldest first; guarded by turn
}

// remembered is how many destroyed segments a gate can tell of: a few days of a large appliance.
const remembered = 10_000

// NewGate is an open gate.
func NewGate() *Gate { return &Gate{turn: make(chan struct{}, 1)} }

// Set runs set while no key is being destroyed. late are the segments of the camera ("": of every camera)
// in [from, to) whose keys this process destroyed lately, or [Purge.Recall] found destroyed, so that no hold can keep
// them; set is to tell of them in the hold's entry, each once. An error is that of set, or of ctx while an erasure was under way.
func (g *Gate) Set(ctx context.Context, camera string, from, to time.Time, set func(late []Listed) error) error {
	return g.pass(ctx, func() error {
		var late []Listed
		hold := newKeepers(Situation{Holds: []Hold{{Camera: camera, From: from, To: to}}})
		told := map[keyring.ID]bool{}
		for _, d := range g.taken {
			if bound, _ := d.kept(&hold); bound && !told[d.ID] {
				told[d.ID] = true
				late = append(late, d.Listed)
			}
		}
		return set(late)
	})
}

// pass runs f alone.
func (g *Gate) pass(ctx context.Context, f func() error) error {
	select {
	case g.turn <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("an erasure or the setting of a hold is under way and did not end in time: %w", ctx.Err())
	}
	defer func() { <-g.turn }()
	return f()
}

// take notes segments whose keys are destroyed. The caller is inside.
func (g *Gate) take(list []dated) {
	g.taken = append(g.taken, list...)
	if n := len(g.taken) - remembered; n > 0 {
		g.taken = append([]dated(nil), g.taken[n:]...)
	}
}

// dated is a segment of a list with what is known of when it was recorded, which the date in a list may say wrongly.
type dated struct {
	Listed
	first begin
}

// kept tells whether a segment is kept, and whether past its term.
func (d dated) kept(k *keepers) (bound, pastTerm bool) {
	s := footage.Segment{Camera: d.Camera, Start: d.From, End: d.To, Sealed: true}
	return k.over(&s, d.first)
}

// bar tells whether the erasure of a segment is stopped.
func (k *keepers) bar(d dated) bool {
	bound, pastTerm := d.kept(k)
	return bound && (d.Reason != ByTerm || pastTerm)
}

// keepers reads what must not be erased. The caller is inside the gate.
func (r *run) keepers(ctx context.Context) (*keepers, error) {
	holds, err := r.Holds.Holds(ctx)
	if err != nil {
		return nil, fmt.Errorf("couldn't read the holds, and erased nothing: %w", err)
	}
	restrictions, err := r.Holds.Restrictions(ctx)
	if err != nil {
		return nil, fmt.Errorf("couldn't read the restrictions, and erased nothing: %w", err)
	}
	k := newKeepers(Situation{Present: r.now, Holds: holds, Restrictions: restrictions})
	return &k, nil
}
