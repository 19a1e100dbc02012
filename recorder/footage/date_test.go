package footage

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// A boot without a clock: it shows 1970 for eight hours, then the time is known.
var (
	coldBoot  = [16]byte{0xc0}
	powerOn   = noon.Add(-9 * time.Hour)                    // what a right clock showed then
	coldUnset = time.Date(1970, 1, 1, 0, 0, 5, 0, time.UTC) // what the machine's showed
	setAt     = 8 * time.Hour
)

// cold is a segment that begins at an age of the cold boot, with gaps by the clock of the moment.
func cold(age time.Duration, gaps ...segment.Gap) row {
	s := recorded("yard", "main", coldUnset.Add(age))
	if s.Clock = segment.Unsynchronised; age >= setAt {
		s = recorded("yard", "main", powerOn.Add(age))
	}
	s.Boot, s.BootTime = coldBoot, age
	return row{Segment: s, gaps: gaps}
}

// dated is the row that a right clock would have made.
func dated(r row) Segment {
	s := r.Segment
	s.Start = powerOn.Add(s.BootTime)
	s.End = s.Start.Add(r.End.Sub(r.Start))
	return s
}

// coldStory is what files tell of that boot: recording from minute 1, a camera that failed twice.
func coldStory() (rows []row, gaps []segment.Gap) {
	before := powerOn.Add(-time.Hour) // end of the last segment of the boot before
	unset := func(age time.Duration) time.Time { return coldUnset.Add(age) }
	right := func(age time.Duration) time.Time { return powerOn.Add(age) }
	rows = []row{
		cold(time.Minute, segment.Gap{From: before, To: unset(time.Minute), Cause: "stopped"}),
		cold(2*time.Hour, segment.Gap{From: unset(11 * time.Minute), To: unset(2 * time.Hour), Cause: "unreachable"}),
		cold(setAt+time.Second, segment.Gap{From: unset(2*time.Hour + 10*time.Minute), To: right(setAt + time.Second), Cause: "clock"}),
		cold(9*time.Hour, segment.Gap{From: right(setAt + 11*time.Minute), To: right(9 * time.Hour), Cause: "schedule"}),
	}
	gaps = []segment.Gap{
		{From: before, To: right(time.Minute), Cause: "stopped"},
		{From: right(11 * time.Minute), To: right(2 * time.Hour), Cause: "unreachable"},
		{From: right(2*time.Hour + 10*time.Minute), To: right(setAt + time.Second), Cause: "clock"},
		{From: right(setAt + 11*time.Minute), To: right(9 * time.Hour), Cause: "schedule"},
	}
	return rows, gaps
}

// TestRedate: whatever order rows come in, segments and gaps end where a right clock would have put them.
func TestRedate(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		rows, gaps := coldStory()
		if seed > 0 {
			rand.New(rand.NewPCG(seed, 0)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		}
		ix := emptyIndex(t)
		for _, r := range rows {
			ok(t, ix.Begin(begun(r.Segment), r.gaps...))
			ok(t, ix.Sealed(r.Segment))
		}
		wantStory(t, ix, rows, gaps)
	}
}

func wantStory(t *testing.T, ix *Index, rows []row, want []segment.Gap) {
	t.Helper()
	segments, got, err := ix.Span("yard", "main", powerOn.Add(-2*time.Hour), noon.Add(time.Hour))
	ok(t, err)
	wantSegments := make([]Segment, len(rows))
	for i, r := range rows {
		wantSegments[i] = dated(r)
	}
	slices.SortFunc(wantSegments, func(a, b Segment) int { return a.Start.Compare(b.Start) })
	if !reflect.DeepEqual(segments, wantSegments) {
		t.Errorf("segments:\n got %v\nwant %v", segments, wantSegments)
	}
	plain := make([]segment.Gap, len(got))
	for i, g := range got {
		plain[i] = g.Gap
	}
	if !reflect.DeepEqual(plain, want) {
		t.Errorf("gaps:\n got %v\nwant %v", plain, want)
	}
}

// TestRedateTold: what the recorder tells is seen at once, and gives way to the first segment that
// the right clock dates, so that a rebuild needs no more than the files.
func TestRedateTold(t *testing.T) {
	t.Parallel()
	ix := emptyIndex(t)
	rows, gaps := coldStory()
	for _, r := range rows[:2] {
		ok(t, ix.Begin(begun(r.Segment), r.gaps...))
		ok(t, ix.Sealed(r.Segment))
	}
	failing := Gap{Camera: "yard", Stream: "main", Boot: coldBoot, Gap: segment.Gap{From: coldUnset.Add(2*time.Hour + 10*time.Minute), Cause: "unreachable"}}
	ok(t, ix.AddGap(failing))

	const guess = 40 * time.Millisecond
	ok(t, ix.Redate(coldBoot, powerOn.Add(guess)))
	got, err := ix.Get(rows[1].ID)
	want := dated(rows[1])
	want.Start, want.End = want.Start.Add(guess), want.End.Add(guess)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("told:\n got %v, %v\nwant %v", got, err, want)
	}
	pending, err := ix.Pending("yard", "main")
	if err != nil || len(pending) != 1 || !pending[0].From.Equal(powerOn.Add(2*time.Hour+10*time.Minute+guess)) {
		t.Errorf("pending gap told: %v, %v", pending, err)
	}
	for _, r := range rows[2:] {
		ok(t, ix.Begin(begun(r.Segment), r.gaps...))
		ok(t, ix.Sealed(r.Segment))
	}
	ok(t, ix.Redate(coldBoot, powerOn.Add(time.Hour))) // too late to count
	wantStory(t, ix, rows, gaps)
}

// TestRedateOthers: neither another boot nor a right row moves.
func TestRedateOthers(t *testing.T) {
	t.Parallel()
	ix := emptyIndex(t)
	right := recorded("yard", "main", noon)
	other := cold(time.Minute).Segment
	other.ID, other.Boot = keyring.NewID(noon), [16]byte{0xc1}
	ok(t, ix.Sealed(right, other))
	ok(t, ix.Redate(coldBoot, powerOn))
	ok(t, ix.Sealed(cold(setAt).Segment))
	wantSegment(t, ix, right)
	wantSegment(t, ix, other)
}
