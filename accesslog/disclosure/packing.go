package disclosure

import (
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
