package rtsp

// h265Part tells what a NAL unit is (ITU-T H.265 table 7-1).
func h265Part(nal []byte) part {
	switch t := nal[0] >> 1 & 0x3f; {
	case t == 8 || t == 9:
		return leading
	case t == 21 || t == 16:
		return openKey
	case t >= 17 && t <= 20:
		return key
	case t < 32:
		return slice
	case t == 32:
		return vps
	case t == 33:
		return sps
	case t == 34:
		return pps
	}
	return other
}

// h265First says whether a slice is the first of its picture: first_slice_segment_in_pic_flag
// (ITU-T H.265 section 7.3.6.1).
func h265First(nal []byte) bool { return len(nal) > 2 && nal[2]&0x80 != 0 }

// h265Payload adds an RTP payload (RFC 7798 section 4.4, without decoding order numbers) to a. It
// returns false if it could not be understood; what could be is added all the same.
func h265Payload(a *assembly, b []byte) bool {
	if len(b) < 3 {
		return false
	}
	switch t := b[0] >> 1 & 0x3f; {
	case t == 48: // AP
		return aggregate(a, b[2:])
	case t == 49: // FU
		return fragment(a, [2]byte{b[0]&0x81 | b[2]&0x3f<<1, b[1]}, 2, b[2], b[3:])
	case t < 48:
		if t == 0 && b[0] == 0 && b[1] == 0 { // a start code: TemporalId would be 0-1
			return startCodes(a, b)
		}
		a.whole(b)
		return true
	}
	return false
}
