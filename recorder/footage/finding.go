package footage

import "varuh/recorder/keyring"

// Severity says what a finding asks for.
type Severity string

// The severities.
const (
	Note     Severity = "note"     // mends itself, or harms nothing
	Warning  Severity = "warning"  // no footage is lost; the sentence says what to do
	Incident Severity = "incident" // footage or a key was lost or changed
)

// Finding is one thing that is not as it should be.
type Finding struct {
	Severity Severity   `json:"severity"`
	Segment  keyring.ID `json:"segment"` // zero if it is about none
	Path     string     `json:"path"`    // of the file it is about; empty if it is about none
	Sentence string     `json:"sentence"`
}
