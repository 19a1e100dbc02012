package people

import (
	"errors"
	"fmt"
	"time"
)

// What keeps somebody from logging in. None tells whether there is a person of that name.
var (
	ErrRefused     = errors.New("the log-in was refused: name, password or code is wrong")
	ErrCodeMissing = errors.New("a code is needed: enter the one that your authenticator shows, or a one-time code")
	ErrWait        = errors.New("too many log-ins failed")
	ErrBusy        = errors.New("too many persons are logging in at once: try again in a moment")
	ErrNoSession   = errors.New("there is no such session, or it has ended: log in")
)

// What a session does not allow.
var (
	ErrNotAllowed    = errors.New("your authorisations do not allow this")
	ErrScope         = errors.New("your authorisation does not cover this camera")
	ErrTooOld        = errors.New("your authorisation covers only the last minutes of footage")
	ErrOutside       = errors.New("your authorisation is for the premises only")
	ErrNotYet        = errors.New("your authorisation is not in force yet")
	ErrExpired       = errors.New("your authorisation has expired")
	ErrUnsigned      = errors.New("your authorisation has no signed paper yet")
	ErrPasswordFirst = errors.New("choose a new password first")
	ErrSecondFirst   = errors.New("set up your second factor first")
)

// What refuses a change.
var (
	ErrIncomplete        = errors.New("something is missing or wrong")
	ErrUnknown           = errors.New("there is no such person, authorisation or token")
	ErrTaken             = errors.New("another person has this log-in name")
	ErrSameName          = errors.New("another person has this name: add what tells the two apart")
	ErrSelf              = errors.New("nobody does this for himself: ask another administrator or the approver")
	ErrLastAdministrator = errors.New("no administrator would be left who has a password, a signed paper and no end")
	ErrWeak              = errors.New("this password is not safe")
	ErrLink              = errors.New("this link was used, has expired or never was: make a new one on the console")
	ErrNotFirst          = errors.New("there are persons already: log in as an administrator, or open the envelope")
	ErrLocked            = errors.New("the keys are locked: somebody who can open them must log in first")
)

// WaitError is an [ErrWait] that says how long.
type WaitError struct{ For time.Duration }

func (e WaitError) Error() string { return fmt.Sprintf("%v: try again in %v", ErrWait, e.For) }

// Is makes it an [ErrWait].
func (e WaitError) Is(target error) bool { return target == ErrWait }

// waitFor is rounded up to whole seconds.
func waitFor(d time.Duration) error { return WaitError{(d + time.Second - 1).Truncate(time.Second)} }

func incomplete(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrIncomplete, fmt.Sprintf(format, args...))
}
