package playback

import (
	"cmp"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strings"
	"sync"
	"time"

	"varuh/accesslog"
	"varuh/recorder/keyring"
)

// ErrName is returned for a name that is none of this viewing, camera and stream, or whose pieces are no longer
// all there. The playlist has the names that are.
var ErrName = errors.New("there is no such part of the footage")

var be = binary.BigEndian

// Scope is what a name is bound to.
type Scope struct {
	Viewing        string // its ID
	Camera, Stream string
}

// Names makes and reads the names of parts and init segments. A name is 76 or 44 characters of base64url, which
// tell nothing to anybody but Names, and the ending that cautious players such as ffmpeg insist on. It is
//
//	kind      1   'p' part, 'i' init segment; 'P' and 'I' with sound
//	run      16   of a part; of an init segment, the segment that has it
//	from      8   of a part, in ns since 1970
//	to        8   of a part, likewise: just behind the latest beginning of a piece
//	digest    8   of a part: first bytes of SHA-256 over segment ID and number of each piece, as they were stored
//	tag      16   first bytes of HMAC-SHA256 over the scope, each part of it behind its length, and all of the above
type Names struct {
	key  [32]byte
	macs sync.Pool // hash.Hash that begin with the key, which is half of the work; a playlist takes 1800
}

// NewNames draws a key. Viewings end with the program, and so do names.
func NewNames() *Names {
	n := &Names{}
	rand.Read(n.key[:])
	return n
}

const (
	kindPart, kindInit           = 'p', 'i'
	loud                         = 0x20 // a capital letter: with sound
	initName, partName, tagBytes = 1 + 16, 1 + 16 + 8 + 8 + 8, 16

	partEnding, initEnding = ".m4s", ".mp4"
)

// name is what a name says. To the pieces of a part it has but a digest.
type name struct {
	kind     byte // kindPart or kindInit
	sound    bool
	id       keyring.ID
	from, to int64
	digest   [8]byte
}

// part is the name of a part. It tells when the last piece begins and not where it ends: the recorder's clock is held
// against the camera's, so that a piece that is stored later may begin some milliseconds before the end of this one.
func (n *Names) part(s Scope, p *Part, sound bool) string {
	to := p.From
	for i := range p.Pieces {
		if start := p.Pieces[i].Start; start.After(to) {
			to = start
		}
	}
	d := newDigest()
	for _, piece := range asStored(p.Pieces) {
		d.add(&piece)
	}
	return n.seal(s, name{kindPart, sound, p.Run, p.From.UnixNano(), to.UnixNano() + 1, d.sum()})
}

// known are those of the pieces, all in the span of a part, that were there when it was named: what was stored since, such
// as sound that comes behind its picture, is left out.
func (v name) known(pieces []accesslog.Piece) ([]accesslog.Piece, bool) {
	d, named := newDigest(), map[place]bool{}
	for _, piece := range asStored(pieces) {
		d.add(&piece)
		named[place{piece.Segment, piece.Record}] = true
		if d.sum() == v.digest {
			return slices.DeleteFunc(pieces, func(p accesslog.Piece) bool { return !named[place{p.Segment, p.Record}] }), true
		}
	}
	return nil, false
}

// place is where a piece is stored.
type place struct {
	segment keyring.ID
	record  int
}

// asStored are pieces of one run in the order in which they were stored, from that of their beginnings.
func asStored(pieces []accesslog.Piece) []accesslog.Piece {
	order := func(a, b accesslog.Piece) int { return cmp.Compare(a.Record, b.Record) }
	if slices.ContainsFunc(pieces, func(p accesslog.Piece) bool { return p.Segment != pieces[0].Segment }) {
		rank := map[keyring.ID]int{}
		for i := range pieces {
			if _, seen := rank[pieces[i].Segment]; !seen {
				rank[pieces[i].Segment] = len(rank)
			}
		}
		order = func(a, b accesslog.Piece) int {
			return cmp.Or(cmp.Compare(rank[a.Segment], rank[b.Segment]), cmp.Compare(a.Record, b.Record))
		}
	}
	if slices.IsSortedFunc(pieces, order) {
		return pieces
	}
	return slices.SortedFunc(slices.Values(pieces), order)
}

// init is the name of the init segment that is record 0 of a segment.
func (n *Names) init(s Scope, id keyring.ID, sound bool) string {
	return n.seal(s, name{kind: kindInit, sound: sound, id: id})
}

func (n *Names) seal(s Scope, v name) string {
	kind := v.kind
	if v.sound {
		kind -= loud
	}
	b := append(make([]byte, 0, partName+tagBytes), kind)
	b = append(b, v.id[:]...)
	if v.kind == kindPart {
		b = be.AppendUint64(b, uint64(v.from))
		b = be.AppendUint64(b, uint64(v.to))
		b = append(b, v.digest[:]...)
	}
	return base64.RawURLEncoding.EncodeToString(append(b, n.tag(s, b)...)) + ending(v.kind)
}

func ending(kind byte) string {
	if kind == kindPart {
		return partEnding
	}
	return initEnding
}

// parse reads the name of one kind. The error is [ErrName].
func (n *Names) parse(s Scope, kind byte, text string) (name, error) {
	text, ok := strings.CutSuffix(text, ending(kind))
	size := initName
	if kind == kindPart {
		size = partName
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if !ok || err != nil || len(b) != size+tagBytes || b[0]|loud != kind {
		return name{}, fmt.Errorf("%w: it has no name like this", ErrName)
	}
	b, tag := b[:len(b)-tagBytes], b[len(b)-tagBytes:]
	if subtle.ConstantTimeCompare(tag, n.tag(s, b)) == 0 {
		return name{}, fmt.Errorf("%w: the name is of another viewing, camera or stream", ErrName)
	}
	v := name{kind: kind, sound: b[0]&loud == 0}
	copy(v.id[:], b[1:])
	if kind == kindPart {
		v.from, v.to = int64(be.Uint64(b[17:])), int64(be.Uint64(b[25:]))
		copy(v.digest[:], b[33:])
	}
	return v, nil
}

func (n *Names) tag(s Scope, payload []byte) []byte {
	h, ok := n.macs.Get().(hash.Hash)
	if !ok {
		h = hmac.New(sha256.New, n.key[:])
	}
	defer n.macs.Put(h)
	h.Reset()
	b := make([]byte, 0, 256)
	for _, part := range []string{s.Viewing, s.Camera, s.Stream} {
		b = append(be.AppendUint32(b, uint32(len(part))), part...)
	}
	h.Write(append(b, payload...))
	return h.Sum(b[:0])[:tagBytes]
}

// span is when the pieces of a part begin.
func (v name) span() (from, to time.Time) {
	return time.Unix(0, v.from).UTC(), time.Unix(0, v.to).UTC()
}

// digest tells the pieces of a part from others.
type digest struct{ hash.Hash }

func newDigest() digest { return digest{sha256.New()} }

func (d digest) add(p *accesslog.Piece) {
	var b [20]byte
	copy(b[:], p.Segment[:])
	be.PutUint32(b[16:], uint32(p.Record))
	d.Write(b[:])
}

func (d digest) sum() (first [8]byte) {
	copy(first[:], d.Sum(nil))
	return first
}
