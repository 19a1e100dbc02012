package recorder

import (
	"context"
	"log/slog"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/rtsp"
)

// Camera is what the recorder must know of one camera.
type Camera struct {
	ID       string                                         // names its folder and rows
	Main     rtsp.Source                                    // always recorded
	Sub      *rtsp.Source                                   // recorded as well, if given
	Schedule func(time.Time) (record bool, until time.Time) // nil: always; until is when the answer changes next
}

// Store is one disk that takes footage.
type Store struct {
	ID   keyring.ID
	Dir  string
	Ring *keyring.Ring
}

// Options are the parts a recorder is made of. They do not change while it runs.
type Options struct {
	FS              durable.FS
	Stores          []*Store
	Index           *footage.Index
	SegmentDuration time.Duration // about how much one segment holds; 0 means 10 min
	SyncInterval    time.Duration // a power cut costs at most this much more than a kill; 0 means 5 s
	Reserve         uint64        // bytes left free on each store; 0 means 256 MiB
	Silence         time.Duration // a stream without a fragment for this long is an event; 0 means 10 s
	Events          func(Event)   // told of everything a diary, a metric or a person may want to know; never blocks
	Log             *slog.Logger
}

// Event is something that happened to a stream or a store. Entry numbers, not names, tell people apart.
type Event struct {
	Time     time.Time
	Kind     string // one of the list in event.go
	Camera   string
	Stream   string
	Sentence string // for people; no credential in it
	Err      error  // the chain, for the log
}

// StreamStatus is one line of the status: what a stream does now.
type StreamStatus struct {
	Camera       string        `json:"camera"`
	Stream       string        `json:"stream"`
	State        string        `json:"state"`    // recording, connecting, waiting, paused, stopped
	Sentence     string        `json:"sentence"` // what is wrong and what to do; empty when all is well
	Format       string        `json:"format"`
	Bitrate      float64       `json:"bitrate"` // bit/s, mean of the last 10 s
	LastFragment time.Time     `json:"last_fragment"`
	Segments     uint64        `json:"segments"`     // begun since start
	Gaps         uint64        `json:"gaps"`         // since start
	Bytes        uint64        `json:"bytes"`        // written since start
	Losses       uint64        `json:"losses"`       // fragments with RTP loss since start
	Dropped      uint64        `json:"dropped"`      // fragments the full queue could not take
	ClockOffset  time.Duration `json:"clock_offset"` // camera's clock minus ours, 0 if it sends no reports
}

// Status is the state of all streams and stores.
type Status struct {
	Streams []StreamStatus `json:"streams"`
	Stores  []StoreStatus  `json:"stores"`
}

// StoreStatus is one line of the status: how a store does.
type StoreStatus struct {
	ID       keyring.ID `json:"id"`
	Dir      string     `json:"dir"`
	Free     uint64     `json:"free"`
	Sentence string     `json:"sentence"` // what is wrong and what to do; empty when all is well
}

// New makes a recorder. Run starts it.
func New(o Options) *Recorder { panic("recorder.New is being written") }

// Recorder records cameras into stores.
type Recorder struct{}

// Apply sets the cameras. Streams whose camera did not change are not touched.
func (r *Recorder) Apply(cameras []Camera) {}

// Run recovers what a crash left, records until ctx ends, then seals all open segments with one
// shared sync and returns nil.
func (r *Recorder) Run(ctx context.Context) error { return nil }

// Status is what every stream and store does now.
func (r *Recorder) Status() Status { return Status{} }
