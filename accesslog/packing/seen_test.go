package packing

import (
	"context"
	"database/sql"
	"iter"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
)

// looks enters that somebody may see footage of a camera from so many seconds of dawn on, in a viewing that began with an
// entry; 0: with this one.
func (r *rig) looks(t *testing.T, op, who, camera string, second int, began int64) int64 {
	t.Helper()
	e := diary.Entry{Op: op, Body: proof.Body{Actor: &proof.Actor{Name: who}, Purpose: "nesreča", Objects: []proof.Object{{Camera: camera,
		From: evidencetest.Dawn.Add(time.Duration(second) * time.Second), To: evidencetest.Dawn.Add(time.Duration(second+300) * time.Second)}}}}
	if began != 0 {
		e.Ref = &began
	}
	got, err := r.d.Append(t.Context(), e, nil)
	must(t, err)
	return got.Index
}

// seenBy is who saw a package of clips, by name.
func (r *rig) seenBy(t *testing.T, clips ...evidence.Clip) (names []string, unread int) {
	t.Helper()
	told, err := r.seen(t.Context(), evidence.Manifest{Clips: clips}, 1<<40)
	must(t, err)
	for _, s := range told.seen {
		names = append(names, s.By)
	}
	return names, told.unread
}

// clipOf is one of a camera that is seconds long.
func clipOf(camera string, from time.Time, seconds int) evidence.Clip {
	return evidence.Clip{Camera: camera, From: from, To: from.Add(time.Duration(seconds) * time.Second)}
}

// Whoever reaches the footage in the course of a viewing has seen it like one who began with it, and is told of once; an
// aiming picture is one, too.
func TestSeen(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	clip := clipOf("hall", evidencetest.Dawn.Add(time.Second), 2)
	reached := r.looks(t, opViewStart, "reached it", "yard", 0, 0)
	r.looks(t, opViewMore, "reached it", "hall", -300, reached) // up to the clip, and not of it
	r.looks(t, opViewMore, "reached it", "hall", 0, reached)
	r.looks(t, opViewMore, "reached it", "hall", 2, reached)
	r.looks(t, opViewStart, "began with it", "hall", 0, 0)
	r.looks(t, opViewStart, "saw another camera", "yard", 0, 0)
	r.looks(t, opViewStart, "saw what came later", "hall", 3, 0)
	r.looks(t, opViewAim, "aimed", "hall", 0, 0)
	if names, unread := r.seenBy(t, clip); !slices.Equal(names, []string{"reached it", "began with it", "aimed"}) || unread != 0 {
		t.Errorf("%q, %d can't be read", names, unread)
	}
	for range 150 {
		r.looks(t, opViewStart, "one more", "hall", 0, 0)
	}
	if names, _ := r.seenBy(t, clip); len(names) != 153 {
		t.Errorf("%d viewings of 153", len(names))
	}
}

// Who saw the footage while a clock showed 1970 has seen it: of an older boot by its right time, and of that boot by what was shown.
func TestSeenWithoutAClock(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	clip := clipOf("hall", evidencetest.Dawn, 2)
	r.mu.Lock()
	right := r.now
	r.now = time.Unix(90, 0)
	r.mu.Unlock()
	r.looks(t, opViewStart, "saw an older boot's", "hall", 0, 0)
	dark := diary.Entry{Op: opViewStart, Body: proof.Body{Actor: &proof.Actor{Name: "saw this boot's"}, Objects: []proof.Object{{Camera: "hall", From: time.Unix(60, 0), To: time.Unix(80, 0)}}}}
	_, err := r.d.Append(t.Context(), dark, nil)
	must(t, err)
	r.mu.Lock()
	r.now = right
	r.mu.Unlock()
	if names, _ := r.seenBy(t, clip); !slices.Equal(names, []string{"saw an older boot's"}) {
		t.Errorf("of an older boot: %q", names)
	}
	r.o.Twins = func(from, to time.Time) ([][2]time.Time, error) {
		by := from.Sub(time.Unix(70, 0))
		return [][2]time.Time{{from.Add(-by), to.Add(-by)}}, nil
	}
	if names, _ := r.seenBy(t, clip); !slices.Equal(names, []string{"saw an older boot's", "saw this boot's"}) {
		t.Errorf("of this boot: %q", names)
	}
	r.o.Twins = func(time.Time, time.Time) ([][2]time.Time, error) { return nil, context.Canceled }
	if _, err := r.seen(t.Context(), evidence.Manifest{Clips: []evidence.Clip{clip}}, 1<<40); err == nil {
		t.Error("who saw it is told though nobody knows by which times")
	}
}

