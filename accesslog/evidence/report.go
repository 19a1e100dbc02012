package evidence

import (
	"fmt"
	"slices"

	"varuh/accesslog/diary/proof"
)

// Report is what verifying a package came to. The three verdicts are apart: footage may be unchanged since capture and
// the package still not be the one that was logged.
type Report struct {
	ID          string            `json:"id"`              // of the package
	Origin      string            `json:"origin"`          // of the diary
	Manifest    string            `json:"manifest_sha256"` // as on the handover record
	Key         string            `json:"key,omitempty"`   // that signed
	Fingerprint string            `json:"fingerprint,omitempty"`
	Confirmed   bool              `json:"confirmed"`         // the key is known from outside, or follows from one that is
	Unchanged   proof.Verdict     `json:"unchanged"`         // since capture
	Exported    proof.Verdict     `json:"exported"`          // as recorded
	Disclosed   proof.Verdict     `json:"disclosed"`         // as logged
	Since       string            `json:"since,omitempty"`   // outside time since which nobody can have changed the footage
	Held        int               `json:"held,omitempty"`    // checkpoints that somebody kept and that its diary goes on from
	Cameras     map[string]string `json:"cameras,omitempty"` // their names by id, as the manifest states them
	Asked       []Wanted          `json:"asked,omitempty"`
	Clips       []Clipped         `json:"clips"`
	Gaps        []Missing         `json:"gaps,omitempty"`
	Fragments   int64             `json:"fragments"` // that were held against what was recorded
	Bytes       int64             `json:"bytes"`     // of their samples
	Findings    []Finding         `json:"findings,omitempty"`
}

// Named is a camera by its id, with its name beside it where the manifest has one.
func (r *Report) Named(camera string) string { return named(r.Cameras, camera) }

// Clipped is a clip as the manifest states it.
type Clipped struct {
	Path      string `json:"path"`
	Camera    string `json:"camera"`
	Stream    string `json:"stream"`
	From      string `json:"from"`
	To        string `json:"to"`
	Fragments int64  `json:"fragments"`
	Lost      int64  `json:"lost,omitempty"`
}

// Wanted is what was asked for, as the manifest states it.
type Wanted struct {
	Camera string `json:"camera"`
	From   string `json:"from"`
	To     string `json:"to"`
}

// Missing is a gap as the manifest states it.
type Missing struct {
	Camera string `json:"camera"`
	Stream string `json:"stream"`
	From   string `json:"from"`
	To     string `json:"to"`
	Cause  string `json:"cause"`
}

// Code names a kind of finding, for programs.
type Code string

// The kinds of findings.
const (
	CodeManifest   Code = "manifest"    // it is not in its format
	CodeSignature  Code = "signature"   // it is not signed by the key that signed the diary
	CodeKeyUnknown Code = "key_unknown" // signed by a key that nobody has confirmed
	CodeMissing    Code = "missing"     // a file is not there, or can't be read
	CodeExtra      Code = "extra"       // a file is there that the package doesn't list
	CodeChanged    Code = "changed"     // a file is not the one that was signed
	CodeSwapped    Code = "swapped"     // it is another one of the package
	CodeSums       Code = "sums"        // a file is not as SHA256SUMS.txt says, or that is not in its form
	CodeSidecar    Code = "sidecar"     // a sidecar is not in its format
	CodeFragment   Code = "fragment"    // a fragment is not the one that was recorded
	CodeOrder      Code = "order"       // a fragment is missing, or in another's place
	CodeIndex      Code = "index"       // a clip shows its fragments otherwise than they were recorded
	CodeSegment    Code = "segment"     // the diary doesn't say that a segment was recorded
	CodeStated     Code = "stated"      // the manifest says something else of a clip than is in it
	CodeDiary      Code = "diary"       // the proofs of the diary are wrong, or some are missing
	CodeDisclose   Code = "disclose"    // the diary doesn't say that this package was disclosed
	CodeRequest    Code = "request"     // the package doesn't prove when it was asked for
	CodeLeftOut    Code = "left_out"    // a segment that was asked for is not in the package, and no gap says why
	CodeUntold     Code = "untold"      // time that was asked for is neither in a clip nor in a gap
	CodeLost       Code = "lost"        // packets were missing when it was recorded
	CodeMidway     Code = "midway"      // a clip does not begin with a key frame
	CodeSilent     Code = "silent"      // a clip is without the sound that was recorded
	CodeClock      Code = "clock"       // the times of a clip are to be corrected
	CodeMore       Code = "more"        // further findings were left out
)

