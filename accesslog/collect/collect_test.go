package collect

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// day is when the tests play.
var day = time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// index is an index of footage in memory.
type index struct {
	segments []footage.Segment
	gaps     []footage.Gap
}

func (x *index) Span(camera, stream string, from, to time.Time) (s []footage.Segment, g []footage.Gap, _ error) {
	for _, r := range x.segments {
		if r.Camera == camera && (stream == "" || r.Stream == stream) && r.Start.Before(to) && (!r.Sealed || r.End.After(from) || !r.Start.Before(from)) {
			s = append(s, r)
		}
	}
	for _, r := range x.gaps {
		if r.Camera == camera && (stream == "" || r.Stream == stream) && r.From.Before(to) && (r.To.IsZero() || r.To.After(from)) {
			g = append(g, r)
		}
	}
	slices.SortFunc(s, func(a, b footage.Segment) int { return a.Start.Compare(b.Start) })
	slices.SortFunc(g, func(a, b footage.Gap) int { return a.From.Compare(b.From) })
	return s, g, nil
}

func (x *index) Oldest(camera string) (footage.Segment, error) {
	s, _, _ := x.Span(camera, "", time.Time{}, day.AddDate(50, 0, 0))
	if len(s) == 0 {
		return footage.Segment{}, footage.ErrUnknown
	}
	return s[0], nil
}

func (x *index) Pending(camera, stream string) (list []footage.Gap, _ error) {
	for _, g := range x.gaps {
		if g.Camera == camera && g.Stream == stream && g.Carrier == (keyring.ID{}) {
			list = append(list, g)
		}
	}
	return list, nil
}

func (x *index) Get(id keyring.ID) (footage.Segment, error) {
	for _, s := range x.segments {
		if s.ID == id {
			return s, nil
		}
	}
	return footage.Segment{}, footage.ErrUnknown
}

func (x *index) Days(camera string) (list []footage.DaySummary, _ error) {
	for _, s := range x.segments {
		d := footage.DaySummary{Day: s.Start.Truncate(24 * time.Hour), Stream: s.Stream}
		if s.Camera == camera && !slices.Contains(list, d) {
			list = append(list, d)
		}
	}
	slices.SortFunc(list, func(a, b footage.DaySummary) int { return a.Day.Compare(b.Day) })
	return list, nil
}

func (x *index) Bytes() (map[string]int64, error) {
	held := map[string]int64{}
	for _, s := range x.segments {
		held[s.Camera]++
	}
	return held, nil
}

// add makes a sealed segment.
func (x *index) add(stream string, from, to time.Time) *footage.Segment {
	s := footage.Segment{ID: keyring.NewID(from), Camera: "hall", Stream: stream, Start: from, End: to, Sealed: true, Records: 7, Root: [32]byte{1, byte(len(x.segments))}}
	x.segments = append(x.segments, s)
	return &x.segments[len(x.segments)-1]
}

// gap makes a gap that a segment carries, or, without an end, one that lasts.
func (x *index) gap(stream string, from, to time.Time, cause string) {
	g := footage.Gap{Camera: "hall", Stream: stream, Gap: segment.Gap{From: from, To: to, Cause: cause}}
	if !to.IsZero() {
		g.Carrier = keyring.NewID(to)
	}
	x.gaps = append(x.gaps, g)
}

// book is a real diary that can be opened again.
type book struct {
	diary.Options
	*diary.Diary
	key keyring.PrivateKey
}

func newBook(t testing.TB) *book {
	t.Helper()
	b := &book{}
	var err error
	b.key, err = keyring.GenerateKey()
	must(t, err)
	dir := t.TempDir()
	b.Options = diary.Options{Path: filepath.Join(dir, "varuh.db"), Keys: dir, Public: []keyring.PublicKey{b.key.Public()}, Schema: []string{Schema}}
	b.Diary, err = diary.Create(t.Context(), b.Options, "sola.example", diary.Entry{})
	must(t, err)
	t.Cleanup(func() { b.Close() })
	return b
}

func (b *book) again(t testing.TB) {
	t.Helper()
	must(t, b.Close())
	var err error
	b.Diary, err = diary.Open(t.Context(), b.Options)
	must(t, err)
}

