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

// maxReasons bounds the reasons of a decision, in characters.
const maxReasons = 4000

// Decided is the head's written decision to introduce video surveillance, or to change it, for some cameras.
type Decided struct {
	Cameras []string
	Number  string
	Date    time.Time
	Reasons string // why video surveillance is needed
	Remark  string // may be missing
	By      proof.Actor
}

// Decide enters a decision. It is in effect for its cameras from its day on, until the next one.
func (r *Register) Decide(ctx context.Context, d Decided) (diary.Receipt, error) {
	if err := r.checkDecided(d); err != nil {
		return diary.Receipt{}, err
	}
	day := d.Date.In(r.Zone).Format(time.DateOnly)
	body := proof.Body{Actor: &d.By, Note: d.Remark, Data: map[string]any{"cameras": strings.Join(d.Cameras, " "), "number": d.Number,
		"date": day, "reasons": d.Reasons}}
	return r.Diary.Append(ctx, diary.Entry{Op: opDecide, Body: body}, func(tx *sql.Tx) error {
		entry, err := diary.Next(ctx, tx)
		if err != nil {
			return err
		}
		for _, camera := range d.Cameras {
			if err := changed(tx.ExecContext(ctx, `INSERT INTO notice_decisions (entry, camera, number, day, reasons) VALUES (?, ?, ?, ?, ?)`,
				entry, camera, d.Number, day, d.Reasons)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Decided is the decision that was in effect when a version of a notice began, with all cameras that it is about.
// [ErrUndecided] says that there was none.
func (r *Register) Decided(ctx context.Context, n Notice) (Decided, error) {
	if n.Decision == nil {
		return Decided{}, fmt.Errorf("%w: %s", ErrUndecided, n.ID)
	}
	cameras, err := rows(ctx, r.Diary.Query, scanText, `SELECT camera FROM notice_decisions WHERE entry = ? ORDER BY camera`, n.Decision.Entry)
	year, month, day := n.Decision.Date.Date()
	return Decided{Cameras: cameras, Number: n.Decision.Number, Date: time.Date(year, month, day, 0, 0, 0, 0, r.Zone), Reasons: n.Decision.Reasons}, err
}

func (r *Register) checkDecided(d Decided) error {
	switch {
	case !some(d.By.Name):
		return incomplete("say who enters it")
	case !some(d.Number):
		return incomplete("say the number of the decision")
	case !some(d.Reasons):
		return incomplete("say the reasons of the decision")
	case d.Date.IsZero():
		return incomplete("say on what day it was taken")
	case civil(d.Date, r.Zone).After(civil(r.Now(), r.Zone)):
		return incomplete("its day, %s, has not come yet; look at the appliance's clock", d.Date.In(r.Zone).Format(time.DateOnly))
	}
	if err := checkText("the number", d.Number, maxLine); err != nil {
		return err
	}
	for line := range strings.Lines(d.Reasons) {
		if err := checkText("the reasons", strings.TrimSuffix(line, "\n"), maxReasons); err != nil {
			return err
		}
	}
	if len([]rune(d.Reasons)) > maxReasons {
		return incomplete("the reasons have more than %d characters", maxReasons)
	}
	return r.checkCameras(d.Cameras)
}
