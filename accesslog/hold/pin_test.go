package hold

import (
	"archive/zip"
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
	"varuh/retention"
)

// story is a diary with entries about two cameras, some of which a hold is about.
type story struct {
	*rig
	about  []int64 // by their content, or by what they refer to
	others []int64
}

func (r *rig) keys() keyring.Identity { return keyring.Identity{r.key} }

// enter writes an entry about footage of a camera.
func (s *story) enter(t *testing.T, about bool, op string, ref *int64, camera string, from, to time.Time, manifest []byte) int64 {
	t.Helper()
	body := proof.Body{Note: fmt.Sprintf("entry %d", s.diary.Head().Size)}
	if camera != "" {
		body.Objects = []proof.Object{{Camera: camera, From: from, To: to}}
	}
	got, err := s.diary.Diary.Append(t.Context(), diary.Entry{Op: op, Ref: ref, Body: body, Manifest: manifest, Clear: op == retention.OpStart}, nil)
	must(t, err)
	if about {
		s.about = append(s.about, got.Index)
	} else {
		s.others = append(s.others, got.Index)
	}
	return got.Index
}

// hour is a piece of a camera that has late segments.
func hour(camera string, from time.Time, late string) []byte {
	return fmt.Appendf(nil, `{"camera":%q,"from":%q,%s"to":%q}`, camera, from.Format(time.RFC3339Nano), late, from.Add(time.Hour).Format(time.RFC3339Nano))
}

func erasing(t *testing.T, camera string, from time.Time) []byte {
	t.Helper()
	b, err := retention.Manifest{Segments: []retention.Listed{{Camera: camera, From: from, To: from.Add(10 * time.Minute), ID: keyring.ID{1}, Reason: retention.ByTerm, Store: keyring.ID{2}}}}.Encode()
	must(t, err)
	return b
}

func newStory(t *testing.T) *story {
	s := &story{rig: newRig(t)}
	held := order().Range.From // until 90 minutes later
	for _, camera := range []string{"hall", "yard"} {
		for at := held.Add(-2 * time.Hour); at.Before(held.Add(4 * time.Hour)); at = at.Add(time.Hour) {
			in := camera == "hall" && at.Before(order().Range.To) && !at.Before(held)
			s.enter(t, in, proof.OpCollect, nil, camera, at, at.Add(time.Hour), hour(camera, at, ""))
		}
	}
	late := fmt.Sprintf(`"late":[{"end":%q,"id":"00","start":%q}],`, held.Add(10*time.Minute).Format(time.RFC3339Nano), held.Format(time.RFC3339Nano))
	s.enter(t, true, proof.OpCollect, nil, "hall", held.Add(5*time.Hour), held.Add(6*time.Hour), hour("hall", held.Add(5*time.Hour), late))
	s.enter(t, false, proof.OpCollect, nil, "yard", held.Add(5*time.Hour), held.Add(6*time.Hour), hour("yard", held.Add(5*time.Hour), late))
	s.enter(t, false, "start", nil, "", held, held, nil)

	viewing := s.enter(t, true, "view.start", nil, "yard", held, held.Add(time.Minute), nil) // by what refers to it
	s.enter(t, false, "view.more", &viewing, "yard", held, held.Add(2*time.Minute), nil)
	s.enter(t, true, "view.more", &viewing, "hall", held, held.Add(time.Minute), nil)
	s.enter(t, true, "view.end", &viewing, "", held, held, nil)
	other := s.enter(t, false, "view.start", nil, "hall", held.Add(-time.Hour), held, nil) // ends where it begins
	s.enter(t, false, "view.end", &other, "", held, held, nil)
	export := s.enter(t, true, "export", nil, "hall", held.Add(-time.Hour), held.Add(time.Second), nil)
	s.enter(t, true, "disclose", &export, "", held, held, nil)
	gone := s.enter(t, true, retention.OpStart, nil, "", held, held, erasing(t, "hall", held))
	s.enter(t, true, retention.OpEnd, &gone, "", held, held, nil)
	s.enter(t, false, retention.OpStart, nil, "", held, held, erasing(t, "hall", held.Add(-time.Hour)))
	return s
}

// pinned are the entries of a hold.
func (s *story) pinned(t *testing.T, id string) []int64 {
	t.Helper()
	set, err := pinnedFor(t.Context(), s.diary, id)
	must(t, err)
	var list []int64
	for i := range set {
		list = append(list, i)
	}
	slices.Sort(list)
	return list
}

// due lets the years pass, so that those of 2026 may be pruned, and has that confirmed.
func (s *story) due(t *testing.T, year int) {
	t.Helper()
	for s.now.Year() < year {
		s.now = time.Date(s.now.Year()+1, time.January, 5, 12, 0, 0, 0, time.UTC)
		s.enter(t, false, "start", nil, "", s.now, s.now, nil)
	}
	_, err := s.diary.ConfirmPrune(t.Context(), proof.Body{Note: "the calendar"})
	must(t, err)
	s.now = s.now.Add(proof.PersonWaits)
}

