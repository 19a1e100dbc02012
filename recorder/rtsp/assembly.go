package rtsp

import "encoding/binary"

// Bounds on one access unit. A 4K key frame at the highest quality has about 4 MB; level 6.2 allows
// 600 slices.
const (
	maxUnit = 8 << 20
	maxNALs = 4096
	maxKept = 2 << 20 // a buffer that grew beyond is given back after its unit
)

// part is what a NAL unit is to the access unit it lies in.
type part uint8

const (
	other   part = iota // SEI, delimiter, filler
	slice               // part of a picture
	key                 // part of a picture that decoding can start with, nothing before it needed
	openKey             // the same, but pictures shown before it need earlier ones (CRA)
	leading             // part of a picture that needs those earlier ones (RASL)
	vps
	sps
	pps
)

// span is a NAL unit's place in the buffer; empty if there is none.
type span struct{ from, to int }

// assembly is an access unit being put together, NAL units with their lengths before them.
type assembly struct {
	part  func(nal []byte) part // what a NAL unit is, from its header
	first func(nal []byte) bool // whether a slice is the first of its picture

	buf     []byte
	at      int // where the length of the unfinished NAL unit stands, -1 if none is
	nals    int
	sets    [3]span // first VPS, SPS, PPS
	picture bool
	rest    bool // its first slice is not the first of the picture
	key     bool
	open    bool // the key is an openKey
	leading bool
	loss    bool // packets are missing in or before it, or parts were left out
	over    bool // it passed a bound
}

// reset makes room for the next access unit.
func (a *assembly) reset() {
	buf := a.buf[:0]
	if cap(buf) > maxKept {
		buf = nil
	}
	*a = assembly{part: a.part, first: a.first, buf: buf, at: -1}
}

// whole adds a NAL unit.
func (a *assembly) whole(nal []byte) {
	a.start(nil)
	a.extend(nal)
	a.finish()
}

// start begins a NAL unit with its header.
func (a *assembly) start(header []byte) {
	a.abandon()
	if a.over {
		return // nothing more of a unit that is given up, however long it goes on
	}
	a.at = len(a.buf)
	a.buf = append(a.buf, 0, 0, 0, 0)
	a.buf = append(a.buf, header...)
}

// extend adds bytes to the begun NAL unit.
func (a *assembly) extend(b []byte) {
	if a.at < 0 {
		return
	}
	if len(a.buf)+len(b) > maxUnit {
		a.over = true
		a.abandon()
		return
	}
	a.buf = append(a.buf, b...)
}

// abandon takes the unfinished NAL unit out again.
func (a *assembly) abandon() {
	if a.at < 0 {
		return
	}
	a.buf = a.buf[:a.at]
	a.at = -1
	a.loss = true
}

// finish ends the begun NAL unit and notes what it is.
func (a *assembly) finish() {
	if a.at < 0 {
		return
	}
	from := a.at + 4
	a.at = -1
	nal := a.buf[from:]
	if len(nal) == 0 {
		a.buf = a.buf[:from-4]
		return
	}
	if a.nals++; a.nals > maxNALs {
		a.over = true
	}
	binary.BigEndian.PutUint32(a.buf[from-4:], uint32(len(nal)))
	a.note(a.part(nal), span{from, len(a.buf)})
}

func (a *assembly) note(p part, s span) {
	switch p {
	case slice, key, openKey, leading:
		a.rest = a.rest || !a.picture && !a.first(a.buf[s.from:s.to])
		a.picture = true
		a.key = a.key || p == key || p == openKey
		a.open = a.open || p == openKey
		a.leading = a.leading || p == leading
	case vps, sps, pps:
		if i := p - vps; a.sets[i].to == 0 {
			a.sets[i] = s
		}
	}
}

// set is the first parameter set of that kind in the unit, nil if there is none.
func (a *assembly) set(p part) []byte {
	s := a.sets[p-vps]
	if s.to == 0 {
		return nil
	}
	return a.buf[s.from:s.to]
}
