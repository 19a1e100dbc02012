package disclosure

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/people"
)

// Approval is a request's.
type Approval struct {
	Content int64  // the entry that says what was read and is approved: [Request.Content] as it was then
	Single  string // why one person alone approves: nobody else is authorised, or it is urgent. Only where nobody else does
	Remark  string
}

// leastReason is how many letters and digits a reason has in which one person says why he alone approves.
const leastReason = 10

// check refuses a reason that says nothing, and what is no text.
func (a Approval) check() error {
	if n := seen(a.Single); some(a.Single) && n < leastReason {
		return wrong("the reason why one person alone approves has %d letters: say in at least %d why nobody else can", n, leastReason)
	}
	return errors.Join(checkText("the reason", a.Single, maxText), checkText("the remark", a.Remark, maxText))
}

// seen is how many letters and digits of a text anybody sees.
func seen(text string) (n int) {
	for _, r := range text {
		if (unicode.IsLetter(r) || unicode.IsDigit(r)) && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) {
			n++
		}
	}
	return n
}

// Approve approves what a request says in an entry. [ErrMeanwhile] refuses what says something else by now: it was supplemented
// since whoever approves read it. [ErrFourEyes] refuses who entered it, but for a written reason; it then counts as
// single-handed.
func (r *Register) Approve(ctx context.Context, s people.Session, id string, a Approval) (diary.Receipt, error) {
	receipt, err := r.approve(ctx, s, id, a)
	if err == nil {
		err = r.follow(ctx, s.Actor(), id, "the approval", nil)
	}
	return receipt, err
}

// approve looks once more, right before the entry is written, at who entered the request and at what it says.
func (r *Register) approve(ctx context.Context, s people.Session, id string, a Approval) (diary.Receipt, error) {
	if err := a.check(); err != nil {
		return diary.Receipt{}, err
	}
	return r.takes(ctx, &s, id, Approve, func(q *Request, body *proof.Body) error {
		same := r.fourEyes(ctx, *q, s.Person.ID)
		switch {
		case same != nil && !errors.Is(same, ErrFourEyes):
			return same
		case same != nil && !some(a.Single):
			return same
		case same == nil && some(a.Single):
			return wrong("another person entered the request, so this is not single-handed: leave the reason out")
		case a.Content <= 0:
			return wrong("say what is approved: the number of the entry that says what the request asks for, as it was read")
		case a.Content != q.Content:
			return ErrMeanwhile
		}
		q.Single = same != nil
		body.Note = a.Remark
		body.Data = map[string]any{"single_handed": yes(q.Single), "content_entry": q.Content}
		if q.Single {
			body.Data["single_reason"] = a.Single
		} else if both, err := r.common(ctx, *q, s.Person.ID); err != nil {
			return fmt.Errorf("couldn't tell who made the accounts of who entered it and who approves: %w", err)
		} else if len(both) > 0 {
			body.Data["accounts_by"] = strings.Join(both, " ")
		}
		return r.decided(q)
	}, nil)
}

// decided dates a decision.
func (r *Register) decided(q *Request) error {
	q.Decided, q.Package = r.present().UTC(), ""
	return nil
}

// Refuse refuses a request with reasons, which the letter tells the applicant, or takes an approval back. What it holds
// stays so.
func (r *Register) Refuse(ctx context.Context, s people.Session, id, reasons string) (diary.Receipt, error) {
	if err := checkSaid("the reasons", reasons); err != nil {
		return diary.Receipt{}, err
	}
	return r.takes(ctx, &s, id, Refuse, func(q *Request, body *proof.Body) error {
		body.Note = reasons
		return r.decided(q)
	}, nil)
}

// Extend gives a request another day, which was agreed with the applicant: with whom and how.
func (r *Register) Extend(ctx context.Context, s people.Session, id string, day time.Time, agreed string) (diary.Receipt, error) {
	if err := errors.Join(checkSaid("with whom it was agreed, and how", agreed), r.checkDay(day)); err != nil {
		return diary.Receipt{}, err
	}
	return r.takes(ctx, &s, id, Extend, func(q *Request, body *proof.Body) error {
		if d, ok := q.Deadline(r.Zone); ok && d.Over(r.present()) {
			return wrong("the term is over already: it ended with %s", d.Ends.Format(time.DateOnly))
		} else if ok && civil(day).Before(civil(d.Last)) {
			return wrong("that is before %s, on which the term ends without it", d.Last.Format(time.DateOnly))
		}
		q.Due, body.Note = civil(day), agreed
		body.Data = map[string]any{"due": dayText(q.Due)}
		return nil
	}, nil)
}

