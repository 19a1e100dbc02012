package keyring

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"
)

// ID names one object: a segment, a store, a package. Its first 6 bytes are the milliseconds of
// its creation since 1970 (UTC, big endian) and the other 10 are random, so that names sort by age.
type ID [16]byte

// NewID makes an ID for an object created now.
func NewID(now time.Time) ID {
	var id ID
	rand.Read(id[:])
	id.setTime(now)
	return id
}

func (id *ID) setTime(t time.Time) {
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(max(t.UnixMilli(), 0))<<16)
	copy(id[:6], ms[:6])
}

// Time is the creation time inside the ID, in UTC, to the millisecond. It names folders; the time
// of footage is in its records.
func (id ID) Time() time.Time {
	var ms [8]byte
	copy(ms[2:], id[:6])
	return time.UnixMilli(int64(binary.BigEndian.Uint64(ms[:]))).UTC()
}

// String is the ID as 32 lower-case hexadecimal digits.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// MarshalText implements [encoding.TextMarshaler].
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (id *ID) UnmarshalText(b []byte) error {
	v, err := ParseID(string(b))
	if err == nil {
		*id = v
	}
	return err
}

// ParseID reads what [ID.String] wrote.
func ParseID(s string) (ID, error) {
	var id ID
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(id) || hex.EncodeToString(b) != s {
		return ID{}, fmt.Errorf("%q is no id: want 32 lower-case hexadecimal digits", s)
	}
	copy(id[:], b)
	return id, nil
}
