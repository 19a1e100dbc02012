package recorder

import (
	"errors"
	"time"

	"varuh/recorder/rtsp"
	"varuh/recorder/segment"
)

// The causes of a gap.
const (
	CauseStopped      = "stopped"      // the recorder was not running
	CauseSchedule     = "schedule"     // the camera's weekly schedule says not to record
	CauseRemoved      = "removed"      // the camera was taken out of the configuration
	CauseChanged      = "changed"      // the camera's configuration changed
	CauseUnreachable  = "unreachable"  // the camera does not answer, or the connection broke
	CauseUnauthorized = "unauthorized" // the camera refuses the password
	CauseFormat       = "format"       // the camera sends nothing that can be recorded
	CauseSilent       = "silent"       // the camera is connected and sends no picture
	CauseCamera       = "camera"       // the camera sent nothing between two of its runs
	CauseStuck        = "stuck"        // the line to the camera hung and was abandoned
	CauseDisk         = "disk"         // the disk failed or was too slow
	CauseReserve      = "reserve"      // the disk was full up to its reserve
	CauseClock        = "clock"        // no time is missing: the recorder's clock was set forward
)

// minGap is the shortest hole between two segments that counts as a gap. What is shorter is the time a
// network or a clock needs to settle.
const minGap = 500 * time.Millisecond

// causeOf names the gap that begins when a session ends with err.
func causeOf(err error) string {
	switch {
	case errors.Is(err, rtsp.ErrUnauthorized):
		return CauseUnauthorized
	case errors.Is(err, rtsp.ErrNoVideo), errors.Is(err, rtsp.ErrCodec):
		return CauseFormat
	case errors.Is(err, rtsp.ErrSilent):
		return CauseSilent
	case errors.Is(err, errStuck):
		return CauseStuck
	}
	return CauseUnreachable
}

// hole collects what a stream's time without recording was due to, so that the next segment's header
// can say it.
type hole struct {
	parts []segment.Gap // To of the last is zero: it lasts
	ran   bool          // the recorder has recorded the stream since it began
}

// maxParts bounds what a header carries; in a longer story the last cause stands for the rest.
const maxParts = 16

// because notes that from at on nothing is recorded because of cause. It returns the parts that changed.
func (h *hole) because(cause string, at time.Time) []segment.Gap {
	n := len(h.parts)
	if n > 0 && (h.parts[n-1].Cause == cause || n == maxParts) {
		return nil
	}
	changed := max(n-1, 0)
	if n > 0 {
		at = later(at, h.parts[n-1].From)
		h.parts[n-1].To = at
	}
	h.parts = append(h.parts, segment.Gap{From: at, Cause: cause})
	return h.parts[changed:]
}

// fill is what a segment that begins at next has to say of the time since end, the end of the last
// record: gaps that tile it. A hole too short to count gives none, and so does the time before the
// first record of all.
func (h *hole) fill(end, next time.Time) []segment.Gap {
	if end.IsZero() || next.Sub(end) < minGap {
		return nil
	}
	parts := append([]segment.Gap(nil), h.parts...)
	if len(parts) == 0 {
		parts = []segment.Gap{{Cause: CauseStopped}}
		if h.ran {
			parts[0].Cause = CauseCamera
		}
	}
	parts[0].From, parts[len(parts)-1].To = end, next
	var gaps []segment.Gap
	for _, g := range parts {
		if g, some := g.Within(end, next); some {
			gaps = append(gaps, g)
		}
	}
	return gaps
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
