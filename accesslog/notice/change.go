package notice

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// Add enters a version. It is in force for its cameras from its beginning until the next one begins. [ErrIncomplete],
// [ErrCamera] and [ErrPurpose] refuse it; what it does not say is no reason to, see [Content.Missing].
func (r *Register) Add(ctx context.Context, a Asked) (Added, error) {
	now := r.Now()
	if a.From.IsZero() {
		a.From = now
	}
	later := a.From.Before(now)
	if err := r.checkAsked(a, later); err != nil {
		return Added{}, err
	}
	content, err := a.Content.encode()
	if err != nil {
		return Added{}, err
	}
	id := newID()
	body := proof.Body{Actor: &a.By, Note: a.Remark, Data: map[string]any{"notice": id, "cameras": strings.Join(a.Cameras, " "),
		"from": stamp(a.From), "content": string(content)}}
	if later {
		body.Data["entered_later"], body.Data["stated_by"] = "yes", a.Stated
	}
	if later {
		if err := r.replaces(ctx, a, body.Data); err != nil {
			return Added{}, err
		}
	}
	receipt, err := r.Diary.Append(ctx, diary.Entry{Op: opAdd, Body: body}, func(tx *sql.Tx) error {
		if err := keepWording(ctx, tx, a.Purposes); err != nil {
			return err
		}
		return insert(ctx, tx, id, string(content), a, now)
	})
	return Added{Receipt: receipt, ID: id, EnteredLater: later}, err
}

// replaces names in the data of an entry the versions that were in force when a version begins that is entered later: for
// what has passed since, it takes their place.
func (r *Register) replaces(ctx context.Context, a Asked, data map[string]any) error {
	var list []string
	for _, camera := range a.Cameras {
		n, ok, err := r.At(ctx, camera, a.From)
		if err != nil {
			return err
		}
		if ok && !slices.Contains(list, n.ID) {
			list = append(list, n.ID)
		}
	}
	if len(list) > 0 {
		slices.Sort(list)
		data["replaces"] = strings.Join(list, " ")
	}
	return nil
}

// checkAsked refuses what can't be entered.
func (r *Register) checkAsked(a Asked, later bool) error {
	switch {
	case !some(a.By.Name):
		return incomplete("say who enters it")
	case later && !some(a.Stated):
		return incomplete("it begins before now: say who states that the sign has hung since then, and how he knows")
	case farOff(a.From):
		return incomplete("it begins at %s; look at the date, and at the appliance's clock", stamp(a.From))
	}
	if err := r.checkCameras(a.Cameras); err != nil {
		return err
	}
	return a.Content.check()
}

// farOff tells whether a moment can only be an error: before there was the law, or so late that the nanoseconds of a
// column, which reach to 2262, could be those of another moment.
func farOff(t time.Time) bool { return t.Before(gdpr) || t.UTC().Year() > lastYear }

// lastYear is the last one in which a version may begin or end.
const lastYear = 2200

func (r *Register) checkCameras(cameras []string) error {
	if len(cameras) == 0 {
		return incomplete("say for which cameras")
	}
	for i, c := range cameras {
		if slices.Contains(cameras[:i], c) {
			return incomplete("camera %s is named twice", c)
		}
		if !r.Known(c) {
			return fmt.Errorf("%w: %q", ErrCamera, c)
		}
	}
	return nil
}

// insert writes the rows of a version.
func insert(ctx context.Context, tx *sql.Tx, id, content string, a Asked, now time.Time) error {
	entry, err := diary.Next(ctx, tx)
	if err != nil {
		return err
	}
	if err := changed(tx.ExecContext(ctx, `INSERT INTO notices (id, content, entered, entry) VALUES (?, ?, ?, ?)`, id, content, now.UnixNano(), entry)); err != nil {
		return err
	}
	for _, camera := range a.Cameras {
		if err := changed(tx.ExecContext(ctx, `INSERT INTO notice_cameras (notice, camera, "from") VALUES (?, ?, ?)`, id, camera, a.From.UnixNano())); err != nil {
			return err
		}
	}
	return nil
}

// keepWording refuses a purpose that another notice has under the same id with another Slovenian wording or basis.
func keepWording(ctx context.Context, tx *sql.Tx, purposes []Purpose) error {
	contents, err := rows(ctx, tx.QueryContext, scanContent, `SELECT content FROM notices WHERE id IN (SELECT notice FROM notice_cameras)`)
	if err != nil {
		return err
	}
	for _, c := range contents {
		for _, old := range c.Purposes {
			for _, p := range purposes {
				if p.ID == old.ID && (p.Sl != old.Sl || p.Basis != old.Basis) {
					return fmt.Errorf("%w: %q is %q (%s); give the new one another id", ErrPurpose, p.ID, old.Sl, old.Basis)
				}
			}
		}
	}
	return nil
}

// changed is nil if a statement changed one row.
func changed(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err == nil && n != 1 {
		err = ErrNotInForce
	}
	return err
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
