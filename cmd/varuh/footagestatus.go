package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"varuh/accesslog/disclosure"
	"varuh/accesslog/hold"
	"varuh/retention"
)

// retentionStatus is what the daemon tells of the terms of footage. It is as of the last run; nothing is read for it.
type retentionStatus struct {
	At           time.Time                            `json:"at,omitzero"` // of the last run; zero: there was none
	Present      retention.Present                    `json:"present"`
	Clock        string                               `json:"clock,omitempty"` // what a person is to do about it, "" for nothing
	Cameras      []cameraRetention                    `json:"cameras"`
	Due          int                                  `json:"due"`                     // segments that the next run takes
	Late         int                                  `json:"late"`                    // of these, segments past their term
	Failed       int                                  `json:"failed"`                  // segments that the last run could not erase
	Undated      int                                  `json:"undated"`                 // segments of which nobody can tell when they were recorded
	Astray       int                                  `json:"astray"`                  // segments whose date contradicts what is certain, these not included
	Findings     int                                  `json:"findings"`                // incidents that the last walk of the disks found
	Since        time.Time                            `json:"findings_since,omitzero"` // since when the oldest of them lasts
	Capacity     int64                                `json:"capacity"`
	Held         int                                  `json:"held"`       // segments
	HeldBytes    int64                                `json:"held_bytes"` //
	Holds        int                                  `json:"holds"`
	Restrictions int                                  `json:"restrictions"`
	Overdue      int                                  `json:"overdue"`          // holds and restrictions whose day of review has passed
	Review       string                               `json:"review,omitempty"` // day on which one of them is looked at next, in the site's zone
	Pending      []retention.Change                   `json:"pending"`
	Requests     map[disclosure.What]disclosure.Tally `json:"requests,omitempty"` // what is due of requests for footage
	Troubles     []string                             `json:"troubles"`
}

// cameraRetention is one camera's footage against its term and its promise.
type cameraRetention struct {
	retention.Depth
	retention.Standing
}

// heldTooMuch is the part of what the stores can take above which what is held is an alarm, in percent.
const heldTooMuch = 5

// status is how footage stands. It waits for no disk.
func (e *eraser) status() retentionStatus {
	e.mu.Lock()
	s := e.stand
	e.mu.Unlock()
	st := retentionStatus{At: s.At, Present: e.time.now(), Capacity: s.Capacity, Holds: len(s.Holds), Restrictions: len(s.Restrictions),
		Pending: s.Waits, Failed: s.Failed, Requests: s.Requests}
	for _, d := range s.Depths {
		c := cameraRetention{d, s.Cameras[d.Camera]}
		st.Cameras = append(st.Cameras, c)
		st.Due += c.Due
		st.Late += c.Late
		st.Undated += c.Undated
		st.Astray += c.Astray - c.Undated
	}
	st.Findings, st.Since = e.lasting.of(partWalk)
	st.Clock = e.clockSays(st.Present)
	st.Held, st.HeldBytes = s.held()
	st.Overdue, st.Review = overdue(s, e.time.boot.Now()), nextReview(s, e.zone())
	st.Troubles = st.troubles(s.Err)
	for _, more := range []string{e.doubts(s), e.kept.sentence()} {
		if more != "" {
			st.Troubles = append(st.Troubles, more)
		}
	}
	st.Troubles = append(st.Troubles, e.alarms()...)
	if w := e.time.sentence(); w != "" {
		st.Troubles = append(st.Troubles, w)
	}
	return st
}

// overdue counts what was to be looked at again by now.
func overdue(s standing, now time.Time) (n int) {
	for _, h := range s.Holds {
		if h.Kind != hold.Provisional && !h.Review.After(now) {
			n++
		}
	}
	for _, r := range s.Restrictions {
		if !r.Review.After(now) {
			n++
		}
	}
	return n
}

// troubles are the sentences of what asks for a person.
func (st retentionStatus) troubles(err error) (list []string) {
	add := func(yes bool, sentence string, args ...any) {
		if yes {
			list = append(list, fmt.Sprintf(sentence, args...))
		}
	}
	add(err != nil, "how footage stands against its terms can't be told: %v", err)
	add(st.Clock != "", "%s", st.Clock)
	add(st.Late > 0, "%s past the term and still there: look at the log", count(st.Late, "segment is", "segments are"))
	for _, c := range st.Cameras {
		add(c.Undated > 0, "%s", undatedSays(c))
		add(c.Astray > c.Undated, "%s", astraySays(c))
		list = append(list, c.Warnings...)
	}
	add(st.Findings > 0, "disks and index contradict each other in %s, the first since %s UTC: varuh footage check shows where", count(st.Findings, "place", "places"), stamp(st.Since))
	for _, p := range st.Pending {
		add(p.Confirm, "%s: a change by which footage goes earlier waits for an approver (varuh policy show)", p.Camera)
	}
	add(st.Capacity > 0 && st.HeldBytes > st.Capacity/100*heldTooMuch, "holds keep %s, more than %d %% of what the stores can take: recording may suffer; add a disk, or clear what need not be held",
		size(uint64(st.HeldBytes)), heldTooMuch)
	add(st.Overdue > 0, "%s past the day of review: look at them again (varuh hold list, varuh restrict list)", count(st.Overdue, "hold or restriction is", "holds and restrictions are"))
	return list
}

// table is one line a camera, and one for what is held.
func (st retentionStatus) table(now time.Time) string {
	if st.At.IsZero() || len(st.Cameras) == 0 {
		return st.heldLine()
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "CAMERA\tLIMIT\tPROMISED\tREAL\tFORECAST\tDUE\tLATE\tHELD")
	for _, c := range st.Cameras {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\n", c.Camera, c.Limit, orDash(c.Promised.IsZero(), c.Promised.String()), deep(c.Real),
			deep(c.Forecast), c.Due, c.Late, c.Held)
	}
	if err := w.Flush(); err != nil {
		return err.Error() // a strings.Builder takes everything
	}
	return b.String() + st.heldLine()
}

func orDash(none bool, text string) string {
	if none {
		return "-"
	}
	return text
}

// deep is how far back footage reaches, in words.
func deep(d time.Duration) string {
	switch {
	case d < 2*time.Hour:
		return fmt.Sprintf("%.0f min", d.Minutes())
	case d < 48*time.Hour:
		return fmt.Sprintf("%.0f h", d.Hours())
	}
	return fmt.Sprintf("%.0f days", d.Hours()/24)
}
