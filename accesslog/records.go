package accesslog

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
	"varuh/recorder/footage"
	"varuh/recorder/segment"
)

// records are those of a segment on their way into a package. They implement [evidence.Records].
type records struct {
	ctx context.Context
	w   Viewing
	s   footage.Segment

	silent []Withheld // sound that stays behind
}

// quiet tells whether a piece is sound that stays behind.
func quiet(p Piece, silent []Withheld) bool {
	return p.Kind == segment.Audio && why(p.span(), silent) != nil
}

// Leaves are those of all records.
func (r *records) Leaves() ([]proof.Hash, error) { return r.w.v.door.o.Keys.k.Leaves(r.s) }

// Salt is what a record's leaf was salted with.
func (r *records) Salt(n int) ([32]byte, error) { return r.w.v.door.o.Keys.k.Salt(r.s, n) }

// Read decrypts a record, once all that a piece needs is there. From then on it counts as delivered.
func (r *records) Read(n int, buf []byte) (evidence.Record, error) {
	if n == 0 {
		plain, err := r.w.Init(r.ctx, r.s.ID)
		return evidence.Record{Data: plain}, err
	}
	e, err := r.w.v.door.o.Keys.k.Entry(r.s, n)
	if err != nil {
		return evidence.Record{}, err
	}
	p := pieceOf(r.s, n, e)
	if int64(cap(buf)) < e.Size {
		buf = make([]byte, 0, e.Size+e.Size/4)
	}
	if quiet(p, r.silent) {
		return r.withheld(p, buf)
	}
	plain, err := r.w.open(r.ctx, r.s, p, buf)
	if err != nil {
		return evidence.Record{}, err
	}
	bytes := int64(len(plain))
	if r.w.v.delivered(p) { // each is read twice
		bytes = 0
	}
	return evidence.Record{Data: plain, Lost: p.Loss}, r.w.v.hand(p, p.span(), bytes, func() (bool, error) { return true, nil })
}

// withheld gives of sound that stays behind what proves it: the door alone has the sound, for as long as that takes.
func (r *records) withheld(p Piece, buf []byte) (evidence.Record, error) {
	x := wish{camera: p.Camera, stream: p.Stream, span: p.span()} // asked for as the picture beside it
	if _, err := r.w.may(r.ctx, x, r.s); err != nil {
		return evidence.Record{}, r.w.stop(r.ctx, x, err)
	}
	plain, err := r.w.v.door.o.Keys.k.Read(r.s, p.Record, buf)
	if err != nil {
		return evidence.Record{}, err
	}
	n := 0
	for n+8 <= len(plain) && string(plain[n+4:n+8]) != "mdat" {
		n += max(8, int(binary.BigEndian.Uint32(plain[n:])))
	}
	if n+8 > len(plain) {
		return evidence.Record{}, fmt.Errorf("%w: record %d of segment %v has no samples", ErrDamaged, p.Record, p.Segment)
	}
	digest := sha256.Sum256(plain[n+8:])
	clear(plain[n+8:])
	return evidence.Record{Data: plain[:n], Lost: p.Loss, Withheld: &digest}, nil
}

// Close does nothing: the keys close what they opened.
func (r *records) Close() error { return nil }

// delivered tells whether a piece left before.
func (v *viewing) delivered(p Piece) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.ledger.left[strip{p.Camera, p.Stream}].missing(p.span()).empty()
}
