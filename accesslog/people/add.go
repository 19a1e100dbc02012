package people

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// Add adds a person with the authorisations that he gets at once, if any. The password is the first one: its owner must
// choose another at the first log-in. It is wrapped for what is open, so that the person can open it. Whoever asks
// needs [Persons], and with authorisations [Authorise].
func (r *Register) Add(ctx context.Context, s Session, p Person, password string, list ...Authorisation) (Person, error) {
	p, err := p.checked()
	if err != nil {
		return Person{}, err
	}
	if err := checkPassword(password, p); err != nil {
		return Person{}, err
	}
	needed := []Action{Persons, Authorise}
	if len(list) == 0 {
		needed = needed[:1]
	}
	by, now, end, err := r.under(ctx, s, needed...)
	if err != nil {
		return Person{}, err
	}
	defer end()
	return r.add(ctx, now, by, p, password, list, true, r.o.Keys, func(*sql.Tx) error { return nil })
}

// add enters a person with authorisations and wraps of keys. The caller holds the lock.
func (r *Register) add(ctx context.Context, now *state, by proof.Actor, p Person, password string, list []Authorisation, renew bool, keys Sealer, also func(*sql.Tx) error) (Person, error) {
	if err := now.free(p); err != nil {
		return Person{}, err
	}
	p.ID, p.Second = newID(), false
	data := about(p, map[string]any{"language": p.Language})
	list = slices.Clone(list)
	for i, a := range list {
		a.ID, a.Person, a.GrantedBy, a.Cameras, a.of = newID(), p.ID, by.ID, slices.Clone(a.Cameras), now.approvals(a.DeputyOf)
		if err := errors.Join(a.check(), r.checkPaper(a.Paper), now.checkDeputy(a)); err != nil {
			return Person{}, err
		}
		list[i], data[fmt.Sprintf("authorisation_%d", i+1)] = a, a.text()
	}
	v, pw, err := r.hasher.make(ctx, password)
	if err != nil {
		return Person{}, err
	}
	wraps, err := r.sealFrom(keys, &account{Person: p, auths: list}, pw.wrap, func(Which) bool { return true })
	if err != nil {
		return Person{}, err
	}
	data["keys"] = names(keysOf(wraps))
	_, err = r.change(ctx, diary.Entry{Op: opAdd, Body: proof.Body{Actor: &by, Data: data}}, func(tx *sql.Tx, i int64) error {
		if err := insertPerson(ctx, tx, p, v, renew, i); err != nil {
			return err
		}
		if err := r.made(ctx, tx, p.ID, by, i); err != nil {
			return err
		}
		for _, a := range list {
			a.Entry = i
			if err := insertAuthorisation(ctx, tx, a); err != nil {
				return err
			}
		}
		return errors.Join(putWraps(ctx, tx, p.ID, wraps), also(tx))
	})
	return p, err
}

func insertPerson(ctx context.Context, tx *sql.Tx, p Person, v verifier, renew bool, entry int64) error {
	return exec(ctx, tx, `INSERT INTO persons (id, login, name, language, salt, memory, passes, lanes, verifier, renew, entry)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, p.ID, p.Login, p.Name, p.Language, v.salt, v.Memory, v.Passes, v.Lanes, v.hash, renew, entry)
}

// free refuses names that another person has.
func (s *state) free(p Person) error {
	for _, other := range s.persons {
		switch {
		case other.ID == p.ID:
		case other.Login == p.Login:
			return ErrTaken
		case proof.SamePerson(other.Name, p.Name):
			return ErrSameName
		}
	}
	return nil
}
