package accesslog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"varuh/accesslog/people"
	"varuh/recorder/cmaf"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// Deliver gives the plaintext of pieces to use, one after the other. use tells whether any byte of it left the
// program; an error or a panic of use counts as if one had. plain is valid until use returns.
//
// The first error ends it: one of this package or package people, that of ctx, or what use returned.
func (w *Viewing) Deliver(ctx context.Context, pieces []Piece, use func(p Piece, plain []byte) (left bool, err error)) error {
	var from footage.Segment
	buf := borrow()
	defer func() { giveBack(buf) }()
	for _, asked := range pieces {
		s, p, err := w.v.door.piece(asked.Segment, asked.Record, from)
		if err != nil {
			return err
		}
		from = s
		buf = room(buf, p.Size)
		plain, err := w.open(ctx, s, p, buf)
		if err != nil {
			return err
		}
		err = w.v.hand(p, p.span(), int64(len(plain)), func() (bool, error) { return use(p, plain) })
		if err != nil {
			return err
		}
	}
	return nil
}

// Still is one key frame. The duration of its piece is the frame's own.
type Still struct {
	Piece
	Init      []byte      // record 0 of its segment
	Timescale uint32      // ticks a second of the sample's times
	Sample    cmaf.Sample // its Data is valid until use returns
}

// KeyFrame is Deliver for the first frame of a piece alone, which has to be a key frame.
func (w *Viewing) KeyFrame(ctx context.Context, asked Piece, use func(Still) (left bool, err error)) error {
	s, p, err := w.v.door.piece(asked.Segment, asked.Record, footage.Segment{})
	if err != nil {
		return err
	}
	if p.Kind != segment.Video || !p.KeyFrame {
		return ask("record %d of segment %v does not begin with a key frame", p.Record, p.Segment)
	}
	buf := room(borrow(), p.Size)
	defer giveBack(buf)
	plain, err := w.open(ctx, s, p, buf)
	if err != nil {
		return err
	}
	still, err := w.still(s, p, plain)
	if err != nil {
		return err
	}
	return w.v.hand(p, still.span(), int64(len(still.Sample.Data)), func() (bool, error) { return use(still) })
}

// still cuts the first frame out of a fragment.
func (w *Viewing) still(s footage.Segment, p Piece, plain []byte) (k Still, err error) {
	if k.Init, err = w.v.door.o.Keys.k.Read(s, 0, nil); err != nil {
		return k, err
	}
	clocks, err := cmaf.Timescales(k.Init)
	if err != nil {
		return k, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	for sample, err := range cmaf.Samples(k.Init, plain) {
		if err != nil || clocks[sample.Track] == 0 {
			return k, fmt.Errorf("%w: record %d: %w", ErrDamaged, p.Record, errors.Join(cmaf.ErrFormat, err))
		}
		k.Piece, k.Sample, k.Timescale = p, sample, clocks[sample.Track]
		k.Duration = time.Duration(sample.Duration) * time.Second / time.Duration(k.Timescale)
		return k, nil
	}
	return k, fmt.Errorf("%w: record %d has no frame", ErrDamaged, p.Record)
}

// Init is the init record (ftyp + moov) of a segment, for all pieces of its run. It holds no picture and is not
// counted, but a lease has to name its camera.
func (w *Viewing) Init(ctx context.Context, id keyring.ID) ([]byte, error) {
	s, err := w.v.door.segment(id)
	if err != nil {
		return nil, err
	}
	g, err := w.sees(ctx, s.Camera, s.Stream)
	if err == nil && !w.v.leases(s.Camera) {
		err = w.name(ctx, g, s)
	}
	if err != nil {
		return nil, w.stop(ctx, wish{s.Camera, s.Stream, whole(s), g.live}, err)
	}
	return w.v.door.o.Keys.k.Read(s, 0, nil)
}

// name takes a lease of the first of a segment that may be seen, so that one names its camera.
func (w *Viewing) name(ctx context.Context, g grant, s footage.Segment) error {
	g.span = whole(s)
	list, _, err := w.withheld(ctx, g.session, g.wish)
	if err != nil {
		return err
	}
	if g.span = free(g.span, list).cut(time.Millisecond); g.empty() {
		return why(whole(s), list)
	}
	return w.lease(ctx, g)
}

// whole is what a segment has recorded; of one that is being written, the beginning.
func whole(s footage.Segment) span {
	if !s.End.After(s.Start) {
		s.End = s.Start.Add(time.Second)
	}
	return span{s.Start, s.End}
}

// open decrypts a piece, once all that a piece needs is there.
func (w *Viewing) open(ctx context.Context, s footage.Segment, p Piece, buf []byte) ([]byte, error) {
	x := wish{p.Camera, p.Stream, p.span(), w.v.aim != nil || w.v.door.o.Now().Sub(p.End()) < Fresh}
	g, err := w.may(ctx, x)
	if err == nil {
		err = w.lease(ctx, g)
	}
	if err != nil {
		return nil, w.stop(ctx, x, err)
	}
	plain, err := w.v.door.o.Keys.k.Read(s, p.Record, buf)
	if errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: %w", ErrNothing, err)
	}
	return plain, err
}

