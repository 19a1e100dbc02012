package recorder

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"varuh/recorder/cmaf"
	"varuh/recorder/rtsp"
	"varuh/recorder/segment"
)

// How long a line may take.
const (
	backoffLeast = time.Second      // before the second try to reach a camera
	backoffMost  = 30 * time.Second // between later tries
	steady       = time.Minute      // a session that lived this long forgives earlier failures
	runsMost     = 20               // runs within a minute
	hangTime     = 2 * time.Second  // a line that does not end this long after it was told to is abandoned
)

// stream records one stream of one camera. Its own goroutine keeps a session with the camera; a second
// one writes what the session queues. Neither waits for any other stream.
type stream struct {
	rec    *Recorder
	camera Camera
	name   string // "main" or "sub"
	source rtsp.Source
	queue  *queue
	stop   context.CancelCauseFunc
	done   chan struct{} // closed when everything it recorded is handed to its disk
	last   time.Time     // end of the last record stored; set before done is closed

	cut atomic.Int64 // Unix ns; what is being written of before ends with the first key frame from then on; 0: see [Recorder.Cut]

	stats rtsp.Stats

	mu        sync.Mutex
	status    StreamStatus
	rate      rate
	runs      []time.Time // when the runs of the last minute began
	unwritten [2]string   // state and sentence while the writer cannot write what it is given; empty while it does
	alive     time.Time   // last unit
	inHand    time.Time   // when that was queued which the writer writes now; zero: it writes nothing
}

// errEnded carries the cause of the gap that begins when a stream is told to end.
type errEnded string

func (e errEnded) Error() string { return string(e) }

// keep records until ctx ends; the cause of ctx names the gap that follows.
func (s *stream) keep(ctx context.Context) {
	wait := backoffLeast
	for ctx.Err() == nil {
		if on, until := s.scheduled(); !on {
			s.end(CauseSchedule)
			s.state("paused", fmt.Sprintf("paused by the schedule until %s", until.Format("Mon 15:04")))
			pause(ctx, until.Sub(s.rec.Boot.Now()))
			continue
		}
		began := time.Now()
		s.connecting()
		err := s.session(ctx)
		if ctx.Err() != nil || errors.As(err, new(errEnded)) {
			continue
		}
		if time.Since(began) > steady {
			wait = backoffLeast
		}
		s.end(causeOf(err))
		s.failed(err)
		pause(ctx, wait/2+rand.N(wait/2+1))
		wait = min(2*wait, backoffMost)
	}
	cause := CauseStopped
	if ended := errEnded(""); errors.As(context.Cause(ctx), &ended) {
		cause = string(ended)
	}
	s.end(cause)
	s.state("stopped", "")
	s.queue.close()
}

// scheduled asks the camera's schedule about now.
func (s *stream) scheduled() (bool, time.Time) {
	if s.camera.Schedule == nil {
		return true, time.Time{}
	}
	return s.camera.Schedule.Recording(s.rec.Boot.Now())
}

// pause waits for d or the end of ctx.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// session keeps one connection to the camera, in a goroutine of its own that can be left behind if
// it hangs. It ends with the schedule, with ctx, with the connection or with silence.
func (s *stream) session(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if on, until := s.scheduled(); on && !until.IsZero() {
		timer := time.AfterFunc(until.Sub(s.rec.Boot.Now()), func() { cancel(errEnded(CauseSchedule)) })
		defer timer.Stop()
	}
	line := &session{stream: s}
	ended := make(chan error, 1)
	go func() { ended <- s.connect(ctx, line) }()

	s.heard(time.Now())
	err := s.watch(ctx, cancel, ended)
	if errors.Is(err, errStuck) {
		s.queue.abandon(line)
	}
	return err
}

// connect runs the line; whatever a camera's bytes may break in it stays here.
func (s *stream) connect(ctx context.Context, line *session) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the camera sent something that the program did not expect (%v); please report it with this trace: %s", p, debug.Stack())
		}
	}()
	err = s.rec.Connect(ctx, s.source, line, &s.stats)
	if flushed := line.flush(); flushed != nil && err == nil {
		err = flushed
	}
	return err
}

var errStuck = errors.New("the line to the camera hung and was abandoned; a new one is tried")

