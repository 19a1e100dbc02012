package recorder

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// cutPatience is how long a cut waits for a key frame: then the segment ends hard, as one does that grew too long.
	cutPatience = 10 * time.Second
	// cutLook is how often a cut looks whether all is sealed.
	cutLook = 250 * time.Millisecond
)

// errWriting is why a cut has not come to its end.
var errWriting = errors.New("what was recorded is not sealed yet")

// Cut ends the segments that are being written of a camera, so that what they hold can be handed out with its proof, and
// returns once all that was recorded before the moment returned is sealed. Each stream begins another segment with the
// first key frame from then on; nothing is lost. It may take as long as a key frame and a sync do; the error is that of ctx
// or of the index.
func (r *Recorder) Cut(ctx context.Context, camera string) (at time.Time, err error) {
	at = r.Boot.Now()
	r.mu.Lock()
	for key, s := range r.streams {
		if key.camera == camera {
			s.cut.Store(at.UnixNano())
		}
	}
	r.mu.Unlock()
	look := time.NewTicker(cutLook)
	defer look.Stop()
	for {
		writing, err := r.writingBefore(camera, at)
		if err != nil || writing == "" {
			return at, err
		}
		select {
		case <-ctx.Done():
			return at, fmt.Errorf("%w: camera %s, stream %s: %w", errWriting, camera, writing, ctx.Err())
		case <-look.C:
		}
	}
}

// writingBefore is a stream of a camera with a segment that began before a moment and is not sealed, or nothing. What is
// older than any segment that is being written a sick disk keeps open, and nobody waits for that.
func (r *Recorder) writingBefore(camera string, at time.Time) (stream string, err error) {
	list, err := r.Index.Unsealed()
	if err != nil {
		return "", fmt.Errorf("couldn't read the index of footage: %w", err)
	}
	for _, s := range list {
		if s.Camera == camera && s.Start.Before(at) && at.Sub(s.Start) < 3*r.SegmentDuration {
			return s.Stream, nil
		}
	}
	return "", nil
}
