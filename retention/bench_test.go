package retention

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"varuh/recorder/footage"
	"varuh/recorder/segment"
)

// million are segments of 16 cameras in the order of an index, made as they are read so that only the plan is in
// memory; and the situation of a large site: boots, holds and restrictions over all of the year.
func million(tb testing.TB, n int) (Situation, Segments) {
	r := rand.New(rand.NewPCG(1, 1))
	year := 365 * 24 * time.Hour
	begin := noon(0)
	s := Situation{Present: certain(begin.Add(year)), Lead: Lead, Zone: ljubljana(tb), Policies: Policies{}}
	for i := range 16 {
		s.Policies[camera(i)] = []Version{{Policy: Policy{Limit: Law, Keep: Term{Days: 14}}}, {Policy{Limit: Law, Keep: Term{Days: 30}}, noon(100)}}
	}
	s.Policies[camera(3)] = append(s.Policies[camera(3)], Version{Policy{Limit: PublicArea}, noon(300)})
	for i := range 50 {
		s.Boots = append(s.Boots, Boot{ID: [16]byte{byte(i)}, Earliest: begin.Add(year / 50 * time.Duration(i)), Agreed: begin.Add(year / 50 * time.Duration(i))})
	}
	for i := range 200 {
		from := begin.Add(time.Duration(r.Int64N(int64(year))))
		s.Holds = append(s.Holds, Hold{Camera: camera(i % 16), From: from, To: from.Add(time.Hour), PastTerm: i%2 == 0})
	}
	per := n / 16
	return s, func(yield func(footage.Segment, error) bool) {
		for i := range n {
			at := year / time.Duration(per) * time.Duration(i%per)
			boot := 50 * (i % per) / per
			seg := footage.Segment{Camera: camera(i / per), Start: begin.Add(at), End: begin.Add(at + 8*time.Minute), Bytes: 300 << 20, Sealed: true,
				Boot: [16]byte{byte(boot)}, BootTime: at - year/50*time.Duration(boot), Clock: segment.Synchronised, Slot: uint32(i)}
			if !yield(seg, nil) {
				return
			}
		}
	}
}

var cameraNames = func() (names [16]string) {
	for i := range names {
		names[i] = fmt.Sprintf("camera-%d", i)
	}
	return names
}()

func camera(i int) string { return cameraNames[i] }

// The plan over a million segments takes no more than a second: at a term's end of one camera's half year, and an
// hour's share of the others.
func BenchmarkPlan(b *testing.B) {
	s, segments := million(b, 1e6)
	for b.Loop() {
		list, err := Plan(s, segments)
		if err != nil || len(list) < 30_000 || len(list) > 40_000 {
			b.Fatal(len(list), err)
		}
	}
}

// The same for a machine that was switched off for half a year, and takes what is due in parts.
func BenchmarkPlanBacklog(b *testing.B) {
	s, segments := million(b, 1e6)
	s.Present.Certain, s.Most = noon(365+180), 1000
	for b.Loop() {
		list, err := Plan(s, segments)
		if err != nil || len(list) != 1000 {
			b.Fatal(len(list), err)
		}
	}
}

// Freeing 100 GiB out of a million segments.
func BenchmarkRelief(b *testing.B) {
	s, segments := million(b, 1e6)
	for b.Loop() {
		r, err := PlanRelief(s, segments, 100<<30)
		if err != nil || r.Short > 0 || len(r.Erasures) < 300 {
			b.Fatal(r.Short, err)
		}
	}
}

// BenchmarkSurvey is what the status costs that looks at all.
func BenchmarkSurvey(b *testing.B) {
	s, segments := million(b, 1e6)
	for b.Loop() {
		if all, err := Survey(s, segments); err != nil || len(all) != 16 {
			b.Fatal(err)
		}
	}
}
