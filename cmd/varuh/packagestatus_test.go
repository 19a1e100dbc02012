package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"varuh/accesslog/diary"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/packing"
)

// Each way in which a package needs a person is one alarm, in the status, in both languages and as a number, and none is where
// nobody has to do anything. Neither sentences nor numbers name a request.
func TestPackagesAlarm(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	job := func(step packing.Step, p packing.Package) packing.Job {
		p.ID, p.Request = 1707, "4be0a217"
		return packing.Job{Package: p, Step: step}
	}
	due := func(left time.Duration) packing.Package { return packing.Package{Stage: 1801, Due: now.Add(left)} }
	handed := disclosure.Request{State: disclosure.HandedOver, Handed: now.Add(-time.Hour)}
	approved := disclosure.Request{State: disclosure.Approved}
	failing := job(packing.Waiting, packing.Package{})
	failing.Error = packing.ErrFootage
	for name, tt := range map[string]struct {
		packing.Job
		q      disclosure.Request
		tries  int
		taken  time.Time
		alarms string
		says   string
	}{
		"waits for others":             {Job: job(packing.Waiting, packing.Package{}), says: "waiting"},
		"can't begin":                  {Job: failing, says: "waiting", alarms: "waiting"},
		"locked":                       {Job: job(packing.Locked, packing.Package{}), says: "waits for a log-in", alarms: "login"},
		"building":                     {Job: packing.Job{Step: packing.Writing, Done: 40, Of: 100}, says: "building, 40 %"},
		"building, of unknown size":    {Job: packing.Job{Step: packing.Exporting}, says: "building"},
		"building once more":           {Job: packing.Job{Step: packing.Writing}, tries: 2, says: "building", alarms: "failing"},
		"failed":                       {Job: job(packing.Over, packing.Package{Ended: 1802, Why: packing.Failed}), q: approved, tries: 1, says: "failed, see entry 1802", alarms: "failed"},
		"failed again":                 {Job: job(packing.Over, packing.Package{Ended: 1802, Why: packing.Failed}), q: approved, tries: 2, says: "failed, see entry 1802", alarms: "failing"},
		"staged":                       {Job: job(packing.Built, due(leftAlarm)), says: "staged"},
		"staged, of footage for ever":  {Job: job(packing.Built, packing.Package{Stage: 1801}), says: "staged"},
		"staged, and the time runs":    {Job: job(packing.Built, due(leftAlarm-time.Second)), says: "staged", alarms: "untaken"},
		"taken out while it runs":      {Job: job(packing.Built, due(time.Hour)), taken: now.Add(time.Second - handAlarm), says: "staged, taken out"},
		"left, and no handover":        {Job: job(packing.Built, due(time.Hour)), taken: now.Add(-handAlarm), says: "staged, taken out", alarms: "handover"},
		"left, destroyed, no handover": {Job: job(packing.Over, packing.Package{Stage: 1801, Ended: 1802, Why: packing.Term}), q: disclosure.Request{State: disclosure.Built}, says: "left whole, destroyed, handover not entered", alarms: "handover"},
		"handed over, and kept so far": {Job: job(packing.Built, due(time.Hour)), q: handed, says: "handed over"},
	} {
		one, asks := statusOf(tt.Job, tt.q, tt.tries)
		if !asks {
			t.Errorf("%s: it is left out", name)
		}
		one.Taken = tt.taken
		st := status{Packages: packagesStatus{At: now, Packages: []packageStatus{one}}}
		var alarms []string
		for what, n := range st.Packages.alarms() {
			if n > 0 {
				alarms = append(alarms, what)
			}
		}
		if strings.Join(alarms, " ") != tt.alarms || one.words() != tt.says {
			t.Errorf("%s: the alarms are %q, and it says %q", name, alarms, one.words())
		}
		if ok := gauged(st)["packages_ok"]; (ok == 1) != (tt.alarms == "") || len(st.troubles()) != len(alarms) || strings.Contains(st.summary(), "package") != (tt.alarms != "") {
			t.Errorf("%s: ok %v, the troubles %q, in short %q", name, ok, st.troubles(), st.summary())
		}
		for _, en := range st.troubles() {
			if sl := bothLanguages(en).Sl; !strings.Contains(sl, "1 paket") || strings.Contains(sl, "angleščini") || strings.Contains(en+sl, one.Request) && one.Request != "" {
				t.Errorf("%s: %q, in Slovenian %q", name, en, sl)
			}
		}
	}
}

