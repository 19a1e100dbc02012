package rtsp

import (
	"time"

	"varuh/recorder/cmaf"
)

// Sink takes what a camera sends. Its methods are called in order and never two at a time. An error
// they return ends the session, and Run returns it.
type Sink interface {
	// Begin opens a run: it comes before the first unit and again whenever the stream's format
	// changes (other parameter sets, other resolution). The first video unit of a run is a key frame.
	Begin(tracks []cmaf.Track) error
	// Unit hands over one access unit. arrived is when its first packet was read, with the
	// monotonic clock; over TCP that is up to 0.1 s after it came, never before. u.Wall is not set.
	Unit(u cmaf.Unit, arrived time.Time) error
}

// Transport chooses how packets travel.
type Transport string

// The transports. Auto is TCP, and UDP if the camera refuses TCP.
const (
	Auto Transport = "auto"
	TCP  Transport = "tcp"
	UDP  Transport = "udp"
)

// Source is one stream of one camera.
type Source struct {
	URL       string // rtsp or rtsps; may carry user:password, which never leaves this package
	Transport Transport
	Audio     bool // false: sound is not even asked for
}
