package accesslog

import (
	"context"
	"errors"
	"fmt"
	"io"

	"varuh/accesslog/people"
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

// open decrypts a piece, once all that a piece needs is there.
func (w *Viewing) open(ctx context.Context, s footage.Segment, p Piece, buf []byte) ([]byte, error) {
	x := wish{p.Camera, p.Stream, p.span(), w.v.aim != nil || !w.v.export && w.v.door.live(p), p.Kind == segment.Audio}
	g, err := w.may(ctx, x, s)
	for err == nil && !w.v.covered(x) { // the entry takes its time, so all is asked anew once it is durable
		if err = w.lease(ctx, g); err == nil {
			g, err = w.may(ctx, x, s)
		}
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

// may is what is asked anew before each piece of a segment.
func (w *Viewing) may(ctx context.Context, x wish, s footage.Segment) (grant, error) {
	g, err := w.stands(ctx, x)
	if err != nil {
		return g, err
	}
	if err := w.stillShown(ctx); err != nil {
		return g, err
	}
	if w.v.covered(x) {
		if err := w.stillLawful(ctx, x); err != nil {
			return g, err
		}
	}
	list, err := w.restricted(ctx, g.session, x)
	if err == nil {
		err = why(x.span, list)
	}
	if err == nil {
		err = w.inTerm(ctx, s)
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
