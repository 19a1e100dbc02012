package main

import (
	"context"
	"fmt"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/retention"
)

// The operations by which persons say how late it is.
const (
	opClockConfirm = "clock.confirm" // the machine's clock is right
	opClockSetBack = "clock.back"    // what was certain was wrong; by an approver and another person
)

// clockOrder states the present, as the person who asks sees it.
type clockOrder struct {
	who
	Reason string
	Time   time.Time
}

// backOrder takes the present back, as two persons who ask see it.
type backOrder struct {
	clockOrder
	second
}

// clockAnswer is the present, and what was said of it.
type clockAnswer struct {
	Wall    time.Time         `json:"wall"` // what the machine's clock shows
	Zone    string            `json:"zone"` // of the site
	Said    time.Time         `json:"said"`
	Entry   int64             `json:"entry"`
	Present retention.Present `json:"present"`
}

var (
	askClock        = asking[struct{}, clockAnswer]{"/clock/show", "", false, (*eraser).showClock}
	askConfirmClock = asking[clockOrder, clockAnswer]{"/clock/confirm", opClockConfirm, true, (*eraser).confirmClock}
	askSetBackClock = asking[backOrder, clockAnswer]{"/clock/set-back", opClockSetBack, true, (*eraser).setBackClock}
)

// clockAgrees is how far what a person says may be from what the machine's clock shows: it takes a while to read and type.
const clockAgrees = 5 * time.Minute

// showClock tells what there is to be confirmed.
func (e *eraser) showClock(context.Context, struct{}) (a clockAnswer, err error) {
	_, zone := e.config()
	a.Present, a.Wall = e.time.observe(), e.time.boot.Now().UTC().Round(0)
	if zone != nil {
		a.Zone = zone.String()
	}
	return a, nil
}

// agrees refuses a time that the machine's clock does not show. Whoever states it and the clock would else be two parties
// that disagree, and footage is dated by the clock.
func (e *eraser) agrees(at time.Time) error {
	wall := e.time.boot.Now()
	if at.Sub(wall).Abs() <= clockAgrees {
		return nil
	}
	return fmt.Errorf("the machine's clock shows %s UTC, and you say that it is %s UTC: nothing was entered. Set the clock right first, by a time server "+
		"(timedatectl set-ntp true) or by hand (timedatectl set-ntp false; timedatectl set-time '%s'), then say it again",
		stamp(wall), stamp(at), at.Local().Format(time.DateTime))
}

// confirmClock takes a person's word that the machine's clock is right.
func (e *eraser) confirmClock(ctx context.Context, o clockOrder) (a clockAnswer, err error) {
	by, reason, err := o.claimed()
	if err != nil {
		return a, err
	}
	_, d, err := e.books()
	if err != nil {
		return a, err
	}
	if err := e.agrees(o.Time); err != nil {
		return a, err
	}
	a.Said = o.Time.UTC().Truncate(time.Second)
	got, err := d.Append(ctx, diary.Entry{Op: opClockConfirm, Body: proof.Body{Actor: &by, Purpose: reason,
		Data: map[string]any{"said": a.Said.Format(time.RFC3339)}}}, nil)
	if err != nil {
		return a, fmt.Errorf("the confirmation was not entered: %w", err)
	}
	a.Entry = got.Index
	a.Present = e.time.observe(retention.Told{By: person, Time: a.Said})
	return a, nil
}

// claimed are actor and reason as they are entered.
func (o clockOrder) claimed() (by proof.Actor, reason string, err error) {
	if by, err = o.known(); err == nil {
		reason, err = why(o.Reason)
	}
	return by, reason, err
}

// setBackClock takes back what was certain, on the word of two persons, where the machine's clock says the same as they.
func (e *eraser) setBackClock(ctx context.Context, o backOrder) (a clockAnswer, err error) {
	by, reason, err := o.claimed()
	if err != nil {
		return a, err
	}
	if o.other == (proof.Actor{}) || proof.SamePerson(by.Name, o.other.Name) {
		return a, errOnePerson
	}
	_, d, err := e.books()
	if err != nil {
		return a, err
	}
	was := e.time.observe().Certain
	if err := e.agrees(o.Time); err != nil {
		return a, err
	}
	a.Said = o.Time.UTC().Truncate(time.Second)
	if was.Sub(a.Said) <= retention.Tolerance {
		return a, fmt.Errorf("there is nothing to take back: only %s UTC is certain to have come, and it is %s UTC (varuh clock confirm)", stamp(was), stamp(a.Said))
	}
	if err := e.keepTerms(ctx, d, was, a.Said); err != nil {
		return a, fmt.Errorf("what is decided of terms can't be kept in force, so nothing was changed: %w", err)
	}
	got, err := d.Append(ctx, diary.Entry{Op: opClockSetBack, Body: proof.Body{Actor: &by, Purpose: reason,
		Data: map[string]any{"second": o.other.Name, "second_id": o.other.ID, "second_proof": o.other.Proof, "was": was.Format(time.RFC3339), "said": a.Said.Format(time.RFC3339)}}}, nil)
	if err != nil {
		return a, fmt.Errorf("it was not entered, and nothing was changed: %w", err)
	}
	a.Entry = got.Index
	a.Present, err = e.time.setBack(a.Said)
	return a, err
}

// keepTerms keeps in force what came into force by a present that is taken back. Should the present stay as it is all the
// same, that is no other term for anything.
func (e *eraser) keepTerms(ctx context.Context, d *diary.Diary, was, to time.Time) error {
	e.deciding.Lock()
	defer e.deciding.Unlock()
	old, err := readPolicies(ctx, d)
	if err != nil {
		return err
	}
	_, err = writePolicies(ctx, d, opPolicySet, proof.Body{Note: "the present is set back; what was in force by it stays in force"}, old, old.SetBack(was, to))
	return err
}

// calmFor is how long after a start nobody is bothered with a present that those outside are still asked about.
const calmFor = time.Hour

// clockSays is what a person is to do about a present that is not certain, "" for nothing.
func (e *eraser) clockSays(p retention.Present) string {
	switch ahead := p.Certain.Sub(e.time.boot.Now()); {
	case !p.Held, p.Certain.IsZero() && e.outside && e.time.boot.Uptime()-e.born < calmFor:
		return ""
	case p.Certain.IsZero():
		return "nobody has confirmed date and time yet, and until then no footage goes at its term: say once that the machine's clock is right (varuh clock confirm). " +
			"Recording goes on"
	case ahead > retention.Tolerance:
		return fmt.Sprintf("it is not certain how late it is: %s. If the clock is right and that was wrong, two persons take it back (varuh clock set-back)", p.Why)
	}
	return fmt.Sprintf("it is not certain how late it is, and what falls due meanwhile stays: %s (varuh clock confirm)", p.Why)
}
