package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/hold"
	"varuh/configs"
)

type diaryPruneCmd struct {
	Confirm bool   `help:"As an approver: the date is right, and what is shown as due may go. It counts after 30 days."`
	Reason  string `help:"How you know that the date is right. It is entered, too." placeholder:"TEXT"`
	who
}

// Help is what "varuh diary prune --help" says beside that.
func (diaryPruneCmd) Help() string {
	return "This destroys nothing: varuh does while it runs, within the hour. The clock of the machine alone is not believed. Something else has to show " +
		"that the term is over: a witness or a time-stamping authority, or an approver who confirmed it 30 days before."
}

// Run shows which entries are past their term and what shows that, or enters that an approver says so. The
// daemon destroys them.
func (c diaryPruneCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	o := pruneOrder{c.who, c.Confirm, c.Reason}
	if !o.Confirm && (o.Actor != "" || o.Reason != "") {
		return errors.New("--actor and --reason are entered with --confirm alone; without it nothing is entered")
	}
	var a pruneAnswer
	err := loggedIn(cli, term, prunePath, &o, func() error {
		return onSite(ctx, cli, term, func(s *site) error {
			return s.withDeskFor(ctx, false, term, prunePath, &o, func(k desk) (err error) {
				a, err = k.prune(ctx, s.cfg.Diary, o)
				return err
			})
		}, func(state string) error { return askFor(ctx, state, prunePath, o, &a) })
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(term.out, a.text())
	return err
}

// pruneOrder asks what is due, or confirms it.
type pruneOrder struct {
	who
	Confirm bool   `json:"confirm,omitempty"`
	Reason  string `json:"reason,omitempty"`
}

// kind tells confirming from asking.
func (o pruneOrder) kind() string {
	if o.Confirm {
		return "confirm"
	}
	return ""
}

// pruneAnswer is what is past its term.
type pruneAnswer struct {
	Years   int       `json:"years"`             // of the term
	Due     []dueYear `json:"due"`               // the latest first
	Entered *int64    `json:"entered,omitempty"` // the entry prune.confirm that was just written
}

// dueYear is a closed year past its term by the appliance's clock.
type dueYear struct {
	Year   int       `json:"year"`
	From   int64     `json:"from"`              // first entry that would go
	Below  int64     `json:"below"`             // first that would stay
	Since  time.Time `json:"since"`             // when the term was over
	Shown  string    `json:"shown,omitempty"`   // what shows that, beside the clock
	Lacks  string    `json:"lacks,omitempty"`   // why nothing does
	Counts time.Time `json:"counts,omitzero"`   // when its confirmation counts
	Word   *int64    `json:"confirm,omitempty"` // entry of the confirmation
	ahead  bool      // which is dated later than now
}

// prune says what is due by the rule of a configuration, and confirms it if that is the order.
func (k desk) prune(ctx context.Context, term configs.Diary, o pruneOrder) (a pruneAnswer, err error) {
	if a, err = k.due(ctx, term); err != nil || !o.Confirm {
		return a, err
	}
	by, err := o.known()
	if err == nil {
		o.Reason, err = said("--reason", o.Reason)
	}
	if err == nil && o.Reason == "" {
		err = errors.New("an approver confirms in his own name, and says how he knows: give --reason TEXT")
	}
	switch {
	case err != nil:
		return a, err
	case len(a.Due) == 0:
		return a, errors.New("no entries are past their term by the clock of this machine: there is nothing to confirm")
	case a.Due[0].Shown != "":
		return a, fmt.Errorf("nothing needs to be confirmed: %s", a.Due[0].Shown)
	case a.Due[0].Word != nil && !a.Due[0].ahead:
		return a, fmt.Errorf("entry %d confirms that already, and counts from %s on", *a.Due[0].Word, a.Due[0].Counts.Format(time.DateOnly))
	}
	got, err := k.diary.ConfirmPrune(ctx, proof.Body{Actor: &by, Purpose: o.Reason,
		Data: map[string]any{"year": int64(a.Due[0].Year), "below": a.Due[0].Below}})
	if err != nil {
		return a, fmt.Errorf("the confirmation was not entered: %w", err)
	}
	a, err = k.due(ctx, term)
	a.Entered = &got.Index
	return a, err
}

// due is what is past its term now.
func (k desk) due(ctx context.Context, term configs.Diary) (a pruneAnswer, err error) {
	years, err := k.diary.Prunable(ctx, pruning(term, &hold.Register{Diary: k.diary}))
	if err != nil {
		return a, err
	}
	a = pruneAnswer{Years: term.TermYears, Due: []dueYear{}}
	for _, y := range years {
		d := dueYear{Year: y.Year, From: k.diary.Head().Cut, Below: y.Cut, Since: y.Since, Shown: shown(y)}
		if y.Lacks != nil {
			d.Lacks = y.Lacks.Error()
		}
		if y.Person != nil {
			d.Word, d.Counts, d.ahead = &y.Person.Index, y.Person.Counts, y.Person.Ahead
		}
		a.Due = append(a.Due, d)
	}
	return a, nil
}

// shown says what shows that a year is due.
func shown(y diary.Prunable) string {
	switch {
	case y.Lacks != nil:
		return ""
	case y.Evidence == proof.ByPerson:
		return fmt.Sprintf("entry %d confirms it, and 30 days have passed", y.Confirmed)
	}
	return fmt.Sprintf("%s said that it was %s when the diary had %d entries", y.Party, y.Time.Format("2006-01-02 15:04"), y.Size)
}

// text is the answer for people.
func (a pruneAnswer) text() string {
	var b strings.Builder
	if len(a.Due) == 0 {
		fmt.Fprintf(&b, "Nothing is due. Entries are kept %d years past the end of their calendar year.\n", a.Years)
	}
	for _, d := range a.Due {
		b.WriteString(fold(fmt.Sprintf("Entries %d to %d, of %d and before: past their term of %d years since %s by the clock of this machine.",
			d.From, d.Below-1, d.Year, a.Years, d.Since.Format(time.DateOnly)), 79))
		if d.Shown != "" {
			b.WriteString("  " + fold("They go within the hour while varuh runs: "+d.Shown+".", 77))
		} else {
			b.WriteString("  " + fold("They stay: "+d.Lacks+".", 77))
		}
	}
	if a.Entered != nil {
		fmt.Fprintf(&b, "Entered as entry %d.", *a.Entered)
		if len(a.Due) > 0 && !a.Due[0].Counts.IsZero() {
			fmt.Fprintf(&b, " It counts from %s on.", a.Due[0].Counts.Format(time.DateOnly))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// prunePath is where it is asked.
const prunePath = "/diary/prune"

// handPrune serves it.
func (d *Daemon) handPrune(mux *http.ServeMux) {
	mux.HandleFunc("POST "+prunePath, func(w http.ResponseWriter, r *http.Request) {
		var o pruneOrder
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&o); err != nil {
			d.refuse(w, http.StatusBadRequest, err)
			return
		}
		k, err := d.desk()
		if err != nil {
			d.refuse(w, http.StatusServiceUnavailable, err)
			return
		}
		d.carryOut(w, r, prunePath, &o, func() error {
			a, err := k.prune(r.Context(), d.cfg.Diary, o)
			if a.Entered != nil {
				d.clerk.wrote("prune.confirm")
			}
			if err != nil {
				d.refuse(w, http.StatusForbidden, err)
				return nil
			}
			d.answer(w, a)
			return nil
		})
	})
}
