package retention

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// clip is ten minutes of a camera that begin at a moment, of 10 bytes.
func clip(camera string, start time.Time) footage.Segment {
	s := footage.Segment{Camera: camera, Stream: "main", Start: start, HeaderStart: start, End: start.Add(10 * time.Minute),
		Bytes: 10, Records: 600, Sealed: true, Clock: segment.Synchronised}
	s.ID = keyring.NewID(start)
	return s
}

// rows is a list as a plan reads it.
func rows(list ...footage.Segment) Segments {
	return func(yield func(footage.Segment, error) bool) {
		for _, s := range list {
			if !yield(s, nil) {
				return
			}
		}
	}
}

// broken is a list that ends with an error.
func broken(err error) Segments {
	return func(yield func(footage.Segment, error) bool) { yield(footage.Segment{}, err) }
}

// What stands in the way of the erasure of one segment, and what does not. Its term is 30 days, and it is
// up, or it is not by a day; a policy of 7 days may have come since.
func TestPlanKeeps(t *testing.T) {
	t.Parallel()
	seg := clip("door", noon(0))
	hold := func(change func(*Hold)) []Hold {
		h := Hold{Camera: "door", From: noon(0), To: noon(1)}
		if change != nil {
			change(&h)
		}
		return []Hold{h}
	}
	for name, c := range map[string]struct {
		holds                 []Hold
		early, shorter, after Reason // why it goes: below its term; below it, with a shorter policy; past it. "": it stays
		relief                bool   // it may go for pressure
	}{
		"nothing":                       {nil, "", ByPolicy, ByTerm, true},
		"a hold to the term":            {hold(nil), "", "", ByTerm, false},
		"a hold past the term":          {hold(func(h *Hold) { h.PastTerm = true }), "", "", "", false},
		"a hold of all cameras":         {hold(func(h *Hold) { h.Camera, h.PastTerm = "", true }), "", "", "", false},
		"a hold of another camera":      {hold(func(h *Hold) { h.Camera, h.PastTerm = "yard", true }), "", ByPolicy, ByTerm, true},
		"a hold of its last second":     {hold(func(h *Hold) { h.From, h.PastTerm = seg.End.Add(-1), true }), "", "", "", false},
		"a hold of its first instant":   {hold(func(h *Hold) { h.From, h.To, h.PastTerm = noon(-9), seg.Start.Add(1), true }), "", "", "", false},
		"a hold that ends before it":    {hold(func(h *Hold) { h.From, h.To, h.PastTerm = noon(-9), seg.Start, true }), "", ByPolicy, ByTerm, true},
		"a hold that begins after it":   {hold(func(h *Hold) { h.From, h.PastTerm = seg.End.Add(1), true }), "", ByPolicy, ByTerm, true},
		"a hold that has lapsed":        {hold(func(h *Hold) { h.Until, h.PastTerm = noon(5), true }), "", ByPolicy, ByTerm, true},
		"a hold that will lapse":        {hold(func(h *Hold) { h.Until, h.PastTerm = noon(99), true }), "", "", "", false},
		"two holds, one past the term":  {append(hold(nil), hold(func(h *Hold) { h.PastTerm = true })...), "", "", "", false},
		"a lapsed hold and one to term": {append(hold(func(h *Hold) { h.Until, h.PastTerm = noon(5), true }), hold(nil)...), "", "", ByTerm, false},
	} {
		for _, as := range []string{"hold", "restriction"} {
			for _, when := range []struct {
				now     time.Time
				shorter bool
				want    Reason
			}{{noon(29), false, c.early}, {noon(29), true, c.shorter}, {noon(30), false, c.after}, {noon(30), true, c.after}} {
				s := Situation{Present: certain(when.now), Policies: Policies{"door": {{Policy: Policy{Limit: Term{Days: 30}}}}}}
				if when.shorter {
					s.Policies["door"] = append(s.Policies["door"], Version{Policy{Limit: PublicTransport}, noon(8)})
				}
				for _, h := range c.holds {
					if as == "hold" {
						s.Holds = append(s.Holds, h)
					} else {
						s.Restrictions = append(s.Restrictions, Restriction(h))
					}
				}
				list := must1(Plan(s, rows(seg)))(t)
				want := when.want
				if when.shorter && want == ByTerm && c.shorter == ByPolicy {
					want = ByPolicy
				}
				if (len(list) == 1) != (want != "") || want != "" && list[0].Reason != want {
					t.Errorf("%s as a %s, on %s, shorter policy %v: %+v, want %q", name, as, shown(when.now), when.shorter, list, want)
				}
				if r := must1(PlanRelief(s, rows(seg), 1))(t); (r.Freed == 10) != c.relief {
					t.Errorf("%s as a %s: pressure frees %d bytes", name, as, r.Freed)
				}
			}
		}
	}
}

