package main

import (
	"fmt"
	"slices"
	"time"

	"varuh/retention"
)

// The bounds of alarms.
const (
	triesAlarm = 2              // that come to nothing one after the other
	leftAlarm  = 48 * time.Hour // before a package is destroyed that nobody has taken out
	handAlarm  = 48 * time.Hour // after one was taken out, until it is entered that it was handed over
)

// packageAlarm is something about a package that a person has to see to.
type packageAlarm struct {
	what     string // in metrics
	sentence string // with how many packages
	so       func(packageStatus, time.Time) bool
}

// packageAlarms are all. The first that is so of a package is told of it.
var packageAlarms = []packageAlarm{
	{"login", "%s to be built: somebody has to log in who can open footage (varuh unlock --as LOGIN)", func(p packageStatus, _ time.Time) bool { return p.State == packageLocked }},
	{"failing", "%s: building came to nothing several times, so see why before the footage is gone (varuh package list --ended)",
		func(p packageStatus, _ time.Time) bool { return p.State != packageStaged && p.Tries >= triesAlarm }},
	{"failed", "%s: building came to nothing, so see why (varuh package list --ended), and order it again (varuh package build REQUEST --as LOGIN)",
		func(p packageStatus, _ time.Time) bool { return p.State == packageFailed }},
	{"waiting", "%s: building can't begin and is tried again by itself, so see why (varuh package list)", func(p packageStatus, _ time.Time) bool { return p.Waits }},
	{"handover", "%s: taken out days ago, and nobody has entered that it was handed over, so enter it (varuh package handover REQUEST)", func(p packageStatus, now time.Time) bool {
		return p.State == packageGone || p.State == packageStaged && !p.Taken.IsZero() && now.Sub(p.Taken) >= handAlarm
	}},
	{"untaken", "%s: destroyed in less than 2 days, and nobody has taken it out, so hand it over (varuh package list)", func(p packageStatus, now time.Time) bool {
		return p.State == packageStaged && p.Taken.IsZero() && !p.Until.IsZero() && p.Until.Sub(now) < leftAlarm
	}},
}

// alarms counts packages by what is alarming about them; each is there, with zeros too.
func (st packagesStatus) alarms() map[string]int {
	out := map[string]int{}
	for _, a := range packageAlarms {
		out[a.what] = 0
	}
	for _, p := range st.Packages {
		if i := slices.IndexFunc(packageAlarms, func(a packageAlarm) bool { return a.so(p, st.At) }); i >= 0 {
			out[packageAlarms[i].what]++
		}
	}
	return out
}

// partPackages is the part of what is raised that is about packages. The status tells of it by [packagesStatus], as of that moment.
const partPackages = "packages"

// events are what asks for a person, by the kind of each.
func (st packagesStatus) events() (list []retention.Event) {
	if st.Sentence != "" {
		list = append(list, retention.Event{Kind: "package unknown", Sentence: st.Sentence})
	}
	if st.Left > 0 {
		list = append(list, retention.Event{Kind: "package left", Sentence: fmt.Sprintf("%s on the stores can't be read or destroyed, or came from a newer varuh: look at the log and the disk, or update varuh", count(st.Left, "package", "packages"))})
	}
	counts := st.alarms()
	for _, a := range packageAlarms {
		if n := counts[a.what]; n > 0 {
			list = append(list, retention.Event{Kind: "package " + a.what, Sentence: fmt.Sprintf(a.sentence, count(n, "package", "packages"))})
		}
	}
	return list
}

// troubles are the sentences of what asks for a person.
func (st packagesStatus) troubles() (list []string) {
	for _, ev := range st.events() {
		list = append(list, ev.Sentence)
	}
	return list
}

// tellPackages logs what begins to ask for a person, and what does no more. Where packages could not be looked at nothing ends.
func (e *eraser) tellPackages(st packagesStatus) {
	e.settle(partPackages, st.events(), !st.At.IsZero() && st.Sentence == "")
}
