package people

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// Recovery is a use of the recovery key from the sealed envelope.
type Recovery struct {
	By       string // name of who opened the envelope, claimed on the console
	Reason   string
	Login    string // of the person who gets a new password; "": nobody, the key was used for something else
	Password string
	Address  netip.Addr
	Keys     Sealer // what the recovery key opened, both; nil where keys are not wrapped for persons
}

// Format prints no secret.
func (Recovery) Format(s fmt.State, _ rune) { io.WriteString(s, "people.Recovery(secret)") }

// recoveryKey is how an entry says who it was.
const recoveryKey = "recovery key"

// Recover enters that the recovery key was used, and then makes everybody choose new credentials: whoever can log in must
// change the password at the next log-in, all sessions end, and so do the tokens of authorities. The person named gets the
// password given, without a second factor, and wraps of what the recovery key opened; if that one is to be an administrator without
// end from a day to come, by a clock that was ahead when it was entered, it is one from now on, unless the clock was never set now.
//
// The caller has seen the recovery key open both key pairs, and lends them to this use alone: nobody else gets them by it, and
// an error leaves them with nobody. [ErrLocked] is returned if they are not there. The envelope is not sealed any more: new keys and a
// new one are the caller's to see to.
func (r *Register) Recover(ctx context.Context, v Recovery) error {
	if blank(v.By) {
		return incomplete("say who opened the envelope")
	}
	if err := checkReason(v.Reason); err != nil {
		return err
	}
	end, err := r.lock(ctx)
	if err != nil {
		return err
	}
	defer end()
	now, err := r.state(ctx)
	if err != nil {
		return err
	}
	p, err := r.recoverable(now, v)
	if err != nil {
		return err
	}
	actor := proof.Actor{Name: v.By, Proof: recoveryKey}
	if v.Address.IsValid() {
		actor.Address = v.Address.Unmap().WithZone("").String()
	}
	used, err := r.o.Diary.Append(ctx, diary.Entry{Op: opRecovery, Body: proof.Body{Actor: &actor, Note: v.Reason}}, nil)
	if err != nil {
		return fmt.Errorf("the recovery key is not used, since that couldn't be entered: %w", err)
	}
	if err := r.renewAll(ctx, now, p, v, used.Index, actor); err != nil {
		return err
	}
	r.sessions.endAll(r.o.Now(), func(*live) string { return "the recovery key was used" })
	return r.enterEnds(ctx)
}

// recoverable is the person who is to get a new password, or nil if nobody is.
func (r *Register) recoverable(now *state, v Recovery) (*account, error) {
	for _, w := range whiches {
		if r.o.Keys == nil {
			break
		}
		if v.Keys == nil {
			return nil, fmt.Errorf("%w: the recovery key has opened nothing", ErrLocked)
		}
		if _, open := v.Keys.Key(w); !open {
			return nil, fmt.Errorf("%w: the recovery key has not opened the %s key", ErrLocked, w)
		}
	}
	if v.Login == "" {
		return nil, nil
	}
	login, err := ParseLogin(v.Login)
	if err != nil {
		return nil, err
	}
	p := now.byLogin(login)
	if p == nil {
		return nil, fmt.Errorf("%w: nobody has this log-in name", ErrUnknown)
	}
	return p, checkPassword(v.Password, p.Person)
}

// renewAll makes all passwords to be changed, ends all tokens, and sets the password of p.
func (r *Register) renewAll(ctx context.Context, was *state, p *account, v Recovery, used int64, actor proof.Actor) error {
	data := map[string]any{}
	var early []Authorisation
	var made verifier
	var wraps map[Which]wrap
	if p != nil {
		var pw secrets
		var err error
		if made, pw, err = r.hasher.make(ctx, v.Password); err != nil {
			return err
		}
		if wraps, err = r.sealFrom(v.Keys, p, pw.wrap, func(Which) bool { return true }); err != nil {
			return err
		}
		data = about(p.Person, map[string]any{"keys": names(keysOf(wraps))})
		if early = p.early(r.o.Now()); len(early) > 0 {
			data["begins_now"] = idsOf(early)
		}
	}
	data["tokens_ended"] = int64(len(was.tokens))
	_, err := r.change(ctx, diary.Entry{Op: opRecover, Ref: &used, Body: proof.Body{Actor: &actor, Data: data}}, func(tx *sql.Tx, _ int64) error {
		if _, err := tx.ExecContext(ctx, `UPDATE persons SET renew = 1`); err != nil {
			return fmt.Errorf("couldn't make passwords to be changed: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM tokens`); err != nil {
			return fmt.Errorf("couldn't end the tokens: %w", err)
		}
		if p == nil {
			return nil
		}
		return errors.Join(r.forget(ctx, tx, p.ID, made, false), newWraps(ctx, tx, p.ID, wraps), r.beginNow(ctx, tx, early))
	})
	return err
}

// firstDay is before any day on which this program was used. A clock that says less was never set.
var firstDay = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// early are the authorisations that make a person an administrator without end, signed, but only from a day to come. By a clock
// that was never set all are, and none is: the days on the papers are right then.
func (p *account) early(now time.Time) (list []Authorisation) {
	if now.Before(firstDay) {
		return nil
	}
	for _, a := range p.auths {
		if a.Role == Administrator && a.To.IsZero() && a.standing(now) == ErrNotYet {
			list = append(list, a)
		}
	}
	return list
}

// beginNow makes authorisations begin now, by the clock that is right by now.
func (r *Register) beginNow(ctx context.Context, tx *sql.Tx, list []Authorisation) error {
	now := r.o.Now().UnixNano()
	for _, a := range list {
		if err := exec(ctx, tx, `UPDATE authorisations SET "from" = min("from", ?), paper = min(paper, ?) WHERE id = ?`, now, now, a.ID); err != nil {
			return err
		}
	}
	return nil
}

// idsOf are authorisations for an entry.
func idsOf(list []Authorisation) string {
	var ids []string
	for _, a := range list {
		ids = append(ids, a.ID)
	}
	return strings.Join(ids, " ")
}
