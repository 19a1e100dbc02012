package cmaf

import (
	"errors"
	"fmt"
	"math"
	"time"

	"varuh/recorder/internal/spare"
	"varuh/recorder/segment"
)

// Limits of what is packed.
const (
	MaxUnit     = 32<<20 - 64<<10 // bytes of one unit: with its head it must fit a record
	maxFragment = 16 << 20        // bytes of a fragment that holds more than one unit
	maxSamples  = 512             // units in a fragment
)

// Why Write refuses a unit. The muxer is as it was before, and goes on with the next unit.
var (
	ErrBackwards = errors.New("time does not go on: begin a new run")
	ErrUnit      = errors.New("the unit cannot be stored")
)

// Muxer packs the access units of one run into fragments. It is used by one goroutine.
type Muxer struct {
	emit     func(Fragment) error
	lanes    []lane
	sequence uint32    // of the last fragment, over all tracks
	zero     time.Time // recorder's UTC at which the run's decoding time is 0; zero until the first unit
	err      error     // first failure of emit, or tracks that cannot be packed; sticky
}

// NewMuxer begins a run. emit is called, from within Write and Flush, with each fragment as it
// closes; the fragment's Data is valid until emit returns. Once emit has failed the muxer stays
// broken and returns that error.
func NewMuxer(tracks []Track, emit func(Fragment) error) *Muxer {
	m := &Muxer{emit: emit, lanes: make([]lane, len(tracks))}
	for i, t := range tracks {
		if err := t.checkClock(); err != nil {
			m.err = fmt.Errorf("track %d (%s): %w", i+1, t.Codec, err)
		}
		m.lanes[i] = lane{id: uint32(i + 1), kind: t.Kind(), timescale: int64(t.Timescale), intra: t.intra()}
	}
	return m
}

// Write takes one unit; it copies Data. It fails with ErrBackwards if the unit's decoding time
// is not later than the one before it in its track, and with ErrUnit if the unit is empty, larger than
// MaxUnit, of an unknown track, or its times cannot be told in a fragment.
func (m *Muxer) Write(u Unit) error {
	if m.err != nil {
		return m.err
	}
	if u.Track < 0 || u.Track >= len(m.lanes) {
		return fmt.Errorf("%w: the run has no track %d", ErrUnit, u.Track+1)
	}
	l := &m.lanes[u.Track]
	if err := l.check(&u); err != nil {
		return fmt.Errorf("track %d: %w", l.id, err)
	}
	if !l.begun {
		l.begin(&u, m.sinceZero(&u, l.timescale))
	}
	if l.full(&u) {
		if err := m.close(l, u.DTS); err != nil {
			return err
		}
	}
	l.add(&u)
	return nil
}

// Flush closes the open fragment of every track, with the last unit lasting as long as the one
// before it. The run may go on afterwards.
func (m *Muxer) Flush() error {
	if m.err != nil {
		return m.err
	}
	for i := range m.lanes {
		if l := &m.lanes[i]; len(l.samples) > 0 {
			if err := m.close(l, l.last+l.usual()); err != nil {
				return err
			}
		}
	}
	return nil
}

// sinceZero is the decoding time of a track's first unit, in its ticks since the run began. The
// tracks' own clocks start anywhere, so only the wall clock relates them. Sound that is older than the
// first picture begins with it: decoding time cannot be negative, and the prft boxes keep the truth.
func (m *Muxer) sinceZero(u *Unit, timescale int64) int64 {
	decoded := u.Wall.Add(-duration(u.PTS-u.DTS, timescale))
	if m.zero.IsZero() {
		m.zero = decoded
	}
	since := max(0, decoded.Sub(m.zero))
	return int64(since/time.Second)*timescale + int64(since%time.Second)*timescale/int64(time.Second)
}

// close ends the lane's fragment at decoding time end, and hands it over.
func (m *Muxer) close(l *lane, end int64) error {
	l.samples[len(l.samples)-1].duration = uint32(end - l.last)
	m.sequence++
	data := l.finish(m.sequence)
	err := m.emit(Fragment{
		Record: segment.Record{
			Kind:     l.kind,
			Flags:    l.flags,
			Start:    l.wall,
			Duration: duration(end-l.first, l.timescale),
		},
		Data: data,
	})
	spare.Return(data)
	l.reset()
	m.err = err
	return err
}

// duration turns ticks into time.
func duration(ticks, timescale int64) time.Duration {
	return time.Duration(ticks/timescale)*time.Second +
		time.Duration(ticks%timescale)*time.Second/time.Duration(timescale)
}

// spread is b - a as an unsigned number: right even where the difference overflows int64.
func spread(a, b int64) uint64 {
	if b < a {
		return math.MaxUint64
	}
	return uint64(b) - uint64(a)
}
