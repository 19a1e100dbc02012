package footage

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"

	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// noon is the middle of the day on which the tests record.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// emptyIndex makes an index and opens it.
func emptyIndex(tb testing.TB) *Index {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "footage.db")
	if _, err := Rebuild(tb.Context(), nil, path, nil); err != nil {
		tb.Fatal(err)
	}
	return open(tb, path)
}

func open(tb testing.TB, path string) *Index {
	tb.Helper()
	ix, err := Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { ok(tb, ix.Close()) })
	return ix
}

func ok(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// recorded is a segment of ten minutes, sealed.
func recorded(camera, stream string, start time.Time) Segment {
	return Segment{
		ID: keyring.NewID(start), Store: keyring.ID{1}, Slot: 7, Camera: camera, Stream: stream, Run: keyring.ID{2},
		Start: start, End: start.Add(10 * time.Minute), Bytes: 300e6, Records: 601, Sealed: true, Loss: true,
		Format: "H264 1920x1080", Boot: [16]byte{3}, BootTime: start.Sub(noon.Add(-100 * time.Hour)), HeaderStart: start,
		Clock: segment.Synchronised, Root: [32]byte{4},
	}
}

// begun is the row that Begin makes of s.
func begun(s Segment) Segment {
	s.End, s.Bytes, s.Records, s.Sealed, s.Loss, s.Root = s.Start, 0, 0, false, false, [32]byte{}
	return s
}

func TestSegment(t *testing.T) {
	t.Parallel()
	ix := emptyIndex(t)
	s := recorded("yard", "main", noon)

	if _, err := ix.Get(s.ID); !errors.Is(err, ErrUnknown) {
		t.Errorf("before Begin: %v", err)
	}
	ok(t, ix.Begin(begun(s)))
	wantSegment(t, ix, begun(s))
	if got, err := ix.Unsealed(); err != nil || !reflect.DeepEqual(got, []Segment{begun(s)}) {
		t.Errorf("Unsealed = %v, %v", got, err)
	}
	ok(t, ix.Sealed(s))
	wantSegment(t, ix, s)
	if got, err := ix.Unsealed(); err != nil || len(got) > 0 {
		t.Errorf("Unsealed = %v, %v", got, err)
	}
	if got, err := ix.Last("yard", "main"); err != nil || !reflect.DeepEqual(got, s) {
		t.Errorf("Last = %v, %v", got, err)
	}
	ok(t, ix.Remove(s.ID))
	ok(t, ix.Remove(s.ID))
	if _, err := ix.Get(s.ID); !errors.Is(err, ErrUnknown) {
		t.Errorf("after Remove: %v", err)
	}
	if _, err := ix.Last("yard", "main"); !errors.Is(err, ErrUnknown) {
		t.Errorf("Last after Remove: %v", err)
	}
}

// TestRemoveMany removes some rows at once, of which one is gone already, and leaves the others.
func TestRemoveMany(t *testing.T) {
	t.Parallel()
	ix := emptyIndex(t)
	var ids []keyring.ID
	for i := range 5 {
		s := recorded("yard", "main", noon.Add(time.Duration(i)*time.Minute))
		ok(t, ix.Begin(begun(s)))
		ids = append(ids, s.ID)
	}
	ok(t, ix.Remove(ids[1]))
	ok(t, ix.Remove(ids[:3]...))
	ok(t, ix.Remove())
	left, _, err := ix.Span("yard", "main", noon, noon.Add(time.Hour))
	if err != nil || len(left) != 2 || left[0].ID != ids[3] || left[1].ID != ids[4] {
		t.Errorf("left: %+v, %v", left, err)
	}
}

// TestSealedAlone: a row that was lost comes back with the seal.
func TestSealedAlone(t *testing.T) {
	t.Parallel()
	ix := emptyIndex(t)
	a, b := recorded("yard", "main", noon), recorded("gate", "sub", noon.Add(time.Second))
	ok(t, ix.Sealed(a, b))
	wantSegment(t, ix, a)
	wantSegment(t, ix, b)
}

func wantSegment(t *testing.T, ix *Index, want Segment) {
	t.Helper()
	got, err := ix.Get(want.ID)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("Get:\n got %+v, %v\nwant %+v", got, err, want)
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	ix := emptyIndex(t)
	var list []Segment
	for i := range 6 {
		list = append(list, recorded("yard", "main", noon.Add(time.Duration(i)*10*time.Minute)))
	}
	sub := recorded("yard", "sub", noon.Add(5*time.Minute))
	ok(t, ix.Sealed(append(list[:5:5], sub, recorded("gate", "main", noon))...))
	ok(t, ix.Begin(begun(list[5])))
	list[5] = begun(list[5])

	tests := []struct {
		stream   string
		from, to time.Duration
		want     []Segment
	}{
		{"main", 0, time.Hour, list},
		{"main", -time.Hour, 0, nil},
		{"main", -time.Hour, 1, list[:1]},
		{"main", 10 * time.Minute, 20 * time.Minute, list[1:2]},
		{"main", 10*time.Minute - 1, 20*time.Minute + 1, list[:3]},
		{"main", 15 * time.Minute, 15*time.Minute + 1, list[1:2]},
		{"main", 55 * time.Minute, 56 * time.Minute, list[5:]}, // still written
		{"main", 90 * time.Hour, 91 * time.Hour, list[5:]},
		{"sub", -time.Hour, time.Hour, []Segment{sub}},
		{"", 0, 10 * time.Minute, []Segment{list[0], sub}},
		{"third", 0, time.Hour, nil},
	}
	for _, tt := range tests {
		got, _, err := ix.Span("yard", tt.stream, noon.Add(tt.from), noon.Add(tt.to))
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("Span(%q, %v, %v) = %v, %v; want %v", tt.stream, tt.from, tt.to, starts(got), err, starts(tt.want))
		}
	}
	if got, err := ix.Oldest("yard"); err != nil || got.ID != list[0].ID {
		t.Errorf("Oldest = %v, %v", got, err)
	}
	if got, err := ix.Streams(); err != nil || !reflect.DeepEqual(got, map[string][]string{"yard": {"main", "sub"}, "gate": {"main"}}) {
		t.Errorf("the streams are %v, %v", got, err)
	}
	if got, err := ix.Bytes(); err != nil || !reflect.DeepEqual(got, map[string]int64{"yard": 6 * 300e6, "gate": 300e6}) {
		t.Errorf("Bytes = %v, %v", got, err)
	}
	held, err := ix.Held()
	begun := list[0]
	was := held[begun.Store]
	if err != nil || len(held) != 1 || was.Store != begun.Store || was.Bytes != 7*300e6 || len(was.Open) != 1 {
		t.Errorf("Held = %+v, %v", held, err)
	}
	begun.ID, begun.Sealed, begun.Bytes, begun.Records = keyring.NewID(noon.Add(24*time.Hour)), false, 0, 0
	if err := ix.Begin(begun); err != nil {
		t.Fatal(err)
	}
	held, err = ix.Held()
	now := held[begun.Store]
	if err != nil || now.Bytes != was.Bytes || !slices.ContainsFunc(now.Open, func(s Segment) bool { return s.ID == begun.ID && s.Camera == "yard" && s.Store == begun.Store }) {
		t.Errorf("with one more that is written, Held = %+v, %v", held, err)
	}
}

