package web

import (
	"bytes"

	"varuh/accesslog/diary/proof"
)

// packageRecord gives the handover record to be printed and signed, of the delivery that was entered last if there is one. That it
// is read is entered before it leaves.
func (s *Site) packageRecord(c *call, _ nothing) error {
	q, err := s.request(c)
	if err != nil {
		return err
	}
	paper, err := s.o.Packages.Paper(c.Context(), c.here(), q.ID)
	if err != nil {
		return err
	}
	reason := text{"zapisnik o predaji paketa zahteve ", "handover record of the package of request "}.in(c.language) + q.ID
	if _, _, err := s.enterReading(c, reason, true, proof.Body{Data: map[string]any{"request": q.ID}}); err != nil {
		return err
	}
	return c.pdf("zapisnik-o-predaji-"+q.ID, bytes.NewBuffer(paper))
}
