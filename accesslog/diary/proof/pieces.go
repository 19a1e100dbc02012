package proof

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"time"
)

// Pieces holds the manifests of a diary's entries collect together: what a camera recorded is told in
// pieces, hour by hour. Those of a camera are numbered without a hole, each carries the hash of the one
// before and begins where that ended, and the root of a segment is stated once.
//
// Manifests that follow each other in the diary are to be added in that order. The first of a camera may
// have any number, as the diary may be pruned or the bundle begin later.
type Pieces struct {
	cameras map[string]*pieces
	roots   *roots
}

// PieceTime is how the manifests of collect write a time: UTC, with all digits that the index of footage has.
const PieceTime = "2006-01-02T15:04:05.000000000Z"

// maxCameras bounds how many cameras are followed.
const maxCameras = 4096

// pieces are those of one camera.
type pieces struct {
	sure bool // the last one is known
	seq  int64
	hash Hash
	to   time.Time
}

// rewind is how far back of the last one's end a piece may begin at least, as after a clock that was set
// back. A piece that begins a little before it would tell the same time twice.
const rewind = time.Hour

// Missing tells that the manifest of a collect entry is not there, so that the next of any camera need not
// be the next number.
func (p *Pieces) Missing() {
	for _, c := range p.cameras {
		c.sure = false
	}
}

// Add takes the manifest of the next collect entry. What it says is wrong with it is wrong with the diary.
func (p *Pieces) Add(manifest []byte) error {
	m, err := readPiece(manifest)
	if err != nil {
		return err
	}
	return p.add(m, HashBody(manifest))
}

func (p *Pieces) add(m pieceRead, hash Hash) error {
	if p.cameras == nil {
		p.cameras, p.roots = map[string]*pieces{}, newRoots()
	}
	c, known := p.cameras[m.camera]
	if !known {
		if len(p.cameras) == maxCameras {
			return fmt.Errorf("more than %d cameras: %w", maxCameras, ErrFormat)
		}
		c = &pieces{}
		p.cameras[m.camera] = c
	}
	err := c.follow(m, known)
	if err == nil {
		err = p.once(m)
	}
	c.sure, c.seq, c.hash, c.to = true, m.seq, hash, m.to
	return err
}

// follow holds a piece against what came before it.
func (c *pieces) follow(m pieceRead, known bool) error {
	switch {
	case (m.seq == 0) != (m.prev == nil):
		return fmt.Errorf("piece %d of %s: only the first of a camera follows none: %w", m.seq, m.camera, ErrFormat)
	case known && m.seq <= c.seq, c.sure && m.seq != c.seq+1:
		return fmt.Errorf("after piece %d of %s comes %d", c.seq, m.camera, m.seq)
	case c.sure && *m.prev != c.hash:
		return fmt.Errorf("piece %d of %s does not carry the hash of the one before", m.seq, m.camera)
	case c.sure && (m.from.After(c.to) || m.from.Before(c.to) && c.to.Sub(m.from) < rewind):
		return fmt.Errorf("piece %d of %s begins at %s, the one before ended at %s", m.seq, m.camera, m.from, c.to)
	}
	return nil
}

// once holds the roots that a piece states, or says to be in earlier ones, against those of the pieces before. Of
// those that are remembered no more it says nothing, see [Pieces.Forgot].
func (p *Pieces) once(m pieceRead) error {
	for _, s := range m.segments {
		of := rootOf{m.camera, s.id}
		in, stated := p.roots.piece(of, m.seq)
		switch {
		case s.in == nil && stated:
			return fmt.Errorf("piece %d of %s states the root of segment %x, as piece %d did", m.seq, m.camera, s.id, in)
		case s.in == nil:
			p.roots.state(of, m.seq)
		case *s.in >= m.seq || stated && (in-*s.in)&pieceMask != 0:
			return fmt.Errorf("piece %d of %s says that the root of segment %x is in piece %d, where it is not", m.seq, m.camera, s.id, *s.in)
		}
	}
	return nil
}

