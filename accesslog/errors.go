package accesslog

import "errors"

// Why the door does not open, or does not open further. They are told apart with errors.Is. All but
// the last group are entered as view.refused.
var (
	ErrScope      = errors.New("no authorisation in force covers this camera")
	ErrPremises   = errors.New("footage is seen on the premises only")
	ErrPurpose    = errors.New("the purpose was not lawful for the whole span when the footage was captured")
	ErrLive       = errors.New("the notice in force does not allow live viewing")
	ErrRestricted = errors.New("processing of the footage is restricted")

	ErrSession   = errors.New("the session is over")
	ErrLocked    = errors.New("the footage is locked: somebody with a footage authorisation must log in")
	ErrDiary     = errors.New("the diary cannot be written, so no footage is shown")
	ErrErased    = errors.New("the footage was erased")
	ErrDamaged   = errors.New("the footage is damaged")
	ErrNothing   = errors.New("nothing was recorded then")
	ErrSpan      = errors.New("the span cannot be viewed")
	ErrEnded     = errors.New("the viewing has ended")
	ErrNoViewing = errors.New("there is no such viewing in this session")
	ErrTooMany   = errors.New("too many viewings are open: end one first")
	ErrFull      = errors.New("the viewing states all ranges that it can: end it and open another")
)
