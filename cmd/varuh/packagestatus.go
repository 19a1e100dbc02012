package main

import (
	"cmp"
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
	Left     int             `json:"left,omitempty"`     // objects on stores that can be neither read nor destroyed
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
	Taken   time.Time    `json:"taken,omitzero"`    // when it was taken out for the first time, so that its handover can be entered; zero: it was not
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
	packageGone     packageState = "gone"     // it was taken out and is destroyed, and nobody has entered that it was handed over
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
		requests, err := d.eraser.requests(context.Background())
		if err != nil {
			return packagesRead(d.Boot.Now(), nil, err)
		}
		list, err := readPackages(context.Background(), jobs, requests)
		st := packagesRead(d.Boot.Now(), list, err)
		st.Left = jobs.Left()
		return st
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

// packagesThere is what the status asks of packages.
type packagesThere interface {
	List(ctx context.Context, ended bool) ([]packing.Job, error)
	Tried(ctx context.Context, request string) ([]packing.Job, error)
	Links(ctx context.Context, request string) ([]packing.Link, error)
	Deliveries(ctx context.Context, request string) ([]packing.Delivery, error)
}

// requestsThere is what it asks of requests.
type requestsThere interface {
	Granted(context.Context) ([]disclosure.Request, error)
	Request(ctx context.Context, id string) (disclosure.Request, error)
}

// readPackages reads how packages are that are there, or that a request waits for. Of what is over it reads nothing: no row of
// those is ever deleted.
func readPackages(ctx context.Context, jobs packagesThere, requests requestsThere) (list []packageStatus, err error) {
	open, err := jobs.List(ctx, false)
	if err != nil {
		return nil, err
	}
	last := map[string]packing.Job{}
	for _, job := range open {
		last[job.Request] = job
	}
	granted, err := requests.Granted(ctx)
	if err != nil {
		return nil, err
	}
	for _, job := range open {
		if slices.ContainsFunc(granted, func(q disclosure.Request) bool { return q.ID == job.Request }) {
			continue
		}
		q, err := requests.Request(ctx, job.Request)
		if err != nil {
			return nil, err
		}
		granted = append(granted, q)
	}
	for _, q := range granted {
		one, asks, err := packageOf(ctx, jobs, q, last[q.ID])
		if err != nil {
			return nil, err
		}
		if asks {
			list = append(list, one)
		}
	}
	slices.SortFunc(list, func(a, b packageStatus) int { return cmp.Compare(a.Entry, b.Entry) })
	return list, nil
}

// packageOf is how the last package of a request is, by the one that is there or to be built, if there is one.
func packageOf(ctx context.Context, jobs packagesThere, q disclosure.Request, job packing.Job) (one packageStatus, asks bool, err error) {
	tries := 0
	if !job.Staged() {
		list, err := jobs.Tried(ctx, q.ID)
		if err != nil || len(list) == 0 {
			return one, false, err
		}
		job, tries = list[len(list)-1], triesOf(list)
	}
	var taken time.Time
	if job.Stage != 0 {
		if taken, err = takenOut(ctx, jobs, job); err != nil {
			return one, false, err
		}
	}
	if one, asks = statusOf(job, q, tries, taken); !asks || !job.Staged() {
		return one, asks, nil
	}
	links, err := jobs.Links(ctx, q.ID)
	for _, l := range links {
		if !l.Restored {
			one.Links++
		}
	}
	return one, true, err
}

// triesOf counts the last tries that came to nothing, one after the other.
func triesOf(list []packing.Job) (n int) {
	for _, job := range list {
		switch {
		case job.Why == packing.Failed:
			n++
		case job.Stage != 0 || job.Why != "":
			n = 0
		}
	}
	return n
}

// takenOut is when a package was first taken out, so that its handover can be entered; zero: it was not.
func takenOut(ctx context.Context, jobs packagesThere, job packing.Job) (time.Time, error) {
	list, err := jobs.Deliveries(ctx, job.Request)
	for _, d := range list {
		if d.Package == job.ID && d.Taken() {
			return d.Over, err
		}
	}
	return time.Time{}, err
}

// statusOf is how far a package has come, by its request, the tries of it that came to nothing, and when it was taken out. It is false
// for one that ended and for which nobody has anything to do.
func statusOf(job packing.Job, q disclosure.Request, tries int, taken time.Time) (one packageStatus, asks bool) {
	one = packageStatus{Request: job.Request, Entry: job.ID, Tries: tries, Ended: job.Ended, Taken: taken, State: packageBuilding}
	switch job.Step {
	case packing.Over:
		switch {
		case q.State == disclosure.Built && !taken.IsZero():
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
		return "taken out, destroyed, handover not entered"
	case p.State == packageHanded:
		return "handed over"
	}
	return string(p.State)
}
