package main

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"varuh/accesslog/disclosure"
	"varuh/accesslog/packing"
	"varuh/accesslog/people"
)

// stateOf is how far a request has come, in words for a table.
func stateOf(q disclosure.Request) string {
	state := string(q.State)
	if q.Single {
		state += ", single-handed"
	}
	if q.PaperPending {
		state += ", paper pending"
	}
	if q.Released {
		state += ", closed"
	}
	return state
}

// day is that of a moment on the site.
func (a requestsAnswer) day(t time.Time) string { return t.In(zoneOf(a.Zone)).Format(time.DateOnly) }

// decideBy is until when a request is to be decided: both days, where they differ. It is "" where no law says.
func (a requestsAnswer) decideBy(q disclosure.Request) string {
	d, ok := q.Deadline(zoneOf(a.Zone))
	switch {
	case !ok:
		return ""
	case d.Moved():
		return d.Last.Format(time.DateOnly) + " (the term ends " + d.Ends.Format(time.DateOnly) + ")"
	}
	return d.Last.Format(time.DateOnly)
}

// dueOf is what is due of a request.
func (a requestsAnswer) dueOf(id string) string {
	var list []string
	for _, d := range a.Due {
		switch {
		case d.Request != id:
		case d.Late:
			list = append(list, string(d.What)+" late")
		case d.Soon:
			list = append(list, string(d.What)+" soon")
		}
	}
	return orDash(len(list) == 0, strings.Join(list, ", "))
}

// text is all that is known of a request without reading the diary.
func (a requestsAnswer) text(q disclosure.Request, by typing) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Request %s (%s, by %s) is %s.\n", q.ID, q.Kind, q.Way, stateOf(q))
	fmt.Fprintf(&b, "Received %s", a.day(q.Received))
	if by := a.decideBy(q); by != "" {
		fmt.Fprintf(&b, ", to be decided by %s", by)
	}
	b.WriteString(".\n")
	b.WriteString(missingIn(q))
	for _, w := range q.Wanted {
		fmt.Fprintf(&b, "Asks for %s from %s to %s UTC.\n", cameraName(w.Camera), stamp(w.From), stamp(w.To))
	}
	what := "In the package"
	if q.Left.Delivery != 0 || !q.Handed.IsZero() {
		what = "Delivered"
	}
	for _, w := range q.Delivered {
		fmt.Fprintf(&b, "%s: %s from %s to %s UTC.\n", what, cameraName(w.Camera), stamp(w.From), stamp(w.To))
	}
	b.WriteString(restoredOver(a.Restored, a.Zone))
	b.WriteString("What was done, and the entry that says who and why (varuh diary show ENTRY --reason TEXT" + by.as("LOGIN") + "):\n")
	for _, d := range a.Course {
		fmt.Fprintf(&b, "  %s  %-18s entry %d\n", stamp(d.At), d.Op, d.Entry)
	}
	b.WriteString(nextOf(q, by))
	return b.String()
}

// text is what a step came to that somebody has done.
func (d requestDone) text(by typing) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Request %s is %s; entry %d says so.\n", d.Request.ID, stateOf(d.Request), d.Entry)
	b.WriteString(missingIn(d.Request))
	if d.Gone > 0 {
		fmt.Fprintf(&b, "! Nothing is here of %s that it asks for.\n", count(d.Gone, "stretch of footage", "stretches of footage"))
	}
	b.WriteString(restoredOver(d.Restored, d.Zone))
	return b.String() + nextOf(d.Request, by)
}

// restoredOver are lines of restores, after which nobody knows what left for a request.
func restoredOver(list []disclosure.Restored, zone string) string {
	var b strings.Builder
	for _, r := range list {
		fmt.Fprintf(&b, "! %s\n", r.SaysOf(zoneOf(zone)).En)
	}
	return b.String()
}

// missingIn are lines of what a request lacks.
func missingIn(q disclosure.Request) string {
	var b strings.Builder
	for _, f := range q.Missing {
		fmt.Fprintf(&b, "! Missing: %s.\n", f.In("en"))
	}
	return b.String()
}

// typing is by whom commands are typed, and about which folder, so that those that come next can be told whole.
type typing struct{ login, dir string }

// typing is how commands are typed that follow one of a person; "" is nobody who is known.
func (c *cli) typing(login string) typing { return typing{login, c.Dir} }

