package cmaf

import (
	"fmt"
	"math"
	"time"

	"varuh/recorder/segment"
)

// lane is one track of a run and its open fragment.
type lane struct {
	id        uint32 // of the track in the file
	kind      segment.Kind
	timescale int64
	intra     bool

	begun    bool
	zero     int64 // DTS at which the run's decoding time is 0
	last     int64 // DTS of the last unit
	interval int64 // between the last two units; 0 until there are two

	// The open fragment. samples is empty when there is none.
	samples []sample
	first   int64 // DTS of its first unit
	wall    time.Time
	flags   segment.Flags
	pile    pile // the units' bytes
}

// sample is one unit as its fragment's trun tells it.
type sample struct {
	duration, size, flags uint32
	offset                int32 // presentation minus decoding time
}

// Sample flags of ISO/IEC 14496-12 8.8.3.1.
const (
	syncSample    = 0x02000000 // depends on no other
	nonSyncSample = 0x01010000 // depends on others, and is no place to start
)

// check refuses a unit that no fragment could hold or tell truly.
func (l *lane) check(u *Unit) error {
	if l.begun && u.DTS <= l.last {
		return fmt.Errorf("%w: decoding time %d after %d", ErrBackwards, u.DTS, l.last)
	}
	if l.begun && spread(l.last, u.DTS) > math.MaxUint32 {
		return fmt.Errorf("%w: decoding time %d is too far after %d", ErrBackwards, u.DTS, l.last)
	}
	if len(u.Data) == 0 || len(u.Data) > MaxUnit {
		return fmt.Errorf("%w: it has %d bytes, want 1 to %d", ErrUnit, len(u.Data), MaxUnit)
	}
	if u.PTS >= u.DTS {
		if spread(u.DTS, u.PTS) > math.MaxInt32 {
			return fmt.Errorf("%w: it is shown %d ticks after it is decoded", ErrUnit, spread(u.DTS, u.PTS))
		}
		return nil
	}
	if early := spread(u.PTS, u.DTS); early > math.MaxInt32 || early > l.since0(u.DTS) {
		return fmt.Errorf("%w: it is shown %d ticks before it is decoded, before the run begins", ErrUnit, early)
	}
	return nil
}

// since0 is the decoding time of dts in the run.
func (l *lane) since0(dts int64) uint64 {
	if !l.begun {
		return 0
	}
	return uint64(dts) - uint64(l.zero)
}

// begin sets the run's time so that its first unit is decoded at the given tick.
func (l *lane) begin(u *Unit, at int64) {
	l.begun = true
	l.zero, l.last = u.DTS-at, u.DTS
}

// full says whether the unit must start a fragment of its own. How long it lasts is unknown until
// the next one; it is taken to last as long as the one before.
func (l *lane) full(u *Unit) bool {
	if len(l.samples) == 0 {
		return false
	}
	return u.Key && !l.intra ||
		u.DTS-l.first+u.DTS-l.last > l.timescale ||
		l.pile.size+len(u.Data) > maxFragment ||
		len(l.samples) == maxSamples
}

// add puts the unit into the open fragment, or opens one with it.
func (l *lane) add(u *Unit) {
	s := sample{size: uint32(len(u.Data)), flags: nonSyncSample, offset: int32(u.PTS - u.DTS)}
	if u.Key {
		s.flags = syncSample
	}
	if len(l.samples) == 0 {
		l.open(u)
	} else {
		l.samples[len(l.samples)-1].duration = uint32(u.DTS - l.last)
	}
	if u.Loss {
		l.flags |= segment.Loss
	}
	l.samples = append(l.samples, s)
	l.pile.add(u.Data)
	l.interval, l.last = u.DTS-l.last, u.DTS
}

func (l *lane) open(u *Unit) {
	l.first, l.wall, l.flags = u.DTS, u.Wall, 0
	if u.Key {
		l.flags = segment.KeyFrame
	}
}

// usual is how long a unit lasts when no later one tells: as long as the one before, or a 25th of
// a second if there was none.
func (l *lane) usual() int64 {
	if l.interval > 0 {
		return l.interval
	}
	return max(1, l.timescale/25)
}

// reset leaves the lane without a fragment.
func (l *lane) reset() {
	l.samples = l.samples[:0]
	l.pile.clear()
}
