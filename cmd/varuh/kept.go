package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"varuh/accesslog/hold"
	"varuh/recorder/footage"
	"varuh/retention"
)

// kept remembers beside the key slots of every store, in both copies, what must not be erased and what is decided about
// terms: so footage goes at its term, and what is held does not, also while the diary can't be trusted or opened. It names
// neither a person nor a case.
//
//  1. It is written from a diary that is trusted alone: at the start, and whenever a hold, a restriction or a term has
//     changed, before whoever changed it is told.
//  2. While no diary is trusted, what any copy holds is held; the terms are those of the newest copy.
//  3. What was held by the newest copy, and is not in a diary that is trusted again, was lost with what the diary lost. It
//     is told of, and held for as long as a provisional hold, for somebody to set it anew.
//  4. What does not fit is joined into fewer and longer ranges, which hold more, and that is told of.
type kept struct {
	stores []footage.Store
	log    *slog.Logger
	turn   chan struct{} // holds a token while somebody writes

	mu      sync.Mutex
	newest  *remembered // nil: no copy is there; guarded by mu
	older   []keptSpan  // that other copies hold; guarded by mu
	trusted bool        // a diary that is trusted was seen; guarded by mu
	joined  bool        // not all fitted into the newest; guarded by mu
	bad     error       // why a copy can't be read; guarded by mu
	stuck   error       // why the last one could not be written everywhere; guarded by mu
}

// keptMark is the name of the marks.
const keptMark = "kept"

// openKept reads all copies.
func openKept(stores []footage.Store, log *slog.Logger) *kept {
	k := &kept{stores: stores, log: log, turn: make(chan struct{}, 1)}
	var all []remembered
	for _, s := range stores {
		marks, err := s.Ring.Marks(keptMark)
		k.bad = errors.Join(k.bad, err)
		for _, m := range marks {
			r, err := parseRemembered(m.Data)
			if err != nil {
				k.bad = errors.Join(k.bad, fmt.Errorf("%s (copy in the %s): %w", s.Dir, m.Twin, err))
				continue
			}
			all = append(all, r)
		}
	}
	if k.bad != nil {
		log.Warn("a copy of what is held, beside the key slots, can't be read; the others count", "err", k.bad)
	}
	for _, r := range all {
		if k.newest == nil || r.Number > k.newest.Number {
			k.newest = &r
		}
	}
	for _, r := range all {
		for _, s := range r.all() {
			if !slices.Contains(k.newest.all(), s) && !slices.Contains(k.older, s) {
				k.older = append(k.older, s)
			}
		}
	}
	if k.newest != nil {
		k.joined, k.newest.Joined = k.newest.Joined, false
	}
	return k
}

// holds are those that a purge must know beside a diary's: all that is remembered where none is trusted, else what the
// diary has lost.
func (k *kept) holds(trusted bool) (list []retention.Hold) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.newest == nil {
		return nil
	}
	spans := k.newest.Lost
	if !trusted {
		spans = slices.Concat(k.newest.all(), k.older)
	}
	for _, s := range spans {
		list = append(list, s.hold())
	}
	return list
}

// policies are those that are remembered. known says that there is a copy: else nobody knows either what is held.
func (k *kept) policies() (p retention.Policies, known bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.newest == nil {
		return nil, false
	}
	return k.newest.Policies, true
}

// write remembers what a trusted diary says, unless it is remembered. now is the latest that it can be, certain the
// earliest. It returns what the diary has lost and nobody was told of yet. That a place can't be written is told
// of, and tried again with the next write.
func (k *kept) write(ctx context.Context, read func() ([]keptSpan, retention.Policies, error), certain, now time.Time) (lost []keptSpan, err error) {
	select {
	case k.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-k.turn }()
	spans, policies, err := read()
	if err != nil {
		return nil, err
	}
	k.mu.Lock()
	was, again := k.newest, k.stuck != nil || !k.trusted
	next := remembered{Version: keptVersion, Number: 1, Kept: spans, Policies: policies}
	if was != nil {
		next.Number = was.Number
		next.Lost = slices.DeleteFunc(slices.Clone(was.Lost), func(s keptSpan) bool { return s.lapsed(certain) })
		if !k.trusted {
			lost = missing(was.Kept, spans, certain, now.AddDate(0, 0, hold.ProvisionalDays))
			next.Lost = append(next.Lost, lost...)
		}
	}
	if was != nil && !again && next.same(*was) {
		k.mu.Unlock()
		return nil, nil
	}
	next.Number++
	k.newest, k.older, k.trusted = &next, nil, true
	k.mu.Unlock()
	b, joined, err := next.encode()
	errs := []error{err}
	for _, s := range k.stores {
		if err == nil {
			errs = append(errs, s.Ring.SetMark(ctx, keptMark, b))
		}
	}
	k.wrote(ctx, joined, errors.Join(errs...))
	return lost, nil
}

// wrote notes how a write went.
func (k *kept) wrote(ctx context.Context, joined bool, err error) {
	k.mu.Lock()
	was := k.stuck
	k.stuck, k.joined = err, joined
	if err == nil {
		k.bad = nil
	}
	k.mu.Unlock()
	if err != nil && was == nil && ctx.Err() == nil {
		k.log.Error("what is held could not be noted beside all key slots; it is tried again", "err", err)
	}
}

// sentence says what is wrong, or nothing.
func (k *kept) sentence() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	var list []string
	if k.bad != nil {
		list = append(list, fmt.Sprintf("a copy of what is held, beside the key slots, can't be read, and the others count: %v", k.bad))
	}
	if k.stuck != nil {
		list = append(list, fmt.Sprintf("what is held can't be noted beside all key slots, so that it would be erased at its term if the diary were lost: %v", k.stuck))
	}
	if k.joined {
		list = append(list, "so much is held one by one that not all of it can be noted beside the key slots: were the diary lost, more than is held would stay, and some cameras' footage for a year; clear what need not be held")
	}
	if k.newest != nil && len(k.newest.Lost) > 0 {
		list = append(list, fmt.Sprintf("%s went with what the diary lost, and the key slots remember them: %s. Set anew what is still needed before %s (varuh hold set)",
			count(len(k.newest.Lost), "hold or restriction", "holds and restrictions"), named(k.newest.Lost), first(k.newest.Lost).Format(time.DateOnly)))
	}
	return strings.Join(list, "; ")
}

// mostNamed is how many ranges a sentence names.
const mostNamed = 5

// named are some ranges in words.
func named(list []keptSpan) string {
	var words []string
	for _, s := range list[:min(len(list), mostNamed)] {
		words = append(words, fmt.Sprintf("%s from %s to %s", cameraName(s.Camera), stamp(s.From), stamp(s.To)))
	}
	if more := len(list) - len(words); more > 0 {
		words = append(words, fmt.Sprintf("%d more", more))
	}
	return strings.Join(words, ", ")
}

// first is when the first of some ends.
func first(list []keptSpan) time.Time {
	return slices.MinFunc(list, func(a, b keptSpan) int { return a.Until.Compare(b.Until) }).Until
}
