package retention

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// By the shorter of two histories every frame is due when it is by the earlier of both.
func TestShorter(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 5))
		p, o := Policies{"yard": history(r)}, Policies{"yard": history(r)}
		both := p.Shorter(o)
		now := noon(r.IntN(500))
		for day := range 500 {
			first := noon(day).Add(time.Hour)
			a, _, _ := p.Due("yard", first, now, nil)
			b, _, _ := o.Due("yard", first, now, nil)
			want := a
			if b.Before(a) {
				want = b
			}
			got, _, _ := both.Due("yard", first, now, nil)
			if !got.Equal(want) && (got.After(want) || got.After(now)) {
				t.Fatalf("seed %d: what begins at %s is due at %s, by the one at %s, by the other at %s, now %s\n%v\n%v\n%v", seed, first, got, a, b, now, p, o, both)
			}
		}
	}
}

// history is some history of a camera that was never given up.
func history(r *rand.Rand) (list []Version) {
	for i := range 1 + r.IntN(4) {
		v := Version{Policy: Policy{Limit: []Term{Law, PublicArea, PublicTransport, {Days: 40}}[r.IntN(4)]}}
		if i > 0 {
			v.From = noon(100*i + r.IntN(90))
		}
		list = append(list, v)
	}
	return list
}

func TestSooner(t *testing.T) {
	t.Parallel()
	year, week := Policy{Limit: Law}, Policy{Limit: PublicTransport}
	gone := Policy{Limit: Law, Gone: true}
	for i, tt := range []struct {
		p, o []Version
		want bool
	}{
		{[]Version{{Policy: week}}, []Version{{Policy: year}}, true},
		{[]Version{{Policy: week}}, nil, true},
		{[]Version{{Policy: year}}, nil, false},
		{[]Version{{Policy: year}}, []Version{{Policy: week}}, false},
		{nil, []Version{{Policy: week}}, false},
		{[]Version{{Policy: week}}, []Version{{Policy: year}, {week, noon(10)}}, false},                   // all that was there has gone
		{[]Version{{Policy: week}}, []Version{{Policy: year}, {week, noon(30)}}, true},                    // not in force yet
		{[]Version{{Policy: week}, {year, noon(19)}}, []Version{{Policy: year}}, true},                    // what was recorded before
		{[]Version{{Policy: year}, {week, noon(30)}}, []Version{{Policy: year}}, true},                    // from a day to come
		{[]Version{{Policy: week}}, []Version{{Policy: week}, {year, noon(10)}}, true},                    // what is recorded now
		{[]Version{{Policy: year}, {gone, noon(10)}}, []Version{{Policy: year}}, true},                    // given up
		{[]Version{{Policy: year}, {gone, noon(10)}}, []Version{{Policy: year}, {gone, noon(12)}}, false}, // given up later, and that is over
		{[]Version{{Policy: year}, {gone, noon(10)}}, []Version{{Policy: year}, {Policy{Gone: true}, noon(30)}}, true},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			if got := (Policies{"yard": tt.p}).Sooner(Policies{"yard": tt.o}, noon(20)); (len(got) > 0) != tt.want {
				t.Errorf("sooner: %v", got)
			}
		})
	}
}
