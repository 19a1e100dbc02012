package collect

import (
	"context"
	"errors"
	"iter"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// A package has the hour that runs collected at once; the next piece goes on from there. What the diary tells is read back.
func TestUntil(t *testing.T) {
	t.Parallel()
	b, x := newBook(t), &index{}
	now := day.Add(10*time.Hour + 40*time.Minute)
	c := b.collector(x, &now)
	at := func(m int) time.Time { return day.Add(10*time.Hour + time.Duration(m)*time.Minute) }
	x.gap("main", day.Add(9*time.Hour), at(0), "unreachable")
	x.add("main", at(0), at(20))
	x.add("main", at(20), at(35))
	open := x.add("main", at(35), at(35))
	open.Sealed = false
	written := func(want int) {
		t.Helper()
		n := 0
		for p, err := range Pieces(t.Context(), b.Diary, time.Time{}) {
			must(t, err)
			l, err := b.Diary.Manifest(t.Context(), p.Entry)
			must(t, err)
			if again, err := p.Encode(); err != nil || string(again) != string(l) {
				t.Errorf("%s\nis read as\n%s, %v", l, again, err)
			}
			n++
		}
		if list := b.manifests(t); n != want || len(list) != want {
			t.Fatalf("%d pieces are read, %d there, want %d", n, len(list), want)
		}
		tiled(t, b.manifests(t))
	}
	_, err := c.Collect(t.Context())
	must(t, err)
	written(0) // the hour runs
	n, err := c.Until(t.Context(), "hall", at(35))
	must(t, err)
	if n != 1 {
		t.Errorf("%d pieces", n)
	}
	written(1)
	if n, err := c.Until(t.Context(), "hall", at(35)); n != 0 || err != nil {
		t.Errorf("%d pieces again, %v", n, err)
	}
	open.Sealed, open.End = true, at(59)
	x.add("main", at(59), at(70))
	now = at(75)
	_, err = c.Collect(t.Context())
	must(t, err)
	written(2)
	sick := x.add("main", at(70), at(70)) // its disk is gone
	sick.Sealed = false
	x.add("main", at(80), at(90))
	now = at(95)
	if n, err := c.Until(t.Context(), "hall", at(90)); n != 1 || err != nil {
		t.Errorf("behind a segment that stays open: %d pieces, %v", n, err)
	}
	written(3)
	sick.Sealed, sick.End = true, at(79)
	if n, err := c.Until(t.Context(), "hall", at(92)); n != 0 || err != nil { // nobody has told why nothing is recorded
		t.Errorf("%d pieces, %v", n, err)
	}
	x.gap("main", at(90), time.Time{}, "unreachable")
	if n, err := c.Until(t.Context(), "hall", at(94)); n != 1 || err != nil {
		t.Errorf("%d pieces, %v", n, err)
	}
	if list := b.manifests(t); len(list[3].Late) != 1 || list[3].Late[0].ID != sick.ID {
		t.Errorf("what was sealed late is told in %+v", list[3])
	}
	if n, err := c.Until(t.Context(), "yard", at(70)); n != 0 || err != nil {
		t.Errorf("of a camera that never recorded: %d, %v", n, err)
	}
}

// Only pieces that were entered since a time are read, and what is no piece is an error.
func TestPieces(t *testing.T) {
	t.Parallel()
	b, x := newBook(t), &index{}
	now := day.Add(time.Hour)
	c := b.collector(x, &now)
	began := time.Now()
	x.add("main", day, day.Add(30*time.Minute))
	_, err := c.Until(t.Context(), "hall", day.Add(30*time.Minute))
	must(t, err)
	for since, want := range map[time.Time]int{began.Add(-time.Hour): 1, time.Now().Add(time.Hour): 0} {
		n := 0
		for _, err := range Pieces(t.Context(), b.Diary, since) {
			must(t, err)
			n++
		}
		if n != want {
			t.Errorf("since %v there are %d pieces, want %d", since, n, want)
		}
	}
	for _, list := range []string{`{"v":1}`, `{"camera":"hall","from":"x","gaps":[],"segments":[],"seq":0,"to":"x","v":1}`} {
		_, err := b.Append(t.Context(), diary.Entry{Op: Op, Manifest: []byte(list), Clear: true}, nil)
		must(t, err)
		var last error
		for _, err := range Pieces(t.Context(), b.Diary, time.Time{}) {
			last = err
		}
		if !errors.Is(last, diary.ErrDamaged) {
			t.Errorf("%s: %v", list, last)
		}
	}
	if _, err := readManifest([]byte(`{"v":2}`)); !errors.Is(err, proof.ErrVersion) {
		t.Errorf("of a newer version: %v", err)
	}
}

// old is a diary in which all pieces are older than its term, and some are held.
type old struct {
	*diary.Diary
	held int
}

func (o old) KeptOf(ctx context.Context, ops ...string) ([]diary.Stored, error) {
	list, err := o.EntriesOf(ctx, ops...)
	return list[:o.held], err
}

func (o old) Entries(context.Context, int64, int64) iter.Seq2[diary.Stored, error] {
	return func(func(diary.Stored, error) bool) {}
}

// The pieces of footage that is held longer than the diary's term are read, too.
func TestPiecesThatAreHeld(t *testing.T) {
	t.Parallel()
	b, x := newBook(t), &index{}
	now := day.Add(time.Hour)
	c := b.collector(x, &now)
	for _, m := range []time.Duration{10, 20} {
		x.add("main", day.Add((m-10)*time.Minute), day.Add(m*time.Minute))
		_, err := c.Until(t.Context(), "hall", day.Add(m*time.Minute))
		must(t, err)
	}
	for since, want := range map[time.Time]int{{}: 1, time.Now().Add(time.Hour): 0} {
		n := 0
		for p, err := range Pieces(t.Context(), old{b.Diary, 1}, since) {
			must(t, err)
			if n++; len(p.Segments) != 1 {
				t.Errorf("%+v", p)
			}
		}
		if n != want {
			t.Errorf("since %v there are %d pieces, want %d", since, n, want)
		}
	}
}
