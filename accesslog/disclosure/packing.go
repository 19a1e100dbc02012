package disclosure

import (
	"context"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/people"
)

// Packer is who has the package of a request built or hands it over, if the session may: for all the cameras.
func (r *Register) Packer(s people.Session, q Request) (proof.Actor, error) {
	by, err := r.actor(&s, people.Extract, q)
	if err != nil {
		return proof.Actor{}, err
	}
	return *by, nil
}

// Term is when the first footage that a request asks for comes to its term, and with it the package: zero for never, where
// what holds it passes the term.
func (r *Register) Term(ctx context.Context, q Request) (time.Time, error) { return r.firstDue(ctx, q) }
