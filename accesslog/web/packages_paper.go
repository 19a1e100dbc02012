package web

import "bytes"

// packageRecord gives the handover record to be printed and signed, of the delivery that was entered last if there is one.
func (s *Site) packageRecord(c *call, _ nothing) error {
	q, err := s.request(c)
	if err != nil {
		return err
	}
	paper, err := s.o.Packages.Paper(c.Context(), c.here(), q.ID, c.language)
	if err != nil {
		return err
	}
	return c.pdf("zapisnik-o-predaji-"+q.ID, bytes.NewBuffer(paper))
}
