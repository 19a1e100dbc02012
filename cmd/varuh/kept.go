package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"varuh/accesslog/hold"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
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

const keptVersion = 1

// remembered is one copy, in JSON, behind its SHA-256 in 64 hexadecimal digits and a line feed. A higher version is not read:
// then the others count.
type remembered struct {
	Version  int                `json:"v"`
	Number   int64              `json:"n"`               // one more with every change: the highest is the newest
	Kept     []keptSpan         `json:"kept,omitempty"`  // holds and restrictions
	Lost     []keptSpan         `json:"lost,omitempty"`  // those that the diary does not know any more
	Joined   bool               `json:"joined,omitzero"` // not all of them fitted
	Policies retention.Policies `json:"policies,omitempty"`
}

// keptSpan is footage that is held or restricted; see [retention.Hold].
type keptSpan struct {
	Camera string    `json:"camera,omitzero"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Past   bool      `json:"past,omitzero"`
	Until  time.Time `json:"until,omitzero"`
}

func (s keptSpan) hold() retention.Hold {
	return retention.Hold{Camera: s.Camera, From: s.From, To: s.To, PastTerm: s.Past, Until: s.Until}
}

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

// all are all that a copy holds.
func (r remembered) all() []keptSpan { return slices.Concat(r.Kept, r.Lost) }

// errNotKept is returned for a copy that is not whole.
var errNotKept = errors.New("it is damaged, or of a newer varuh")

// encode is the copy as it lies on disk, the SHA-256 of it in hexadecimal digits before it, in no more than
// [keyring.MaxMark] bytes.
func (r remembered) encode() (b []byte, joined bool, err error) {
	for {
		b, err := json.Marshal(r)
		if err != nil {
			return nil, false, fmt.Errorf("couldn't put what is held into words: %w", err)
		}
		sum := sha256.Sum256(b)
		if b = slices.Concat([]byte(hex.EncodeToString(sum[:])), []byte{'\n'}, b); len(b) <= keyring.MaxMark {
			return b, r.Joined, nil
		}
		if r = r.shorter(); r.Version == 0 {
			return nil, false, fmt.Errorf("what is held does not fit into %d bytes", keyring.MaxMark)
		}
	}
}

// shorter holds more in fewer words. Where nothing can be joined, the camera with the longest history goes by the law's
// term alone. It is zero where nothing is left.
func (r remembered) shorter() remembered {
	kept, lost := coarser(r.Kept), coarser(r.Lost)
	if len(kept)+len(lost) < len(r.Kept)+len(r.Lost) {
		r.Kept, r.Lost, r.Joined = kept, lost, true
		return r
	}
	longest := ""
	for camera, versions := range r.Policies {
		if longest == "" || cmp.Or(cmp.Compare(len(versions), len(r.Policies[longest])), cmp.Compare(longest, camera)) > 0 {
			longest = camera
		}
	}
	if longest == "" {
		return remembered{}
	}
	fewer := retention.Policies{}
	for camera, versions := range r.Policies {
		if camera != longest {
			fewer[camera] = versions
		}
	}
	r.Policies, r.Joined = fewer, true
	return r
}

// coarser joins each two neighbours of a camera into one range, with what lies between them.
func coarser(list []keptSpan) (out []keptSpan) {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b keptSpan) int {
		return cmp.Or(cmp.Compare(a.Camera, b.Camera), a.From.Compare(b.From), a.To.Compare(b.To))
	})
	for len(list) > 0 {
		s := list[0]
		list = list[1:]
		if len(list) > 0 && list[0].Camera == s.Camera {
			s = s.join(list[0])
			list = list[1:]
		}
		out = append(out, s)
	}
	return out
}

// join is a range that holds whatever one of two does, for as long as any does.
func (s keptSpan) join(o keptSpan) keptSpan {
	if o.From.Before(s.From) {
		s.From = o.From
	}
	if o.To.After(s.To) {
		s.To = o.To
	}
	if s.Until.IsZero() || o.Until.IsZero() {
		s.Until = time.Time{}
	} else if o.Until.After(s.Until) {
		s.Until = o.Until
	}
	s.Past = s.Past || o.Past
	return s
}

func parseRemembered(b []byte) (r remembered, err error) {
	sum, text, ok := bytes.Cut(b, []byte{'\n'})
	want := sha256.Sum256(text)
	if !ok || string(sum) != hex.EncodeToString(want[:]) {
		return r, errNotKept
	}
	if err := json.Unmarshal(text, &r); err != nil || r.Version != keptVersion {
		return r, errors.Join(errNotKept, err)
	}
	return r, nil
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

// same tells whether two copies say the same.
func (r remembered) same(o remembered) bool {
	a, errA := json.Marshal(r)
	b, errB := json.Marshal(o)
	return errors.Join(errA, errB) == nil && bytes.Equal(a, b)
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

// missing are the spans that have not lapsed and that none of others holds, until a day at the latest.
func missing(spans, others []keptSpan, certain, until time.Time) (list []keptSpan) {
	for _, s := range spans {
		if s.lapsed(certain) || slices.ContainsFunc(others, func(o keptSpan) bool { return o.covers(s) }) {
			continue
		}
		if s.Until.IsZero() || s.Until.After(until) {
			s.Until = until.UTC().Truncate(time.Second)
		}
		list = append(list, s)
	}
	return list
}

func (s keptSpan) lapsed(certain time.Time) bool { return !s.Until.IsZero() && !s.Until.After(certain) }

// covers tells whether one holds all that another does.
func (s keptSpan) covers(o keptSpan) bool {
	lasts := s.Until.IsZero() || !o.Until.IsZero() && !s.Until.Before(o.Until)
	return (s.Camera == "" || s.Camera == o.Camera) && !s.From.After(o.From) && !s.To.Before(o.To) && (s.Past || !o.Past) && lasts
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
