package proof

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

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

// say fills in both languages with the same values.
func say(sl, en string, values ...any) Sentence {
	return both(fmt.Sprintf(sl, values...), fmt.Sprintf(en, values...))
}

// because is a sentence whose English says in the end why, by an error: these have no Slovenian.
func because(err error, sl, en string, values ...any) Sentence {
	return both(fmt.Sprintf(sl, values...)+".", fmt.Sprintf(en, values...)+": "+err.Error()+".")
}

// both is a sentence of two texts.
func both(sl, en string) Sentence { return Sentence{Printable(sl), Printable(en)} }

// Printable is a text as it may be shown in a line: U+FFFD stands for every character that moves the cursor,
// breaks the line or turns the direction of writing. Without that, names in a bundle could show verdicts of their own.
func Printable(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return unicode.ReplacementChar
	}, s)
}

// Verdict is the answer to one question, and why.
type Verdict struct {
	State State `json:"state"`
	Sentence
}

// Code names a kind of finding, for programs.
type Code string

// The kinds of findings.
const (
	CodeSignature    Code = "signature"     // a checkpoint is not signed by a key that is known
	CodeKeyUnknown   Code = "key_unknown"   // signed by a key that nobody has confirmed
	CodeOtherKey     Code = "other_key"     // a kept checkpoint of this log is signed by a key that is not of it
	CodeKeyChanged   Code = "key_changed"   // the signing key was replaced
	CodeKeyUntold    Code = "key_untold"    // it was replaced, and by which one is not in the bundle
	CodeOldKey       Code = "old_key"       // signed by a key that was replaced before
	CodeRoot         Code = "root"          // the entries are not those that were signed
	CodeRewritten    Code = "rewritten"     // an earlier checkpoint had other entries
	CodeOlder        Code = "older"         // a checkpoint that was kept has more entries: this may be an older export
	CodeRollback     Code = "rollback"      // an earlier checkpoint had more entries
	CodeNotJoined    Code = "not_joined"    // an earlier checkpoint cannot be compared
	CodeOtherLog     Code = "other_log"     // a checkpoint of another log
	CodeEntry        Code = "entry"         // an entry is not in its format or place
	CodeBody         Code = "body"          // a body or manifest is not the one that was hashed
	CodeMissing      Code = "missing"       // a part of the bundle is not there, or can't be read
	CodeMore         Code = "more"          // further findings were left out
	CodePruned       Code = "pruned"        // entries were destroyed at the end of their term
	CodePrunedEarly  Code = "pruned_early"  // entries were destroyed before it
	CodePrunedLate   Code = "pruned_late"   // entries were kept longer than is allowed
	CodePrunedUntold Code = "pruned_untold" // the reasons for destroying entries are not in the bundle
	CodePrunedUnsure Code = "pruned_unsure" // whether their term was over cannot be checked here
	CodeNewOrigin    Code = "new_origin"    // the diary went back, and goes on under another name
	CodeIncident     Code = "incident"      // the appliance itself entered incidents
	CodeUnaccepted   Code = "unaccepted"    // it found that the diary went back, and nobody has accepted that
	CodeAcceptUntold Code = "accept_untold" // who accepted that is not in the bundle
	CodeClock        Code = "clock"         // the appliance's clock went back
	CodePartial      Code = "partial"       // not all entries are in the bundle
	CodeEmpty        Code = "empty"         // no entries are in the bundle
	CodeStartMissing Code = "start_missing" // the first entries are not in the bundle, and no prune says why
	CodeWithheld     Code = "withheld"      // bodies are not in the bundle
	CodePinned       Code = "pinned"        // entries from before the bundle are in it, each with a proof
	CodeTimestamp    Code = "timestamp"     // a timestamp is wrong, or was not checked
	CodeCollect      Code = "collect"       // what was recorded is told with a hole, or twice
	CodeForPeople    Code = "for_people"    // files that say in words what the entries say
	CodeUncovered    Code = "uncovered"     // files that no proof covers
)

