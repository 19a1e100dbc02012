package retention

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"varuh/recorder/footage"
)

// goes are the cameras and days of what a relief erases, in its order.
func goes(r Relief) (list []string) {
	for _, e := range r.Erasures {
		list = append(list, fmt.Sprintf("%s %d", e.Segment.Camera, int(e.Segment.Start.Sub(noon(0)).Hours()/24)))
	}
	return list
}

// A full disk takes the oldest first, what is promised last and evenly, what is held never, and says when it breaks a
// promise or finds too little.
func TestRelief(t *testing.T) {
	t.Parallel()
	var list []footage.Segment
	for day := range 5 {
		for _, camera := range []string{"door", "yard", "bus"} {
			list = append(list, clip(camera, noon(10+day)))
		}
	}
	keep := func(days int) []Version { return []Version{{Policy: Policy{Limit: Law, Keep: Term{Days: days}}}} }
	for name, c := range map[string]struct {
		need   int64
		s      Situation
		goes   []string
		short  int64
		broken []string
	}{
		"nothing needed": {0, Situation{}, nil, 0, nil},
		"less than one":  {1, Situation{}, []string{"bus 10"}, 0, nil},
		"just one":       {10, Situation{}, []string{"bus 10"}, 0, nil},
		"one and a byte": {11, Situation{}, []string{"bus 10", "door 10"}, 0, nil},
		"over the days":  {40, Situation{}, []string{"bus 10", "door 10", "yard 10", "bus 11"}, 0, nil},
		"a promise is spared": {50, Situation{Policies: Policies{"bus": keep(4)}},
			[]string{"bus 10", "door 10", "yard 10", "bus 11", "door 11"}, 0, nil},
		"a promise is spared, the others pay": {50, Situation{Policies: Policies{"bus": keep(30)}},
			[]string{"door 10", "yard 10", "door 11", "yard 11", "door 12"}, 0, nil},
		"all others are empty": {130, Situation{Policies: Policies{"bus": keep(30), "yard": keep(2)}},
			[]string{"door 10", "yard 10", "door 11", "yard 11", "door 12", "yard 12", "door 13", "yard 13", "door 14", "yard 14", "bus 10", "bus 11", "bus 12"},
			0, []string{"bus", "yard"}},
		"promises break evenly": {60, Situation{Policies: Policies{"bus": keep(6), "door": keep(6), "yard": keep(60)}},
			[]string{"bus 10", "door 10", "bus 11", "door 11", "bus 12", "door 12"}, 0, []string{"bus", "door"}},
		"what is held stays": {20, Situation{Holds: []Hold{{From: noon(9), To: noon(12), PastTerm: false}}},
			[]string{"bus 12", "door 12"}, 0, nil},
		"what is restricted stays": {20, Situation{Restrictions: []Restriction{{Camera: "bus", From: noon(9), To: noon(99)}}},
			[]string{"door 10", "yard 10"}, 0, nil},
		"everything is held": {20, Situation{Holds: []Hold{{From: noon(9), To: noon(99)}}}, nil, 20, nil},
		"too little": {170, Situation{Holds: []Hold{{Camera: "bus", From: noon(0), To: noon(99)}, {Camera: "yard", From: noon(11), To: noon(99)}}},
			[]string{"door 10", "yard 10", "door 11", "door 12", "door 13", "door 14"}, 110, nil},
	} {
		c.s.Present = certain(noon(15))
		for seed := range uint64(20) {
			mixed := slices.Clone(list)
			rand.New(rand.NewPCG(seed, 1)).Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
			r := must1(PlanRelief(c.s, rows(mixed...), c.need))(t)
			if got := goes(r); !reflect.DeepEqual(got, c.goes) || r.Short != c.short || !slices.Equal(r.Broken, c.broken) {
				t.Fatalf("%s: %q goes, %d short, broken %q; want %q, %d, %q", name, got, r.Short, r.Broken, c.goes, c.short, c.broken)
			}
			if r.Freed != int64(10*len(r.Erasures)) {
				t.Fatalf("%s: says it frees %d bytes", name, r.Freed)
			}
			for _, e := range r.Erasures {
				if e.Reason != ByPressure || !e.Due.After(noon(300)) {
					t.Fatalf("%s: %+v", name, e)
				}
			}
		}
	}
}

