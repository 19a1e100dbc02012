package accesslog

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
)

// The bounds of what the entry of a viewing's end states.
const (
	joint      = 10 * time.Millisecond // that neighbouring fragments may be apart: no fragment is as short
	mostRanges = 20_000                // exact ranges, in the manifest
	mostInBody = 200                   // ranges in the body, beside one for each stream
)

// strip is one stream of one camera.
type strip struct{ camera, stream string }

func (x wish) strip() strip { return strip{x.camera, x.stream} }

// ledger is what a viewing delivered.
type ledger struct {
	left   map[strip]set
	flying map[*flight]bool // what is with a callback: it counts until that says otherwise
	ranges int              // in left
	bytes  int64
}

// flight is footage that is with a callback.
type flight struct {
	strip
	span
	bytes int64
}

// hand gives footage to a callback. It counts as delivered from before the call; after an error or a panic it does, too.
func (v *viewing) hand(p Piece, x span, bytes int64, use func() (left bool, err error)) (err error) {
	f := &flight{strip{p.Camera, p.Stream}, x, bytes}
	if err := v.charge(f); err != nil {
		return err
	}
	left := true
	defer func() { v.land(f, left) }()
	gone, err := use()
	left = gone || err != nil
	return err
}

func (v *viewing) charge(f *flight) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch l := &v.ledger; {
	case v.ended:
		return ErrEnded
	case l.ranges+len(l.flying) >= mostRanges:
		return ErrFull
	case l.flying == nil:
		l.flying = map[*flight]bool{}
	}
	v.ledger.flying[f] = true
	return nil
}

// land notes whether anything left. If the viewing has ended meanwhile, its entry has it already.
func (v *viewing) land(f *flight, left bool) {
	now := v.door.o.Now()
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.ledger.flying, f)
	v.used = now
	if left && !v.ended {
		v.ledger.add(f)
	}
}

func (l *ledger) add(f *flight) {
	if l.left == nil {
		l.left = map[strip]set{}
	}
	before := len(l.left[f.strip])
	l.left[f.strip] = l.left[f.strip].add(f.span, joint)
	l.ranges += len(l.left[f.strip]) - before
	l.bytes += f.bytes
}

// settle counts what is still with a callback as delivered.
func (l *ledger) settle() {
	for f := range l.flying {
		l.add(f)
	}
	l.flying = nil
}

// strips are those of which anything left, in order.
func (l *ledger) strips() []strip {
	return slices.SortedFunc(maps.Keys(l.left), func(a, b strip) int {
		return cmp.Or(cmp.Compare(a.camera, b.camera), cmp.Compare(a.stream, b.stream))
	})
}

// state puts what left into a body, and all ranges into the manifest if the body can't have them: then it joins those
// that are least apart, and says less exactly what is stated.
func (l *ledger) state(b *proof.Body) (manifest []byte, err error) {
	b.Bytes = l.bytes
	if l.ranges == 0 {
		return nil, nil
	}
	b.Data["ranges"] = int64(l.ranges)
	var streams []string
	b.Objects, streams = l.objects(0)
	for apart := time.Second; len(b.Objects) > mostInBody+len(l.left); apart *= 2 {
		b.Objects, streams = l.objects(apart)
	}
	b.Data["streams"] = strings.Join(streams, " ")
	if len(b.Objects) == l.ranges {
		return nil, nil
	}
	return l.manifest()
}

// objects are the ranges, with their streams, where those that are no further apart are joined.
func (l *ledger) objects(apart time.Duration) (list []proof.Object, streams []string) {
	for _, s := range l.strips() {
		for _, x := range l.left[s].joined(apart) {
			list = append(list, wish{camera: s.camera, span: x}.object())
			streams = append(streams, s.stream)
		}
	}
	return list, streams
}

// wishes are the ranges, as footage to be leased.
func (l *ledger) wishes() (list []wish) {
	for _, s := range l.strips() {
		for _, x := range l.left[s] {
			list = append(list, wish{camera: s.camera, stream: s.stream, span: x})
		}
	}
	return list
}

// rangesOf are the ranges, as an entry states them.
func (l *ledger) rangesOf() (list []evidence.Range) {
	for _, x := range l.wishes() {
		list = append(list, evidence.Range{Camera: x.camera, From: x.from.Truncate(time.Millisecond), To: x.to.Add(time.Millisecond - 1).Truncate(time.Millisecond)})
	}
	return list
}

// manifest has every range, to the millisecond as objects do.
func (l *ledger) manifest() ([]byte, error) {
	var list []any
	for _, s := range l.strips() {
		for _, x := range l.left[s] {
			list = append(list, map[string]any{"camera": s.camera, "stream": s.stream,
				"from": x.from.UTC().Format(proof.PieceTime), "to": x.to.UTC().Format(proof.PieceTime)})
		}
	}
	b, err := proof.Encode(map[string]any{"ranges": list, "v": int64(1)})
	if err != nil {
		return nil, fmt.Errorf("couldn't state what a viewing delivered: %w", err)
	}
	return b, nil
}
