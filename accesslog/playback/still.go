package playback

import (
	"context"
	"fmt"
	"time"

	"varuh/accesslog"
	"varuh/recorder/segment"
)

// lookBack is how far before a moment the last picture may be for its key frame to be shown in its place.
const lookBack = 10 * time.Second

// Still is one stored key frame. What it holds is valid until the function that got it returns.
type Still struct {
	At     time.Time // when it was taken
	Track  Track
	Sample []byte // as it is stored: the access unit, or the JPEG picture
	init   []byte
	length uint32 // of the sample, in ticks
}

// Still gives use the stored key frame nearest before a moment, or at it, and tells the viewing whether any byte
// of it left, as use says. The errors are those of use and of the viewing, among them
// [accesslog.ErrNothing] where no key frame is near, and the reason why the moment is withheld.
func (p *Player) Still(ctx context.Context, at time.Time, use func(Still) (left bool, err error)) error {
	t, err := p.pieces(ctx, at.Add(-lookBack), at.Add(1))
	if err != nil {
		return err
	}
	for _, w := range t.Withheld {
		if !w.From.After(at) && w.To.After(at) {
			return w.Why
		}
	}
	piece := nearest(t.Pieces, at)
	if piece == nil {
		return fmt.Errorf("%w: there is no key frame near %s", accesslog.ErrNothing, at.UTC().Format(time.RFC3339))
	}
	return p.Viewing.KeyFrame(ctx, *piece, func(s accesslog.Still) (bool, error) {
		still, err := NewStill(s)
		if err != nil {
			return false, err
		}
		return use(still)
	})
}

// nearest is the last piece that begins with a key frame at a moment or before, or nil if the picture ended long
// before that moment.
func nearest(pieces []accesslog.Piece, at time.Time) (key *accesslog.Piece) {
	recent := false
	for i := range pieces {
		piece := &pieces[i]
		if piece.Kind != segment.Video || piece.Start.After(at) {
			continue
		}
		recent = recent || piece.End().After(at.Add(-lookBack))
		if piece.KeyFrame && (key == nil || !piece.Start.Before(key.Start)) {
			key = piece
		}
	}
	if !recent {
		return nil
	}
	return key
}

// NewStill is a key frame that the door gives out as a still, without sound. The error is [ErrFormat].
func NewStill(s accesslog.Still) (Still, error) {
	head, err := ReadHead(s.Init)
	if err != nil {
		return Still{}, err
	}
	track, ok := head.Picture()
	if !ok {
		return Still{}, fmt.Errorf("%w: it has no picture", ErrFormat)
	}
	init, err := silent(s.Init)
	if err != nil {
		return Still{}, err
	}
	return Still{At: s.Start, Track: track, Sample: s.Sample.Data, init: init, length: s.Sample.Duration}, nil
}

// Bytes are the still for a page, and their media type: the JPEG picture as it is, or an MP4 of one sample at time 0.
func (s *Still) Bytes() (content []byte, mime string) {
	if s.Track.JPEG() {
		return s.Sample, "image/jpeg"
	}
	return append(s.init, fragment(s.Track.ID, s.length, s.Sample)...), PartType
}

// Chunk is the still for WebCodecs, which has no use for MP4: see [Chunk].
func (s *Still) Chunk() Chunk {
	payload := append([]byte(s.Track.Codec), 0)
	payload = be.AppendUint16(payload, uint16(len(s.Track.Description)))
	payload = append(payload, s.Track.Description...)
	return Chunk{Kind: ChunkStill, Flags: FlagKey, At: s.At, Payload: append(payload, s.Sample...)}
}

// fragment is moof and mdat of one key frame, decoded and shown at 0.
func fragment(track, length uint32, sample []byte) []byte {
	u32 := func(vs ...uint32) (b []byte) {
		for _, v := range vs {
			b = be.AppendUint32(b, v)
		}
		return b
	}
	const (
		baseIsMoof  = 0x020000   // tfhd
		allFields   = 0x000f01   // trun: data offset; each sample's duration, size, flags, composition offset
		syncSample  = 0x02000000 // ISO/IEC 14496-12 8.8.3.1
		moof, heads = 8 + 16 + 8 + 16 + 20 + 36, 8
	)
	return append(
		wrap("moof",
			wrap("mfhd", u32(0, 1)),
			wrap("traf",
				wrap("tfhd", u32(baseIsMoof, track)),
				wrap("tfdt", u32(1<<24, 0, 0)),
				wrap("trun", u32(1<<24|allFields, 1, moof+heads, length, uint32(len(sample)), syncSample, 0)))),
		wrap("mdat", sample)...)
}
