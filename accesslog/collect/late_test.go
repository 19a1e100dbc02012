package collect

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"varuh/recorder/footage"
)

// A segment that was listed as open is stated once it is sealed, in the next piece, with its own time; one that
// the index had lost, likewise, were it weeks later.
func TestLate(t *testing.T) {
	t.Parallel()
	b, x := newBook(t), &index{}
	x.add("main", day, day.Add(10*time.Minute))
	x.add("main", day.Add(10*time.Minute), day.Add(50*time.Minute)).Sealed = false
	lost := *x.add("main", day.Add(50*time.Minute), day.Add(70*time.Minute))
	x.segments = x.segments[:2]
	x.add("main", day.Add(70*time.Minute), day.Add(24*time.Hour))
	x.gap("main", day.Add(24*time.Hour), time.Time{}, "unreachable")
	now := day.Add(25*time.Hour + 30*time.Minute)
	c := b.collector(x, &now)
	collect := func(want int) {
		t.Helper()
		n, err := c.Collect(t.Context())
		must(t, err)
		if n != want {
			t.Fatalf("%d pieces at %s, want %d", n, text(now), want)
		}
	}
	collect(25) // only the hour in which it began had to wait
	now = day.Add(49*time.Hour + 3*time.Minute)
	collect(1)
	last := func() Manifest { list := b.manifests(t); return list[len(list)-1] }
	if l := last().Late; l != nil {
		t.Errorf("nothing came late, but %+v", l)
	}

	now = day.AddDate(0, 0, 20)
	collect(1) // all those hours are one, without footage
	x.segments[1].Sealed, x.segments[1].Recovered = true, true
	now = now.Add(time.Hour)
	collect(1)
	if l := last().Late; len(l) != 1 || l[0] != row(x.segments[1]) {
		t.Errorf("what was recovered late is %+v", l)
	}
	now = day.AddDate(0, 0, 30)
	collect(1)
	x.segments = append(x.segments, lost)
	now = now.Add(time.Hour)
	c = b.collector(x, &now) // a start, as that finds what the index lost
	if n, err := c.Stop(t.Context()); n == 0 || err != nil || last().Late != nil {
		t.Errorf("a stop looked for what came late: %d pieces, %v", n, err)
	}
	now = now.Add(time.Hour + settle)
	collect(1)
	if l := last().Late; len(l) != 1 || l[0] != row(lost) {
		t.Errorf("what the index had lost is %+v", l)
	}
	now = now.Add(time.Hour)
	collect(1)
	if l := last().Late; l != nil {
		t.Errorf("%+v came late twice", l)
	}
	once(t, b.manifests(t), x.segments)
}

