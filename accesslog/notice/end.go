package notice

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// Ended is the end of a version for some of its cameras.
type Ended struct {
	Notice  string
	Cameras []string
	At      time.Time // zero for now; it may have passed
	Reason  string
	By      proof.Actor
}

// End ends a version: from then on none is in force, until one is entered that begins then or later. It has to be in
// force right before the end, or not to have begun: then it is withdrawn, and the end has to be its beginning.
func (r *Register) End(ctx context.Context, e Ended) (diary.Receipt, error) {
	now := r.Now()
	if e.At.IsZero() {
		e.At = now
	}
	if !some(e.By.Name) || !some(e.Reason) {
		return diary.Receipt{}, incomplete("say who ends it, and why")
	}
	if farOff(e.At) {
		return diary.Receipt{}, incomplete("it ends at %s; look at the date, and at the appliance's clock", stamp(e.At))
	}
	if err := r.checkCameras(e.Cameras); err != nil {
		return diary.Receipt{}, err
	}
	n, err := r.version(ctx, e.Notice)
	if err != nil {
		return diary.Receipt{}, err
	}
	withdraw := e.At.Equal(n.From) && n.From.After(now)
	if withdraw {
		if withdraw, err = r.neverBegan(ctx, n); err != nil {
			return diary.Receipt{}, err
		}
	}
	body := proof.Body{Actor: &e.By, Note: e.Reason, Data: map[string]any{"notice": e.Notice, "cameras": strings.Join(e.Cameras, " "),
		"at": stamp(e.At), "withdrawn": yes(withdraw)}}
	return r.Diary.Append(ctx, diary.Entry{Op: opEnd, Ref: &n.Entry, Body: body}, func(tx *sql.Tx) error {
		for _, camera := range e.Cameras {
			if err := end(ctx, tx, e.Notice, camera, e.At, withdraw); err != nil {
				return fmt.Errorf("camera %s: %w", camera, err)
			}
		}
		return nil
	})
}

// neverBegan tells whether a version has begun by no clock that was seen: one that is behind now must not make it one that
// never was.
func (r *Register) neverBegan(ctx context.Context, n Notice) (bool, error) {
	leaves, err := rows(ctx, r.Diary.Query, scanLeaf, `SELECT leaf FROM diary_leaves ORDER BY i DESC LIMIT 1`)
	if err != nil {
		return false, err
	}
	for _, last := range leaves {
		if !last.Time.Before(n.From) {
			return false, nil
		}
	}
	return n.Entered.Before(n.From), nil
}

func scanLeaf(found *sql.Rows) (l proof.Leaf, err error) {
	var text []byte
	if err = found.Scan(&text); err != nil {
		return l, err
	}
	return proof.ParseLeaf(text)
}

// end ends a version for one camera, inside the transaction of the entry.
func end(ctx context.Context, tx *sql.Tx, id, camera string, at time.Time, withdraw bool) error {
	if withdraw {
		return changed(tx.ExecContext(ctx, `DELETE FROM notice_cameras WHERE notice = ? AND camera = ?`, id, camera))
	}
	h, err := load(ctx, tx.QueryContext, camera)
	if err != nil {
		return err
	}
	for _, n := range h.versions {
		if n.ID == id && n.From.Before(at) && (n.To.IsZero() || at.Before(n.To)) {
			return changed(tx.ExecContext(ctx, `UPDATE notice_cameras SET "to" = ? WHERE notice = ? AND camera = ?`, at.UnixNano(), id, camera))
		}
	}
	return fmt.Errorf("%w: right before %s", ErrNotInForce, stamp(at))
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