// may is what is asked anew before each piece.
func (w *Viewing) may(ctx context.Context, x wish) (grant, error) {
	g, err := w.stands(ctx, x)
	if err != nil {
		return g, err
	}
	list, err := w.restricted(ctx, g.session, x)
	if err == nil {
		err = why(x.span, list)
	}
	return g, err
}

// stands sees whether the viewing, the diary, the session and its authorisation are all still there.
func (w *Viewing) stands(ctx context.Context, x wish) (g grant, err error) {
	g.wish = x
	if err := ctx.Err(); err != nil {
		return g, err
	}
	if _, err := w.v.open(); err != nil {
		return g, err
	}
	if err := w.v.door.sound(); err != nil {
		return g, err
	}
	g.session, g.by, err = w.who(ctx, x)
	return g, err
}

// sees is stands for footage of a camera of whatever time.
func (w *Viewing) sees(ctx context.Context, camera, stream string) (grant, error) {
	g, err := w.stands(ctx, wish{camera: camera, stream: stream})
	if errors.Is(err, people.ErrNotAllowed) {
		return w.stands(ctx, wish{camera: camera, stream: stream, live: true})
	}
	return g, err
}

// stop enters a refusal, and ends the viewing of a session that is over.
func (w *Viewing) stop(ctx context.Context, x wish, err error) error {
	if errors.Is(err, ErrSession) {
		return errors.Join(err, w.v.endSelf(ctx, CutOff, "the session is over"))
	}
	return w.v.door.refuse(ctx, *w, x, err)
}

// leases tells whether any lease names a camera.
func (v *viewing) leases(camera string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.leased[camera] != nil
}

// segment finds a segment that was not erased.
func (d *Door) segment(id keyring.ID) (footage.Segment, error) {
	s, err := d.o.Index.Get(id)
	if errors.Is(err, footage.ErrUnknown) {
		err = fmt.Errorf("%w: %w", ErrErased, err)
	}
	return s, err
}

// piece finds a piece by its name; last is the segment of the piece before.
func (d *Door) piece(id keyring.ID, record int, last footage.Segment) (s footage.Segment, p Piece, err error) {
	if s = last; s.ID != id {
		if s, err = d.segment(id); err != nil {
			return s, p, err
		}
	}
	e, err := d.o.Keys.k.Entry(s, record)
	if errors.Is(err, io.EOF) || err == nil && e.Kind == segment.Init {
		return s, p, fmt.Errorf("%w: segment %v has no piece %d", ErrNothing, id, record)
	}
	return s, pieceOf(s, record, e), err
}
