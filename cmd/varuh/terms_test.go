package main

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary/anchor/witnesstest"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/hold"
	"varuh/configs"
	"varuh/retention"
)

// After one round in which a witness and a time-stamping authority answered it is certain how late it is, with no
// person asked.
func TestWitnessesTellTheTime(t *testing.T) {
	t.Parallel()
	o := newOutside(t, witnesstest.Build(t))
	k := openTimekeeper(o.state, later(t, 1, 0), slog.New(slog.DiscardHandler))
	if !k.now().Held {
		t.Fatal("it is certain before anybody was asked")
	}
	o.anchoring.told = k.told
	must(t, o.anchoring.round(t.Context()))
	if p := k.now(); p.Held || time.Since(p.Certain).Abs() > time.Minute {
		t.Errorf("after the round: %+v", p)
	}
	if said := k.guard.Said; len(said) != 2 {
		t.Errorf("told was %+v", said)
	}
}

// config check says which promises the disks do not carry at the bitrates seen, before they are in force.
func TestPromised(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	for _, id := range []string{"gate", "yard"} { // some 100 TB in six days, which no disk of a test carries for long
		row := s.recordAt(t, s.stores[0], id, time.Now().Add(-6*24*time.Hour))
		row.Bytes = 50e12
		must(t, s.index.Sealed(row))
	}
	log := slog.New(slog.DiscardHandler)
	e := newEraser(s.site, s.index, &timekeeper{boot: later(t, 1, 0), log: log}, log)
	depths, err := e.promises(t.Context(), promiseOrder{map[string]retention.Policy{
		"yard": {Limit: retention.Law, Keep: retention.Term{Days: 200}}, "gate": {Limit: retention.Law}, "new": {Limit: retention.Law, Keep: retention.Law}}})
	must(t, err)
	warned := map[string]bool{}
	for _, d := range depths {
		warned[d.Camera] = len(d.Warnings) > 0
	}
	if len(depths) != 3 || !warned["yard"] || warned["gate"] {
		t.Errorf("the depths are %+v", depths)
	}
}

// The status counts what is held, due, late and overdue, and asks for a person where one is needed.
func TestTermsInStatus(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	now := time.Now()
	s.recordAt(t, s.stores[0], "yard", now.Add(-time.Hour))
	held := s.recordAt(t, s.stores[0], "gate", now.Add(-2*time.Hour))
	boot := later(t, 7, 0)
	e, _, _ := s.eraser(t, boot)
	if st := e.status(); len(st.Troubles) != 1 || !strings.Contains(st.Troubles[0], "varuh clock confirm") || st.table(now) != "" {
		t.Errorf("before the first run: %+v", st)
	}
	e.time.told("person", boot.Now())
	e.config = func() ([]configs.Camera, *time.Location) {
		return []configs.Camera{{ID: "gate"}, {ID: "yard", Keep: retention.Term{Days: 14}}}, time.UTC
	}
	_, err := e.setHold(t.Context(), holdOrder{who: herself, ground: ground{Basis: "order 3", Review: now.AddDate(0, 0, 2).Format(time.DateOnly)},
		span: span{"gate", held.Start.Format(time.RFC3339), held.End.Add(time.Second).Format(time.RFC3339)}, Kind: string(hold.Order)})
	must(t, err)
	e.cycle(t.Context())
	st := e.status()
	if st.Held != 1 || st.Holds != 1 || st.HeldBytes != held.Bytes || st.Late != 0 || st.Failed != 0 || st.Overdue != 0 || len(st.Pending) != 1 {
		t.Errorf("the status is %+v", st)
	}
	table := st.table(now)
	line := fmt.Sprintf("held: 1 hold and 0 restrictions keep 1 segment (%s); next review on %s\n", size(uint64(held.Bytes)), now.AddDate(0, 0, 2).Format(time.DateOnly))
	for _, want := range []string{"CAMERA  LIMIT  PROMISED  REAL", "gate    1y     -         2 h", line} {
		if !strings.Contains(table, want) {
			t.Errorf("the table lacks %q:\n%s", want, table)
		}
	}
	if len(st.Troubles) != 1 || !strings.Contains(st.Troubles[0], "waits for an approver") {
		t.Errorf("the troubles are %q", st.Troubles)
	}
	boot.ahead = 3 * 24 * time.Hour
	if st := e.status(); st.Overdue != 1 || !strings.Contains(strings.Join(st.Troubles, " "), "day of review") {
		t.Errorf("after the day of review: %+v", st)
	}
	boot.ahead = 0
	e.mu.Lock()
	e.stand.Capacity = held.Bytes
	e.mu.Unlock()
	if st := e.status(); !strings.Contains(strings.Join(st.Troubles, " "), "more than 5 %") {
		t.Errorf("the whole store is held, and the troubles are %q", st.Troubles)
	}
}

