package people

import (
	"context"
	"fmt"
	"slices"

	"varuh/accesslog/diary/proof"
)

// reaching is who does something, by the first authorisation of his for the action that reaches as far as that, or why none
// does. It is for what [Register.under] has let through: the caller holds the lock.
func (r *Register) reaching(ctx context.Context, s Session, action Action, reaches func(own Authorisation) error) (proof.Actor, error) {
	fresh, err := r.Still(ctx, s)
	if err != nil {
		return proof.Actor{}, err
	}
	why := error(ErrNotAllowed)
	for _, own := range fresh.Authorisations {
		if own.lacks(Want{Action: action, At: r.o.Now()}) != nil {
			continue
		}
		if why = reaches(own); why == nil {
			return fresh.As(own), nil
		}
	}
	return proof.Actor{}, why
}

// limited tells whether it is one for some cameras, until some day, or in somebody's place. An administrator's reaches all:
// whoever sets anybody's password could grant in that one's name.
func (a Authorisation) limited() bool {
	return a.Role != Administrator && (a.Cameras != nil || !a.To.IsZero() || a.DeputyOf != "")
}

// grants says why whoever has an authorisation can't grant another, or nothing.
func (a Authorisation) grants(to Authorisation) error {
	outOfScope := func(camera string) bool { return !a.Covers(camera) }
	switch {
	case !a.limited():
		return nil
	case to.Role == Administrator:
		return beyond("your own authorisation is limited, and makes nobody an administrator")
	case to.Role == Approver && a.DeputyOf != "":
		return beyond("a deputy makes nobody an approver")
	case a.Cameras != nil && (to.Cameras == nil || slices.ContainsFunc(to.Cameras, outOfScope)):
		return beyond("your own authorisation does not cover all these cameras")
	case !a.To.IsZero() && (to.To.IsZero() || to.To.After(a.To)):
		return beyond("your own authorisation ends before, at %s", clock(a.To))
	case to.Outside && !a.Outside:
		return beyond("your own authorisation is for the premises only")
	}
	return nil
}

// ends says why whoever has an authorisation can't end another, or nothing.
func (a Authorisation) ends(other Authorisation) error {
	if a.DeputyOf != "" && a.DeputyOf == other.Person {
		return beyond("a deputy ends nothing of whom he acts for")
	}
	return nil
}

// beyond refuses what an authorisation does not reach.
func beyond(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrNotAllowed, fmt.Sprintf(format, args...))
}