// question is what a verdict answers.
type question int

const (
	capture question = iota
	export
	logged
)

// against are the verdicts that a finding which is bad makes bad. Others of the diary are against capture and logged.
var against = map[Code][]question{
	CodeManifest: {export, logged}, CodeSignature: {export}, CodeMissing: {export}, CodeExtra: {export}, CodeChanged: {export}, CodeSwapped: {export},
	CodeSums: {export}, CodeSidecar: {capture, export}, CodeFragment: {capture, export}, CodeOrder: {capture, export}, CodeIndex: {export},
	CodeSegment: {capture}, CodeStated: {export}, CodeDiary: {capture, logged}, CodeDisclose: {logged}, CodeRequest: {logged}, CodeMore: {capture, export, logged},
}

// Finding is one thing that a reader should know.
type Finding struct {
	Code     Code   `json:"code"`
	Bad      bool   `json:"bad"`                // the package is not what it should be
	File     string `json:"file,omitempty"`     // that it is about
	Fragment int64  `json:"fragment,omitempty"` // number in the clip, from 1: the first that it is about
	Offset   *int64 `json:"offset,omitempty"`   // byte in the file: the first that it is about, or the first of its chunk
	proof.Sentence
}

// Unsettled tells whether a finding keeps the package from being called good, though nothing is wrong for sure.
func (f Finding) Unsettled() bool { return !f.Bad && (f.Code == CodeLeftOut || f.Code == CodeUntold) }

// Bad tells whether anything is wrong.
func (r *Report) Bad() bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Bad })
}

// Good tells whether all three verdicts are, and nothing is unsettled.
func (r *Report) Good() bool {
	return !r.Bad() && !slices.ContainsFunc(r.Findings, Finding.Unsettled) &&
		r.Unchanged.State == proof.Yes && r.Exported.State == proof.Yes && r.Disclosed.State == proof.Yes
}

// maxFindings bounds a report of a package that is broken everywhere.
const maxFindings = 200

func (r *Report) add(f Finding) {
	switch n := len(r.Findings); {
	case n < maxFindings:
		r.Findings = append(r.Findings, f)
	case n == maxFindings:
		r.Findings = append(r.Findings, Finding{Code: CodeMore, Bad: f.Bad, Sentence: say("Najdenega je še več.", "There is more.")})
	default:
		r.Findings[n-1].Bad = r.Findings[n-1].Bad || f.Bad
	}
}

// bad adds what is wrong with a file.
func (r *Report) bad(code Code, file string, s proof.Sentence) {
	r.add(Finding{Code: code, Bad: true, File: file, Sentence: s})
}

func (r *Report) note(code Code, file string, s proof.Sentence) {
	r.add(Finding{Code: code, File: file, Sentence: s})
}

// broken tells whether a finding is against an answer.
func (r *Report) broken(q question) bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Bad && slices.Contains(against[f.Code], q) })
}

// say fills in both languages with the same values.
func say(sl, en string, values ...any) proof.Sentence {
	return proof.Sentence{SL: proof.Printable(fmt.Sprintf(sl, values...)), EN: proof.Printable(fmt.Sprintf(en, values...))}
}

// because is a sentence whose English says in the end why, by an error: these have no Slovenian.
func because(err error, sl, en string, values ...any) proof.Sentence {
	s := say(sl, en, values...)
	return proof.Sentence{SL: s.SL + ".", EN: proof.Printable(s.EN + ": " + err.Error() + ".")}
}
