package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/retention"
)

// A diary that was made before there were holds and policies gets their tables at the next start, and keeps what it said.
func TestUpgradeOfDiary(t *testing.T) {
	t.Parallel()
	c, keys := keyed(t)
	dir := c.state
	for _, name := range []string{"varuh.db", "keys/diary.key", "keys/diary.checkpoint"} {
		must(t, os.Remove(filepath.Join(dir, name)))
	}
	o, err := diaryOptions(dir)
	must(t, err)
	o.State, o.Schema = nil, o.Schema[:1]
	d, err := diary.Create(t.Context(), o, "sola.example", diary.Entry{})
	must(t, err)
	enterSome(t, d, 3)
	origin := d.Head().Origin
	must(t, d.Close())

	for range 2 {
		d, err = openDiary(t.Context(), dir, appliance{Diary: origin})
		must(t, err)
		if f := d.Fault(); f != nil {
			t.Fatal(f)
		}
		old, err := readPolicies(t.Context(), d)
		must(t, err)
		next := retention.Policies{"yard": {{Policy: retention.Policy{Limit: retention.Law}}}}
		if _, err := writePolicies(t.Context(), d, opPolicySet, proof.Body{}, old, next); err != nil {
			t.Fatal(err)
		}
		must(t, d.Close())
	}
	d, err = openDiary(t.Context(), dir, appliance{Diary: origin})
	must(t, err)
	defer d.Close()
	if n := d.Head().Size; n != 6 { // origin.begin, three, state.digest and one policy.set
		t.Errorf("there are %d entries", n)
	}
	if _, _, err := d.Opener(keys).Open(t.Context(), 5); err != nil {
		t.Error(err)
	}
}

// Policies come out as they went in, and an entry is made only where something changes.
func TestPoliciesRoundTrip(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	s.with(t, func(d *diary.Diary) {
		from := time.Date(2026, 11, 21, 12, 0, 0, 123, time.UTC)
		want := retention.Policies{
			"north-gate": {{Policy: retention.Policy{Limit: retention.Law}}, {Policy: retention.Policy{Limit: retention.PublicArea, Keep: retention.Term{Days: 30}}, From: from}},
			"yard":       {{Policy: retention.Policy{Limit: retention.PublicTransport, Gone: true}}},
		}
		old := retention.Policies{}
		for i := range 2 {
			changed, err := writePolicies(t.Context(), d, opPolicySet, proof.Body{}, old, want)
			must(t, err)
			if changed != (i == 0) {
				t.Errorf("write %d: changed is %v", i, changed)
			}
			old, err = readPolicies(t.Context(), d)
			must(t, err)
			if v := old["north-gate"]; len(old) != 2 || len(v) != 2 || v[1] != want["north-gate"][1] || old["yard"][0] != want["yard"][0] {
				t.Errorf("got %+v", old)
			}
		}
	})
}
