package cmaf

import "encoding/binary"

var be = binary.BigEndian

// box appends a box of ISO/IEC 14496-12 4.2 whose body is what the parts append, one after another.
func box(b []byte, name string, parts ...func([]byte) []byte) []byte {
	at := len(b)
	b = append(be.AppendUint32(b, 0), name...)
	for _, part := range parts {
		b = part(b)
	}
	be.PutUint32(b[at:], uint32(len(b)-at))
	return b
}

// nested is a box as a part of another.
func nested(name string, parts ...func([]byte) []byte) func([]byte) []byte {
	return func(b []byte) []byte { return box(b, name, parts...) }
}

// full is the version and flags that open the body of a full box.
func full(version uint8, flags uint32) func([]byte) []byte {
	return u32(uint32(version)<<24 | flags)
}

func raw(p ...byte) func([]byte) []byte {
	return func(b []byte) []byte { return append(b, p...) }
}

func zeros(n int) func([]byte) []byte {
	return func(b []byte) []byte { return append(b, make([]byte, n)...) }
}

func u16(vs ...uint16) func([]byte) []byte {
	return func(b []byte) []byte {
		for _, v := range vs {
			b = be.AppendUint16(b, v)
		}
		return b
	}
}

func u32(vs ...uint32) func([]byte) []byte {
	return func(b []byte) []byte {
		for _, v := range vs {
			b = be.AppendUint32(b, v)
		}
		return b
	}
}