// as is the end of a command of a person; "" is whoever types.
func (t typing) as(login string) string {
	return " --as " + cmp.Or(login, t.login, "LOGIN") + t.here()
}

// here is the end of a command that takes no log-in.
func (t typing) here() string {
	if t.dir == "" {
		return ""
	}
	return " --dir " + shellWord(t.dir)
}

// nextOf are the commands by which a request goes on, whole but for what nobody knows yet.
func nextOf(q disclosure.Request, by typing) string {
	var b strings.Builder
	say := func(what string, commands ...string) {
		b.WriteString(what + ":\n")
		for _, c := range commands {
			b.WriteString("  varuh " + c + "\n")
		}
	}
	me, approver := by.as(""), by.as("LOGIN")
	if q.PaperPending {
		say("Once its paper comes", "request scan "+q.ID+" FILE"+me)
	}
	switch {
	case q.Released:
	case q.State == disclosure.Incomplete:
		say("Once that comes, put what the request says now into a file, complete it, and enter it", "request read "+q.ID+approver+" > request.json", "request supplement "+q.ID+" request.json --scan FILE"+me)
	case q.State == disclosure.Complete, q.State == disclosure.Extended, q.State == disclosure.OwnLaw, q.State == disclosure.Silent:
		say("Read what it says, then approve just that, or refuse it", "request read "+q.ID+approver,
			fmt.Sprintf("request approve %s --content %d", q.ID, q.Content)+approver, "request refuse "+q.ID+" --reasons TEXT"+approver)
	case q.State == disclosure.Approved && q.Form.Shown():
		say("Show the footage, on the pages, to whom it concerns; then enter by which viewing", "request viewings "+q.ID+me,
			"request shown "+q.ID+" --viewing ENTRY --recipient TEXT --known TEXT --warned"+me)
	case q.State == disclosure.Approved:
		say("Have its package built, and see how far it is", "package build "+q.ID+me, "package list"+by.here())
	case q.State == disclosure.Built:
		say("Hand the package over", deliverCommand(q.ID)+me)
		if q.Left.Delivery != 0 {
			say("Footage may have left already; once it has whole, enter the handover", "package handover "+q.ID+" --recipient TEXT --known TEXT --medium TEXT --warned"+me)
		}
	case q.State == disclosure.HandedOver:
		say("Once the recipient has confirmed that he has it", confirmCommand(q.ID)+me)
	case q.State == disclosure.Confirmed, q.State == disclosure.Refused, q.State == disclosure.Withdrawn:
		say("Once nobody needs what it holds any more, as an approver", "request release "+q.ID+" --reason TEXT"+approver)
	}
	return b.String()
}

// forCommand says of an error what command comes next.
func forCommand(err error, request string) error {
	for _, hint := range []struct {
		is   error
		says string
	}{
		{disclosure.ErrUnknown, "varuh request list shows those that there are"},
		{disclosure.ErrMeanwhile, "varuh request show %s"},
		{disclosure.ErrLeft, "varuh request show %s says what left; the applicant himself may withdraw it"},
		{disclosure.ErrStep, "varuh request show %s says what can be done"},
		{disclosure.ErrFourEyes, "varuh request approve %s … --as LOGIN, by another approver; or, if nobody else is authorised or it is urgent, --alone TEXT says why one person does both"},
		{packing.ErrUnknown, "varuh package build %s --as LOGIN"},
		{packing.ErrOrdered, "varuh package list says how far it is"},
		{packing.ErrBuilt, "varuh package deliver %s --to DIR --recipient TEXT --warned --as LOGIN hands it over; it goes by itself seven days after it was taken out, with its footage, or once the request is withdrawn or released"},
		{packing.ErrNotBuilt, "varuh package list says how far it is"},
		{packing.ErrNotTaken, "varuh package deliver %s --to DIR --recipient TEXT --warned --as LOGIN"},
		{packing.ErrLink, "varuh package link list %s --as LOGIN"},
		{packing.ErrOver, "varuh package build %s --as LOGIN has it built again, as long as the request is approved"},
		{people.ErrLocked, "varuh unlock --as LOGIN"},
	} {
		if errors.Is(err, hint.is) {
			if strings.Contains(hint.says, "%s") {
				hint.says = fmt.Sprintf(hint.says, request)
			}
			return fmt.Errorf("%w (%s)", err, hint.says)
		}
	}
	return err
}
