package hold

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/retention"
)

// Clear ends a hold: by whom and why. What has come due meanwhile goes with the next purge.
func (r *Register) Clear(ctx context.Context, id string, by proof.Actor, reason string) (diary.Receipt, error) {
	if err := checkEnd(by, reason); err != nil {
		return diary.Receipt{}, err
	}
	h, err := r.hold(ctx, id)
	if err != nil {
		return diary.Receipt{}, err
	}
	body := h.body(by, map[string]any{"hold": id, "kind": string(h.Kind)})
	body.Note = reason
	return r.end(ctx, diary.Entry{Op: opClear, Ref: &h.Entry, Body: body}, func(tx *sql.Tx) error {
		if err := changed(tx.ExecContext(ctx, `DELETE FROM holds WHERE id = ?`, id)); err != nil {
			return err
		}
		return unpin(ctx, tx, id)
	})
}

// Unrestrict ends a restriction. The person who asked for it is told before (GDPR art. 18(3)); the reason says so.
func (r *Register) Unrestrict(ctx context.Context, id string, by proof.Actor, reason string) (diary.Receipt, error) {
	if err := checkEnd(by, reason); err != nil {
		return diary.Receipt{}, err
	}
	list, err := r.ListRestrictions(ctx)
	if err != nil {
		return diary.Receipt{}, err
	}
	for _, s := range list {
		if s.ID == id {
			body := s.body(by, map[string]any{"restriction": id, "ground": string(s.Ground)})
			body.Note = reason
			return r.end(ctx, diary.Entry{Op: opUnrestrict, Ref: &s.Entry, Body: body}, func(tx *sql.Tx) error {
				if err := changed(tx.ExecContext(ctx, `DELETE FROM restrictions WHERE id = ?`, id)); err != nil {
					return err
				}
				return unpinLater(ctx, tx, s, r.now(s.Range).AddDate(afterRestriction, 0, 0))
			})
		}
	}
	return diary.Receipt{}, fmt.Errorf("%w: %s", ErrUnknown, id)
}

func checkEnd(by proof.Actor, reason string) error {
	if blank(by.Name) || blank(reason) {
		return incomplete("say who ends it, and why")
	}
	return nil
}

// Confirm makes of a provisional hold one that lasts. Its range stays.
func (r *Register) Confirm(ctx context.Context, id string, a Asked) (diary.Receipt, error) {
	h, err := r.hold(ctx, id)
	if err != nil {
		return diary.Receipt{}, err
	}
	if h.Kind != Provisional {
		return diary.Receipt{}, fmt.Errorf("hold %s: %w", id, ErrLasts)
	}
	if a.Kind == Provisional {
		return diary.Receipt{}, incomplete("confirm it as rights, order, disclosure or incident")
	}
	a.Range = h.Range
	if a, err = a.check(r.now(a.Range)); err != nil {
		return diary.Receipt{}, err
	}
	body := h.body(a.By, map[string]any{"hold": id, "kind": string(a.Kind), "review": r.day(a.Review), "past_term": yes(a.passesTerm())})
	body.Basis, body.Case, body.Note = a.Basis, a.Case, a.Remark
	if a.TermBasis != "" {
		body.Data["term_basis"] = a.TermBasis
	}
	return r.end(ctx, diary.Entry{Op: opConfirm, Ref: &h.Entry, Body: body}, func(tx *sql.Tx) error {
		return changed(tx.ExecContext(ctx, `UPDATE holds SET kind = ?, past_term = ?, review = ? WHERE id = ? AND kind = 'provisional'`,
			a.Kind, a.passesTerm(), a.Review.UnixNano(), id))
	})
}

// Lapse ends the provisional holds whose day has come, by a present that is certain, and returns them.
func (r *Register) Lapse(ctx context.Context, certain time.Time) (lapsed []Hold, err error) {
	list, err := r.List(ctx)
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, h := range list {
		if h.Kind != Provisional || h.Review.After(certain) {
			continue
		}
		body := proof.Body{Objects: []proof.Object{{Camera: h.object(), From: h.From, To: h.To}}, Data: map[string]any{"hold": h.ID},
			Note: "nobody confirmed it in time"}
		_, err := r.end(ctx, diary.Entry{Op: opLapse, Ref: &h.Entry, Body: body}, func(tx *sql.Tx) error {
			if err := changed(tx.ExecContext(ctx, `DELETE FROM holds WHERE id = ? AND kind = 'provisional'`, h.ID)); err != nil {
				return err
			}
			return unpin(ctx, tx, h.ID)
		})
		if err == nil {
			lapsed = append(lapsed, h)
		}
		errs = append(errs, err)
	}
	return lapsed, errors.Join(errs...)
}

// end writes an entry with the change of rows, while no key is destroyed.
func (r *Register) end(ctx context.Context, e diary.Entry, change diary.Change) (receipt diary.Receipt, err error) {
	nobody := time.Time{}
	err = r.Gate.Set(ctx, "", nobody, nobody, func([]retention.Listed) (err error) {
		receipt, err = r.Diary.Append(ctx, e, change)
		return err
	})
	return receipt, err
}

// hold is one that is in force.
func (r *Register) hold(ctx context.Context, id string) (Hold, error) {
	list, err := r.List(ctx)
	if err != nil {
		return Hold{}, err
	}
	for _, h := range list {
		if h.ID == id {
			return h, nil
		}
	}
	return Hold{}, fmt.Errorf("%w: %s", ErrUnknown, id)
}
