package accesslog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"varuh/recorder/cmaf"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

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
	if err == nil && !w.v.leases(strip{s.Camera, s.Stream}) {
		err = w.name(ctx, g, s)
	}
	if err != nil {
		return nil, w.stop(ctx, wish{camera: s.Camera, stream: s.Stream, span: whole(s), live: g.live}, err)
	}
	return w.v.door.o.Keys.k.Read(s, 0, nil)
}

// name takes a lease of the first of a segment that may be seen, so that one names its stream.
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
