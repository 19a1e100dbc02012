package people

import (
	"slices"
	"strings"
	"time"
)

// Authorisation lets a person do what a role may, within its scope and its time. It is in force from the later of From
// and Paper until before To, which may be certain to have come though the clock doesn't say so; that
// of a deputy only while DeputyOf is an approver.
type Authorisation struct {
	ID        string // eight hexadecimal digits
	Person    string // id of whom it authorises
	Role      Role
	Cameras   []string      // in scope, sorted; nil: all, those to come included
	From, To  time.Time     // To zero: without end
	Paper     time.Time     // beginning of the day on which the person signed it and the statement of confidentiality; zero: not yet
	GrantedBy string        // id of who granted it; "": said on the console
	DeputyOf  string        // id of the approver for whom a deputy acts; "": for nobody
	Outside   bool          // also from outside the premises
	Back      time.Duration // how far back a guard sees; not for other roles
	Entry     int64         // of the diary that granted it

	of      []Authorisation // those that make DeputyOf an approver
	present *present
}

// The bounds of an authorisation.
const (
	MaxBack       = 24 * time.Hour // a guard's look-back
	MaxInspection = 366            // days of an authorisation that must have an end
	MaxCameras    = 256            // named in one scope
	lastYear      = 2200           // in which it may begin or end
)

// farOff tells whether a time can only be an error: the nanoseconds of a column, which reach to 2262, could be those of
// another time.
func farOff(t time.Time) bool {
	year := t.UTC().Year()
	return !t.IsZero() && (year < 1970 || year > lastYear)
}

// standing says why an authorisation is not in force at a time, or nothing.
func (a Authorisation) standing(at time.Time) error {
	switch {
	case a.present.past(a.To, at):
		return ErrExpired
	case a.Paper.IsZero():
		return ErrUnsigned
	case at.Before(a.From) || at.Before(a.Paper):
		return ErrNotYet
	case a.DeputyOf != "":
		return standIn(a.of, at)
	}
	return nil
}

// standIn says why somebody can't act for an approver with these authorisations, or nothing.
func standIn(of []Authorisation, at time.Time) error {
	why := error(ErrExpired)
	for _, a := range of {
		switch err := a.standing(at); err {
		case nil:
			return nil
		case ErrNotYet:
			why = err
		}
	}
	return why
}

// over tells whether it is not in force any more, whatever comes.
func (a Authorisation) over(at time.Time) bool {
	if a.present.past(a.To, at) {
		return true
	}
	return a.DeputyOf != "" && !slices.ContainsFunc(a.of, func(of Authorisation) bool { return !of.over(at) })
}

// Standing says why it is not in force at a time, [ErrExpired], [ErrUnsigned] or [ErrNotYet], or nothing.
func (a Authorisation) Standing(at time.Time) error { return a.standing(at) }

// InForce tells whether it is in force at a time.
func (a Authorisation) InForce(at time.Time) bool { return a.standing(at) == nil }

// Covers tells whether a camera is in scope.
func (a Authorisation) Covers(camera string) bool {
	return a.Cameras == nil || slices.Contains(a.Cameras, camera)
}

// Reaches tells whether it lets one see, at a time, footage that was recorded since another.
func (a Authorisation) Reaches(since, at time.Time) bool {
	return a.Role != Guard || !since.Before(at.Add(-a.Back))
}

// check refuses what can never be an authorisation of a person.
func (a Authorisation) check() error {
	if !a.Role.known() {
		return incomplete("%q is no role", a.Role)
	}
	return a.checkTerms()
}

// checkTerms refuses what can never be an authorisation, whoever has the role.
func (a Authorisation) checkTerms() error {
	switch {
	case a.From.IsZero():
		return incomplete("say from when it is valid")
	case farOff(a.From) || farOff(a.To) || farOff(a.Paper):
		return incomplete("its days lie between 1970 and %d: look at the years", lastYear)
	case !a.To.IsZero() && !a.To.After(a.From):
		return incomplete("it ends before it begins")
	case a.To.IsZero() && (a.Role.Limited() || a.DeputyOf != ""):
		return incomplete("an authorisation of an inspector or a deputy has an end: say until when")
	case a.Role.Limited() && a.To.After(a.From.AddDate(0, 0, MaxInspection)):
		return incomplete("an authorisation of an inspector lasts at most %d days", MaxInspection)
	case a.DeputyOf != "" && (a.Role != Approver || a.DeputyOf == a.Person):
		return incomplete("a deputy is an approver who acts for another one")
	case a.Back < 0 || a.Back > MaxBack || a.Back != 0 && a.Role != Guard:
		return incomplete("only a guard has a look-back, of at most %v", MaxBack)
	}
	return a.checkCameras()
}

// checkCameras refuses a scope that is no list of cameras. That of no camera at all would say nothing.
func (a Authorisation) checkCameras() error {
	if a.Cameras != nil && len(a.Cameras) == 0 || len(a.Cameras) > MaxCameras {
		return incomplete("name the cameras, %d at most, or none for all of them", MaxCameras)
	}
	for i, c := range a.Cameras {
		if c == "" || len(c) > 64 || strings.ContainsFunc(c, func(r rune) bool { return r <= ' ' || r == ',' }) || i > 0 && c <= a.Cameras[i-1] {
			return incomplete("name each camera once by its id, in the order of the alphabet")
		}
	}
	return nil
}

// permanent tells whether it makes an administrator who stays one: signed, begun and without end.
func (a Authorisation) permanent(at time.Time) bool {
	return a.Role == Administrator && a.To.IsZero() && a.InForce(at)
}
