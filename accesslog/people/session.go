package people

import (
	"net/netip"
	"slices"
	"time"

	"varuh/accesslog/diary/proof"
)

// Duty is what a person must do before a session allows anything else.
type Duty string

// The duties.
const (
	DutyNone     Duty = ""
	DutyPassword Duty = "password" // the first one, or one that somebody else set, or after a recovery
	DutySecond   Duty = "second"   // a role asks for a second factor, and there is none
)

// Session is what one log-in, or a token, is good for: a picture of a moment, which [Register.Session] and
// [Register.Still] take anew. Only [Register.Login] fills Token.
type Session struct {
	ID             string // for the diary; it opens nothing
	Token          Token  // opens the session; only in what Login returns
	Person         Person
	Authorisations []Authorisation // all of the person's
	Proof          string          // how it is known who it is: password, password+totp, password+one-time code, token
	Address        netip.Addr      // of the log-in; the zero value is the console
	Began          time.Time
	Ends           time.Time // at the latest
	Duty           Duty
	Reset          *Reset // somebody else has set this person's password since the last log-in
	Entry          int64  // of its log-in
	Closed         error  // why a log-in opened no keys though the person has wraps; only in what Login and the like return
}

// Reset is what is shown to its owner of a password that somebody else has set.
type Reset struct {
	Entry int64 // of the diary
	At    time.Time
	By    string // name of who did it
}

// Want is what somebody wants to do.
type Want struct {
	Action  Action
	Camera  string    // "": of no camera, or any in scope
	At      time.Time // now
	Since   time.Time // from when on the footage is; zero: of no matter
	Outside bool      // asked from outside the premises
}

// May finds an authorisation for an action at a time, now. See [Session.Find].
func (s Session) May(action Action, camera string, at time.Time) (Authorisation, error) {
	return s.Find(Want{Action: action, Camera: camera, At: at})
}

// Find finds an authorisation by which the person may do what is wanted; the error says what lacks: [ErrNotAllowed],
// [ErrScope], [ErrTooOld], [ErrOutside], [ErrNotYet], [ErrUnsigned], [ErrExpired], or the duty that comes first.
func (s Session) Find(w Want) (Authorisation, error) {
	if err := s.first(); err != nil {
		return Authorisation{}, err
	}
	nearest := len(steps)
	for _, a := range s.Authorisations {
		err := a.lacks(w)
		if err == nil {
			return a, nil
		}
		nearest = min(nearest, slices.Index(steps, err))
	}
	if nearest == len(steps) {
		return Authorisation{}, ErrNotAllowed
	}
	return Authorisation{}, steps[nearest]
}

// first is what the duty keeps the person from doing anything else with.
func (s Session) first() error {
	switch s.Duty {
	case DutyPassword:
		return ErrPasswordFirst
	case DutySecond:
		return ErrSecondFirst
	}
	return nil
}

// steps are what an authorisation may lack, the least first: a person is told what the nearest one lacks.
var steps = []error{ErrOutside, ErrTooOld, ErrUnsigned, ErrNotYet, ErrExpired, ErrScope, ErrNotAllowed}

// lacks says what an authorisation lacks for what is wanted, or nothing.
func (a Authorisation) lacks(w Want) error {
	if !Allows(a.Role, w.Action) {
		return ErrNotAllowed
	}
	if slices.Contains(ofCamera, w.Action) && w.Camera != "" && !a.Covers(w.Camera) {
		return ErrScope
	}
	if err := a.standing(w.At); err != nil {
		return err
	}
	if !w.Since.IsZero() && !a.Reaches(w.Since, w.At) {
		return ErrTooOld
	}
	if w.Outside && !a.Outside {
		return ErrOutside
	}
	return nil
}

// Actor is the person as an entry names who did something.
func (s Session) Actor() proof.Actor {
	a := proof.Actor{ID: s.Person.ID, Name: s.Person.Name, Session: s.ID, Proof: s.Proof}
	if s.Address.IsValid() {
		a.Address = s.Address.Unmap().WithZone("").String()
	}
	return a
}

// As is Actor with the authorisation by which it was done.
func (s Session) As(a Authorisation) proof.Actor {
	actor := s.Actor()
	actor.Role, actor.Authorisation = string(a.Role), a.ID
	if a.DeputyOf != "" {
		actor.Role += " (deputy)"
	}
	return actor
}
