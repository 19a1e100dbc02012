package rtsp

import (
	"encoding/binary"
	"time"
)

// packet is one RTP packet (RFC 3550 section 5.1), its payload still in the reader's buffer.
type packet struct {
	payload []byte
	ts      uint32
	ssrc    uint32
	seq     uint16
	pt      uint8
	marker  bool
}

// parse reads b. It returns false if b is no RTP packet.
func (p *packet) parse(b []byte) bool {
	if len(b) < 12 || b[0]>>6 != 2 {
		return false
	}
	p.marker, p.pt = b[1]&0x80 != 0, b[1]&0x7f
	p.seq = binary.BigEndian.Uint16(b[2:])
	p.ts = binary.BigEndian.Uint32(b[4:])
	p.ssrc = binary.BigEndian.Uint32(b[8:])
	n := 12 + 4*int(b[0]&0x0f)
	if b[0]&0x10 != 0 { // header extension: 2 bytes of profile, 2 of length in words
		if len(b) < n+4 {
			return false
		}
		n += 4 + 4*int(binary.BigEndian.Uint16(b[n+2:]))
	}
	end := len(b)
	if b[0]&0x20 != 0 { // padding: its length is the last byte
		end -= int(b[end-1])
	}
	if end < n {
		return false
	}
	p.payload = b[n:end]
	return true
}

// sequence follows the sequence numbers of one stream.
type sequence struct {
	next uint16
	ssrc uint32
	have bool
	late int // packets in a row that were behind
}

// restart is after how many late packets in a row the camera is taken to have begun to count anew.
const restart = 64

// order says what to do with a packet: take it or not, how many are missing before it, and whether
// it comes from a new source with clock and numbers of its own.
func (s *sequence) order(p *packet) (take bool, lost int, fresh bool) {
	if !s.have || s.ssrc != p.ssrc {
		fresh = s.have
		*s = sequence{next: p.seq + 1, ssrc: p.ssrc, have: true}
		if fresh {
			lost = 1 // how many is not known, and saying none would be worse
		}
		return true, lost, fresh
	}
	d := int(int16(p.seq - s.next))
	if d < 0 {
		if s.late++; s.late < restart {
			return false, 0, false // a repeat, or too late: its unit is gone
		}
		d = 1
	}
	s.late = 0
	s.next = p.seq + 1
	return true, d, false
}

// jump is by how much a timestamp must differ from what the time since the last one allows, to be
// taken for a jump of the camera's clock.
const jump = 10 * time.Second

// ticks turns RTP timestamps, which wrap at 32 bits and may jump, into a count that does neither.
type ticks struct {
	rate    int64 // ticks a second
	last    uint32
	total   int64
	have    bool
	fresh   bool // the next timestamp is of a new source
	arrived time.Time
}

// at is the count at timestamp ts. After a jump it goes on by the time that passed at our end.
func (t *ticks) at(ts uint32, arrived time.Time) (total int64, jumped bool) {
	if !t.have {
		t.have, t.last, t.total, t.arrived = true, ts, int64(ts), arrived
		return t.total, false
	}
	d := int64(int32(ts - t.last))
	passed := arrived.Sub(t.arrived)
	media := time.Duration(d * int64(time.Second) / t.rate)
	if t.fresh || (media > jump || media < -jump) && (media-passed > jump || media-passed < -jump) {
		d, jumped, t.fresh = t.count(passed), true, false
	}
	t.last, t.arrived = ts, arrived
	t.total += d
	return t.total, jumped
}

// count is d in ticks, at least one. d is cut at a day: the product must not overflow.
func (t *ticks) count(d time.Duration) int64 {
	return max(1, int64(min(d, 24*time.Hour)/time.Microsecond)*t.rate/1e6)
}
