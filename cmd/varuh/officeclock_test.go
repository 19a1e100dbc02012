package main

import (
	"errors"
	"testing"
	"time"

	"varuh/accesslog/people"
)

// TestEndedForCertain: an authorisation that has ended for certain lets nobody in where the machine's clock goes back, as at a start without
// a clock of its own.
func TestEndedForCertain(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	boot := later(t, 7, 0)
	o, d, _ := s.office(t, boot)
	e := s.again(t, boot, d)
	o.certain = e.time.certain
	r, err := o.persons(t.Context())
	must(t, err)
	_, err = r.First(t.Context(), firstPerson())
	must(t, err)
	head, err := r.Login(t.Context(), people.Attempt{Login: "ravnatelj", Password: goodPassword})
	must(t, err)
	now, in := boot.Now(), people.Attempt{Login: "inspektor", Password: "geslo za enkrat 77 lip"}
	_, err = r.Add(t.Context(), head, people.Person{Login: in.Login, Name: "Ines Kos"}, in.Password,
		people.Authorisation{Role: people.Inspector, From: now.Add(-time.Minute), To: now.Add(time.Hour), Paper: now.Add(-time.Hour)})
	must(t, err)
	boot.ahead = 2 * time.Hour
	_, err = e.confirmClock(t.Context(), clockOrder{who: herself, Reason: "by the radio", Time: boot.Now()})
	must(t, err)
	boot.ahead = 30 * time.Minute
	e.time.observe()
	if _, err := r.Login(t.Context(), in); !errors.Is(err, people.ErrExpired) {
		t.Errorf("what had ended at %v is in force again at %v: %v", now.Add(time.Hour), boot.Now(), err)
	}
}