// A run takes what falls due before the next one is over, and nothing a nanosecond later; nothing while no time is
// certain; nothing that is still being written.
func TestPlanLooksAhead(t *testing.T) {
	t.Parallel()
	limit := Policies{"door": {{Policy: Policy{Limit: Term{Days: 30}}}}}
	seg := clip("door", noon(0))
	due := noon(30)
	for _, c := range []struct {
		now   time.Time
		goes  bool
		stays string
	}{
		{due.Add(-Lead), true, ""}, {due, true, ""}, {due.Add(1000 * time.Hour), true, ""},
		{due.Add(-Lead - 1), false, "it is due after the lead"}, {time.Time{}, false, "nothing is certain"},
	} {
		list := must1(Plan(Situation{Present: certain(c.now), Lead: Lead, Policies: limit}, rows(seg)))(t)
		if (len(list) == 1) != c.goes {
			t.Errorf("at %s: %d go; %s", shown(c.now), len(list), c.stays)
		}
	}
	seg.Sealed = false
	if list := must1(Plan(Situation{Present: certain(due), Policies: limit}, rows(seg)))(t); len(list) > 0 {
		t.Error("a segment that is being written is to be erased")
	}
}

// The list is in the order of what is due, whatever order the rows come in, and may be cut to those due first.
func TestPlanOrder(t *testing.T) {
	t.Parallel()
	policies := Policies{"bus": {{Policy: Policy{Limit: PublicTransport}}}, "door": {{Policy: Policy{Limit: Term{Days: 30}}}}}
	list := []footage.Segment{clip("door", noon(0)), clip("bus", noon(20)), clip("door", noon(-1)), clip("bus", noon(24)), clip("door", noon(2)), clip("bus", noon(27))}
	s := Situation{Present: certain(noon(31)), Policies: policies}
	want := []time.Time{noon(27), noon(29), noon(30), noon(31)}
	for turn := range list {
		turned := slices.Concat(list[turn:], list[:turn])
		for most := range len(want) + 2 {
			s.Most = most
			var got []time.Time
			for _, e := range must1(Plan(s, rows(turned...)))(t) {
				got = append(got, e.Due)
			}
			wanted := want
			if most > 0 {
				wanted = want[:min(most, len(want))]
			}
			if !reflect.DeepEqual(got, wanted) {
				t.Errorf("turned by %d, at most %d: %v, want %v", turn, most, got, wanted)
			}
		}
	}
}

// An index that cannot be read gives no list at all: half of one would look like a purge that went well.
func TestPlanFails(t *testing.T) {
	t.Parallel()
	gone := errors.New("disk I/O error")
	s := Situation{Present: certain(noon(0))}
	if list, err := Plan(s, broken(gone)); !errors.Is(err, gone) || list != nil {
		t.Errorf("plan: %v, %v", list, err)
	}
	if r, err := PlanRelief(s, broken(gone), 1); !errors.Is(err, gone) || r.Erasures != nil {
		t.Errorf("relief: %v, %v", r, err)
	}
	if all, err := Survey(s, broken(gone)); !errors.Is(err, gone) || all != nil {
		t.Errorf("survey: %v, %v", all, err)
	}
}

// A hold counts by the date that a person saw as well as by the one that the term counts from.
func TestPlanHoldsByBothDates(t *testing.T) {
	t.Parallel()
	seg := clip("door", noon(40)) // the clock was ahead by 40 days
	seg.Boot = [16]byte{1}
	s := Situation{Present: certain(noon(31)), Boots: []Boot{{ID: [16]byte{1}, Earliest: noon(0), Agreed: noon(0)}},
		Policies: Policies{"door": {{Policy: Policy{Limit: Term{Days: 30}}}}}}
	if list := must1(Plan(s, rows(seg)))(t); len(list) != 1 || !list[0].Due.Equal(noon(30)) {
		t.Fatalf("without a hold: %+v", list)
	}
	for _, day := range []int{0, 40} {
		s.Holds = []Hold{{Camera: "door", From: noon(day), To: noon(day).Add(time.Minute), PastTerm: true}}
		if list := must1(Plan(s, rows(seg)))(t); len(list) > 0 {
			t.Errorf("held by its date of day %d, and to be erased", day)
		}
	}
	s.Holds = []Hold{{Camera: "door", From: noon(20), To: noon(21), PastTerm: true}}
	if list := must1(Plan(s, rows(seg)))(t); len(list) != 1 {
		t.Error("held by neither date, and kept")
	}
}

// What a survey says is what a plan does.
func TestSurvey(t *testing.T) {
	t.Parallel()
	held := clip("door", noon(0))
	lost := clip("door", time.Unix(0, 0))
	lost.Clock = segment.Unsynchronised
	open := clip("door", noon(31))
	open.Sealed, open.Bytes = false, 0
	s := Situation{Present: certain(noon(31)), Lead: Lead, Policies: Policies{"door": {{Policy: Policy{Limit: Term{Days: 30}}}}},
		Holds: []Hold{{Camera: "door", From: noon(0), To: noon(0).Add(time.Second), PastTerm: true}}}
	late := clip("door", noon(0).Add(12*time.Hour))
	list := []footage.Segment{held, lost, late, clip("door", noon(1).Add(time.Hour)), clip("door", noon(9)), open}
	got := must1(Survey(s, rows(list...)))(t)["door"]
	want := Standing{Segments: 6, Bytes: 50, Oldest: late.Start, Due: 2, Late: 1, Latest: 12 * time.Hour, Held: 2, HeldSize: 20, Passed: 1, Undated: 1, Astray: 1}
	if got != want {
		t.Errorf("%+v\nwant %+v", got, want)
	}
	if list := must1(Plan(s, rows(list...)))(t); len(list) != got.Due {
		t.Errorf("the plan has %d, the survey says %d", len(list), got.Due)
	}
}