func (s *story) rule() diary.Pruning { return diary.Pruning{Years: 2, Held: s.register.Held} }

// left are those of entries that open.
func (s *story) left(t *testing.T, entries []int64) (list []int64) {
	t.Helper()
	for _, i := range entries {
		if _, _, err := s.diary.Opener(s.keys()).Open(t.Context(), i); err == nil {
			list = append(list, i)
		} else if !errors.Is(err, diary.ErrPruned) {
			t.Errorf("entry %d: %v", i, err)
		}
	}
	return list
}

// verify exports the diary and has it verified by nothing but the bundle and the keys: so many entries are in it that a
// hold keeps past their term.
func (s *story) verify(t *testing.T, kept int) {
	t.Helper()
	var b bytes.Buffer
	z := proof.NewZip(&b)
	must(t, s.diary.Export(t.Context(), z, diary.Export{Opener: s.diary.Opener(s.keys())}))
	must(t, z.Close())
	bundle, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	must(t, err)
	keys, err := s.diary.Keys(t.Context())
	must(t, err)
	report, err := proof.VerifyBundle(t.Context(), bundle, proof.VerifyOptions{Keys: keys})
	must(t, err)
	if report.Intact.State != proof.Yes {
		t.Errorf("the bundle is %+v: %+v", report.Intact, report.Findings)
	}
	if report.Pinned != int64(kept) || report.Bodies != report.To-report.From {
		t.Errorf("%d entries of %d that are kept are in the bundle, and %d bodies of all others", report.Pinned, kept, report.Bodies)
	}
}

// A hold that is set while nobody can read the diary keeps its years from being pruned; then what it is about is
// found, outlasts its term, verifies, and goes when the hold ends.
func TestHoldKeepsEntries(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	h, err := s.register.Set(t.Context(), order())
	must(t, err)
	s.about = append(s.about, h.Receipt.Index)
	s.due(t, 2029)
	if _, err := s.diary.Prune(t.Context(), s.rule()); !errors.Is(err, ErrNotPinned) || !errors.Is(err, diary.ErrNotDue) || s.diary.Head().Cut != 0 {
		t.Fatalf("pruned while nobody had looked: %v", err)
	}
	if list, err := s.register.List(t.Context()); err != nil || len(list) != 1 || list[0].ID != h.ID || list[0].Pinned {
		t.Errorf("%+v, %v", list, err)
	}
	done, err := s.register.Pin(t.Context(), s.keys(), false)
	must(t, err)
	if done.For != 1 || done.Entries != len(s.about) || done.Damaged != 0 {
		t.Errorf("%+v, want %d entries", done, len(s.about))
	}
	slices.Sort(s.about)
	if got := s.pinned(t, h.ID); !slices.Equal(got, s.about) {
		t.Fatalf("pinned are %v, want %v", got, s.about)
	}
	if done, err := s.register.Pin(t.Context(), s.keys(), false); err != nil || done.For != 0 {
		t.Errorf("pinned twice: %+v, %v", done, err)
	}
	_, err = s.diary.Prune(t.Context(), s.rule())
	must(t, err)
	if got := s.left(t, s.about); !slices.Equal(got, s.about) {
		t.Errorf("of %v are left %v", s.about, got)
	}
	past := slices.DeleteFunc(s.others, func(i int64) bool { return i >= s.diary.Head().Cut })
	if got := s.left(t, past); len(past) < 15 || len(got) > 0 {
		t.Errorf("of %v are left %v", past, got)
	}
	s.verify(t, len(s.about))
	s.reopen(t)
	_, err = s.register.Clear(t.Context(), h.ID, head(), "the court has decided")
	must(t, err)
	must(t, s.diary.FinishPrune(t.Context()))
	if got := s.left(t, s.about); len(got) > 0 {
		t.Errorf("%v are there after the hold ended", got)
	}
	s.verify(t, 0)
	s.reopen(t)
}

// reopen is a start, which finds nothing wrong.
func (s *story) reopen(t *testing.T) {
	t.Helper()
	must(t, s.diary.Close())
	d, err := diary.Open(t.Context(), s.options())
	must(t, err)
	t.Cleanup(func() {
		if err := d.Close(); !errors.Is(err, diary.ErrClosed) {
			must(t, err)
		}
	})
	if f := d.Fault(); f != nil || len(d.Complaints()) > 0 {
		t.Errorf("%v, %q", f, d.Complaints())
	}
	s.diary.Diary = d
}

