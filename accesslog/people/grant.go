package people

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// Authorise grants an authorisation. Its Person, Role, From and scope are the caller's to fill; without Paper it waits for
// [Register.Sign]. Whoever asks needs [Authorise], by an authorisation that reaches as far, and nobody authorises himself.
func (r *Register) Authorise(ctx context.Context, s Session, a Authorisation) (Authorisation, error) {
	by, now, end, err := r.under(ctx, s, Authorise)
	if err != nil {
		return Authorisation{}, err
	}
	defer end()
	p, err := now.person(a.Person)
	if err != nil {
		return Authorisation{}, err
	}
	a.ID, a.GrantedBy, a.Cameras, a.of = newID(), by.ID, slices.Clone(a.Cameras), now.approvals(a.DeputyOf)
	if a.GrantedBy == a.Person {
		return Authorisation{}, ErrSelf
	}
	if err := errors.Join(a.check(), r.checkPaper(a.Paper), now.checkDeputy(a)); err != nil {
		return Authorisation{}, err
	}
	if by, err = r.reaching(ctx, s, Authorise, func(own Authorisation) error { return own.grants(a) }); err != nil {
		return Authorisation{}, err
	}
	body := proof.Body{Actor: &by, Data: about(p.Person, a.data())}
	_, err = r.change(ctx, diary.Entry{Op: opAuthorise, Body: body}, func(tx *sql.Tx, i int64) error {
		a.Entry = i
		return insertAuthorisation(ctx, tx, a)
	})
	return a, err
}

// checkDeputy refuses a deputy of somebody who is no approver.
func (s *state) checkDeputy(a Authorisation) error {
	if a.DeputyOf == "" {
		return nil
	}
	p, err := s.person(a.DeputyOf)
	if err != nil {
		return err
	}
	if len(s.approvals(p.ID)) == 0 {
		return incomplete("person %s is no approver, so nobody can act as the deputy", p.ID)
	}
	return nil
}

func insertAuthorisation(ctx context.Context, tx *sql.Tx, a Authorisation) error {
	return exec(ctx, tx, `INSERT INTO authorisations (id, person, role, cameras, "from", "to", paper, granted_by, deputy_of, outside, back, entry)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, a.ID, a.Person, a.Role, column(a.Cameras), a.From.UnixNano(), nanos(a.To), nanos(a.Paper),
		a.GrantedBy, a.DeputyOf, a.Outside, int64(a.Back), a.Entry)
}

// data is an authorisation for an entry.
func (a Authorisation) data() map[string]any {
	m := map[string]any{"authorisation": a.ID, "role": string(a.Role), "from": clock(a.From), "outside": yes(a.Outside), "cameras": "*"}
	if a.Cameras != nil {
		m["cameras"] = column(a.Cameras)
	}
	for name, t := range map[string]time.Time{"to": a.To, "paper": a.Paper} {
		if !t.IsZero() {
			m[name] = clock(t)
		}
	}
	if a.DeputyOf != "" {
		m["deputy_of"] = a.DeputyOf
	}
	if a.Role == Guard {
		m["look_back"] = a.Back.String()
	}
	return m
}

// text is data in one line.
func (a Authorisation) text() string {
	var parts []string
	m := a.data()
	for _, name := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, fmt.Sprintf("%s: %v", name, m[name]))
	}
	return strings.Join(parts, ", ")
}

// checkPaper refuses a paper that will be signed some day, or was before anybody could.
func (r *Register) checkPaper(paper time.Time) error {
	if farOff(paper) {
		return incomplete("the paper was signed on %s: look at the year", clock(paper))
	}
	if now := r.o.Now(); paper.After(now) {
		return incomplete("the paper was signed on a day to come; the clock here says %s", clock(now))
	}
	return nil
}

// Sign states on what day the paper of an authorisation was signed, from the beginning of which it is in force. Whoever
// asks needs [Authorise], and nobody does it for himself.
func (r *Register) Sign(ctx context.Context, s Session, id string, paper time.Time) error {
	if paper.IsZero() {
		return incomplete("say on what day the paper was signed")
	}
	if err := r.checkPaper(paper); err != nil {
		return err
	}
	return r.alter(ctx, s, opSign, id, "", func(a *Authorisation) { a.Paper = paper }, func(ctx context.Context, tx *sql.Tx, _ Authorisation) error {
		return exec(ctx, tx, `UPDATE authorisations SET paper = ? WHERE id = ?`, paper.UnixNano(), id)
	})
}

// End ends an authorisation now, and takes away the wraps that it was the last reason for. Whoever asks needs
// [Authorise]; one may end one's own, but the last administrator stays, and a deputy ends nothing of whom he acts for.
func (r *Register) End(ctx context.Context, s Session, id, reason string) error {
	if err := checkReason(reason); err != nil {
		return err
	}
	return r.alter(ctx, s, opEnd, id, reason, func(*Authorisation) {}, func(ctx context.Context, tx *sql.Tx, a Authorisation) error {
		if err := exec(ctx, tx, `DELETE FROM authorisations WHERE id = ?`, id); err != nil {
			return err
		}
		return r.dropWraps(ctx, tx, a.Person)
	})
}

// alter writes an entry about an authorisation, as it is to be, with its change.
func (r *Register) alter(ctx context.Context, s Session, op, id, note string, next func(*Authorisation), apply func(context.Context, *sql.Tx, Authorisation) error) error {
	by, now, end, err := r.under(ctx, s, Authorise)
	if err != nil {
		return err
	}
	defer end()
	a, p, err := now.authorisation(id)
	if err != nil {
		return err
	}
	if op == opSign && p.ID == by.ID {
		return ErrSelf
	}
	if op == opEnd {
		if by, err = r.reaching(ctx, s, Authorise, func(own Authorisation) error { return own.ends(a) }); err != nil {
			return err
		}
	}
	next(&a)
	body := proof.Body{Actor: &by, Note: note, Data: about(p.Person, a.data())}
	_, err = r.change(ctx, diary.Entry{Op: op, Ref: &a.Entry, Body: body}, func(tx *sql.Tx, _ int64) error { return apply(ctx, tx, a) })
	return err
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