// FollowLaw states that another law says how and until when the request is decided: which one, and the day, if it gives
// one. No silence is a refusal then.
func (r *Register) FollowLaw(ctx context.Context, s people.Session, id, law string, day time.Time) (diary.Receipt, error) {
	if err := checkSaid("which law", law); err != nil {
		return diary.Receipt{}, err
	}
	if !day.IsZero() {
		if err := r.checkDay(day); err != nil {
			return diary.Receipt{}, err
		}
	}
	return r.takes(ctx, &s, id, FollowLaw, func(q *Request, body *proof.Body) error {
		if q.Due = (time.Time{}); !day.IsZero() {
			q.Due = civil(day)
			body.Data = map[string]any{"due": dayText(q.Due)}
		}
		body.Note = law
		return nil
	}, nil)
}

// Withdraw enters that the applicant withdrew the request: who said so, and how. What it holds stays so.
func (r *Register) Withdraw(ctx context.Context, s people.Session, id, who string) (diary.Receipt, error) {
	return r.noted(ctx, s, id, Withdraw, "who withdrew it, and how", who, func(q *Request) { q.Package = "" })
}

// noted does a step that needs words and no more.
func (r *Register) noted(ctx context.Context, s people.Session, id string, step Step, name, words string, do func(*Request)) (diary.Receipt, error) {
	if err := checkSaid(name, words); err != nil {
		return diary.Receipt{}, err
	}
	return r.takes(ctx, &s, id, step, func(q *Request, body *proof.Body) error {
		body.Note = words
		do(q)
		return nil
	}, nil)
}

// Silence enters what nobody decided in time as refused, which is what the law takes it for (ZVOP-2 art. 41(2)), by a
// present that is certain, and returns what it entered. It is to be called once an hour.
func (r *Register) Silence(ctx context.Context, certain time.Time) (entered []Request, err error) {
	list, err := r.list(ctx, `SELECT `+columns+` FROM requests WHERE state IN ('complete', 'extended') ORDER BY entry`)
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, q := range list {
		d, ok := q.Deadline(r.Zone)
		if !ok || q.May(Lapse) != nil || !d.Over(certain) {
			continue
		}
		_, err := r.takes(ctx, nil, q.ID, Lapse, func(now *Request, body *proof.Body) error {
			if d, ok := now.Deadline(r.Zone); !ok || !d.Over(certain) {
				return ErrNothingDue // it was extended meanwhile
			}
			body.Note = "nobody decided in time: by law it counts as refused"
			body.Data = map[string]any{"due": dayText(d.Ends), "rule": string(d.Rule)}
			now.Decided = r.present().UTC()
			return nil
		}, nil)
		if err == nil {
			entered = append(entered, q)
		} else if !errors.Is(err, ErrStep) && !errors.Is(err, ErrMeanwhile) && !errors.Is(err, ErrNothingDue) {
			errs = append(errs, err) // the others: somebody decided at this very moment
		}
	}
	return entered, errors.Join(errs...)
}

// checkSaid refuses words that are missing, that nobody can read, or that are too long; name says of what they are.
func checkSaid(name, text string) error {
	if !readable(text) {
		return wrong("say %s", name)
	}
	return checkText(name, text, maxText)
}

// checkDay refuses a day that has passed, or is too far away.
func (r *Register) checkDay(day time.Time) error {
	today := civil(r.present().In(r.Zone))
	switch {
	case civil(day).Before(today):
		return wrong("the day %s has passed", day.Format(time.DateOnly))
	case civil(day).After(today.AddDate(1, 0, 0)):
		return wrong("the day %s is more than a year away", day.Format(time.DateOnly))
	}
	return nil
}

// civil is the day of a time, by the clock of its zone, at midnight UTC.
func civil(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}
