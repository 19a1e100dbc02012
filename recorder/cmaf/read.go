package cmaf

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"math"
	"time"
)

// ErrFormat is returned for bytes that this package did not write.
var ErrFormat = errors.New("not a fragment or head as varuh writes it")

// Sample is one unit as it is read back. Its times count from the beginning of the run.
type Sample struct {
	Track    int    // index into the run's tracks
	DTS, PTS int64  // ticks of the track
	Duration uint32 // ticks
	Key      bool   // decoding can start here
	Data     []byte // shares the fragment's bytes
}

// Samples are the units of a fragment, in decoding order. A fragment that was not made by a Muxer, or
// for another head, gives one ErrFormat and no sample.
func Samples(init, fragment []byte) iter.Seq2[Sample, error] {
	return func(yield func(Sample, error) bool) {
		clocks, err := Timescales(init)
		if err != nil {
			yield(Sample{}, err)
			return
		}
		h, payload, err := parse(fragment)
		if err == nil && int(h.track) > len(clocks) {
			err = fmt.Errorf("%w: the fragment is of track %d, its head has %d", ErrFormat, h.track, len(clocks))
		}
		if err != nil {
			yield(Sample{}, err)
			return
		}
		dts := int64(h.decode)
		for _, s := range h.samples {
			sample := Sample{Track: int(h.track) - 1, DTS: dts, PTS: dts + int64(s.offset),
				Duration: s.duration, Key: s.flags == syncSample, Data: payload[:s.size:s.size]}
			if !yield(sample, nil) {
				return
			}
			dts, payload = dts+int64(s.duration), payload[s.size:]
		}
	}
}

// Wall is the recorder's UTC of a fragment's first unit, from its prft, right to a nanosecond. NTP
// counts 136 years and then starts again; the time is taken to lie after 1968.
func Wall(fragment []byte) (time.Time, error) {
	h, _, err := parse(fragment)
	if err != nil {
		return time.Time{}, err
	}
	seconds, fraction := int64(h.ntp>>32), h.ntp&math.MaxUint32
	if seconds < 1<<31 {
		seconds += 1 << 32 // RFC 5905 section 6: the next era
	}
	return time.Unix(seconds-ntpEpoch, int64((fraction*uint64(time.Second)+1<<31)>>32)).UTC(), nil
}

// parse reads a fragment's head and returns it with the samples' bytes. The head has one encoding
// only: it is read from its places, written again, and must be the same.
func parse(f []byte) (head, []byte, error) {
	if len(f) < fixedHead+perSample {
		return head{}, nil, fmt.Errorf("%w: a fragment of %d bytes", ErrFormat, len(f))
	}
	h := head{track: be.Uint32(f[12:]), ntp: be.Uint64(f[16:]), sequence: be.Uint32(f[52:]), decode: be.Uint64(f[92:])}
	n := be.Uint32(f[112:])
	if n < 1 || n > maxSamples || len(f) < fixedHead+perSample*int(n) {
		return head{}, nil, fmt.Errorf("%w: a fragment of %d samples in %d bytes", ErrFormat, n, len(f))
	}
	total := uint64(0)
	for b := f[120:]; len(h.samples) < int(n); b = b[perSample:] {
		s := sample{duration: be.Uint32(b), size: be.Uint32(b[4:]), flags: be.Uint32(b[8:]), offset: int32(be.Uint32(b[12:]))}
		if s.flags != syncSample && s.flags != nonSyncSample {
			return head{}, nil, fmt.Errorf("%w: sample flags %#x", ErrFormat, s.flags)
		}
		h.samples = append(h.samples, s)
		total += uint64(s.size)
	}
	payload := f[h.size():]
	if total != uint64(len(payload)) || h.track == 0 || h.decode > math.MaxInt64>>1 ||
		!bytes.Equal(f[:h.size()], h.appendTo(nil, len(payload))) {
		return head{}, nil, fmt.Errorf("%w: the fragment's head and length do not agree", ErrFormat)
	}
	return h, payload, nil
}

// Timescales are the clock rates of a head's tracks, in ticks a second.
func Timescales(init []byte) ([]uint32, error) {
	var clocks []uint32
	mdhd := func(body []byte) error {
		if len(body) != 24 || be.Uint32(body[12:]) == 0 {
			return fmt.Errorf("%w: mdhd", ErrFormat)
		}
		clocks = append(clocks, be.Uint32(body[12:]))
		return nil
	}
	err := each(init, inside("moov", inside("trak", inside("mdia", only("mdhd", mdhd)))))
	if err != nil {
		return nil, err
	}
	if len(clocks) == 0 {
		return nil, fmt.Errorf("%w: no track", ErrFormat)
	}
	return clocks, nil
}

type visit func(name string, body []byte) error

// inside visits the boxes within boxes of that name.
func inside(name string, v visit) visit {
	return only(name, func(body []byte) error { return each(body, v) })
}

// only takes boxes of that name and passes over others.
func only(name string, f func(body []byte) error) visit {
	return func(n string, body []byte) error {
		if n != name {
			return nil
		}
		return f(body)
	}
}

// each visits the boxes that b is made of.
func each(b []byte, v visit) error {
	for len(b) > 0 {
		if len(b) < 8 || be.Uint32(b) < 8 || uint64(be.Uint32(b)) > uint64(len(b)) {
			return fmt.Errorf("%w: a box that does not fit", ErrFormat)
		}
		size := be.Uint32(b)
		if err := v(string(b[4:8]), b[8:size]); err != nil {
			return err
		}
		b = b[size:]
	}
	return nil
}
