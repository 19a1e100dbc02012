package proof

// State is the answer to one question.
type State string

// The answers.
const (
	Yes     State = "yes"
	No      State = "no"
	Unknown State = "unknown" // what is at hand cannot say
)

// Sentence says the same in two languages.
type Sentence struct {
	SL string `json:"sl"`
	EN string `json:"en"`
}

// Verdict is the answer to one question, and why.
type Verdict struct {
	State State `json:"state"`
	Sentence
}

// Finding is one thing that a reader should know.
type Finding struct {
	Code  string `json:"code"` // such as rewritten, pruned_early, key_changed
	Bad   bool   `json:"bad"`  // the diary is not what it should be
	Index *int64 `json:"index,omitempty"`
	Size  *int64 `json:"size,omitempty"`
	Sentence
}

// Report is what verifying came to. The three verdicts are apart: a diary may be intact and still
// not be the one that was shown before.
type Report struct {
	About
	Intact   Verdict   `json:"intact"`   // every entry is as it was signed
	Complete Verdict   `json:"complete"` // it goes on as the checkpoints that were held say
	Anchored Verdict   `json:"anchored"` // all of it is under a checkpoint that left the appliance
	Findings []Finding `json:"findings"`
}