// watch waits for the line to end, tells of silence, and gives up a line that does not end when told to.
func (s *stream) watch(ctx context.Context, cancel context.CancelCauseFunc, ended chan error) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	told := false
	packets, flowing := s.stats.Packets.Load(), time.Now()
	for {
		select {
		case err := <-ended:
			return s.why(ctx, err)
		case <-ctx.Done():
			select {
			case err := <-ended:
				return s.why(ctx, err)
			case <-time.After(hangTime):
				s.event(EventStuck, errStuck.Error(), nil)
				return errStuck
			}
		case <-tick.C:
		}
		if n := s.stats.Packets.Load(); n != packets {
			packets, flowing = n, time.Now()
		}
		quiet := s.quiet()
		if quiet > s.rec.Silence && !told {
			s.silent(quiet, time.Since(flowing))
		}
		told = quiet > s.rec.Silence
		if min(quiet, time.Since(flowing)) > 3*s.rec.Silence {
			cancel(rtsp.ErrSilent)
		}
	}
}

// silent tells that no picture came for so long, and packets of any kind not for dry.
func (s *stream) silent(quiet, dry time.Duration) {
	sentence := fmt.Sprintf("no picture for %v: check the camera and its network", quiet.Round(time.Second))
	if dry < s.rec.Silence {
		sentence = fmt.Sprintf("the camera has sent no key frame for %v, and recording can only begin with one: set a key frame every 2 s in the camera", quiet.Round(time.Second))
	}
	s.mu.Lock()
	s.status.Sentence = sentence
	s.mu.Unlock()
	s.event(EventSilent, sentence, nil)
}

// why is the reason a session ended: what it was told, else what it met.
func (s *stream) why(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if err == nil {
		err = errors.New("the camera ended the stream")
	}
	return err
}

// end tells the writer that recording stops here, and why.
func (s *stream) end(cause string) {
	s.queue.put(item{cause: cause, at: s.rec.Boot.Now().UTC()})
}

// overloaded tells that the queue could not take a fragment that begins at from.
func (s *stream) overloaded(from time.Time) {
	s.queue.put(item{cause: CauseDisk, at: from})
	s.event(EventOverload, fmt.Sprintf("the disk is too slow: %d MiB wait for it and pictures are being lost", queueBytes>>20), nil)
}

// restless refuses a run if the camera began too many of late: each costs a key, a file and syncs, and a
// camera gone mad must not wear out the disk of all. The pause between two tries then limits it.
func (s *stream) restless(now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs = slices.DeleteFunc(s.runs, func(t time.Time) bool { return now.Sub(t) > time.Minute })
	if len(s.runs) >= runsMost {
		return fmt.Errorf("the camera changed its stream %d times within a minute: check its settings, restart it or replace it", len(s.runs))
	}
	s.runs = append(s.runs, now)
	return nil
}

// isDone tells that everything it recorded is handed to its disk.
func (s *stream) isDone() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

func (s *stream) event(kind, sentence string, err error) {
	s.rec.event(Event{Kind: kind, Camera: s.camera.ID, Stream: s.name, Sentence: sentence, Err: err})
}

func (s *stream) failed(err error) {
	s.state("waiting", err.Error())
	s.event(EventLost, err.Error(), err)
}

// connecting begins a new try. What was wrong with the last one is still said.
func (s *stream) connecting() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status.State = "connecting"
}

func (s *stream) state(state, sentence string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status.State, s.status.Sentence = state, sentence
	if state != "recording" {
		s.status.Bitrate = 0
	}
}

// heard notes that the camera sent something.
func (s *stream) heard(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.alive = at
}

func (s *stream) quiet() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Since(s.alive)
}

// queued counts a fragment that is on its way to the disk.
func (s *stream) queued(f cmaf.Fragment, format string) {
	s.mu.Lock()
	begins := s.status.State != "recording"
	s.status.State, s.status.Format = "recording", format
	s.status.Sentence = ""
	if f.Flags&segment.Loss != 0 {
		s.status.Losses++
	}
	rose := f.Kind == segment.Video && s.rate.add(len(f.Data), f.Duration)
	s.status.Bitrate = s.rate.now
	if s.rate.high {
		s.status.Sentence = fmt.Sprintf("the camera sends %.0f Mbit/s, many times what is usual for it: check its bitrate; the disk fills sooner than planned", s.rate.now/1e6)
	}
	sentence := s.status.Sentence
	s.mu.Unlock()
	if rose {
		s.event(EventRate, sentence, nil)
	}
	if begins {
		s.event(EventConnected, "recording "+format, nil)
	}
	if f.Flags&segment.Loss != 0 {
		s.event(EventLoss, "packets from the camera were lost on the way", nil)
	}
}

// dropped counts a fragment that the queue could not take.
func (s *stream) dropped() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status.Dropped++
}

// spoilt counts a unit that no fragment can hold.
func (s *stream) spoilt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status.Spoilt++
}
