package evidence

import (
	"crypto/sha256"
	"hash"

	"varuh/accesslog/diary/proof"
)

// chunkSize is how much of a file has a hash of its own, so that what was changed can be named.
const chunkSize = 4 << 20

func chunksOf(size int64) int { return int((size + chunkSize - 1) / chunkSize) }

// hasher hashes a file as a whole and in chunks.
type hasher struct {
	whole, chunk hash.Hash
	size         int64
	chunks       []proof.Hash
}

func newHasher() *hasher { return &hasher{whole: sha256.New(), chunk: sha256.New()} }

// worth is how many bytes are worth a goroutine.
const worth = 32 << 10

// Write never fails. The two hashes of many bytes are computed at the same time.
func (h *hasher) Write(p []byte) (int, error) {
	if len(p) < worth {
		h.whole.Write(p)
		h.divide(p)
		return len(p), nil
	}
	done := make(chan struct{})
	go func() {
		h.whole.Write(p)
		close(done)
	}()
	h.divide(p)
	<-done
	return len(p), nil
}

func (h *hasher) divide(p []byte) {
	for len(p) > 0 {
		part := p[:min(int64(len(p)), chunkSize-h.size%chunkSize)]
		h.chunk.Write(part)
		h.size += int64(len(part))
		p = p[len(part):]
		if h.size%chunkSize == 0 {
			h.close()
		}
	}
}

func (h *hasher) close() {
	h.chunks = append(h.chunks, proof.Hash(h.chunk.Sum(nil)))
	h.chunk.Reset()
}

// sum ends the hashing.
func (h *hasher) sum() (whole proof.Hash, chunks []proof.Hash) {
	if h.size%chunkSize > 0 {
		h.close()
	}
	return proof.Hash(h.whole.Sum(nil)), h.chunks
}
