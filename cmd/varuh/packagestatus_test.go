package main

import (
	"context"
	"errors"
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
		"left, destroyed, no handover": {Job: job(packing.Over, packing.Package{Stage: 1801, Ended: 1802, Why: packing.Term}), q: disclosure.Request{State: disclosure.Built}, taken: now.Add(-time.Hour), says: "taken out, destroyed, handover not entered", alarms: "handover"},
		"handed over, and kept so far": {Job: job(packing.Built, due(time.Hour)), q: handed, says: "handed over"},
	} {
		one, asks := statusOf(tt.Job, tt.q, tt.tries, tt.taken)
		if !asks {
			t.Errorf("%s: it is left out", name)
		}
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

// What ended and asks nobody for anything is left out: also one whose request is built yet, but which nobody has taken out, or of
// which it is not known yet.
func TestPackagesOver(t *testing.T) {
	t.Parallel()
	for _, why := range []packing.Why{packing.Cancelled, packing.Failed, packing.Delivered, packing.Term, packing.Undone, packing.Lost} {
		for _, state := range disclosure.States {
			for _, taken := range []time.Time{{}, time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)} {
				one, asks := statusOf(packing.Job{Package: packing.Package{Ended: 7, Why: why}, Step: packing.Over}, disclosure.Request{State: state}, 0, taken)
				if want := state == disclosure.Built && !taken.IsZero() || why == packing.Failed && state == disclosure.Approved; asks != want {
					t.Errorf("%s, with its request %s, taken %v: %v, %+v", why, state, taken, asks, one)
				}
			}
		}
	}
}

// stock is packages and requests as they are stored.
type stock struct {
	jobs       []packing.Job // in order
	requests   []disclosure.Request
	deliveries []packing.Delivery
	links      []packing.Link
	asked      []string // requests that were asked for one by one, or whose packages were
}

func (s *stock) List(_ context.Context, ended bool) ([]packing.Job, error) {
	if ended {
		return nil, errors.New("all packages that ever were are read")
	}
	return slices.DeleteFunc(slices.Clone(s.jobs), func(j packing.Job) bool { return j.Ended != 0 }), nil
}

func (s *stock) Tried(_ context.Context, request string) ([]packing.Job, error) {
	s.asked = append(s.asked, request)
	return slices.DeleteFunc(slices.Clone(s.jobs), func(j packing.Job) bool { return j.Request != request }), nil
}

func (s *stock) Deliveries(context.Context, string) ([]packing.Delivery, error) {
	return s.deliveries, nil
}

func (s *stock) Links(context.Context, string) ([]packing.Link, error) { return s.links, nil }

func (s *stock) Granted(context.Context) ([]disclosure.Request, error) {
	return slices.DeleteFunc(slices.Clone(s.requests), func(q disclosure.Request) bool { return q.State != disclosure.Approved && q.State != disclosure.Built }), nil
}

func (s *stock) Request(_ context.Context, id string) (disclosure.Request, error) {
	s.asked = append(s.asked, id)
	return s.requests[slices.IndexFunc(s.requests, func(q disclosure.Request) bool { return q.ID == id })], nil
}

// The status reads what is there, and what a request waits for: nothing of the many that are over. Tries are counted since the last
// that came to something, and links that open nothing are none.
func TestPackagesRead(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	q := func(id string, state disclosure.State) disclosure.Request {
		return disclosure.Request{ID: id, State: state}
	}
	job := func(id int64, request string, step packing.Step, why packing.Why) packing.Job {
		p := packing.Package{ID: id, Request: request, Why: why}
		if step == packing.Over {
			p.Ended = id + 1
		}
		if step == packing.Built || why == packing.Term {
			p.Stage = id
		}
		return packing.Job{Package: p, Step: step}
	}
	s := &stock{
		requests: []disclosure.Request{q("over", disclosure.Confirmed), q("fails", disclosure.Approved), q("new", disclosure.Approved), q("gone", disclosure.Built), q("kept", disclosure.Built),
			q("awaited", disclosure.Built), q("handed", disclosure.HandedOver)},
		jobs: []packing.Job{job(10, "over", packing.Over, packing.Failed), job(20, "over", packing.Over, packing.Delivered), job(30, "fails", packing.Over, packing.Cancelled), job(40, "fails", packing.Over, packing.Failed),
			job(50, "fails", packing.Over, packing.Failed), job(60, "gone", packing.Over, packing.Term), job(70, "kept", packing.Built, ""), job(80, "awaited", packing.Over, packing.Term), job(90, "handed", packing.Built, "")},
		deliveries: []packing.Delivery{{Package: 60, Way: packing.Download, Over: at, End: packing.End{How: packing.Unknown}}, {Package: 70, Over: at, End: packing.End{How: packing.CutOff}},
			{Package: 80, Way: packing.Folder, Over: at, End: packing.End{How: packing.Unknown}}},
		links: []packing.Link{{ID: 1}, {ID: 2, Restored: true}},
	}
	list, err := readPackages(t.Context(), s, s)
	must(t, err)
	var got []string
	for _, p := range list {
		got = append(got, fmt.Sprintf("%s %s %d tries %d links %v", p.Request, p.State, p.Tries, p.Links, !p.Taken.IsZero()))
	}
	want := []string{"fails failed 2 tries 0 links false", "gone gone 0 tries 0 links true", "kept staged 0 tries 1 links false", "handed staged 0 tries 1 links false"}
	if !slices.Equal(got, want) {
		t.Errorf("there are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if slices.Contains(s.asked, "over") {
		t.Errorf("what is over was asked for: %q", s.asked)
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
	if left := (packagesStatus{At: until, Left: 2}); len(left.troubles()) != 1 || !strings.Contains(bothLanguages(left.troubles()[0]).Sl, "ne uničiti") || gauged(status{Packages: left})["packages_ok"] != 0 {
		t.Errorf("what lies there and can't be read is told as %q", left.troubles())
	}
	if stopped := packagesRead(until, nil, fmt.Errorf("couldn't read: %w", diary.ErrClosed)); len(stopped.troubles()) > 0 {
		t.Errorf("as varuh stops there is %q", stopped.troubles())
	}
}
