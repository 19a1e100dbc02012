package accesslog

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"varuh/recorder/cmaf"
	"varuh/recorder/keyring"
)

// Ask is what somebody says who wants to see footage.
type Ask struct {
	Session  Session
	Address  netip.Addr // that it is asked from
	Purpose  string     // id of a purpose, see package notice
	Ground   Ground     // of art. 18(2) GDPR, for footage whose processing is restricted; may be missing
	Remark   string     // may be missing
	Camera   string
	Stream   string    // "main" or "sub"
	From, To time.Time // To may be missing where Live is set
	Live     bool      // footage as it is recorded
}

// Ground is why restricted footage may be used all the same (art. 18(2) GDPR).
type Ground string

// The grounds.
const (
	Consent        Ground = "consent"         // of the data subject
	Claims         Ground = "claims"          // legal claims
	OtherPerson    Ground = "other person"    // protection of the rights of another person
	PublicInterest Ground = "public interest" // important public interest
)

// Outcome is what came of a viewing.
type Outcome string

// The outcomes that a person states, and those that the door does.
const (
	NothingFound Outcome = "nothing found"
	Secured      Outcome = "secured"
	ExtractAsked Outcome = "extract asked"
	Reported     Outcome = "reported"
	NotStated    Outcome = "not stated"  // the person left without a word
	Cut          Outcome = "cut off"     // the door ended it: the session, the lock, a refusal, the stop of the program
	Interrupted  Outcome = "interrupted" // a crash ended it: what left lies within its leases
)

// Door is the one type that opens footage. Its methods may be called from many goroutines.
type Door struct{}

// Open opens a viewing: its view.start is durable when the error is nil.
func (d *Door) Open(ctx context.Context, a Ask) (*Viewing, error) {
	return nil, errors.ErrUnsupported
}

// Viewing finds an open viewing of the session, for a request from an address. The error is
// [ErrNoViewing] for all others, those of other sessions included.
func (d *Door) Viewing(id string, s Session, from netip.Addr) (*Viewing, error) {
	return nil, errors.ErrUnsupported
}

// Viewing is one person who sees footage for one purpose. Its methods may be called from many goroutines.
type Viewing struct{}

// ID names the viewing inside its session.
func (v *Viewing) ID() string { return "" }

// Pieces tells what there is of a stream from a moment until before another, at most 24 hours. It opens no footage.
func (v *Viewing) Pieces(ctx context.Context, camera, stream string, from, to time.Time) (Timeline, error) {
	return Timeline{}, errors.ErrUnsupported
}

// Deliver gives the plaintext of pieces to use, one after the other. use tells whether any byte of it left the
// program; an error or a panic of use counts as if one had. plain is valid until use returns.
func (v *Viewing) Deliver(ctx context.Context, pieces []Piece, use func(p Piece, plain []byte) (left bool, err error)) error {
	return errors.ErrUnsupported
}

// Still is one key frame. Its piece's duration is the frame's own.
type Still struct {
	Piece
	Init      []byte      // record 0 of its segment
	Timescale uint32      // ticks a second of the sample's times
	Sample    cmaf.Sample // Data is valid until use returns
}

// KeyFrame is Deliver for the first frame of a piece alone.
func (v *Viewing) KeyFrame(ctx context.Context, p Piece, use func(Still) (left bool, err error)) error {
	return errors.ErrUnsupported
}

// Init is the init record (ftyp + moov) of a segment, for all pieces of its run.
func (v *Viewing) Init(ctx context.Context, id keyring.ID) ([]byte, error) {
	return nil, errors.ErrUnsupported
}

// End ends the viewing with an entry of what left and what came of it.
func (v *Viewing) End(ctx context.Context, o Outcome) error { return errors.ErrUnsupported }
