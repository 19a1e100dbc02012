package disclosure

import (
	"context"

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

// Kept is footage that holds of a request keep past its term, as long as they are in force: by whichever way one ends, what
// was made of that footage is due with it.
func (r *Register) Kept(ctx context.Context, q Request) (list []Wanted, err error) {
	force, err := r.Holds.List(ctx)
	if err != nil {
		return nil, err
	}
	of := map[string]bool{}
	for _, h := range q.Holds {
		of[h.Hold] = true
	}
	for _, h := range force {
		if of[h.ID] && h.PastTerm {
			list = append(list, Wanted{Camera: h.Camera, From: h.From, To: h.To})
		}
	}
	return list, nil
}
