package recorder

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"varuh/recorder/cmaf"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// While a session settles its units are held, so that a camera that begins with a burst of stored pictures
// does not have them dated by the moment they were sent.
const (
	settleTime  = 300 * time.Millisecond
	settleBytes = 8 << 20
)

// run is a stretch of one stream in one format with one clock: its segments join without a seam.
type run struct {
	id     keyring.ID
	init   []byte
	format string
	clock  segment.ClockState
	booted time.Time // UTC at which CLOCK_BOOTTIME was 0, by the clock that dates this run
}

var errAbandoned = errors.New("this line to the camera was abandoned")

// session is one connection to a camera: it dates the units that arrive, has them made into fragments and
// queues these for the writer. What has no other owner belongs to the goroutine of the line.
type session struct {
	stream    *stream
	abandoned bool // the stream's queue guards it

	tracks   []cmaf.Track
	clocks   []clock // one for each track; zero until its first unit
	mux      *cmaf.Muxer
	run      *run
	epoch    uint64 // the recorder's clock epoch when the run began
	settling bool
	held     []heldUnit
	heldSize int
	dropping bool // the queue was full; waiting for room and a key frame
}

type heldUnit struct {
	unit    cmaf.Unit
	arrived time.Time
}

// Begin implements [rtsp.Sink].
func (s *session) Begin(tracks []cmaf.Track) error {
	if s.stream.queue.isAbandoned(s) {
		return errAbandoned
	}
	if err := s.flush(); err != nil {
		return err
	}
	s.tracks = append([]cmaf.Track(nil), tracks...)
	s.clocks = make([]clock, len(tracks))
	s.settling = true
	return s.beginRun()
}

func (s *session) beginRun() error {
	if err := s.stream.restless(time.Now()); err != nil {
		return err
	}
	init, err := cmaf.InitSegment(s.tracks)
	if err != nil {
		return err
	}
	s.epoch = s.stream.rec.clockEpoch.Load()
	boot := s.stream.rec.Boot
	now := boot.Now()
	s.run = &run{id: keyring.NewID(now), init: init, format: formatOf(s.tracks),
		clock: s.stream.rec.clockState(), booted: now.Add(-boot.Uptime())}
	s.mux = cmaf.NewMuxer(s.tracks, s.emit)
	return nil
}

// formatOf says a run's format in words.
func formatOf(tracks []cmaf.Track) string {
	var words []string
	for _, t := range tracks {
		if t.Kind() == segment.Video {
			words = append(words, fmt.Sprintf("%s %dx%d", t.Codec, t.Width, t.Height))
		} else {
			words = append(words, fmt.Sprintf("%s %d Hz", t.Codec, t.Timescale))
		}
	}
	return strings.Join(words, ", ")
}

// Unit implements [rtsp.Sink].
func (s *session) Unit(u cmaf.Unit, arrived time.Time) error {
	if s.stream.queue.isAbandoned(s) {
		return errAbandoned
	}
	s.stream.heard(time.Now())
	if !s.settling {
		return s.date(u, arrived)
	}
	u.Data = append([]byte(nil), u.Data...)
	s.held = append(s.held, heldUnit{u, arrived})
	s.heldSize += len(u.Data)
	if arrived.Sub(s.held[0].arrived) < settleTime && s.heldSize < settleBytes {
		return nil
	}
	return s.settle()
}

// settle starts the clocks from the units held, and lets these go.
func (s *session) settle() error {
	s.settling = false
	held := s.held
	s.held, s.heldSize = nil, 0
	for i := range s.clocks {
		var first *heldUnit
		smallest := int64(0)
		for j := range held {
			h := &held[j]
			if h.unit.Track != i {
				continue
			}
			d := h.arrived.UnixNano() - s.media(h.unit)
			if first == nil {
				first, smallest = h, d
			}
			smallest = min(smallest, d)
		}
		if first != nil {
			s.clocks[i].start(smallest, s.media(first.unit), first.arrived)
		}
	}
	for _, h := range held {
		if err := s.date(h.unit, h.arrived); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) media(u cmaf.Unit) int64 { return mediaTime(u.PTS, s.tracks[u.Track].Timescale) }

// date gives a unit its wall time and passes it on. A clock that strayed is put right here, at a key
// frame, with a new run.
func (s *session) date(u cmaf.Unit, arrived time.Time) error {
	c, media := &s.clocks[u.Track], s.media(u)
	begins := u.Key && s.tracks[u.Track].Kind() == segment.Video
	if begins && s.epoch != s.stream.rec.clockEpoch.Load() {
		clear(s.clocks) // what they learned was by a clock that nobody had set
		if err := s.nextRun(); err != nil {
			return err
		}
	}
	if c.seen.IsZero() {
		c.start(arrived.UnixNano()-media, media, arrived)
	}
	c.observe(media, arrived)
	if begins && slices.ContainsFunc(s.clocks, clock.strayed) {
		for i := range s.clocks {
			s.clocks[i].restart()
		}
		if err := s.nextRun(); err != nil {
			return err
		}
	}
	u.Wall = c.wall(media)
	if err := s.mux.Write(u); !errors.Is(err, cmaf.ErrUnit) {
		return err
	}
	s.stream.spoilt()
	return nil
}

// nextRun ends the run and begins one in the same format.
func (s *session) nextRun() error {
	if err := s.mux.Flush(); err != nil {
		return err
	}
	return s.beginRun()
}

// emit queues a fragment. When the queue is full, fragments are dropped up to the next key frame that
// finds room, and the hole is told to the writer.
func (s *session) emit(f cmaf.Fragment) error {
	if s.stream.queue.isAbandoned(s) {
		return errAbandoned
	}
	if s.dropping && !begins(f.Record) {
		s.stream.dropped()
		return nil
	}
	if !s.stream.queue.put(item{run: s.run, record: f.Record, data: f.Data, line: s}) {
		if !s.dropping {
			s.dropping = true
			s.stream.overloaded(f.Start)
		}
		s.stream.dropped()
		return nil
	}
	s.dropping = false
	s.stream.queued(f, s.run.format)
	return nil
}

// flush lets everything go that is held back. Nothing may be written after it but a new run.
func (s *session) flush() error {
	if s.mux == nil {
		return nil
	}
	if s.settling {
		if err := s.settle(); err != nil {
			return err
		}
	}
	return s.mux.Flush()
}