// More than fits comes late in several pieces, and a camera that left the configuration is collected once more
// for what came late.
func TestManyLate(t *testing.T) {
	t.Parallel()
	b, x := newBook(t), &index{}
	x.add("main", day.Add(time.Hour), day.Add(2*time.Hour))
	x.gap("main", day.Add(2*time.Hour), time.Time{}, "removed")
	now := day.Add(4 * time.Hour)
	c := b.collector(x, &now)
	c.Cameras = func() []string { return nil }
	if n, err := c.Collect(t.Context()); n != 2 || err != nil {
		t.Fatalf("%d pieces, %v", n, err)
	}
	for i := range maxLate + 1 {
		x.add("main", day.Add(time.Duration(i)*time.Second), day.Add(time.Duration(i+1)*time.Second))
	}
	for range 3 {
		now = now.Add(25 * time.Hour)
		if _, err := c.Collect(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	list := b.manifests(t)
	once(t, list, x.segments)
	if len(list) != 4 || len(list[2].Late) != maxLate || len(list[3].Late) != 1 {
		t.Errorf("there are %d pieces", len(list))
	}
}

// What was recorded by a clock that ran ahead, and is to be recorded in three years only by the clock that is
// right, came late as well.
func TestLateAhead(t *testing.T) {
	t.Parallel()
	b, x := newBook(t), &index{}
	wrong := day.AddDate(3, 0, 0)
	x.add("main", wrong, wrong.Add(time.Hour))
	x.add("main", wrong.Add(70*time.Minute), wrong.Add(80*time.Minute))
	now := wrong.Add(90 * time.Minute)
	c := b.collector(x, &now)
	for _, next := range []time.Time{now, day.Add(4 * time.Hour), day.Add(30 * time.Hour)} {
		now = next
		if _, err := c.Collect(t.Context()); err != nil {
			t.Fatal(err)
		}
		x.gap("main", day, time.Time{}, "silent")
	}
	once(t, b.manifests(t), x.segments)
}

// What no footage can be as old as is forgotten, so that the diary does not grow with it.
func TestForget(t *testing.T) {
	t.Parallel()
	b, x := newBook(t), &index{}
	x.add("main", day, day.Add(time.Hour))
	x.add("main", day.Add(time.Hour), day.Add(2*time.Hour))
	x.gap("main", day.Add(2*time.Hour), time.Time{}, "silent")
	now := day.Add(3 * time.Hour)
	c := b.collector(x, &now)
	collect := func() {
		t.Helper()
		if _, err := c.Collect(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	collect()
	x.segments = x.segments[1:] // the other one is held
	now = now.AddDate(3, 0, 0)
	collect()
	now = now.Add(25 * time.Hour)
	collect()
	ids, err := c.ids(t.Context(), `SELECT id FROM collected_segments WHERE id <> ?`, []byte{})
	must(t, err)
	if len(ids) != 1 || ids[0] != x.segments[0].ID {
		t.Errorf("the diary remembers %v", ids)
	}
	b.manifests(t)
}

// history is what became of a camera's footage, as the index came to know it.
type history struct {
	footage.Segment
	sealed time.Time     // when it was, however late
	lost   [2]time.Time  // while the index did not know it: made anew, or its disk was away
	shift  time.Duration // what the date of its boot was wrong by
	dated  time.Time     // when that was set right
}

// at is the row of a moment.
func (h history) at(now time.Time) (s footage.Segment, ok bool) {
	s = h.Segment
	if now.Before(h.dated) {
		s.Start, s.End = s.Start.Add(h.shift), s.End.Add(h.shift)
	}
	if now.Before(h.sealed) {
		s.Sealed, s.End, s.Records, s.Root, s.Recovered = false, s.Start, 0, [32]byte{}, false
	}
	return s, !h.Start.After(now) && (now.Before(h.lost[0]) || !now.Before(h.lost[1]))
}

// Whatever comes late, is lost and found again, or gets another date, and however often the program or the diary
// fails: in the end the root of every segment is in one piece, and the pieces are a chain.
func TestHistories(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 7))
			b, x := newBook(t), &index{}
			record(r, x, "main")
			record(r, x, "sub")
			all := happen(r, x.segments)
			now, c, f := day, (*Collector)(nil), &flaky{r: r}
			for end := day.AddDate(0, 0, 8); now.Before(end); {
				now = now.Add(time.Duration(1+r.IntN(200)) * time.Minute)
				if c == nil || r.IntN(4) == 0 {
					b.again(t)
					c = b.collector(x, &now)
					f.Diary, c.Diary, c.Started = b.Diary, f, now
				}
				x.segments = known(all, now)
				run := c.Collect
				if r.IntN(8) == 0 {
					run = c.Stop
				}
				if _, err := run(t.Context()); err != nil && !errors.Is(err, errFlaky) {
					t.Fatal(err)
				}
			}
			x.segments = known(all, now)
			for range 3 {
				now = now.Add(25 * time.Hour)
				_, err := b.collector(x, &now).Collect(t.Context())
				must(t, err)
			}
			once(t, b.manifests(t), x.segments)
		})
	}
}

// happen makes something happen to some segments; all is well six days later.
func happen(r *rand.Rand, list []footage.Segment) (all []history) {
	day := func() time.Duration { return time.Duration(r.Int64N(int64(24 * time.Hour))) }
	for _, s := range list {
		h := history{Segment: s, sealed: s.End}
		switch r.IntN(8) {
		case 0:
			h.sealed, h.Recovered = s.End.Add(day()*4), true
		case 1:
			h.lost[0] = s.Start.Add(day())
			h.lost[1] = h.lost[0].Add(day() * 3)
		case 2:
			h.lost[1] = s.End.Add(day() * 2) // never known until then
		case 3:
			h.shift, h.dated = time.Duration(r.IntN(300)-150)*time.Minute, s.End.Add(day())
		}
		all = append(all, h)
	}
	return all
}

func known(all []history, now time.Time) (list []footage.Segment) {
	for _, h := range all {
		if s, ok := h.at(now); ok {
			list = append(list, s)
		}
	}
	slices.SortStableFunc(list, func(a, b footage.Segment) int { return a.Start.Compare(b.Start) })
	return list
}
