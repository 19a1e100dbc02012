package retention

import (
	"cmp"
	"container/heap"
	"maps"
	"slices"
	"time"
)

// Relief is what frees a full disk.
type Relief struct {
	Erasures []Erasure // in the order in which they are to go
	Freed    int64     // bytes of their files
	Short    int64     // bytes that could not be found: nothing is left but held and open footage
	Kept     int64     // bytes of promised footage that stays since data other than footage asks for its room: an alarm
	Broken   []string  // cameras whose promised depth this breaks, sorted: an alarm
}

// PlanRelief chooses what goes to free so many bytes, from the segments of one store. First goes what lies deeper
// than its camera's promise, the oldest of all cameras first. Where that is not enough promises are
// broken, evenly: first goes what makes up the largest share of its promise, so that no camera is emptied
// for another. Yet no promise is broken for the part of the need that is [Situation].Other. While nothing of the present is certain no promise can be measured, and the oldest goes first.
// It lists what is due as well, with that as its reason. What is still being written, or has no bytes in the index, makes
// no room.
func PlanRelief(s Situation, segments Segments, need int64) (Relief, error) {
	if need <= 0 {
		return Relief{}, nil
	}
	r := relief{j: NewJudge(s), need: need, promises: make(map[string]time.Duration)}
	for seg, err := range segments {
		if err != nil {
			return Relief{}, err
		}
		if seg.Sealed && seg.Bytes > 0 {
			r.weigh(Erasure{Segment: seg})
		}
	}
	return r.result(), nil
}

// relief chooses while it reads: so only what is to go is in memory, be there a million segments.
type relief struct {
	j        *Judge
	need     int64
	promises map[string]time.Duration // of each camera, 0: none
	chosen   candidates
	sum      int64 // bytes of what is chosen
}

// candidate is a segment that may go.
type candidate struct {
	Erasure
	begins time.Time
	share  float64 // of the promise that lies between it and now; 0: the promise does not need it
}

// compare orders candidates, the first to go first.
func (a candidate) compare(b candidate) int {
	if (a.share > 0) != (b.share > 0) {
		return cmp.Compare(a.share, b.share)
	}
	return cmp.Or(-cmp.Compare(a.share, b.share), a.begins.Compare(b.begins), inTime(a.Erasure, b.Erasure))
}

// weigh takes a segment among the chosen, and lets go of those that are no longer needed.
func (r *relief) weigh(e Erasure) {
	first, _ := r.j.dates.begins(&e.Segment)
	if bound, _ := r.j.kept.over(&e.Segment, first); bound {
		return
	}
	e.first = first
	c := candidate{e, first.from, r.share(e.Segment.Camera, first.from)}
	if r.sum >= r.need && c.compare(r.chosen[0]) > 0 {
		return
	}
	heap.Push(&r.chosen, c)
	r.sum += e.Segment.Bytes
	for r.sum-r.chosen[0].Segment.Bytes >= r.need {
		r.sum -= heap.Pop(&r.chosen).(candidate).Segment.Bytes
	}
}

// share is how large a part of its camera's promise lies between a segment and now; 0: it lies deeper.
func (r *relief) share(camera string, begins time.Time) float64 {
	now := r.j.s.Present.Certain
	promise, ok := r.promises[camera]
	if !ok {
		promise = r.j.s.Policies.At(camera, now).Keep.depth()
		r.promises[camera] = promise
	}
	age := max(now.Sub(begins), 1)
	if now.IsZero() || age >= promise {
		return 0
	}
	return float64(age) / float64(promise)
}

// result says what goes and why.
func (r *relief) result() Relief {
	slices.SortFunc(r.chosen, candidate.compare)
	out := Relief{Short: max(r.need-r.sum, 0)}
	until := r.j.s.Present.Certain.Add(r.j.s.Lead)
	broken := make(map[string]bool)
	for _, c := range r.chosen {
		if c.share > 0 && out.Freed >= r.need-r.j.s.Other {
			out.Kept += c.Segment.Bytes
			continue
		}
		out.Freed += c.Segment.Bytes
		v := r.j.Verdict(&c.Segment)
		c.Due, c.Reason = v.Due, ByPressure
		if !v.Due.IsZero() && !v.Due.After(until) {
			c.Reason = v.Reason
		}
		if c.Reason == ByPressure && c.share > 0 {
			broken[c.Segment.Camera] = true
		}
		out.Erasures = append(out.Erasures, c.Erasure)
	}
	out.Broken = slices.Sorted(maps.Keys(broken))
	return out
}

// candidates is a heap with the last to go on top.
type candidates []candidate

func (h candidates) Len() int           { return len(h) }
func (h candidates) Less(i, j int) bool { return h[i].compare(h[j]) > 0 }
func (h candidates) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push implements [heap.Interface].
func (h *candidates) Push(c any) { *h = append(*h, c.(candidate)) }

// Pop implements [heap.Interface].
func (h *candidates) Pop() any {
	last := len(*h) - 1
	c := (*h)[last]
	(*h)[last] = candidate{}
	*h = (*h)[:last]
	return c
}
