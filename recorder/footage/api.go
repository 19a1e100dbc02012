package footage

import (
	"context"
	"errors"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

// What [Open] says of a file it cannot use. After each of them [Rebuild] makes a good one.
var (
	ErrMissing = errors.New("there is no index of footage")
	ErrVersion = errors.New("the index of footage is of another version")
	ErrDamaged = errors.New("the index of footage is damaged")
)

// ErrUnknown is returned for a segment that has no row.
var ErrUnknown = errors.New("no such segment in the index")

// Index is the index of footage. Its methods may be called from many goroutines.
type Index struct{}

// Open opens an index. It never makes one: a missing index is rebuilt, not begun empty.
func Open(path string) (*Index, error) { panic("not written yet") }

// OpenOrRebuild opens the index, or rebuilds it from the stores where Open says that it must be.
// The report is nil if nothing had to be rebuilt.
func OpenOrRebuild(ctx context.Context, fsys durable.FS, path string, stores []Store) (*Index, *Report, error) {
	panic("not written yet")
}

// Close closes the index.
func (ix *Index) Close() error { panic("not written yet") }

// Begin makes the row of a segment whose header is written, open, together with the gaps in that
// header, which take the place of the pending gaps of the stream.
func (ix *Index) Begin(s Segment, gaps ...Gap) error { panic("not written yet") }

// Sealed writes the final row of a segment, there or not.
func (ix *Index) Sealed(s Segment) error { panic("not written yet") }

// Remove removes the row of an erased segment and the gaps that its header carried.
func (ix *Index) Remove(id keyring.ID) error { panic("not written yet") }

// Get finds one segment, or returns ErrUnknown.
func (ix *Index) Get(id keyring.ID) (Segment, error) { panic("not written yet") }

// AddGap makes or replaces the pending gap of its stream that begins at From. To is zero while the gap lasts.
func (ix *Index) AddGap(g Gap) error { panic("not written yet") }

// Pending returns the gaps of a stream since its last segment, oldest first: what the next header has to carry.
func (ix *Index) Pending(camera, stream string) ([]Gap, error) { panic("not written yet") }

// Redate corrects what was dated before the clock of a boot was set: origin is the UTC at which
// the boot's CLOCK_BOOTTIME was zero, by the clock now set.
func (ix *Index) Redate(boot [16]byte, origin time.Time) error { panic("not written yet") }

// Span returns what overlaps [from, to) of one stream ("" for all), segments and gaps sorted by start.
func (ix *Index) Span(camera, stream string, from, to time.Time) ([]Segment, []Gap, error) {
	panic("not written yet")
}

// Day is Span for the UTC day that holds day, of all streams of the camera.
func (ix *Index) Day(camera string, day time.Time) ([]Segment, []Gap, error) {
	panic("not written yet")
}

// DaySummary is one UTC day of one stream.
type DaySummary struct {
	Day      time.Time // midnight UTC
	Stream   string
	Segments int
	Bytes    int64
	Recorded time.Duration
}

// Days sums up every UTC day on which a segment of the camera begins, oldest first.
func (ix *Index) Days(camera string) ([]DaySummary, error) { panic("not written yet") }

// Oldest returns the segment of a camera with the earliest start, or ErrUnknown.
func (ix *Index) Oldest(camera string) (Segment, error) { panic("not written yet") }

// Last returns the segment of a stream with the latest start, or ErrUnknown.
func (ix *Index) Last(camera, stream string) (Segment, error) { panic("not written yet") }

// Bytes returns how much each camera holds.
func (ix *Index) Bytes() (map[string]int64, error) { panic("not written yet") }

// Report says what Rebuild or Adopt found.
type Report struct {
	Segments int       // rows made
	Gaps     int       // rows made
	Bytes    int64     // of the segments
	Findings []Finding // files that got no row, and why
}

// Rebuild makes the index anew from headers, seals and slots, in a new file that then takes the place of path.
func Rebuild(ctx context.Context, fsys durable.FS, path string, stores []Store) (*Report, error) {
	panic("not written yet")
}

// Adopt makes rows for the files of segments created at since or later that have none or an open
// one: what a crash kept from the index. It is the same work as Rebuild for a part of the files.
func (ix *Index) Adopt(ctx context.Context, fsys durable.FS, stores []Store, since time.Time) (*Report, error) {
	panic("not written yet")
}

// Severity says what a finding asks for.
type Severity string

// The severities.
const (
	Note     Severity = "note"     // mends itself at the next start
	Warning  Severity = "warning"  // nothing is lost; the sentence says what to do
	Incident Severity = "incident" // footage or a key was lost or changed
)

// Finding is one thing that is not as it should be.
type Finding struct {
	Severity Severity   `json:"severity"`
	Segment  keyring.ID `json:"segment"` // zero if it is about something else
	Path     string     `json:"path"`    // file it is about; empty if none
	Sentence string     `json:"sentence"`
}

// CheckOptions say how deep Check looks.
type CheckOptions struct {
	Found func(Finding) // called for every finding as it is found; from the goroutine of Check
}

// Checked is what Check looked at.
type Checked struct {
	Segments  int
	Records   int64
	Bytes     int64
	Incidents int
	Warnings  int
	Notes     int
}

// Check compares index, files and slots, and every record with its checksum and its root.
func (ix *Index) Check(ctx context.Context, fsys durable.FS, stores []Store, o CheckOptions) (Checked, error) {
	panic("not written yet")
}