// Forgot tells whether there were more roots than are remembered: whether those that came later are stated once is
// not known.
func (p *Pieces) Forgot() bool { return p.roots != nil && p.roots.more }

// collected is an entry collect, as it was read while others were.
type collected struct {
	index int64
	there bool // its manifest is
	piece pieceRead
	hash  Hash // of its manifest
	err   error
}

func newCollected(l Leaf, manifest []byte) (c collected) {
	c.index = l.Index
	if c.there = manifest != nil; c.there {
		c.hash = *l.Obj
		c.piece, c.err = readPiece(manifest)
	}
	return c
}

// follow holds the pieces of what was recorded together.
func (v *verifier) follow(list []collected) {
	for _, c := range list {
		if !c.there {
			v.pieces.Missing()
			continue
		}
		err := c.err
		if err == nil {
			err = v.pieces.add(c.piece, c.hash)
		}
		if err != nil {
			v.report.add(badEntry(CodeCollect, c.index, "posneto ni povedano v celoti in enkrat",
				fmt.Sprintf("what was recorded is not told whole and once (%v)", err)))
		}
	}
}

// pieceRead is what a manifest says of its place.
type pieceRead struct {
	camera   string
	seq      int64
	prev     *Hash
	from, to time.Time
	segments []pieceSegment // but for open ones
}

type pieceSegment struct {
	id [16]byte
	in *int64 // the piece that has its root; nil: this one
}

func readPiece(manifest []byte) (m pieceRead, err error) {
	v, err := Parse(manifest)
	if err != nil {
		return m, err
	}
	f := fields{v, nil}
	m.camera, m.seq = f.text("camera"), f.number("seq")
	m.from, m.to = f.time("from"), f.time("to")
	if f.has("prev") {
		m.prev = new(Hash)
		f.bytes(m.prev[:], f.text("prev"), base64.StdEncoding.Strict().DecodeString)
	}
	lists := f.list("segments")
	if f.has("late") {
		lists = append(lists, f.list("late")...)
	}
	for _, v := range lists {
		r := fields{v, nil}
		if r.has("open") {
			continue
		}
		var s pieceSegment
		r.bytes(s.id[:], r.text("id"), hex.DecodeString)
		if r.has("in") {
			s.in = new(r.number("in"))
		} else {
			var root Hash
			r.bytes(root[:], r.text("root"), base64.StdEncoding.Strict().DecodeString)
		}
		f.fail(r.err)
		m.segments = append(m.segments, s)
	}
	if f.err == nil && (m.seq < 0 || !m.to.After(m.from)) {
		f.fail(ErrFormat)
	}
	if f.err != nil {
		return m, fmt.Errorf("manifest of a collect: %w", f.err)
	}
	return m, nil
}

// fields reads the members of an object, and remembers the first that is not as it should be.
type fields struct {
	object any
	err    error
}

func (f *fields) fail(err error) {
	if f.err == nil {
		f.err = err
	}
}

func (f *fields) has(name string) bool {
	m, _ := f.object.(map[string]any)
	_, ok := m[name]
	return ok
}

func member[T any](f *fields, name string) (v T) {
	m, _ := f.object.(map[string]any)
	v, ok := m[name].(T)
	if !ok {
		f.fail(fmt.Errorf("%q is not there, or not as it should be: %w", name, ErrFormat))
	}
	return v
}

func (f *fields) text(name string) string  { return member[string](f, name) }
func (f *fields) number(name string) int64 { return member[int64](f, name) }
func (f *fields) list(name string) []any   { return member[[]any](f, name) }

func (f *fields) time(name string) time.Time {
	t, err := time.Parse(PieceTime, f.text(name))
	if err != nil {
		f.fail(fmt.Errorf("%q is no time: %w", name, ErrFormat))
	}
	return t
}

// bytes fills dst by decoding a text that must be just as long.
func (f *fields) bytes(dst []byte, text string, decode func(string) ([]byte, error)) {
	b, err := decode(text)
	if err != nil || len(b) != len(dst) {
		f.fail(fmt.Errorf("%q is not %d bytes: %w", text, len(dst), ErrFormat))
		return
	}
	copy(dst, b)
}
