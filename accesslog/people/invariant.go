package people

import (
	"fmt"
	"time"
)

// check refuses a state that must not follow another: one without an administrator where there was one, or with an
// authorisation that somebody gave himself. What it asks about an administrator does not end by the passing of time.
func (s *state) check(before *state, now time.Time) error {
	if s.administrators(now) == 0 && (len(before.persons) == 0 && len(s.persons) > 0 || before.administrators(now) > 0) {
		return ErrLastAdministrator
	}
	for _, p := range s.persons {
		for _, a := range p.auths {
			if a.GrantedBy == a.Person {
				return fmt.Errorf("authorisation %s: %w", a.ID, ErrSelf)
			}
			if err := a.check(); err != nil {
				return err
			}
		}
	}
	return nil
}

// administrators counts the persons who are administrators and stay it.
func (s *state) administrators(now time.Time) (n int) {
	for _, p := range s.persons {
		for _, a := range p.auths {
			if a.permanent(now) {
				n++
				break
			}
		}
	}
	return n
}

// inForce says whether a person has any authorisation in force, or why not: what the nearest one lacks.
func (p *account) inForce(now time.Time) error {
	nearest := error(ErrNotAllowed)
	for _, a := range p.auths {
		err := a.standing(now)
		if err == nil {
			return nil
		}
		if err == ErrNotYet || err == ErrUnsigned && nearest != ErrNotYet || nearest == ErrNotAllowed {
			nearest = err
		}
	}
	return nearest
}

// entitled tells whether a person has an authorisation for something that takes a key: in force, or still to come.
func (p *account) entitled(w Which, now time.Time) bool {
	for _, a := range p.auths {
		if a.Role.needs(w) && !a.over(now) {
			return true
		}
	}
	return false
}

// opens tells whether a person may open a key now.
func (p *account) opens(w Which, now time.Time) bool {
	for _, a := range p.auths {
		if a.Role.needs(w) && a.InForce(now) {
			return true
		}
	}
	return false
}
