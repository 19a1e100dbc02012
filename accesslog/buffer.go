package accesslog

import (
	"sync"

	"varuh/recorder/segment"
)

// buffers are those that footage is decrypted in. Whatever is in the pool is zero.
var buffers sync.Pool

// mostKept is the largest buffer that is kept for the next delivery: a second of a very good camera.
const mostKept = 4 << 20

func borrow() []byte {
	if b, ok := buffers.Get().(*[]byte); ok {
		return (*b)[:0]
	}
	return nil
}

// giveBack takes a buffer with footage, and forgets that.
func giveBack(b []byte) {
	clear(b[:cap(b)])
	if cap(b) > 0 && cap(b) <= mostKept {
		buffers.Put(&b)
	}
}

// room is a buffer into which a whole record of a piece fits.
func room(b []byte, size int64) []byte {
	n := size + segment.MaxRecord - segment.MaxPlain
	if int64(cap(b)) >= n {
		return b
	}
	giveBack(b)
	return make([]byte, 0, n+n/4)
}
