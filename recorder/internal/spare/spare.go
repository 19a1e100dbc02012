// Package spare guards the recorder's memory: bytes that are on their way from one place to the next lie
// in buffers that all streams share, so that thirty-two streams need a few of them and not thirty-two.
package spare

const (
	kept = 8         // buffers that wait to be used again
	most = 4 << 20   // bytes of the largest one kept
	Step = 256 << 10 // Sizes are multiples, so that fragments of like sizes fit the same buffer.
)

// buffers is a channel and not a sync.Pool: what it keeps is bounded, and the garbage collector does
// not empty it.
var buffers = make(chan []byte, kept)

// RoundUp is the size of a buffer for n bytes.
func RoundUp(n int) int { return (n + Step - 1) / Step * Step }

// Borrow is an empty buffer with room for n bytes.
func Borrow(n int) []byte {
	select {
	case b := <-buffers:
		if cap(b) >= n {
			return b[:0]
		}
	default:
	}
	return make([]byte, 0, RoundUp(n))
}

// Return gives a buffer back, or any other in its place; nobody may use it afterwards.
func Return(b []byte) {
	if cap(b) == 0 || cap(b) > most {
		return
	}
	select {
	case buffers <- b:
	default:
	}
}
