package people

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// Record is a person with what belongs to him, for lists.
type Record struct {
	Person
	Authorisations []Authorisation
	Wraps          []Which // keys that he can open, once he is authorised to
	Renew          bool    // the password is to be changed at the next log-in
	Codes          int     // one-time codes, the used ones included
	Reset          *Reset  // somebody else has set the password, and its owner has not changed it since
}

// Persons are all of them, by their names.
func (r *Register) Persons(ctx context.Context) (list []Record, err error) {
	now, err := r.state(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range now.persons {
		one := Record{Person: p.Person, Authorisations: slices.Clone(p.auths), Renew: p.renew, Codes: len(p.codes), Reset: p.reset}
		for _, w := range whiches {
			if _, has := p.wraps[w]; has {
				one.Wraps = append(one.Wraps, w)
			}
		}
		list = append(list, one)
	}
	slices.SortFunc(list, func(a, b Record) int { return byName(a.Person, b.Person) })
	return list, nil
}

func byName(a, b Person) int { return strings.Compare(a.Name+"\x00"+a.ID, b.Name+"\x00"+b.ID) }

func sortPersons(list []Person) { slices.SortFunc(list, byName) }

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
	return r.add(ctx, now, by, p, password, list, true, func(*sql.Tx) error { return nil })
}

// add enters a person with authorisations and wraps. The caller holds the lock.
func (r *Register) add(ctx context.Context, now *state, by proof.Actor, p Person, password string, list []Authorisation, renew bool, also func(*sql.Tx) error) (Person, error) {
	if err := now.free(p); err != nil {
		return Person{}, err
	}
	p.ID, p.Second = newID(), false
	data := about(p, map[string]any{"language": p.Language})
	list = slices.Clone(list)
	for i, a := range list {
		a.ID, a.Person, a.GrantedBy, a.Cameras = newID(), p.ID, by.ID, slices.Clone(a.Cameras)
		if err := errors.Join(a.check(), now.checkDeputy(a)); err != nil {
			return Person{}, err
		}
		list[i], data[fmt.Sprintf("authorisation_%d", i+1)] = a, a.text()
	}
	v, pw, err := r.hasher.make(ctx, password)
	if err != nil {
		return Person{}, err
	}
	wraps, err := r.seal(&account{Person: p, auths: list}, pw.wrap, func(Which) bool { return true })
	if err != nil {
		return Person{}, err
	}
	data["keys"] = names(keysOf(wraps))
	_, err = r.change(ctx, diary.Entry{Op: opAdd, Body: proof.Body{Actor: &by, Data: data}}, func(tx *sql.Tx, i int64) error {
		if err := insertPerson(ctx, tx, p, v, renew, i); err != nil {
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

// Change gives a person other names or another language; p.ID says whom. Whoever asks needs [Persons], but for his own
// language.
func (r *Register) Change(ctx context.Context, s Session, p Person) error {
	p, err := p.checked()
	if err != nil {
		return err
	}
	end, err := r.lock(ctx)
	if err != nil {
		return err
	}
	defer end()
	fresh, err := r.Still(ctx, s)
	if err != nil {
		return err
	}
	now, err := r.state(ctx)
	if err != nil {
		return err
	}
	old, err := now.person(p.ID)
	if err != nil {
		return err
	}
	by := fresh.Actor()
	if own := fresh.Person.ID == p.ID && old.Login == p.Login && old.Name == p.Name; !own {
		a, err := fresh.May(Persons, "", r.o.Now())
		if err != nil {
			return err
		}
		by = fresh.As(a)
	}
	if err := now.free(p); err != nil {
		return err
	}
	body := proof.Body{Actor: &by, Data: about(p, map[string]any{"language": p.Language, "old_login": old.Login, "old_name": old.Name})}
	_, err = r.change(ctx, diary.Entry{Op: opChange, Body: body}, func(tx *sql.Tx, _ int64) error {
		return exec(ctx, tx, `UPDATE persons SET login = ?, name = ?, language = ? WHERE id = ?`, p.Login, p.Name, p.Language, p.ID)
	})
	return err
}

// Remove removes a person with authorisations, wraps and sessions. Whoever asks needs [Persons], and nobody removes himself;
// the last administrator stays.
func (r *Register) Remove(ctx context.Context, s Session, id, reason string) error {
	if err := checkReason(reason); err != nil {
		return err
	}
	by, now, end, err := r.under(ctx, s, Persons)
	if err != nil {
		return err
	}
	defer end()
	p, err := now.person(id)
	if err != nil {
		return err
	}
	if by.ID == id {
		return ErrSelf
	}
	body := proof.Body{Actor: &by, Note: reason, Data: about(p.Person, map[string]any{"authorisations": int64(len(p.auths))})}
	_, err = r.change(ctx, diary.Entry{Op: opRemove, Body: body}, func(tx *sql.Tx, _ int64) error {
		return exec(ctx, tx, `DELETE FROM persons WHERE id = ?`, id)
	})
	if err != nil {
		return err
	}
	r.endSessions(id, "", "the person was removed", r.o.Now())
	return r.enterEnds(ctx)
}

// about adds to the data of an entry whom it is about.
func about(p Person, data map[string]any) map[string]any {
	all := map[string]any{"person": p.ID, "login": p.Login, "name": p.Name}
	maps.Copy(all, data)
	return all
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }

// checkReason bounds what people write.
func checkReason(text string) error {
	const most = 1000
	if blank(text) {
		return incomplete("say why")
	}
	if len(text) > most {
		return fmt.Errorf("%w: the reason has more than %d bytes", ErrIncomplete, most)
	}
	return nil
}
