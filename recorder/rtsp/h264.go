package rtsp

import "encoding/binary"

// h264Part tells what a NAL unit is (ITU-T H.264 table 7-1).
func h264Part(nal []byte) part {
	switch nal[0] & 0x1f {
	case 1, 2, 3, 4:
		return slice
	case 5:
		return key
	case 7:
		return sps
	case 8:
		return pps
	}
	return other
}

// h264First says whether a slice is the first of its picture: first_mb_in_slice is 0, a single bit
// (ITU-T H.264 section 7.3.3).
func h264First(nal []byte) bool { return len(nal) > 1 && nal[1]&0x80 != 0 }

// h264Payload adds an RTP payload (RFC 6184 section 5.2) to a. It returns false if it could not be
// understood; what could be is added all the same.
func h264Payload(a *assembly, b []byte) bool {
	if len(b) == 0 {
		return false
	}
	switch t := b[0] & 0x1f; {
	case t >= 1 && t <= 23:
		a.whole(b)
		return true
	case t == 24: // STAP-A
		return aggregate(a, b[1:])
	case t == 28 && len(b) >= 2: // FU-A
		return fragment(a, [2]byte{b[0]&0xe0 | b[1]&0x1f}, 1, b[1], b[2:])
	case t == 0: // not allowed, but some cameras leave the start code in
		return startCodes(a, b)
	}
	return false
}

// aggregate adds NAL units that each have their length before them in 2 bytes. Some cameras pad
// with zeros.
func aggregate(a *assembly, b []byte) bool {
	for len(b) >= 2 {
		n := int(binary.BigEndian.Uint16(b))
		b = b[2:]
		if n == 0 {
			return allZero(b)
		}
		if n > len(b) {
			return false
		}
		a.whole(b[:n])
		b = b[n:]
	}
	return len(b) == 0
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// fragment adds a part of a NAL unit. bits is the FU header: its two top bits mark the first and the
// last part. A part that is both is against the RFC, and cameras send it.
func fragment(a *assembly, header [2]byte, size int, bits byte, b []byte) bool {
	first, last := bits&0x80 != 0, bits&0x40 != 0
	ok := true
	if first {
		ok = a.at < 0 // else the one before never ended
		a.start(header[:size])
	} else if a.at < 0 {
		a.loss = true
		return false
	}
	a.extend(b)
	if last {
		a.finish()
	}
	return ok
}

// startCodes adds NAL units that follow start codes (ITU-T H.264 annex B).
func startCodes(a *assembly, b []byte) bool {
	i, n := startCode(b)
	if i != 0 {
		return false
	}
	for b = b[n:]; len(b) > 0; b = b[n:] {
		if i, n = startCode(b); i < 0 {
			a.whole(b)
			return true
		}
		if i > 0 {
			a.whole(b[:i])
		}
		n += i
	}
	return true
}

// startCode finds the first start code in b and its length; -1 if there is none.
func startCode(b []byte) (at, n int) {
	for i := 0; i+3 <= len(b); i++ {
		if b[i] != 0 || b[i+1] != 0 {
			continue
		}
		if b[i+2] == 1 {
			return i, 3
		}
		if i+4 <= len(b) && b[i+2] == 0 && b[i+3] == 1 {
			return i, 4
		}
	}
	return -1, 0
}
