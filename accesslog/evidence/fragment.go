package evidence

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"
)

var be = binary.BigEndian

// The boxes before a fragment's mdat have one shape, as package cmaf writes it; FORMAT.md has the offsets.
const (
	prftSize   = 32
	boxesSize  = prftSize + 88 // prft and moof of no sample
	sampleSize = 16            // in trun
	mdatHead   = 8
	maxUnits   = 512      // samples in a fragment
	maxPayload = 32 << 20 // bytes of them
	keySample  = 0x02000000
	nonKey     = 0x01010000
)

// fragment is what the boxes of a recorded fragment say.
type fragment struct {
	track    uint32
	wall     time.Time // recorder's UTC at which the first sample is shown
	sequence uint32    // in the run, over all tracks
	decode   int64     // ticks since the run began, of the first sample
	samples  []sample
	payload  int64 // bytes of all samples
}

type sample struct {
	duration, size uint32
	key            bool
	offset         int32 // shown after it is decoded, in ticks
}

// shown is from when to when its samples are, in ticks since the first of them is: that need not be the earliest.
func (f *fragment) shown() (from, to int64) {
	decoded := -int64(f.samples[0].offset)
	for i := range f.samples {
		s := &f.samples[i]
		at := decoded + int64(s.offset)
		from, to = min(from, at), max(to, at+int64(s.duration))
		decoded += int64(s.duration)
	}
	return from, to
}

// readBoxes reads prft and moof into f, whose list of samples it uses again. They have one form: they are written again
// and must be the same.
func readBoxes(b []byte, f *fragment) error {
	if len(b) < boxesSize+sampleSize {
		return fmt.Errorf("%w: %d bytes are no prft and moof", ErrFormat, len(b))
	}
	n := int(be.Uint32(b[112:]))
	if n < 1 || n > maxUnits || len(b) != boxesSize+sampleSize*n {
		return fmt.Errorf("%w: prft and moof of %d bytes say that they have %d samples", ErrFormat, len(b), n)
	}
	decode := be.Uint64(b[92:])
	*f = fragment{track: be.Uint32(b[12:]), wall: fromNTP(be.Uint64(b[16:])), sequence: be.Uint32(b[52:]), decode: int64(decode), samples: f.samples[:0]}
	for at := boxesSize; at < len(b); at += sampleSize {
		s := sample{be.Uint32(b[at:]), be.Uint32(b[at+4:]), be.Uint32(b[at+8:]) == keySample, int32(be.Uint32(b[at+12:]))}
		if flags := be.Uint32(b[at+8:]); flags != keySample && flags != nonKey {
			return fmt.Errorf("%w: sample flags %#x", ErrFormat, flags)
		}
		f.samples = append(f.samples, s)
		f.payload += int64(s.size)
	}
	shown := be.Uint64(b[24:]) // of the first sample
	if f.track == 0 || decode > math.MaxInt64>>1 || f.payload > maxPayload || shown != uint64(f.decode+int64(f.samples[0].offset)) || !shaped(b, n) {
		return fmt.Errorf("%w: prft and moof do not agree with each other", ErrFormat)
	}
	return nil
}

// shaped holds all bytes of prft and moof that are the same in each fragment of n samples against what they must be.
func shaped(b []byte, n int) bool {
	moof := uint32(boxesSize - prftSize + sampleSize*n)
	track := be.Uint32(b[12:])
	for _, word := range []struct {
		at   int
		want uint32
	}{
		{0, prftSize}, {4, name("prft")}, {8, 1<<24 | 8},
		{32, moof}, {36, name("moof")},
		{40, 16}, {44, name("mfhd")}, {48, 0},
		{56, moof - 24}, {60, name("traf")},
		{64, 16}, {68, name("tfhd")}, {72, 0x020000}, {76, track},
		{80, 20}, {84, name("tfdt")}, {88, 1 << 24},
		{100, uint32(20 + sampleSize*n)}, {104, name("trun")}, {108, 1<<24 | 0xf01},
		{116, moof + mdatHead},
	} {
		if be.Uint32(b[word.at:]) != word.want {
			return false
		}
	}
	return true
}

func name(s string) uint32 { return be.Uint32([]byte(s)) }

// ntpEpoch is 1970 in seconds since 1900, where NTP counts from (RFC 5905 section 6).
const ntpEpoch = 2208988800

// fromNTP is right to a nanosecond. NTP counts 136 years and then starts again: the time is taken to lie after 1968.
func fromNTP(ntp uint64) time.Time {
	seconds, fraction := int64(ntp>>32), ntp&math.MaxUint32
	if seconds < 1<<31 {
		seconds += 1 << 32
	}
	return time.Unix(seconds-ntpEpoch, int64((fraction*uint64(time.Second)+1<<31)>>32)).UTC()
}

// cut divides a record into its boxes and the samples behind the head of the mdat that ends it.
func cut(record []byte, f *fragment) (boxes, payload []byte, err error) {
	if len(record) < boxesSize {
		return nil, nil, fmt.Errorf("%w: a fragment of %d bytes", ErrFormat, len(record))
	}
	end := boxesSize + sampleSize*int(min(be.Uint32(record[112:]), maxUnits+1))
	if len(record) < end+mdatHead {
		return nil, nil, fmt.Errorf("%w: a fragment of %d bytes", ErrFormat, len(record))
	}
	boxes, payload = record[:end], record[end+mdatHead:]
	if err := readBoxes(boxes, f); err != nil {
		return nil, nil, err
	}
	if be.Uint32(record[end+4:]) != name("mdat") || uint64(be.Uint32(record[end:])) != uint64(mdatHead+len(payload)) || f.payload != int64(len(payload)) {
		return nil, nil, fmt.Errorf("%w: the mdat of a fragment is not as its moof says", ErrFormat)
	}
	return boxes, payload, nil
}
