package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/packing"
)

// packagesStatus is what the daemon tells of packages: of those that are there or to be built, and of those that could not be.
type packagesStatus struct {
	At       time.Time       `json:"at,omitzero"` // of this look; zero: there was none
	Packages []packageStatus `json:"packages"`
	Sentence string          `json:"sentence,omitempty"` // why nothing can be told; "" for nothing
}

// packageStatus is one. It names nobody, and no case.
type packageStatus struct {
	Request string       `json:"request"`
	Entry   int64        `json:"entry"` // package.order
	State   packageState `json:"state"`
	Percent int          `json:"percent,omitempty"` // that is written, about
	Tries   int          `json:"tries,omitempty"`   // that came to nothing, one after the other
	Ended   int64        `json:"ended,omitempty"`   // the entry that says why the last one did
	Waits   bool         `json:"waits,omitempty"`   // it can't be begun, and is tried again by itself
	Until   time.Time    `json:"until,omitzero"`    // when it is destroyed at the latest
	Taken   time.Time    `json:"taken,omitzero"`    // when it left whole for the first time; zero: it has not
	Links   int          `json:"links,omitempty"`   // in force
}

// packageState is how far a package has come, for the status.
type packageState string

// The states, in order.
const (
	packageWaiting  packageState = "waiting"  // to be built, for others before it or for what it needs
	packageLocked   packageState = "locked"   // until somebody logs in who can open footage
	packageBuilding packageState = "building" // its footage is taken out, or it is written or proven
	packageStaged   packageState = "staged"   // it can be handed over
	packageHanded   packageState = "handed"   // it was handed over, and is kept for some days
	packageGone     packageState = "gone"     // it left whole and is destroyed, and nobody has entered that it was handed over
	packageFailed   packageState = "failed"   // it could not be built, and has to be ordered again
)

var packageStates = []packageState{packageWaiting, packageLocked, packageBuilding, packageStaged, packageHanded, packageGone, packageFailed}

// packagesNow is how packages are. It waits for no disk longer than a moment.
func (d *Daemon) packagesNow() packagesStatus {
	jobs := d.entrance.packages.Load()
	if jobs == nil {
		return packagesStatus{}
	}
	return d.packaged.look(func() packagesStatus {
		list, err := d.readPackages(context.Background(), jobs)
		return packagesRead(d.Boot.Now(), list, err)
	})
}

// packagesRead is what is told of packages as they were read. That the diary is closed as varuh stops is no trouble with packages.
func packagesRead(now time.Time, list []packageStatus, err error) packagesStatus {
	switch {
	case errors.Is(err, diary.ErrClosed):
		return packagesStatus{}
	case err != nil:
		return packagesStatus{At: now, Sentence: fmt.Sprintf("how packages for requests are can't be told: %v", err)}
	}
	return packagesStatus{At: now, Packages: list}
}