// manifests reads every manifest of the camera from the diary, and holds their chain together.
func (b *book) manifests(t testing.TB) (list []Manifest) {
	t.Helper()
	opener := b.Opener(keyring.Identity{b.key})
	var chain proof.Pieces
	for e, err := range b.Entries(t.Context(), 0, b.Head().Size) {
		must(t, err)
		if e.Op != Op {
			continue
		}
		_, raw, err := opener.Open(t.Context(), e.Index)
		must(t, err)
		m := parse(t, raw)
		if m.Seq != int64(len(list)) {
			t.Fatalf("entry %d: piece %d in the place of %d", e.Index, m.Seq, len(list))
		}
		if err := chain.Add(raw); err != nil {
			t.Fatalf("entry %d: %v", e.Index, err)
		}
		list = append(list, m)
	}
	return list
}

// parse reads what Encode wrote, and checks that it writes the same again.
func parse(t testing.TB, raw []byte) (m Manifest) {
	t.Helper()
	v, err := proof.Parse(raw)
	must(t, err)
	whole := v.(map[string]any)
	at := func(v any) time.Time {
		when, err := time.Parse(timeForm, v.(string))
		must(t, err)
		return when
	}
	m.Camera, m.Seq, m.From, m.To = whole["camera"].(string), whole["seq"].(int64), at(whole["from"]), at(whole["to"])
	if p, ok := whole["prev"]; ok {
		var h proof.Hash
		must(t, h.UnmarshalJSON([]byte(fmt.Sprintf("%q", p))))
		m.Prev = &h
	}
	m.Segments = parseSegments(t, whole["segments"].([]any))
	if late, ok := whole["late"]; ok {
		m.Late = parseSegments(t, late.([]any))
	}
	for _, v := range whole["gaps"].([]any) {
		r := v.(map[string]any)
		m.Gaps = append(m.Gaps, Gap{r["stream"].(string), at(r["from"]), at(r["to"]), r["cause"].(string)})
	}
	again, err := m.Encode()
	must(t, err)
	if string(again) != string(raw) {
		t.Fatalf("%s\nis written again as\n%s", raw, again)
	}
	return m
}

func parseSegments(t testing.TB, list []any) (segments []Segment) {
	t.Helper()
	for _, v := range list {
		r := v.(map[string]any)
		id, err := keyring.ParseID(r["id"].(string))
		must(t, err)
		start, err := time.Parse(timeForm, r["start"].(string))
		must(t, err)
		s := Segment{Stream: r["stream"].(string), ID: id, Start: start}
		s.Open, _ = r["open"].(bool)
		s.Recovered, _ = r["recovered"].(bool)
		if s.In, s.Known = r["in"].(int64); !s.Open {
			s.End, err = time.Parse(timeForm, r["end"].(string))
			must(t, err)
		}
		if !s.Open && !s.Known {
			var h proof.Hash
			must(t, h.UnmarshalJSON([]byte(fmt.Sprintf("%q", r["root"]))))
			s.Records, s.Root = uint32(r["records"].(int64)), h
		}
		segments = append(segments, s)
	}
	return segments
}

// tiled fails unless the pieces follow each other and each stream in each is tiled.
func tiled(t testing.TB, list []Manifest) {
	t.Helper()
	for i, m := range list {
		if i > 0 && !m.From.Equal(list[i-1].To) {
			t.Fatalf("piece %d begins at %s, the one before ended at %s", i, text(m.From), text(list[i-1].To))
		}
		if !m.To.After(m.From) || len(m.Segments) > 0 && m.To.Sub(m.From) > time.Hour {
			t.Fatalf("piece %d is from %s to %s", i, text(m.From), text(m.To))
		}
		streams := map[string][]span{}
		for _, s := range m.Segments {
			end := s.End
			if s.Open {
				end = m.To
			}
			if !s.Start.Before(m.To) || end.Before(m.From) {
				t.Fatalf("piece %d has a segment that lies elsewhere: %+v", i, s)
			}
			streams[s.Stream] = append(streams[s.Stream], span{s.Start, end})
		}
		for _, g := range m.Gaps {
			if g.From.Before(m.From) || g.To.After(m.To) || !g.To.After(g.From) || g.Cause == "" {
				t.Fatalf("piece %d has a wrong gap: %+v", i, g)
			}
			for _, s := range streams[g.Stream] {
				if g.From.Before(s.to) && g.To.After(s.from) {
					t.Fatalf("piece %d: the gap %+v overlaps %v", i, g, s)
				}
			}
			streams[g.Stream] = append(streams[g.Stream], span{g.From, g.To})
		}
		if streams["main"] == nil {
			t.Fatalf("piece %d does not tell of main", i)
		}
		for stream, spans := range streams {
			slices.SortFunc(spans, func(a, b span) int { return a.from.Compare(b.from) })
			at := m.From
			for _, s := range spans {
				if s.from.After(at) {
					t.Fatalf("piece %d: nothing tells of %s from %s to %s", i, stream, text(at), text(s.from))
				}
				at = later(at, s.to)
			}
			if at.Before(m.To) {
				t.Fatalf("piece %d: nothing tells of %s from %s on", i, stream, text(at))
			}
		}
	}
}

