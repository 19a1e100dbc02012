package rtsp

import "errors"

// The reasons a session cannot begin or ends. Test with errors.Is; the *Error that wraps one says
// in plain words what to do.
var (
	ErrURL          = errors.New("address is not one of a camera")
	ErrNoRoute      = errors.New("camera cannot be reached")
	ErrRefused      = errors.New("camera refuses the connection")
	ErrTimeout      = errors.New("camera does not answer")
	ErrUnauthorized = errors.New("camera refuses the user name or password")
	ErrNotFound     = errors.New("camera has no such stream")
	ErrNoVideo      = errors.New("stream has no picture")
	ErrCodec        = errors.New("coding cannot be recorded")
	ErrPin          = errors.New("certificate is not the one known")
	ErrSilent       = errors.New("camera sends nothing")
	ErrClosed       = errors.New("camera ended the session")
	ErrProtocol     = errors.New("camera answers what cannot be understood")
)

// Error is why a session ended. It is made of nothing but words of this package and the camera's
// address, so that no credential can be in it.
type Error struct {
	Reason   error  // one of the Err variables
	Host     string // host and port of the camera
	Sentence string // for people: what is wrong and what to do
}

// Error is the sentence, with the camera's address before it.
func (e *Error) Error() string { return e.Host + ": " + e.Sentence }

// Unwrap gives the reason, for errors.Is.
func (e *Error) Unwrap() error { return e.Reason }
