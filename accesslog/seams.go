package accesslog

import (
	"time"

	"varuh/accesslog/diary/proof"
)

// Act is what somebody wants to do with footage of a camera.
type Act string

// The acts.
const (
	Play       Act = "play"       // see what was recorded
	Live       Act = "live"       // see what is being recorded
	Restricted Act = "restricted" // see footage whose processing is restricted, on a ground of art. 18(2) GDPR
	Aim        Act = "aim"        // let a maintainer see where the camera points
)

// Session is a person who is logged in. What it says is of the moment of the call: a session that has ended,
// or whose person was removed, may do nothing any more.
type Session interface {
	ID() string         // names the session, and is no secret
	Actor() proof.Actor // who it is, for the diary
	// May finds the authorisation under which an act is allowed now. The error is [ErrSession] or [ErrScope].
	May(act Act, camera string, now time.Time) (Grant, error)
}

// Grant is the authorisation under which an act is allowed.
type Grant struct {
	Authorisation string        // its id
	Role          string        // it is for
	Outside       bool          // also from outside the premises
	Back          time.Duration // how far back; 0: as far as there is footage
}