func (b *book) collector(x *index, now *time.Time) *Collector {
	return &Collector{Diary: b.Diary, Index: x, Cameras: func() []string { return []string{"hall"} }, Now: func() time.Time {
		*now = now.Add(1) // a walk must end while time goes on
		return *now
	}, Started: day}
}

// A day told by hand: what crosses an hour is in both, an hour waits for what is open in it, a stop cuts
// the hour, and the hours in which nothing ran are one piece.
func TestDay(t *testing.T) {
	t.Parallel()
	b, x := newBook(t), &index{}
	now := day.Add(10 * time.Hour)
	c := b.collector(x, &now)
	at := func(h, m, s int) time.Time {
		return day.Add(time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second)
	}
	collect := func(want int) {
		t.Helper()
		n, err := c.Collect(t.Context())
		must(t, err)
		if n != want {
			t.Fatalf("%d pieces were written at %s, want %d", n, text(now), want)
		}
	}
	collect(0) // nothing was ever recorded

	x.add("main", at(10, 10, 0), at(10, 40, 0))
	x.gap("main", at(10, 40, 0), at(10, 55, 0), "unreachable")
	crossing := x.add("main", at(10, 55, 0), at(11, 5, 0))
	crossing.Sealed = false
	now = at(11, 3, 0)
	collect(0) // the last segment is open
	crossing.Sealed = true
	now = at(11, 1, 59)
	collect(0) // what waits for a slow disk may still come
	now = at(11, 5, 0)
	collect(1)
	collect(0)

	x.add("main", at(11, 5, 0).Add(200*time.Millisecond), at(11, 30, 0))
	x.gap("main", at(11, 30, 2), time.Time{}, "stopped")
	now = at(11, 30, 3)
	if n, err := c.Stop(t.Context()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	b.again(t)
	now = at(17, 10, 0)
	c = b.collector(x, &now)
	c.Started = at(17, 0, 0)
	x.gaps = nil
	x.gap("main", at(11, 30, 0), at(17, 0, 5), "stopped")
	x.add("main", at(17, 0, 5), at(17, 10, 0))
	collect(1)
	now = at(18, 5, 0)
	collect(0) // nothing tells yet why nothing is recorded since 17:10
	x.gap("main", at(17, 10, 9), time.Time{}, "unreachable")
	collect(1)

	list := b.manifests(t)
	tiled(t, list)
	var got []string
	for _, m := range list {
		for _, g := range m.Gaps {
			got = append(got, fmt.Sprintf("%d %s-%s %s", m.Seq, g.From.Format("15:04:05"), g.To.Format("15:04:05"), g.Cause))
		}
	}
	want := []string{
		"0 10:00:00-10:10:00 before", "0 10:40:00-10:55:00 unreachable",
		"1 11:05:00-11:05:00 join", "1 11:30:00-11:30:03 stopped",
		"2 11:30:03-17:00:00 stopped",
		"3 17:00:00-17:00:05 stopped", "3 17:10:00-18:00:00 unreachable",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the gaps are\n%q, want\n%q", got, want)
	}
	if a, b := list[0].Segments, list[1].Segments; len(a) != 2 || len(b) != 2 || a[1].ID != b[0].ID || a[1].Known || !b[0].Known || b[0].In != 0 {
		t.Errorf("the segment that crosses 11:00 is not in both pieces: %+v", list[:2])
	}
}

// Whatever was recorded, whenever the program stops, crashes and starts, and whatever becomes of the
// diary, the pieces tile the time, follow each other, and hold every segment.
func TestTiling(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 3))
			b, x := newBook(t), &index{}
			record(r, x, "main")
			if seed%2 == 0 {
				record(r, x, "sub")
			}
			all := slices.Clone(x.segments)
			now := day
			for end := day.Add(40 * time.Hour); now.Before(end); {
				now = now.Add(time.Duration(1+r.IntN(150)) * time.Minute)
				x.segments = recordedBy(all, now)
				f := &flaky{Diary: b.Diary, r: r}
				c := b.collector(x, &now)
				c.Diary = f
				c.Started = now.Add(-time.Duration(r.IntN(100)) * time.Minute)
				run := c.Collect
				if r.IntN(3) == 0 {
					run = c.Stop
				}
				if _, err := run(t.Context()); err != nil && !errors.Is(err, errFlaky) {
					t.Fatal(err)
				}
				if r.IntN(3) == 0 {
					b.again(t)
				}
			}
			now = day.Add(100 * time.Hour)
			x.segments = all
			_, err := b.collector(x, &now).Collect(t.Context())
			must(t, err)
			list := b.manifests(t)
			tiled(t, list)
			if last := list[len(list)-1].To; last.Before(day.Add(99 * time.Hour)) {
				t.Errorf("the last piece ends at %s", text(last))
			}
			holds(t, list, all)
		})
	}
}

