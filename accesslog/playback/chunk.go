package playback

import (
	"fmt"
	"io"
	"math"
	"time"
)

// Chunk is one message of a live stream, or a still for WebCodecs. On the line it is 16 bytes and the payload:
//
//	kind      1   one of the kinds below
//	flags     1   of the flags below
//	zero      2
//	length    4   of the payload, in bytes, big endian
//	at        8   UTC in ms since 1970, big endian: when the first sample was taken; when the stream ended
//
// The payload of a ChunkInit is the media type for MediaSource, a zero byte, then ftyp and moov. It comes first, and
// again whenever fragments of another run follow. The page then appends it, and sets the SourceBuffer's
// timestampOffset to the end of what is in it, since time in a run begins at 0; where the media type has another
// number of codecs it begins with a new MediaSource. at is that of the fragment which follows, and tells the page
// what time it shows.
//
// The payload of a ChunkFragment is one stored fragment: prft, moof, mdat. Those of one track come in order.
//
// The payload of a ChunkStill is the codec's name, a zero byte, 2 bytes of length and that much description, then
// the access unit, as EncodedVideoChunk takes it.
//
// The payload of a ChunkEnd is one word, why the stream has ended: see [Live]. A stream that ends without it was
// cut off on the way.
type Chunk struct {
	Kind    ChunkKind
	Flags   ChunkFlags
	At      time.Time
	Payload []byte
}

// ChunkKind says what a chunk holds.
type ChunkKind byte

// The kinds of chunk.
const (
	ChunkInit     ChunkKind = 'I'
	ChunkFragment ChunkKind = 'F'
	ChunkStill    ChunkKind = 'K'
	ChunkEnd      ChunkKind = 'E'
)

// ChunkFlags say more of a fragment.
type ChunkFlags byte

// The flags.
const (
	FlagKey   ChunkFlags = 1 << iota // it begins with a key frame
	FlagSound                        // it is sound
	FlagBreak                        // it does not continue the picture before
)

const chunkHead = 16

// WriteTo writes the chunk. It implements [io.WriterTo].
func (c Chunk) WriteTo(w io.Writer) (int64, error) {
	if len(c.Payload) > math.MaxInt32 {
		return 0, fmt.Errorf("a chunk of %d bytes is too large", len(c.Payload))
	}
	head := append(make([]byte, 0, chunkHead), byte(c.Kind), byte(c.Flags), 0, 0)
	head = be.AppendUint32(head, uint32(len(c.Payload)))
	head = be.AppendUint64(head, uint64(c.At.UnixMilli()))
	n, err := w.Write(head)
	if err != nil {
		return int64(n), err
	}
	m, err := w.Write(c.Payload)
	return int64(n + m), err
}
