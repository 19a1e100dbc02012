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

// maxNames is how many names one list may have; a longer one is entered in parts.
const maxNames = 300

// Informed is a list of employees who were informed in writing of a version, and signed.
type Informed struct {
	Notice string
	Names  []string
	Date   time.Time // of the last signature
	All    bool      // with these, all who work in the area are informed; so a list may be empty where nobody does
	Remark string    // may be missing
	By     proof.Actor
}

// Inform enters a list. The names go into the entry alone, encrypted; [Names] reads them.
func (r *Register) Inform(ctx context.Context, s Informed) (diary.Receipt, error) {
	if err := s.check(civil(r.Now(), r.Zone), r.Zone); err != nil {
		return diary.Receipt{}, err
	}
	n, err := r.version(ctx, s.Notice)
	if err != nil {
		return diary.Receipt{}, err
	}
	day := s.Date.In(r.Zone).Format(time.DateOnly)
	body := proof.Body{Actor: &s.By, Note: s.Remark, Data: map[string]any{"notice": s.Notice, "names": strings.Join(s.Names, "\n"),
		"count": int64(len(s.Names)), "date": day, "all": yes(s.All)}}
	return r.Diary.Append(ctx, diary.Entry{Op: opInformed, Ref: &n.Entry, Body: body}, func(tx *sql.Tx) error {
		entry, err := diary.Next(ctx, tx)
		if err != nil {
			return err
		}
		return changed(tx.ExecContext(ctx, `INSERT INTO notice_informed (entry, notice, day, count, "all") VALUES (?, ?, ?, ?, ?)`, entry, s.Notice, day, len(s.Names), s.All))
	})
}

func (s Informed) check(today time.Time, zone *time.Location) error {
	switch {
	case !some(s.By.Name):
		return incomplete("say who enters it")
	case len(s.Names) == 0 && !s.All:
		return incomplete("say who was informed, or that nobody works in the area")
	case len(s.Names) > maxNames:
		return incomplete("%d names; enter them in lists of at most %d", len(s.Names), maxNames)
	case s.Date.IsZero():
		return incomplete("say on what day the last one signed")
	case civil(s.Date, zone).After(today):
		return incomplete("the day of the last signature, %s, has not come yet; look at the appliance's clock", s.Date.In(zone).Format(time.DateOnly))
	}
	for _, name := range s.Names {
		if !some(name) {
			return incomplete("a name is empty")
		}
		if err := checkText("a name", name, maxLine); err != nil {
			return err
		}
	}
	return nil
}

// Names are the employees in the body of an entry notice.informed.
func Names(b proof.Body) ([]string, error) {
	text, ok := b.Data["names"].(string)
	count, counted := b.Data["count"].(int64)
	if !ok || !counted {
		return nil, fmt.Errorf("the entry has no list of names")
	}
	var names []string
	if text != "" {
		names = strings.Split(text, "\n")
	}
	if int64(len(names)) != count {
		return nil, fmt.Errorf("the list has %d names and says %d", len(names), count)
	}
	return names, nil
}
