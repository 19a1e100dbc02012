package accesslog

import (
	"errors"
	"fmt"

	"varuh/accesslog/internal/unseal"
	"varuh/accesslog/people"
)

// What the law refuses. Each is entered as view.refused, as is what package people says of authorisations.
var (
	ErrPurpose    = errors.New("the purpose was not lawful for all of this footage when it was captured")
	ErrLive       = errors.New("the notice in force does not allow watching live")
	ErrSound      = errors.New("the notice in force when this was recorded did not allow sound")
	ErrRestricted = errors.New("processing of this footage is restricted: it is used only on a ground of art. 18(2) GDPR")
	ErrTerm       = errors.New("this footage is past its term: it is shown to nobody, and goes as soon as it can be erased")
)

// What package people says, by the names that it has here.
var (
	ErrSession  = people.ErrNoSession
	ErrLocked   = people.ErrLocked
	ErrScope    = people.ErrScope
	ErrPremises = people.ErrOutside
)

// What else keeps footage from being seen.
var (
	ErrDiary     = errors.New("the diary can't be written, so no footage is shown; recording goes on")
	ErrAsk       = errors.New("what is asked for can't be")
	ErrSpan      = errors.New("this span of time can't be asked for")
	ErrNothing   = errors.New("there is no footage of this time (any more)")
	ErrRequest   = errors.New("the request doesn't allow this now")
	ErrUnsettled = errors.New("what was recorded last is not sealed and in the diary yet: try again in a minute")
	ErrErased    = unseal.ErrErased
	ErrDamaged   = unseal.ErrDamaged
	ErrAway      = unseal.ErrAway
	ErrNoViewing = errors.New("there is no such viewing: open one")
	ErrEnded     = errors.New("the viewing has ended: open another one")
	ErrTooMany   = errors.New("too many viewings are open: end one first")
	ErrFull      = errors.New("the viewing has delivered as many separate ranges as its entry can state: end it and open another one")
)

func ask(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrAsk, fmt.Sprintf(format, args...))
}

// reasons are the refusals that are entered, and their words in the diary.
var reasons = []struct {
	err  error
	word string
}{
	{ErrRequest, "request"}, {ErrPurpose, "purpose"}, {ErrLive, "live"}, {ErrSound, "sound"}, {ErrRestricted, "restricted"}, {ErrTerm, "term"},
	{people.ErrNotAllowed, "role"}, {ErrScope, "scope"}, {people.ErrTooOld, "look-back"},
	{ErrPremises, "premises"}, {people.ErrNotYet, "not yet in force"}, {people.ErrExpired, "expired"},
	{people.ErrUnsigned, "not signed"}, {people.ErrPasswordFirst, "password first"}, {people.ErrSecondFirst, "second factor first"},
}

// reason is the word for a refusal, or nothing for any other error.
func reason(err error) string {
	for _, r := range reasons {
		if errors.Is(err, r.err) {
			return r.word
		}
	}
	return ""
}
