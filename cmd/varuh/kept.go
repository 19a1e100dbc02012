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
//     changed, before whoever changed it is told. It says which diary that was and how far, and the diary's key signs it.
//  2. While no diary is trusted, what any copy holds is held; the terms are those of the newest copy.
//  3. What the newest copy that is signed says, and a diary does not that is trusted again and does not go on from where
//     that one was, was lost with what the diary lost. That is entered before the copy is written anew. What was held is
//     held for as long as a provisional hold, for somebody to set it anew; terms that were shorter go on counting until a
//     person confirms the camera's anew. What a diary that goes on does not say any more was ended by an entry, though
//     the program may have died before it could be noted here.
//  4. A newer copy that is not signed, by whoever reached a disk or for want of the key, is entered, and what it holds is
//     held for as long, once. Its terms do not count beside a diary that is trusted.
//  5. What does not fit is joined into fewer and longer ranges, which hold more, and that is told of.
type kept struct {
	stores []footage.Store
	log    *slog.Logger
	turn   chan struct{} // holds a token while somebody writes; copies and until belong to whoever has it
	copies []remembered  // that were read, until a diary that is trusted was held against them
	until  time.Time     // how long what is lost is held; zero: nothing was found yet

	mu      sync.Mutex
	newest  *remembered // nil: no copy is there; guarded by mu
	older   []keptSpan  // that other copies hold; guarded by mu
	waiting *[]keptSpan // what was lost, while that can't be entered; guarded by mu
	trusted bool        // a diary that is trusted was held against the copies, and written from; guarded by mu
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
	k.copies = all
	for _, r := range all {
		if k.newest == nil || r.newer(*k.newest) {
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

// spans are what a purge must know beside a diary: all that is remembered where none is trusted, or was not held against
// the copies yet, else what the diary has lost.
func (k *kept) spans(trusted bool) []keptSpan {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case k.newest == nil:
		return nil
	case trusted && k.trusted:
		return k.newest.Lost
	case trusted && k.waiting != nil:
		return *k.waiting
	}
	return slices.Concat(k.newest.all(), k.older)
}

// holds are spans as a purge knows them.
func (k *kept) holds(trusted bool) (list []retention.Hold) {
	for _, s := range k.spans(trusted) {
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
	return k.newest.Policies.Shorter(k.newest.Shorter), true
}

// shorter are the policies that the diary lost, and that count beside it.
func (k *kept) shorter() retention.Policies {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.newest == nil || !k.trusted {
		return nil
	}
	return k.newest.Shorter
}

// write remembers what a trusted diary says, unless it is remembered. now is the latest that it can be, certain the
// earliest. What the diary has lost is entered before, and returned. That a place can't be written is told of, and tried
// again with the next write. confirmed, unless nil, is a camera's version that a person confirmed: it ends what was lost
// of that camera's terms.
func (k *kept) write(ctx context.Context, d keptDiary, certain, now time.Time, confirmed *confirmedTerm) (lost keptLost, err error) {
	select {
	case k.turn <- struct{}{}:
	case <-ctx.Done():
		return lost, ctx.Err()
	}
	defer func() { <-k.turn }()
	next, lost, err := k.next(d, certain, now)
	if err != nil {
		return lost, err
	}
	confirmed.end(&next)
	k.mu.Lock()
	if k.trusted && k.stuck == nil && next.same(*k.newest) {
		k.mu.Unlock()
		return lost, nil
	}
	k.mu.Unlock()
	next.Number = min(next.Number, mostKeptNumber-1) + 1
	b, joined, err := next.encode(d.vouch)
	errs := []error{err}
	if b != nil {
		for _, s := range k.stores {
			errs = append(errs, s.Ring.SetMark(ctx, keptMark, b))
		}
	}
	next.own = true
	k.mu.Lock()
	k.newest, k.older, k.waiting, k.trusted = &next, nil, nil, true
	k.mu.Unlock()
	k.copies, k.until = nil, time.Time{}
	k.wrote(ctx, joined, errors.Join(errs...))
	return lost, nil
}

// next is what is to be remembered, with the number of what is. What the diary has lost of the copies that were found at
// the start is entered; if that fails, they go on counting.
func (k *kept) next(d keptDiary, certain, now time.Time) (next remembered, lost keptLost, err error) {
	if next, err = d.read(); err != nil {
		return next, lost, err
	}
	next.Version = keptVersion
	signed, strange, err := k.signed(d)
	if err != nil {
		return next, lost, err
	}
	if k.until.IsZero() {
		k.until = now.AddDate(0, 0, hold.ProvisionalDays)
	}
	lost = carry(&next, signed, strange, certain, k.until)
	if lost.none() {
		return next, lost, nil
	}
	if err = d.enter(lost); err != nil {
		k.mu.Lock()
		k.waiting = &next.Lost
		k.mu.Unlock()
	}
	return next, lost, err
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
	if k.newest != nil && len(k.newest.Lost) > 0 && k.trusted {
		list = append(list, fmt.Sprintf("%s went with what the diary lost, and the key slots remember them: %s. Set anew what is still needed before %s (varuh hold set)",
			count(len(k.newest.Lost), "hold or restriction", "holds and restrictions"), named(k.newest.Lost), first(k.newest.Lost).Format(time.DateOnly)))
	}
	if k.waiting != nil {
		list = append(list, fmt.Sprintf("what the diary lost of holds and terms can't be entered in it; it is tried again, and %s that the key slots remember stay for now", count(len(*k.waiting), "range", "ranges")))
	}
	if k.newest != nil && k.trusted {
		if cameras := k.newest.unconfirmed(); len(cameras) > 0 {
			list = append(list, fmt.Sprintf("shorter terms of %s went with what the diary lost, and the key slots remember them: footage goes by those until a person confirms each anew (varuh policy confirm)", someWords(cameras)))
		}
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