func starts(list []Segment) (s []string) {
	for _, v := range list {
		s = append(s, v.Start.Format("15:04"))
	}
	return s
}

func TestDays(t *testing.T) {
	t.Parallel()
	ix := emptyIndex(t)
	midnight := noon.Truncate(24 * time.Hour)
	before, across, after := recorded("yard", "main", midnight.Add(-time.Hour)), recorded("yard", "main", midnight.Add(-time.Minute)), recorded("yard", "main", noon)
	ok(t, ix.Sealed(before, across, after))
	days, err := ix.Days("yard")
	want := []DaySummary{
		{midnight.AddDate(0, 0, -1), "main", 2, 600e6, 20 * time.Minute},
		{midnight, "main", 1, 300e6, 10 * time.Minute},
	}
	if err != nil || !reflect.DeepEqual(days, want) {
		t.Errorf("Days = %v, %v; want %v", days, err, want)
	}
	got, _, err := ix.Day("yard", noon)
	if err != nil || !reflect.DeepEqual(got, []Segment{across, after}) {
		t.Errorf("Day = %v, %v", starts(got), err)
	}
}

// TestGap follows a gap from the first word of it to the segment that carries it, and beyond.
func TestGap(t *testing.T) {
	t.Parallel()
	ix := emptyIndex(t)
	span := func() []Gap {
		t.Helper()
		_, gaps, err := ix.Span("yard", "", noon.Add(time.Minute), noon.Add(time.Hour))
		ok(t, err)
		return gaps
	}
	want := func(got []Gap, want ...Gap) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("gaps:\n got %v\nwant %v", got, want)
		}
	}
	g := Gap{Camera: "yard", Stream: "main", Gap: segment.Gap{From: noon, Cause: "unreachable"}}
	told := g
	told.Boot, told.Clock = [16]byte{3}, segment.Synchronised
	ok(t, ix.AddGap(told))
	want(span(), g)

	told.To = noon.Add(30 * time.Minute)
	g.To = told.To
	ok(t, ix.AddGap(told))
	want(span(), g)
	pending, err := ix.Pending("yard", "main")
	ok(t, err)
	want(pending, g)

	s := recorded("yard", "main", g.To)
	g.Carrier = s.ID
	ok(t, ix.Begin(begun(s), g.Gap))
	want(span(), g)
	ok(t, ix.Sealed(s))
	want(span(), g)
	pending, err = ix.Pending("yard", "main")
	ok(t, err)
	want(pending)

	ok(t, ix.Abandon(s.ID))
	g.Carrier = keyring.ID{}
	want(span(), g)
	s.ID = keyring.NewID(s.Start)
	g.Carrier = s.ID
	ok(t, ix.Begin(begun(s), g.Gap))
	ok(t, ix.Remove(s.ID))
	want(span())
}