func (d *Daemon) readPackages(ctx context.Context, jobs *packing.Jobs) (list []packageStatus, err error) {
	requests, err := d.eraser.requests(ctx)
	if err != nil {
		return nil, err
	}
	all, err := jobs.List(ctx, true)
	if err != nil {
		return nil, err
	}
	last, tries := map[string]packing.Job{}, map[string]int{}
	for _, job := range all {
		switch {
		case job.Why == packing.Failed:
			tries[job.Request]++
		case job.Stage != 0 || job.Why != "":
			delete(tries, job.Request)
		}
		last[job.Request] = job
	}
	for _, job := range all {
		if job.ID != last[job.Request].ID {
			continue
		}
		q, err := requests.Request(ctx, job.Request)
		if err != nil {
			return nil, err
		}
		one, asks := statusOf(job, q, tries[job.Request])
		if !asks {
			continue
		}
		if err := one.left(ctx, jobs, job); err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

// statusOf is how far a package has come, by its request and the tries of it that came to nothing; false for one that ended
// and asks nobody for anything any more.
func statusOf(job packing.Job, q disclosure.Request, tries int) (one packageStatus, asks bool) {
	one = packageStatus{Request: job.Request, Entry: job.ID, Tries: tries, Ended: job.Ended, State: packageBuilding}
	switch job.Step {
	case packing.Over:
		switch {
		case q.State == disclosure.Built:
			one.State = packageGone
		case q.State == disclosure.Approved && job.Why == packing.Failed:
			one.State = packageFailed
		default:
			return one, false
		}
	case packing.Waiting:
		one.State, one.Waits = packageWaiting, job.Error != nil
	case packing.Locked:
		one.State = packageLocked
	case packing.Built:
		one.State, one.Until = packageStaged, packing.Until(job.Package, q)
		if !q.Handed.IsZero() {
			one.State = packageHanded
		}
	default:
		if job.Of > 0 {
			one.Percent = int(min(99, job.Done*100/job.Of))
		}
	}
	return one, true
}

// left fills in by what a package left, or can leave.
func (p *packageStatus) left(ctx context.Context, jobs *packing.Jobs, job packing.Job) (err error) {
	if job.Stage == 0 {
		return nil
	}
	links, err := jobs.Links(ctx, job.Request)
	if err != nil {
		return err
	}
	p.Links = len(links)
	list, err := jobs.Deliveries(ctx, job.Request)
	for _, d := range list {
		if d.Package == job.ID && leftWhole(d) && p.Taken.IsZero() {
			p.Taken = d.Over
		}
	}
	return err
}

// leftWhole tells whether a package left whole: or by a network, where the program stopped before it knew.
func leftWhole(d packing.Delivery) bool {
	return d.How == packing.Whole || d.How == packing.Unknown && d.Way != packing.Folder
}

// The bounds of alarms.
const (
	triesAlarm = 2              // that come to nothing one after the other
	leftAlarm  = 48 * time.Hour // before a package is destroyed that nobody has taken out
	handAlarm  = 48 * time.Hour // after one left whole, until it is entered that it was handed over
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
	{"handover", "%s: it left whole days ago, and nobody has entered that it was handed over, so enter it (varuh package handover REQUEST)", func(p packageStatus, now time.Time) bool {
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

// troubles are the sentences of what asks for a person.
func (st packagesStatus) troubles() (list []string) {
	if st.Sentence != "" {
		list = append(list, st.Sentence)
	}
	counts := st.alarms()
	for _, a := range packageAlarms {
		if n := counts[a.what]; n > 0 {
			list = append(list, fmt.Sprintf(a.sentence, count(n, "package", "packages")))
		}
	}
	return list
}

// counts counts packages by their states; each is there, with zeros too.
func (st packagesStatus) counts() map[packageState]int {
	out := map[packageState]int{}
	for _, s := range packageStates {
		out[s] = 0
	}
	for _, p := range st.Packages {
		out[p.State]++
	}
	return out
}

// next is when the first of the packages is destroyed at the latest; zero for none.
func (st packagesStatus) next() (until time.Time) {
	for _, p := range st.Packages {
		if !p.Until.IsZero() && (until.IsZero() || p.Until.Before(until)) {
			until = p.Until
		}
	}
	return until
}

// links counts the secret addresses in force.
func (st packagesStatus) links() (n int) {
	for _, p := range st.Packages {
		n += p.Links
	}
	return n
}

// table is one line a package.
func (st packagesStatus) table() string {
	if len(st.Packages) == 0 {
		return ""
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "PACKAGE OF\tSTATE\tDESTROYED BY (UTC)\tLINKS")
	for _, p := range st.Packages {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\n", p.Request, p.words(), orDash(p.Until.IsZero(), stamp(p.Until)), p.Links)
	}
	if err := w.Flush(); err != nil {
		return err.Error() // a strings.Builder takes everything
	}
	return b.String()
}

// words say how far a package has come.
func (p packageStatus) words() string {
	switch {
	case p.State == packageBuilding && p.Percent > 0:
		return fmt.Sprintf("building, %d %%", p.Percent)
	case p.State == packageLocked:
		return "waits for a log-in"
	case p.State == packageFailed:
		return fmt.Sprintf("failed, see entry %d", p.Ended)
	case p.State == packageStaged && !p.Taken.IsZero():
		return "staged, taken out"
	case p.State == packageGone:
		return "left whole, destroyed, handover not entered"
	case p.State == packageHanded:
		return "handed over"
	}
	return string(p.State)
}