// What is written about held footage later, such as a viewing for the court, is found before the prune that would take
// it; a year that ended before the footage arose is no matter of the hold's.
func TestPinsGrow(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	h, err := s.register.Set(t.Context(), order())
	must(t, err)
	_, err = s.register.Pin(t.Context(), s.keys(), false)
	must(t, err)
	s.now = time.Date(2027, time.March, 1, 12, 0, 0, 0, time.UTC)
	later := s.enter(t, true, "view.start", nil, "hall", order().From, order().From.Add(time.Minute), nil)
	ahead, err := s.register.Set(t.Context(), Asked{Kind: Order, Range: Range{"yard", time.Date(2028, 1, 2, 0, 0, 0, 0, time.UTC), time.Date(2028, 2, 2, 0, 0, 0, 0, time.UTC)},
		Basis: "order", Review: s.now.AddDate(0, 11, 0), By: head()})
	must(t, err)
	s.due(t, 2030)
	if _, err := s.diary.Prune(t.Context(), s.rule()); !errors.Is(err, ErrNotPinned) {
		t.Fatalf("pruned what nobody had looked at: %v", err)
	}
	_, err = s.register.Pin(t.Context(), s.keys(), true)
	must(t, err)
	if _, err := s.diary.Prune(t.Context(), s.rule()); err != nil || s.diary.Head().Cut <= later {
		t.Fatalf("cut at %d: %v", s.diary.Head().Cut, err)
	}
	if got := s.left(t, []int64{later, h.Receipt.Index}); len(got) != 2 {
		t.Errorf("left are %v", got)
	}
	if got := s.pinned(t, ahead.ID); slices.Contains(got, later) {
		t.Error("an entry of before is pinned for what is ahead")
	}
	s.verify(t, len(s.about)+2) // the hold, and what says that it is pinned
	s.reopen(t)
}

// A restriction keeps entries for two years after its end, also one that nobody could look for before it ended.
func TestRestrictionKeepsEntries(t *testing.T) {
	t.Parallel()
	for _, before := range []bool{true, false} {
		t.Run(fmt.Sprintf("looked before its end %v", before), func(t *testing.T) {
			t.Parallel()
			s := newStory(t)
			e, err := s.register.Restrict(t.Context(), AskedRestriction{Ground: Claims, Range: order().Range, Basis: "letter of the parent", Review: noon.AddDate(0, 1, 0), By: head()})
			must(t, err)
			if before {
				_, err := s.register.Pin(t.Context(), s.keys(), false)
				must(t, err)
			}
			s.now = time.Date(2028, time.June, 1, 12, 0, 0, 0, time.UTC)
			_, err = s.register.Unrestrict(t.Context(), e.ID, head(), "the claim was withdrawn, he was told")
			must(t, err)
			s.due(t, 2029)
			if _, err := s.diary.Prune(t.Context(), s.rule()); !errors.Is(err, ErrNotPinned) {
				t.Fatalf("pruned while nobody had looked: %v", err)
			}
			_, err = s.register.Pin(t.Context(), s.keys(), true)
			must(t, err)
			_, err = s.diary.Prune(t.Context(), s.rule())
			must(t, err)
			must(t, s.diary.FinishPrune(t.Context()))
			if got := s.left(t, s.about); len(got) != len(s.about) {
				t.Errorf("of %v are left %v", s.about, got)
			}
			past := slices.DeleteFunc(s.pinned(t, e.ID), func(i int64) bool { return i >= s.diary.Head().Cut })
			s.verify(t, len(past))
			_, err = s.register.Pin(t.Context(), s.keys(), true)
			must(t, err)
			s.due(t, 2031)
			_, err = s.diary.Prune(t.Context(), s.rule())
			must(t, err)
			if got := s.left(t, s.about); len(got) > 0 {
				t.Errorf("%v are there two years after its end", got)
			}
			if done, err := s.register.Pin(t.Context(), s.keys(), true); err != nil || done.For != 0 {
				t.Errorf("what is over is looked for: %+v, %v", done, err)
			}
			s.reopen(t)
		})
	}
}

// A damaged entry holds up nothing; a key that opens nothing pins nothing.
func TestPinWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	h, err := s.register.Set(t.Context(), order())
	must(t, err)
	stranger, err := keyring.GenerateKey()
	must(t, err)
	if _, err := s.register.Pin(t.Context(), keyring.Identity{stranger}, false); !errors.Is(err, diary.ErrNoKey) {
		t.Errorf("with a stranger's key: %v", err)
	}
	if list, err := s.register.List(t.Context()); err != nil || len(list) != 1 || list[0].Pinned {
		t.Errorf("%+v, %v", list, err)
	}
	s.tamper(t, fmt.Sprintf(`UPDATE diary_bodies SET body = zeroblob(length(body)) WHERE i = %d`, s.about[0]))
	done, err := s.register.Pin(t.Context(), s.keys(), false)
	must(t, err)
	if done.Damaged != 1 || slices.Contains(s.pinned(t, h.ID), s.about[0]) {
		t.Errorf("%+v", done)
	}
}

// tamper changes the database beside the diary.
func (s *story) tamper(t *testing.T, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite3", filepath.Join(s.dir, "varuh.db"))
	must(t, err)
	_, err = db.Exec(statement)
	must(t, errors.Join(err, db.Close()))
}
