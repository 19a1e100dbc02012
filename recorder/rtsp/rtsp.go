package rtsp

import (
	"time"

	"varuh/recorder/cmaf"
)

// Sink takes what a camera sends. Its methods are called from one goroutine, in order. An error
// they return ends the session, and Run returns it.
type Sink interface {
	// Begin opens a run: it comes before the first unit and again whenever the stream's format
	// changes (other parameter sets, other resolution). The first video unit of a run is a key frame.
	Begin(tracks []cmaf.Track) error
	// Unit hands over one access unit. arrived is when its first packet was read, with the
	// monotonic clock; u.Wall is not set.
	Unit(u cmaf.Unit, arrived time.Time) error
}