// A camera whose file is removed keeps its footage until an approver gives it up, and 72 hours more.
func TestRemovedCamera(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	row := s.record(t, s.stores[0])
	boot := later(t, 7, 0)
	e, _, _ := s.eraser(t, boot)
	e.time.told("person", boot.Now())
	cameras := []configs.Camera{{ID: "yard"}}
	e.config = func() ([]configs.Camera, *time.Location) { return cameras, time.UTC }
	e.cycle(t.Context())
	cameras = nil
	for range 2 {
		e.cycle(t.Context())
		boot.ahead += 100 * time.Hour
		e.time.told("person", boot.Now())
	}
	s.whole(t, s.stores[0], row)
	a, err := e.policies(t.Context(), struct{}{})
	must(t, err)
	if len(a.Pending) != 1 || a.Pending[0].Segments != 1 || a.Pending[0].Bytes != row.Bytes || !strings.Contains(a.text(), "given up") {
		t.Fatalf("pending is %+v", a)
	}
	_, err = e.confirmPolicy(t.Context(), policyOrder{herself, "yard", "the yard is sold"})
	must(t, err)
	e.cycle(t.Context())
	s.whole(t, s.stores[0], row)
	boot.ahead += 73 * time.Hour
	e.time.told("person", boot.Now())
	e.cycle(t.Context())
	s.gone(t, s.stores[0], row)
}

// A camera whose footage went, though more is promised and there was time to keep it, is an alarm; a young one is not,
// nor one that was given up and came back.
func TestPromiseNotKept(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	now := time.Now()
	old := s.recordAt(t, s.stores[0], "yard", now.Add(-40*24*time.Hour))
	s.recordAt(t, s.stores[0], "yard", now.Add(-time.Hour))
	boot := later(t, 7, 0)
	e, d, _ := s.eraser(t, boot)
	e.time.told("person", boot.Now())
	cameras := []configs.Camera{{ID: "yard"}}
	e.config = func() ([]configs.Camera, *time.Location) { return cameras, time.UTC }
	_, err := writePolicies(t.Context(), d, opPolicySet, proof.Body{}, nil, retention.Policies{"yard": {{Policy: retention.Policy{Limit: retention.Law, Keep: retention.Term{Days: 14}}}}})
	must(t, err)
	cameras[0].Keep = retention.Term{Days: 14}
	says := func() bool {
		e.cycle(t.Context())
		return strings.Contains(strings.Join(e.status().Troubles, " "), "reaches back")
	}
	if says() {
		t.Errorf("a promise that is kept: %q", e.status().Troubles)
	}
	must(t, s.index.Remove(old.ID))
	if !says() {
		t.Errorf("a promise that is not kept: %q", e.status().Troubles)
	}
	cameras = nil
	e.cycle(t.Context())
	cameras = []configs.Camera{{ID: "yard", Keep: retention.Term{Days: 14}}}
	if says() {
		t.Errorf("a camera that came back: %q", e.status().Troubles)
	}
}

// Times are read as people write them, by the clock of the site.
func TestMoment(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Ljubljana")
	must(t, err)
	for _, tt := range []struct {
		text string
		end  bool
		want string
	}{
		{"2026-11-21", false, "2026-11-20T23:00:00Z"},
		{"2026-11-21", true, "2026-11-21T23:00:00Z"},
		{"2026-07-21 14:30", true, "2026-07-21T12:30:00Z"},
		{"2026-07-21T14:30:05", false, "2026-07-21T12:30:05Z"},
		{"2026-07-21T14:30:05+05:00", false, "2026-07-21T09:30:05Z"},
		{"21. 7. 2026", false, ""},
		{"", false, ""},
	} {
		got, err := moment("--from", tt.text, zone, tt.end)
		if text := got.UTC().Format(time.RFC3339); (err == nil) != (tt.want != "") || err == nil && text != tt.want {
			t.Errorf("%q is %s, %v", tt.text, text, err)
		}
	}
}
