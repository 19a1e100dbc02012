package people

import (
	"context"
	"database/sql"
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
	Duty           Duty    // what comes first at the next log-in
	Reset          *Reset  // somebody else has set the password, and its owner has not changed it since
}

// Persons are all of them, by their names.
func (r *Register) Persons(ctx context.Context) (list []Record, err error) {
	now, err := r.state(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range now.persons {
		one := Record{Person: p.Person, Authorisations: slices.Clone(p.auths), Renew: p.renew, Codes: len(p.codes), Duty: r.duty(p), Reset: p.reset}
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
