package footage

import (
	"context"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

// OpenOrRebuild opens the index, or rebuilds it from the stores where Open says that it must be.
// The report is nil if nothing had to be rebuilt.
func OpenOrRebuild(ctx context.Context, fsys durable.FS, path string, stores []Store) (*Index, *Report, error) {
	panic("not written yet")
}

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
