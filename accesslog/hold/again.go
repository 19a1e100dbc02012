package hold

import (
	"context"
	"time"

	"varuh/accesslog/diary"
)

// The bounds of what one person secures. Each hold costs at every look at what is held.
const (
	mostProvisional = 50        // in force
	sameAgain       = time.Hour // in which the same one is not set anew
)

// again finds a provisional hold in force that the same person has just set in the same words, or refuses one that is too
// many of his. It knows of those since the start of the program: the rows name no person.
func (r *Register) again(ctx context.Context, a Asked) (e Effect, found bool, err error) {
	if a.Kind != Provisional || a.By.ID == "" {
		return e, false, nil
	}
	list, err := r.List(ctx)
	if err != nil {
		return e, false, err
	}
	own, same := r.securedBy(a, list)
	switch {
	case same != nil:
		e = Effect{Receipt: diary.Receipt{Index: same.Entry}, ID: same.ID, Review: same.Review}
		e.Segments, e.Bytes, err = r.footage(same.Range, nil)
		return e, err == nil, err
	case own >= mostProvisional:
		return e, false, ErrMany
	}
	return e, false, nil
}

// securedBy counts the provisional holds in force of whoever asks, and finds the same one. What has lapsed is forgotten.
func (r *Register) securedBy(a Asked, list []Hold) (own int, same *Hold) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, before := range r.secured {
		if !r.Now().Before(before.Review) {
			delete(r.secured, id)
		}
	}
	for i, h := range list {
		before, ok := r.secured[h.ID]
		if !ok || h.Kind != Provisional || before.By.ID != a.By.ID {
			continue
		}
		if own++; before.same(a) && a.Review.Sub(h.Review) < sameAgain {
			same = &list[i]
		}
	}
	return own, same
}

// same tells whether somebody asks for the same in the same words.
func (a Asked) same(b Asked) bool {
	return a.Camera == b.Camera && a.From.Equal(b.From) && a.To.Equal(b.To) && a.Basis == b.Basis && a.Case == b.Case && a.Remark == b.Remark
}

// remember keeps who set a provisional hold.
func (r *Register) remember(a Asked, id string, err error) {
	if err == nil && a.Kind == Provisional && a.By.ID != "" {
		r.effective(func() { put(&r.secured, id, a) })
	}
}