// Finding is one thing that a reader should know.
type Finding struct {
	Code  Code   `json:"code"`
	Bad   bool   `json:"bad"`             // the diary is not what it should be
	Index *int64 `json:"index,omitempty"` // the entry it is about
	Size  *int64 `json:"size,omitempty"`  // the checkpoint it is about
	Sentence
}

// Anchor is an outside party's word that a checkpoint was there at a time.
type Anchor struct {
	Party string `json:"party"`
	Kind  string `json:"kind"` // witness, timestamp or held
	Size  int64  `json:"size"`
	Time  string `json:"time,omitempty"`
	Known bool   `json:"known"` // the party's key is known from outside the bundle
	at    time.Time
}

// Report is what verifying came to. The three verdicts are apart: a diary may be intact and still not
// be the one that was shown before.
type Report struct {
	Origin      string    `json:"origin"`
	Size        int64     `json:"size"` // entries at the checkpoint
	Root        Hash      `json:"root"`
	From        int64     `json:"from"`                  // first entry that was looked at
	To          int64     `json:"to"`                    // behind the last one
	Bodies      int64     `json:"bodies"`                // of them, entries with their body
	Pinned      int64     `json:"pinned,omitempty"`      // entries from before From that were looked at, which a hold keeps past their term
	Withheld    int64     `json:"withheld"`              // entries whose manifest is not in the bundle
	Incidents   int64     `json:"incidents"`             // entries incident.* among those that were looked at
	Key         string    `json:"key,omitempty"`         // that signed
	Fingerprint string    `json:"fingerprint,omitempty"` // of the key
	Confirmed   bool      `json:"confirmed"`             // the key is known from outside, or follows from one that is
	Intact      Verdict   `json:"intact"`                // every entry is as it was signed
	Complete    Verdict   `json:"complete"`              // it goes on as the checkpoints that were held say
	Anchored    Verdict   `json:"anchored"`              // all of it is under a checkpoint that left the appliance
	Anchors     []Anchor  `json:"anchors,omitempty"`
	Findings    []Finding `json:"findings,omitempty"`
}

// Bad tells whether anything is wrong. Nothing being wrong is not enough: see the verdicts.
func (r *Report) Bad() bool {
	for _, f := range r.Findings {
		if f.Bad {
			return true
		}
	}
	return r.Intact.State == No || r.Complete.State == No
}

// unsettled are the kinds of findings that keep a diary from being called good.
var unsettled = []Code{CodeUnaccepted, CodeAcceptUntold, CodePrunedUntold, CodeKeyUntold, CodeEmpty, CodeStartMissing}

// Unsettled tells whether something keeps a finding from being harmless, though nothing is wrong with the log: what the
// appliance found was accepted by nobody, or whether a prune was due, which key is in force, or what was in the first
// entries, if not all of them, is not in the bundle.
func (f Finding) Unsettled() bool { return !f.Bad && slices.Contains(unsettled, f.Code) }

// Unsettled tells whether any finding is. Then not all is well, though nothing is wrong for sure.
func (r *Report) Unsettled() bool { return slices.ContainsFunc(r.Findings, Finding.Unsettled) }

// maxFindings bounds a report of a diary that is broken everywhere.
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

func (r *Report) bad(code Code, s Sentence)  { r.add(Finding{Code: code, Bad: true, Sentence: s}) }
func (r *Report) note(code Code, s Sentence) { r.add(Finding{Code: code, Sentence: s}) }

// entries names the entries from one index to before another, as the subject of a sentence or what is done to.
func entries(from, to int64) Sentence {
	switch to - from {
	case 0:
		return Sentence{"nobenega zapisa", "no entries"}
	case 1:
		return Sentence{fmt.Sprintf("zapis %d", from), fmt.Sprintf("entry %d", from)}
	}
	return Sentence{fmt.Sprintf("zapise od %d do %d", from, to-1), fmt.Sprintf("entries %d to %d", from, to-1)}
}

// badEntry is a finding about an entry.
func badEntry(code Code, index int64, sl, en string) Finding {
	return Finding{Code: code, Bad: true, Index: &index, Sentence: Sentence{
		Printable(fmt.Sprintf("Zapis %d: %s.", index, sl)), Printable(fmt.Sprintf("Entry %d: %s.", index, en)),
	}}
}