// TestAbandonKeepsNews: a gap that was told anew since Begin is not replaced by the one in the header.
func TestAbandonKeepsNews(t *testing.T) {
	t.Parallel()
	ix := emptyIndex(t)
	s := recorded("yard", "main", noon)
	old := segment.Gap{From: noon.Add(-time.Hour), To: noon, Cause: "unreachable"}
	ok(t, ix.Begin(begun(s), old))
	told := Gap{Camera: "yard", Stream: "main", Gap: old}
	told.To = noon.Add(time.Hour)
	ok(t, ix.AddGap(told))
	ok(t, ix.Abandon(s.ID))
	got, err := ix.Pending("yard", "main")
	if err != nil || len(got) != 1 || !got[0].To.Equal(told.To) {
		t.Errorf("Pending = %v, %v; want the gap up to %v", got, err, told.To)
	}
}

// TestTurnstile: changes that wait together are committed together, and one that fails disturbs none.
func TestTurnstile(t *testing.T) {
	t.Parallel()
	ix := emptyIndex(t)
	commits := 0
	conn, err := ix.write.Conn(t.Context())
	ok(t, err)
	ok(t, conn.Raw(func(c any) error {
		c.(*sqlite3.SQLiteConn).RegisterCommitHook(func() int { commits++; return 0 })
		return nil
	}))
	ok(t, conn.Close())

	const cameras = 32
	ix.turn.committing.Lock()
	var wg sync.WaitGroup
	errs := make([]error, cameras)
	list := make([]Segment, cameras)
	for i := range cameras {
		list[i] = recorded(fmt.Sprint("camera", i), "main", noon)
		if i == 9 {
			list[i].Clock = 7 // the schema refuses it
		}
		wg.Go(func() { errs[i] = ix.Begin(begun(list[i])) })
	}
	for waiting := 0; waiting < cameras; runtime.Gosched() {
		ix.turn.mu.Lock()
		waiting = len(ix.turn.waiting)
		ix.turn.mu.Unlock()
	}
	ix.turn.committing.Unlock()
	wg.Wait()

	if commits != 1 {
		t.Errorf("%d changes took %d commits, want 1", cameras, commits)
	}
	for i, err := range errs {
		if (err != nil) != (i == 9) {
			t.Errorf("camera %d: %v", i, err)
		} else if err == nil {
			wantSegment(t, ix, begun(list[i]))
		}
	}
}

// TestPragmas: the driver's own defaults are not ours.
func TestPragmas(t *testing.T) {
	t.Parallel()
	ix := emptyIndex(t)
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "temp_store": "2"} {
		var got string
		ok(t, ix.write.QueryRow("PRAGMA "+pragma).Scan(&got))
		if got != want {
			t.Errorf("%s is %s, want %s", pragma, got, want)
		}
	}
	if _, err := ix.read.ExecContext(context.Background(), "DELETE FROM segments"); err == nil {
		t.Error("a reader could write")
	}
}