// holds fails unless every segment is in each piece that it overlaps, and its root, as it was sealed, in one.
func holds(t *testing.T, list []Manifest, all []footage.Segment) {
	t.Helper()
	for _, s := range all {
		for _, m := range list {
			overlaps := s.Start.Before(m.To) && s.End.After(m.From)
			if overlaps && !slices.ContainsFunc(m.Segments, func(r Segment) bool { return r.ID == s.ID }) {
				t.Errorf("the piece from %s lacks segment %s from %s", text(m.From), s.ID, text(s.Start))
			}
		}
	}
	once(t, list, all)
}

// once fails unless the root of every segment is in one piece.
func once(t *testing.T, list []Manifest, all []footage.Segment) {
	t.Helper()
	stated := map[keyring.ID][]Segment{}
	for _, m := range list {
		for _, s := range slices.Concat(m.Segments, m.Late) {
			if !s.Open && !s.Known {
				stated[s.ID] = append(stated[s.ID], s)
			}
		}
	}
	for _, s := range all {
		got := stated[s.ID]
		if len(got) != 1 || got[0].Root != s.Root || got[0].Records != s.Records || got[0].Recovered != s.Recovered {
			t.Errorf("segment %s from %s to %s is stated as %+v", s.ID, text(s.Start), text(s.End), got)
		}
	}
	if len(stated) != len(all) {
		t.Errorf("%d segments are stated, of %d", len(stated), len(all))
	}
}

// record makes 30 hours of a stream with gaps of which some are told of, and some not.
func record(r *rand.Rand, x *index, stream string) {
	at := day.Add(time.Duration(r.IntN(1e9)) + time.Duration(r.IntN(100))*time.Minute)
	for at.Before(day.Add(30 * time.Hour)) {
		end := at.Add(time.Duration(1 + r.Int64N(int64(20*time.Minute))))
		x.add(stream, at, end)
		at = end
		switch r.IntN(5) {
		case 0:
			at = end.Add(time.Duration(r.Int64N(int64(400 * time.Millisecond))))
		case 1:
			at = end.Add(time.Duration(r.Int64N(int64(3 * time.Hour))))
			x.gap(stream, end, at, "unreachable")
		case 2:
			at = end.Add(time.Duration(r.Int64N(int64(time.Minute)))) // nobody tells
		}
	}
	x.gap(stream, at, time.Time{}, "silent")
}

// recordedBy is what the index knew at a moment: a segment that runs is open, the later ones are not there.
func recordedBy(all []footage.Segment, now time.Time) (known []footage.Segment) {
	for _, s := range all {
		if s.Start.After(now) {
			continue
		}
		if s.End.After(now) {
			s.Sealed, s.End, s.Records, s.Root = false, s.Start, 0, [32]byte{}
		}
		known = append(known, s)
	}
	return known
}

var errFlaky = errors.New("the diary failed")

// flaky is a diary that fails before or after the entry is durable.
type flaky struct {
	*diary.Diary
	r *rand.Rand
}

func (f *flaky) AppendKeeping(ctx context.Context, e diary.Entry, keep diary.Change) (diary.Receipt, error) {
	switch f.r.IntN(6) {
	case 0:
		return diary.Receipt{}, errFlaky
	case 1:
		if _, err := f.Diary.AppendKeeping(ctx, e, keep); err != nil {
			return diary.Receipt{}, err
		}
		return diary.Receipt{}, errFlaky
	case 2: // what keeps the progress fails: then there is no entry
		if _, err := f.Diary.AppendKeeping(ctx, e, func(*sql.Tx) error { return errFlaky }); !errors.Is(err, errFlaky) {
			return diary.Receipt{}, fmt.Errorf("an entry without its progress: %w", err)
		}
		return diary.Receipt{}, errFlaky
	}
	return f.Diary.AppendKeeping(ctx, e, keep)
}
