package web

import (
	"errors"

	"varuh/accesslog"
)

// endViewings ends what a session has open, before it ends. What the diary does not take by now the door writes later.
func (s *Site) endViewings(c *call) error {
	var errs error
	for _, id := range s.o.Door.Viewings(c.session) {
		v, err := s.o.Door.Viewing(id, c.session, c.address)
		if err == nil {
			err = v.End(c.Context(), accesslog.NotStated)
		}
		if !errors.Is(err, accesslog.ErrEnded) && !errors.Is(err, accesslog.ErrNoViewing) {
			errs = errors.Join(errs, err)
		}
	}
	return errs
}
