package segment

// Ciphertext lies in a buffer only from its encryption to the end of its write. A few buffers
// serve all writers, however many there are: at most spareCount are kept, of at most spareSize.
const (
	spareCount = 4
	spareSize  = 4 << 20
	spareStep  = 256 << 10 // sizes are multiples, so that fragments of like sizes fit the same buffer
)

// spare holds the buffers that nobody uses. A channel, not a sync.Pool: what it keeps is bounded,
// and the garbage collector does not empty it.
var spare = make(chan []byte, spareCount)

func roundUp(n int) int { return (n + spareStep - 1) / spareStep * spareStep }

// borrow is an empty buffer with room for n bytes.
func borrow(n int) []byte {
	select {
	case b := <-spare:
		if cap(b) >= n {
			return b[:0]
		}
	default:
	}
	return make([]byte, 0, roundUp(n))
}

func giveBack(b []byte) {
	if cap(b) == 0 || cap(b) > spareSize {
		return
	}
	select {
	case spare <- b:
	default:
	}
}
