package playback_test

import (
	"encoding/binary"
	"io"
	"testing"
	"time"

	"varuh/accesslog/playback"
)

// readChunk reads a chunk as its documentation has it.
func readChunk(t testing.TB, r io.Reader) playback.Chunk {
	t.Helper()
	head := make([]byte, 16)
	if _, err := io.ReadFull(r, head); err != nil {
		t.Fatal(err)
	}
	c := playback.Chunk{Kind: playback.ChunkKind(head[0]), Flags: playback.ChunkFlags(head[1]),
		At: time.UnixMilli(int64(binary.BigEndian.Uint64(head[8:]))).UTC(), Payload: make([]byte, binary.BigEndian.Uint32(head[4:]))}
	if _, err := io.ReadFull(r, c.Payload); err != nil {
		t.Fatal(err)
	}
	return c
}
