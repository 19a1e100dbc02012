package rtsp

import (
	"context"
	"errors"
	"fmt"
	"time"

	"varuh/recorder/cmaf"
)

// Report is what Probe saw of a stream.
type Report struct {
	Tracks      []cmaf.Track  // as the last run began; none if no run did
	Transport   Transport     // how packets came
	Watched     time.Duration // from the first to the last picture
	Bitrate     float64       // bit/s of access units, all tracks
	FrameRate   float64       // pictures a second
	KeyInterval time.Duration // longest time between neighbouring key frames; 0 if fewer than two came
	Reordered   bool          // pictures are not sent in the order they are shown (B-frames)
	Lost        uint64        // RTP packets missing
	ClockOffset time.Duration // camera's clock minus ours
	ClockKnown  bool          // the camera reported its clock
	Advice      []string      // plain sentences on what to change, none if all is well
}

// Probe opens the stream, watches it for the time given and tells what it is. The error is one of
// Run's; the report then holds what was seen before. That ctx ends early is no error.
func (c *Client) Probe(ctx context.Context, src Source, watch time.Duration) (Report, error) {
	w := &watcher{length: watch}
	stats := new(Stats)
	limit, cancel := context.WithTimeout(ctx, watch+c.connect())
	defer cancel()
	err := c.Run(limit, src, w, stats)
	if errors.Is(err, errSeen) || limit.Err() != nil {
		err = nil
	}
	r := w.report(stats)
	if err == nil && len(r.Tracks) == 0 {
		r.Advice = append(r.Advice, fmt.Sprintf("no key frame came in %v; recording begins with one: set the key frame interval to 2 s", watch))
	}
	return r, err
}

// errSeen ends a session that was watched for long enough.
var errSeen = errors.New("seen enough")

// watcher is a sink that only looks.
type watcher struct {
	length   time.Duration
	tracks   []cmaf.Track
	begun    time.Time // arrival of the first unit
	last     int64     // decoding time of this run's last picture, ticks
	span     time.Duration
	key      int64 // decoding time of the last key frame
	keys     int   // of this run
	pictures int   // whose duration is in span
	bytes    int   // of units whose duration is
	r        Report
}

// Begin is Sink's.
func (w *watcher) Begin(tracks []cmaf.Track) error {
	w.tracks, w.keys = tracks, 0
	return nil
}

// Unit is Sink's.
func (w *watcher) Unit(u cmaf.Unit, arrived time.Time) error {
	w.bytes += len(u.Data)
	if u.Track == 0 {
		w.picture(u)
	}
	if w.begun.IsZero() {
		w.begun = arrived
	}
	if arrived.Sub(w.begun) >= w.length {
		return errSeen
	}
	return nil
}

func (w *watcher) picture(u cmaf.Unit) {
	w.r.Reordered = w.r.Reordered || u.PTS != u.DTS
	if u.Key && w.keys > 0 {
		w.r.KeyInterval = max(w.r.KeyInterval, w.time(u.DTS-w.key))
	}
	if w.keys > 0 { // else the run has just begun
		w.span += w.time(u.DTS - w.last)
		w.pictures++
	}
	if u.Key {
		w.keys++
		w.key = u.DTS
	}
	w.last = u.DTS
}

func (w *watcher) time(ticks int64) time.Duration {
	return time.Duration(float64(ticks) / float64(w.tracks[0].Timescale) * float64(time.Second))
}

// longGOP is the distance of key frames above which seeking and cutting get coarse.
const longGOP = 4 * time.Second

func (w *watcher) report(s *Stats) Report {
	r := w.r
	r.Tracks, r.Transport, r.Lost, r.Watched = w.tracks, s.Transport(), s.Lost.Load(), w.span
	r.ClockOffset, r.ClockKnown = s.ClockOffset()
	if sec := w.span.Seconds(); sec > 0 {
		r.Bitrate, r.FrameRate = float64(w.bytes)*8/sec, float64(w.pictures)/sec
	}
	if r.KeyInterval > longGOP {
		r.Advice = append(r.Advice, fmt.Sprintf("key frames are %.1f s apart; set 2 s, or clips and seeking get coarse", r.KeyInterval.Seconds()))
	}
	if len(r.Tracks) > 0 && r.Tracks[0].Codec == cmaf.H265 {
		r.Advice = append(r.Advice, "many browsers cannot show H.265; give the camera an H.264 sub stream as well")
	}
	if r.Lost > 0 {
		r.Advice = append(r.Advice, fmt.Sprintf("%d packets were lost; check the network, and use TCP", r.Lost))
	}
	if d := r.ClockOffset.Abs(); r.ClockKnown && d > 2*time.Second {
		r.Advice = append(r.Advice, fmt.Sprintf("the camera's clock is %v off; footage is timed by the recorder, but set it for the time in the picture", d.Round(time.Second)))
	}
	return r
}