// For the part of the need that other data makes only footage goes that no promise needs; for the rest promises are
// broken as ever.
func TestReliefForOtherData(t *testing.T) {
	t.Parallel()
	s := Situation{Present: certain(noon(15)), Policies: Policies{"bus": {{Policy: Policy{Limit: Law, Keep: Term{Days: 4}}}}}}
	list := rows(clip("bus", noon(9)), clip("bus", noon(12)), clip("bus", noon(13)), clip("door", noon(10))) // of 10 bytes each
	for name, c := range map[string]struct {
		need, other int64
		goes        []string
		kept, short int64
		broken      []string
	}{
		"all for other data":       {40, 40, []string{"bus 9", "door 10"}, 20, 0, nil},
		"more than all":            {50, 60, []string{"bus 9", "door 10"}, 20, 10, nil},
		"no promise is in the way": {20, 20, []string{"bus 9", "door 10"}, 0, 0, nil},
		"a part":                   {40, 15, []string{"bus 9", "door 10", "bus 12"}, 10, 0, []string{"bus"}},
		"none":                     {40, 0, []string{"bus 9", "door 10", "bus 13", "bus 12"}, 0, 0, []string{"bus"}},
	} {
		s.Other = c.other
		r := must1(PlanRelief(s, list, c.need))(t)
		got := goes(r)
		slices.Sort(got)
		slices.Sort(c.goes)
		if !slices.Equal(got, c.goes) || r.Kept != c.kept || r.Short != c.short || !slices.Equal(r.Broken, c.broken) || r.Freed != int64(10*len(got)) {
			t.Errorf("%s: %q goes, %d kept, %d short, broken %q, %d freed; want %+v", name, got, r.Kept, r.Short, r.Broken, r.Freed, c)
		}
	}
}

// Without a certain present the oldest goes, and no promise is said to be broken or kept.
func TestReliefWithoutTime(t *testing.T) {
	t.Parallel()
	s := Situation{Policies: Policies{"bus": {{Policy: Policy{Limit: Law, Keep: Term{Days: 30}}}}}}
	r := must1(PlanRelief(s, rows(clip("door", noon(2)), clip("bus", noon(1)), clip("bus", noon(3))), 15))(t)
	if got := goes(r); !reflect.DeepEqual(got, []string{"bus 1", "door 2"}) || r.Broken != nil {
		t.Errorf("%q goes, broken %q", got, r.Broken)
	}
}

// What is due anyway goes for that reason, and what is being written does not go.
func TestReliefOfWhatIsDue(t *testing.T) {
	t.Parallel()
	open := clip("bus", noon(0))
	open.Sealed = false
	s := Situation{Present: certain(noon(9)), Lead: time.Hour, Policies: Policies{"bus": {{Policy: Policy{Limit: PublicTransport}}}}}
	r := must1(PlanRelief(s, rows(open, clip("bus", noon(2)), clip("bus", noon(3))), 20))(t)
	if len(r.Erasures) != 2 || r.Erasures[0].Reason != ByTerm || r.Erasures[1].Reason != ByPressure {
		t.Errorf("%+v", r.Erasures)
	}
}

// What the heap chooses is what sorting all would.
func TestReliefIsTheFirstOfAll(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 2))
		s := Situation{Present: certain(noon(40)), Policies: Policies{"b": {{Policy: Policy{Limit: Law, Keep: Term{Days: 20}}}}, "c": {{Policy: Policy{Limit: Law, Keep: Term{Days: 60}}}}}}
		var list []footage.Segment
		var sum int64
		for range 1 + r.IntN(100) {
			seg := clip(string(rune('a'+r.IntN(3))), noon(r.IntN(40)).Add(time.Duration(r.IntN(1e9))))
			seg.Bytes = int64(r.IntN(30))
			list = append(list, seg)
			sum += seg.Bytes
		}
		all := must1(PlanRelief(s, rows(list...), sum+1))(t)
		need := 1 + r.Int64N(sum+1)
		some := must1(PlanRelief(s, rows(list...), need))(t)
		if len(some.Erasures) > len(all.Erasures) || !reflect.DeepEqual(some.Erasures, all.Erasures[:len(some.Erasures)]) {
			t.Fatalf("seed %d: %d bytes take not the first of all", seed, need)
		}
		if n := len(some.Erasures); some.Short == 0 && n > 0 && some.Freed-some.Erasures[n-1].Segment.Bytes >= need {
			t.Fatalf("seed %d: %d bytes take more than they need", seed, need)
		}
		if some.Freed < need && some.Short != need-some.Freed {
			t.Fatalf("seed %d: %d freed and %d short of %d", seed, some.Freed, some.Short, need)
		}
	}
}
