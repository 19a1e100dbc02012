package disclosure

import (
	"slices"
	"testing"
	"time"
)

// A clip begins with the key frame before what was asked for. The request, its line in the register and the mark on the timeline say
// what was really delivered, and what was asked for stands beside it as it was.
func TestDeliveredFromKeyFrame(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	q := r.by(t, Authority, Approved)
	asked := q.Wanted[0]
	real := Wanted{asked.Camera, asked.From.Add(-Lead), asked.To.Add(Tail)}
	_, err := r.Built(t.Context(), q.ID, Packed{Manifest: scan, Entry: 7, Delivered: []Wanted{real}})
	must(t, err)
	r.leaves(t, q.ID, true)
	if q = r.request(t, q.ID); !slices.Equal(q.Delivered, []Wanted{real}) || q.Wanted[0] != asked {
		t.Errorf("delivered %+v, asked %+v", q.Delivered, q.Wanted)
	}
	list, err := r.Disclosed(t.Context(), noon.AddDate(0, 0, -1), noon.AddDate(0, 0, 1))
	must(t, err)
	if len(list) != 1 || !slices.Equal(list[0].Footage, []Wanted{real}) {
		t.Errorf("the register says %+v", list)
	}
	for name, at := range map[string]time.Time{"before what was asked for": real.From, "behind it": asked.To} {
		marks, err := r.Marks(t.Context(), asked.Camera, at, at.Add(Tail))
		must(t, err)
		if len(marks) != 1 || !marks[0].From.Equal(real.From) || !marks[0].To.Equal(real.To) {
			t.Errorf("%s: the timeline is marked %+v", name, marks)
		}
	}
}

// What was handed over by what a clock showed is marked where the footage is once that is set, and only there where it is by right.
func TestMarkedBeforeTheClock(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	q := r.by(t, Authority, Built)
	r.leaves(t, q.ID, true)
	shown, by := q.Wanted[0], 30*24*time.Hour
	r.Twins = func(from, to time.Time) ([][2]time.Time, error) {
		if from.Before(shown.To) {
			return [][2]time.Time{{from.Add(by), to.Add(by)}}, nil
		}
		return [][2]time.Time{{from.Add(-by), to.Add(-by)}}, nil
	}
	for name, from := range map[string]time.Time{"by the right time": shown.From.Add(by), "by what was shown": shown.From} {
		marks, err := r.Marks(t.Context(), shown.Camera, from, from.Add(time.Minute))
		must(t, err)
		if len(marks) != 1 || marks[0].Request != q.ID || !marks[0].From.Equal(from) {
			t.Errorf("%s: %+v", name, marks)
		}
	}
	if marks, err := r.Marks(t.Context(), shown.Camera, shown.To.Add(by), shown.To.Add(by+time.Minute)); err != nil || len(marks) > 0 {
		t.Errorf("behind it: %+v, %v", marks, err)
	}
}

// Stretches that are less apart than what clips take beside them are delivered as one.
func TestDeliveredAcross(t *testing.T) {
	t.Parallel()
	at := noon.Add(-time.Hour)
	q := Request{Wanted: []Wanted{{"hall", at, at.Add(time.Minute)}, {"", at.Add(70 * time.Second), at.Add(2 * time.Minute)}}}
	all := Wanted{"hall", at.Add(-time.Second), at.Add(2 * time.Minute)}
	if !q.asked(all, Lead, Tail) || q.asked(all, 0, 0) {
		t.Errorf("of %+v, %+v", q.Wanted, all)
	}
	q.Wanted[1].From = q.Wanted[1].From.Add(Lead)
	if q.asked(all, Lead, Tail) {
		t.Errorf("of %+v, %+v, which has what nobody asked for", q.Wanted, all)
	}
}

// A basis is named with the words of its own that a request has.
func TestStated(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{"ZKP, 148. člen": BasisID("zkp-148").Stated("sl", ""), "ZP-1, 45. člen": BasisID("zp-1").Stated("sl", "45. člen"),
		"": BasisID("").Stated("sl", "45. člen")} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
