package people

import "time"

// present tells whether an end has come, for which the machine's clock is not asked alone: that may go back, as at a start without one,
// and what had ended for certain would be in force again. A beginning goes by the clock. nil goes by the clock, too.
type present struct {
	certain func() time.Time // a moment that has come; zero: none is known
}

// past tells whether an end had come by a time of the clock; zero never comes.
func (e *present) past(end, at time.Time) bool {
	switch {
	case end.IsZero():
		return false
	case !at.Before(end):
		return true
	}
	return e != nil && !e.certain().Before(end)
}
