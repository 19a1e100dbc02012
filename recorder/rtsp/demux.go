package rtsp

import (
	"bytes"
	"encoding/binary"
	"net"
	"strconv"
	"sync/atomic"
	"time"
)

// Sizes of the read-ahead. A frame of RTP over TCP has at most 4 + 65535 bytes; a message's header
// longer than maxHeader is no message.
const (
	readAhead = 72 << 10
	maxHeader = 16 << 10
)

// tap leads the RTP packets of one channel and payload type to an inlet.
type tap struct {
	channel byte
	pt      uint8
	in      inlet
}

// demux lies under gortsplib. Once on, it takes the RTP packets of its taps out of the stream and
// gives gortsplib the rest, whole messages (RFC 2326 section 10.12).
type demux struct {
	net.Conn
	rx   *receiver
	taps []tap // not changed once on
	on   atomic.Bool

	// owned by the reader
	buf     []byte
	r, w    int // what is unread
	pass    int // bytes from r on that gortsplib gets
	arrived time.Time
	p       packet
}

// Read gives gortsplib its next bytes. It returns when there are some.
func (d *demux) Read(b []byte) (int, error) {
	for {
		if d.pass > 0 && d.r < d.w {
			n := copy(b, d.buf[d.r:min(d.w, d.r+d.pass)])
			d.r += n
			d.pass -= n
			return n, nil
		}
		more, err := d.step()
		if err != nil {
			return 0, err
		}
		if more {
			if err := d.fill(); err != nil {
				return 0, err
			}
		}
	}
}

// fill reads ahead behind what is unread.
func (d *demux) fill() error {
	d.w = copy(d.buf, d.buf[d.r:d.w])
	d.r = 0
	n, err := d.Conn.Read(d.buf[d.w:])
	d.w += n
	d.arrived = time.Now()
	if n == 0 {
		return err
	}
	return nil
}

// step takes packets until something is for gortsplib or more must be read.
func (d *demux) step() (more bool, err error) {
	if !d.on.Load() {
		d.pass = d.w - d.r
		return d.pass == 0, nil
	}
	if d.pass > 0 {
		return true, nil
	}
	for d.r < d.w {
		b := d.buf[d.r:d.w]
		if b[0] != '$' {
			return d.message(b), nil
		}
		if len(b) < 4 {
			return true, nil
		}
		n := 4 + int(binary.BigEndian.Uint16(b[2:]))
		if len(b) < n {
			return true, nil
		}
		if d.ours(b[1]) {
			d.r += n
			if err := d.frame(b[1], b[4:n]); err != nil {
				return false, err
			}
			continue
		}
		d.pass = n
		return false, nil
	}
	return true, nil
}

func (d *demux) ours(channel byte) bool {
	for i := range d.taps {
		if d.taps[i].channel == channel {
			return true
		}
	}
	return false
}

// frame takes one RTP packet.
func (d *demux) frame(channel byte, b []byte) error {
	if d.p.parse(b) {
		for i := range d.taps {
			if t := &d.taps[i]; t.channel == channel && t.pt == d.p.pt {
				return d.rx.take(t.in, &d.p, len(b), d.arrived)
			}
		}
	}
	d.rx.stats.Garbage.Add(1)
	return nil
}

// message passes an RTSP message on, or skips a byte that begins none. It returns true if more must
// be read to tell.
func (d *demux) message(b []byte) (more bool) {
	known, more := begins(b)
	if more {
		return true
	}
	if known {
		if i := bytes.Index(b[:min(len(b), maxHeader)], []byte("\r\n\r\n")); i >= 0 {
			d.pass = i + 4 + contentLength(b[:i])
			return false
		}
		if len(b) < maxHeader {
			return true
		}
	}
	d.r++
	return d.r == d.w
}

// beginnings are how messages to a client begin (RFC 2326 sections 6.1, 7.1 and 10).
var beginnings = [][]byte{
	[]byte("RTSP/"), []byte("OPTIONS "), []byte("ANNOUNCE "), []byte("DESCRIBE "), []byte("GET_PARAMETER "),
	[]byte("SET_PARAMETER "), []byte("REDIRECT "), []byte("PAUSE "), []byte("TEARDOWN "), []byte("PLAY_NOTIFY "),
}

// begins says whether b begins like a message; more if it is too short to tell.
func begins(b []byte) (known, more bool) {
	for _, s := range beginnings {
		if n := min(len(b), len(s)); bytes.Equal(b[:n], s[:n]) {
			return n == len(s), n < len(s)
		}
	}
	return false, false
}

// contentLength is the length of the body that header announces.
func contentLength(header []byte) int {
	for line := range bytes.SplitSeq(header, []byte("\r\n")) {
		k, v, ok := bytes.Cut(line, []byte(":"))
		if ok && bytes.EqualFold(bytes.TrimSpace(k), []byte("Content-Length")) {
			n, err := strconv.Atoi(string(bytes.TrimSpace(v)))
			if err == nil && n > 0 {
				return n
			}
		}
	}
	return 0
}