// The clips of a package are by camera: the first may be later than the others, and than who saw those.
func TestSeenOfEarlierClip(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.looks(t, opViewStart, "saw the hall", "hall", 0, 0)
	if names, _ := r.seenBy(t, clipOf("a gate", noon.AddDate(0, 0, 3), 60), clipOf("hall", evidencetest.Dawn, 2)); !slices.Equal(names, []string{"saw the hall"}) {
		t.Errorf("%q", names)
	}
}

// damage breaks what an entry says, as a bad disk does.
func (r *rig) damage(t *testing.T, entry int64) {
	t.Helper()
	db, err := sql.Open("sqlite3", filepath.Join(r.dir, "varuh.db"))
	must(t, err)
	defer func() { must(t, db.Close()) }()
	_, err = db.ExecContext(t.Context(), `UPDATE diary_bodies SET body = zeroblob(length(body)) WHERE i = ?`, entry)
	must(t, err)
}

// An entry that can't be read may tell of somebody: it is counted.
func TestSeenCantBeRead(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.looks(t, opViewStart, "saw it", "hall", 0, 0)
	damaged := r.looks(t, opViewStart, "saw it, too", "hall", 0, 0)
	r.damage(t, damaged)
	if names, unread := r.seenBy(t, clipOf("hall", evidencetest.Dawn, 2)); !slices.Equal(names, []string{"saw it"}) || unread != 1 {
		t.Errorf("%q, %d can't be read", names, unread)
	}
}

// aged is a diary whose entries before a cut are pruned, but for those that a hold keeps.
type aged struct {
	Log
	cut  int64
	kept []int64
}

func (a aged) EntriesOf(ctx context.Context, ops ...string) ([]diary.Stored, error) {
	list, err := a.Log.EntriesOf(ctx, ops...)
	return slices.DeleteFunc(list, func(e diary.Stored) bool { return e.Index < a.cut }), err
}

func (a aged) KeptOf(ctx context.Context, ops ...string) ([]diary.Stored, error) {
	list, err := a.Log.EntriesOf(ctx, ops...)
	return slices.DeleteFunc(list, func(e diary.Stored) bool { return e.Index >= a.cut || !slices.Contains(a.kept, e.Index) }), err
}

func (a aged) Entries(ctx context.Context, from, to int64) iter.Seq2[diary.Stored, error] {
	return a.Log.Entries(ctx, max(from, a.cut), to)
}

// Viewings that only a hold keeps are told, and that the others of their time went with the diary's term is; so is that the
// appliance was put back from a copy since.
func TestSeenBeforeTheDiary(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	kept := r.looks(t, opViewStart, "is kept", "hall", 0, 0)
	r.looks(t, opViewStart, "is pruned", "hall", 0, 0)
	_, err := r.d.Append(t.Context(), diary.Entry{Op: opRestore, Body: proof.Body{Actor: &proof.Actor{Name: "varuh"}}}, nil)
	must(t, err)
	last := r.looks(t, opViewStart, "is there", "hall", 0, 0)
	m := evidence.Manifest{Clips: []evidence.Clip{clipOf("hall", evidencetest.Dawn, 2)}}
	told, err := r.seen(t.Context(), m, 1<<40)
	if err != nil || len(told.seen) != 3 || len(told.restored) != 1 || !told.pruned.IsZero() {
		t.Errorf("%+v, %v", told, err)
	}
	r.o.Diary = aged{r.o.Diary, last, []int64{kept}}
	told, err = r.seen(t.Context(), m, 1<<40)
	if err != nil || len(told.seen) != 2 || told.seen[0].By != "is kept" || told.seen[1].By != "is there" || told.pruned.IsZero() {
		t.Errorf("%+v, %v", told, err)
	}
}
