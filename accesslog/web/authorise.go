package web

import (
	"slices"
	"time"

	"varuh/accesslog/people"
)

// AskedAuthorisation is an authorisation that somebody grants.
type AskedAuthorisation struct {
	Role     people.Role `json:"role"`
	Cameras  []string    `json:"cameras"`                // in scope; "*" alone: all, those to come included
	From     moment      `json:"from,omitzero"`          // now if it is missing
	To       moment      `json:"to,omitzero"`            // not included; missing: without end
	Paper    day         `json:"paper,omitzero"`         // on which it was signed; missing: it waits for that
	DeputyOf string      `json:"deputy_of,omitempty"`    // id of the approver for whom a deputy acts
	Outside  bool        `json:"outside,omitempty"`      // also from outside the premises
	Back     int64       `json:"back_minutes,omitempty"` // how far back a guard sees
}

// everyCamera stands for all cameras in a scope.
const everyCamera = "*"

// wished is the authorisation, checked as far as people cannot.
func (s *Site) wished(a AskedAuthorisation) (people.Authorisation, error) {
	scope, err := s.scope(a.Cameras)
	if err != nil {
		return people.Authorisation{}, err
	}
	if a.Back < 0 || a.Back > int64(people.MaxBack/time.Minute) {
		return people.Authorisation{}, &wrong{"back_minutes", notANumber}
	}
	if a.From.IsZero() {
		a.From.Time = s.o.Now()
	}
	return people.Authorisation{Role: a.Role, Cameras: scope, From: a.From.Time, To: a.To.Time, Paper: a.Paper.in(s.o.Notices.Zone), DeputyOf: a.DeputyOf,
		Outside: a.Outside, Back: time.Duration(a.Back) * time.Minute}, nil
}

// scope reads a scope: each camera once, in order; nil for all of them.
func (s *Site) scope(cameras []string) ([]string, error) {
	if slices.Equal(cameras, []string{everyCamera}) {
		return nil, nil
	}
	if len(cameras) == 0 {
		return nil, &wrong{"cameras", missing}
	}
	for _, id := range cameras {
		if err := s.exists(id); err != nil {
			return nil, err
		}
	}
	scope := slices.Clone(cameras)
	slices.Sort(scope)
	return slices.Compact(scope), nil
}

// scopeOf is a scope as it is answered.
func scopeOf(cameras []string) []string {
	if cameras == nil {
		return []string{everyCamera}
	}
	return cameras
}
