package accesslog

import (
	"cmp"
	"fmt"
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"

	"varuh/accesslog/people"
)

// Ground is why restricted footage may be used all the same (art. 18(2) GDPR).
type Ground string

// The grounds.
const (
	Consent        Ground = "consent"         // of the data subject
	Claims         Ground = "claims"          // establishing, exercising or defending legal claims
	OtherPerson    Ground = "other person"    // protecting the rights of another person
	PublicInterest Ground = "public interest" // an important one
)

func (g Ground) known() bool {
	return g == "" || g == Consent || g == Claims || g == OtherPerson || g == PublicInterest
}

// Outcome is what came of a viewing.
type Outcome string

// The outcomes that a person states, and those that the door does.
const (
	NothingFound Outcome = "nothing found"
	Secured      Outcome = "secured"
	ExtractAsked Outcome = "extract asked"
	Reported     Outcome = "reported"
	NotStated    Outcome = "not stated"  // the person left without a word
	CutOff       Outcome = "cut off"     // the door ended it: session, lock, stop of the program
	Exported     Outcome = "exported"    // all that an export was of went into its package
	Interrupted  Outcome = "interrupted" // a crash ended it: what left lies within its leases
)

func (o Outcome) stated() bool {
	return o == NothingFound || o == Secured || o == ExtractAsked || o == Reported || o == NotStated
}

// Ask is what somebody says who wants to see footage.
type Ask struct {
	Session  people.Session
	Address  netip.Addr // that it is asked from; the zero value is the console
	Purpose  string     // id of a purpose, see package notice
	Ground   Ground     // for footage whose processing is restricted; may be missing
	Remark   string     // may be missing
	Camera   string
	Stream   string    // "main" or "sub"
	From, To time.Time // of the footage; with Live they are not looked at
	Live     bool      // footage as it is recorded

	Request string // id of the request that is to be decided on, or for which footage is shown on the premises; it gives the purpose. Else missing
	Case    string // its number, as the request says it; may be missing
}

// The bounds of what is asked for.
const (
	MaxSpan   = 24 * time.Hour // that is asked for at once
	maxRemark = 2000           // characters
	maxCase   = 500            // of a case's number
	maxName   = 64             // bytes of a camera's name and of a purpose's id
	ahead     = time.Minute    // how far in the future footage may begin: clocks of browsers differ
)

func (a Ask) wish() wish {
	return wish{camera: a.Camera, stream: a.Stream, span: span{a.From, a.To}, live: a.Live}
}

// check refuses what nobody could be shown, and brings the rest into its one form.
func (a Ask) check(now time.Time) (Ask, error) {
	if err := checkStream(a.Camera, a.Stream); err != nil {
		return a, err
	}
	if a.Live {
		a.From = now.Add(-Fresh) // playing begins at the last key frame
		a.To = a.From.Add(Lease)
	}
	if err := checkSpan(a.From, a.To, now); err != nil {
		return a, err
	}
	a.From, a.To = a.From.UTC(), a.To.UTC()
	switch {
	case !a.Ground.known():
		return a, ask("%q is no ground of art. 18(2) GDPR: there are consent, claims, other person and public interest", a.Ground)
	case a.Request != "" && (a.Purpose != "" || a.Live):
		return a, ask("a request gives the purpose itself, and is for what was recorded")
	case a.Request != "":
	case a.Purpose == "":
		return a, ask("say for what purpose")
	case !named(a.Purpose):
		return a, ask("that is no id of a purpose")
	}
	return a, cmp.Or(checkRemark(a.Remark), checkCase(a.Case))
}

func checkCase(text string) error {
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) > maxCase {
		return ask("the number of the case has to be text of at most %d characters", maxCase)
	}
	return nil
}

func checkRemark(text string) error {
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) > maxRemark {
		return ask("the remark has to be text of at most %d characters", maxRemark)
	}
	return nil
}

func checkStream(camera, stream string) error {
	switch {
	case !named(camera):
		return ask("say which camera")
	case stream != "main" && stream != "sub":
		return ask("a stream is main or sub")
	}
	return nil
}

// named tells whether a text can be the name of something.
func named(s string) bool {
	return s != "" && len(s) <= maxName && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' })
}

func checkSpan(from, to, now time.Time) error {
	switch {
	case from.IsZero() || to.IsZero():
		return fmt.Errorf("%w: say from when to when the footage was recorded", ErrSpan)
	case !to.After(from):
		return fmt.Errorf("%w: the end comes after the beginning", ErrSpan)
	case to.Sub(from) > MaxSpan:
		return fmt.Errorf("%w: it is longer than %d hours", ErrSpan, MaxSpan/time.Hour)
	case from.After(now.Add(ahead)):
		return fmt.Errorf("%w: it has not come yet", ErrSpan)
	case from.Year() < 1970 || to.Year() > 9999:
		return fmt.Errorf("%w: there is no footage of that year", ErrSpan)
	}
	return nil
}