// What ended and asks nobody for anything is left out.
func TestPackagesOver(t *testing.T) {
	t.Parallel()
	for _, why := range []packing.Why{packing.Cancelled, packing.Failed, packing.Delivered, packing.Term, packing.Undone, packing.Lost} {
		for _, state := range disclosure.States {
			one, asks := statusOf(packing.Job{Package: packing.Package{Ended: 7, Why: why}, Step: packing.Over}, disclosure.Request{State: state}, 0)
			if want := state == disclosure.Built || why == packing.Failed && state == disclosure.Approved; asks != want {
				t.Errorf("%s, with its request %s: %v, %+v", why, state, asks, one)
			}
		}
	}
}

// gauged are the metrics of packages, with the values of their labels behind their names.
func gauged(st status) map[string]float64 {
	out := map[string]float64{}
	packageMetrics(st, func(d *prometheus.Desc, v float64, labels ...string) {
		name := strings.TrimPrefix(strings.SplitN(d.String(), `"`, 3)[1], "varuh_")
		out[strings.Join(append([]string{name}, labels...), " ")] = v
	})
	return out
}

// The metrics count packages by how far they are, with their links and the first day on which one goes; the table has a line for each.
func TestPackagesCounted(t *testing.T) {
	t.Parallel()
	until := time.Date(2026, 11, 24, 8, 30, 0, 0, time.UTC)
	st := status{Packages: packagesStatus{At: until.Add(-72 * time.Hour), Packages: []packageStatus{
		{Request: "aaaa", State: packageStaged, Until: until.Add(time.Hour), Links: 2}, {Request: "bbbb", State: packageHanded, Until: until, Links: 1},
		{Request: "cccc", State: packageBuilding, Percent: 40}, {Request: "dddd", State: packageLocked}}}}
	got := gauged(st)
	for name, want := range map[string]float64{"packages staged": 1, "packages handed": 1, "packages building": 1, "packages locked": 1, "packages waiting": 0, "packages failed": 0,
		"package_progress_ratio": 0.4, "packages_destroyed_timestamp_seconds": float64(until.Unix()), "package_links": 3, "packages_alarm login": 1, "packages_alarm failed": 0, "packages_ok": 0} {
		if v, there := got[name]; !there || v != want {
			t.Errorf("%s is %v, %v", name, v, there)
		}
	}
	lines := strings.Split(strings.TrimSpace(st.Packages.table()), "\n")
	if len(lines) != 5 || !slices.Equal(strings.Fields(lines[2]), []string{"bbbb", "handed", "over", "2026-11-24", "08:30:00", "1"}) {
		t.Errorf("the table is\n%s", st.Packages.table())
	}
	for name := range got {
		for _, request := range []string{"aaaa", "bbbb", "cccc", "dddd"} {
			if strings.Contains(name, request) {
				t.Errorf("%s names a request", name)
			}
		}
	}
	if broken := packagesRead(until, nil, packing.ErrUnknown); len(broken.troubles()) != 1 || gauged(status{Packages: broken})["packages_ok"] != 0 {
		t.Errorf("what can't be read is told as %q", broken.troubles())
	}
	if stopped := packagesRead(until, nil, fmt.Errorf("couldn't read: %w", diary.ErrClosed)); len(stopped.troubles()) > 0 {
		t.Errorf("as varuh stops there is %q", stopped.troubles())
	}
}
