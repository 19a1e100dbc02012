package notice

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// A notice is changed at midnight: footage before and after needs the purpose of its own time.
func TestChangedAtMidnight(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	midnight, err := Moment("2026-12-01", r.Zone)
	must(t, err)
	first := r.add(t, hall(time.Time{}).with("safety", "entry"))
	second := r.add(t, hall(midnight).with("safety", "vandalism"))
	if first.EnteredLater || second.EnteredLater {
		t.Error("entered before it began, and called entered later")
	}
	if got := r.at(t, "hall", midnight.Add(-time.Nanosecond)); got != first.ID {
		t.Errorf("before midnight %q", got)
	}
	if got := r.at(t, "hall", midnight); got != second.ID {
		t.Errorf("from midnight on %q", got)
	}
	laws := []string{Authority, Subject, Supervision, Claims}
	before, after := midnight.Add(-time.Minute), midnight.Add(time.Minute)
	for _, tt := range []struct {
		from, to time.Time
		want     []string
	}{
		{before, midnight, []string{"safety", "entry"}},
		{midnight, after, []string{"safety", "vandalism"}},
		{before, after, []string{"safety"}},
		{noon.Add(-time.Hour), after, nil},
	} {
		got, err := r.Purposes(t.Context(), "hall", tt.from, tt.to)
		must(t, err)
		want := append(tt.want, laws...)
		if tt.want == nil {
			want = laws[:3] // before noon there was no notice
		}
		if !slices.Equal(ids(got), want) {
			t.Errorf("%v to %v: %v, want %v", tt.from, tt.to, ids(got), want)
		}
	}
	list, err := r.Spans(t.Context(), "hall", before, after)
	must(t, err)
	if len(list) != 2 || !list[0].From.Equal(before) || !list[0].To.Equal(midnight) || !list[1].From.Equal(midnight) || !list[1].To.Equal(after) {
		t.Errorf("cut into %+v", list)
	}
	if _, err := r.Purposes(t.Context(), "hall", after, after); !errors.Is(err, ErrIncomplete) {
		t.Errorf("no footage at all: %v", err)
	}
}

// The sign has hung since Monday, and is entered on Sunday: somebody states so, and the entry says who.
func TestEnteredLater(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := hall(noon.AddDate(0, 0, -6))
	a.Stated = " "
	if _, err := r.Add(t.Context(), a); !errors.Is(err, ErrIncomplete) || !strings.Contains(err.Error(), "who states") {
		t.Errorf("nobody states it: %v", err)
	}
	a.Stated = "the caretaker, who put it up"
	added := r.add(t, a)
	n, ok, err := r.At(t.Context(), "hall", noon.AddDate(0, 0, -3))
	must(t, err)
	if !ok || !added.EnteredLater || !n.EnteredLater || !n.Entered.Equal(noon) || n.Entry != added.Receipt.Index {
		t.Errorf("%v: %+v", ok, n)
	}
	if b := r.body(t, added.Receipt.Index); b.Data["entered_later"] != "yes" || b.Data["stated_by"] != a.Stated || b.Actor.Name != "Head Teacher" {
		t.Errorf("the entry says %+v", b)
	}
}

// Overlapping, ending, opening again, withdrawing.
func TestEnds(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	day := func(n int) time.Time { return noon.AddDate(0, 0, n) }
	first, other := r.add(t, hall(day(0))), r.add(t, hall(day(4)))
	end := func(id string, at time.Time) error {
		_, err := r.End(t.Context(), Ended{Notice: id, Cameras: []string{"hall"}, At: at, Reason: "the sign was taken down", By: head()})
		return err
	}
	for name, err := range map[string]error{
		"where the next one begins": end(first.ID, day(4)), "behind it": end(first.ID, day(5)), "at its beginning": end(first.ID, day(0)), "before it": end(other.ID, day(3)),
	} {
		if !errors.Is(err, ErrNotInForce) {
			t.Errorf("ended %s: %v", name, err)
		}
	}
	must(t, end(first.ID, day(2)))
	if got := []string{r.at(t, "hall", day(1)), r.at(t, "hall", day(2)), r.at(t, "hall", day(4))}; !slices.Equal(got, []string{first.ID, "", other.ID}) {
		t.Errorf("after the end: %q", got)
	}
	again := r.add(t, hall(day(2)))
	if got := []string{r.at(t, "hall", day(2)), r.at(t, "hall", day(4))}; !slices.Equal(got, []string{again.ID, other.ID}) {
		t.Errorf("opened again: %q", got)
	}
	must(t, end(other.ID, day(4))) // it has not begun: it is withdrawn
	if got := r.at(t, "hall", day(9)); got != again.ID {
		t.Errorf("after it was withdrawn: %q", got)
	}
	if err := end(other.ID, day(4)); !errors.Is(err, ErrUnknown) {
		t.Errorf("withdrawn twice: %v", err)
	}
	list, err := r.Versions(t.Context(), "hall")
	must(t, err)
	if len(list) != 2 || !list[0].To.Equal(day(2)) || !list[1].To.IsZero() {
		t.Errorf("versions: %+v", list)
	}
	r.now = day(6)
	must(t, end(again.ID, time.Time{}))
	if r.at(t, "hall", day(6)) != "" || r.at(t, "hall", day(6).Add(-1)) != again.ID {
		t.Error("ended now, and it is not")
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.add(t, hall(time.Time{}).with("safety"))
	for name, change := range map[string]func(*Asked){
		"who enters it":         func(a *Asked) { a.By.Name = "" },
		"for which cameras":     func(a *Asked) { a.Cameras = nil },
		"named twice":           func(a *Asked) { a.Cameras = []string{"hall", "hall"} },
		"no such camera":        func(a *Asked) { a.Cameras = []string{"hall", "Hall"} },
		"appliance's clock":     func(a *Asked) { a.From = time.Unix(100, 0) },
		"another wording":       func(a *Asked) { a.Purposes[0].Sl = "nadzor delovnega časa" },
		"at most 6 fit":         func(a *Asked) { *a = a.with("1", "2", "3", "4", "5", "6", "7") },
		`"law:authority" can't`: func(a *Asked) { a.Purposes[0].ID = Authority },
		`"safety" can't`:        func(a *Asked) { a.Purposes = append(a.Purposes, a.Purposes[0]) },
		"watches live":          func(a *Asked) { a.Speaks = true },
		"with https://":         func(a *Asked) { a.Controller.Web = "javascript:alert(1)" },
		"more than 120":         func(a *Asked) { a.Controller.Name = strings.Repeat("č", 121) },
		"line break":            func(a *Asked) { a.Effects.Sl = "a\nb" },
		"nobody sees":           func(a *Asked) { a.Area.En = "a\u202eb" },
		"not UTF-8":             func(a *Asked) { a.Area.En = "a\xff" },
	} {
		a := hall(noon.AddDate(0, 1, 0)).with("safety")
		change(&a)
		_, err := r.Add(t.Context(), a)
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("want an error with %q, got %v", name, err)
		}
		if !errors.Is(err, ErrIncomplete) && !errors.Is(err, ErrCamera) && !errors.Is(err, ErrPurpose) {
			t.Errorf("%q is of no kind: %v", name, err)
		}
	}
	for name, e := range map[string]Ended{
		"who ends it":    {Notice: "00000000", Cameras: []string{"hall"}, Reason: "moved"},
		"such notice":    {Notice: "00000000", Cameras: []string{"hall"}, Reason: "moved", By: head()},
		"such camera":    {Notice: "00000000", Cameras: []string{"attic"}, Reason: "moved", By: head()},
		"which cameras":  {Notice: "00000000", Reason: "moved", By: head()},
		"it, and why":    {Notice: "00000000", Cameras: []string{"hall"}, By: head()},
		"in force then:": {Notice: r.at(t, "hall", noon), Cameras: []string{"yard"}, At: noon.Add(time.Hour), Reason: "moved", By: head()},
	} {
		if _, err := r.End(t.Context(), e); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("want an error with %q, got %v", name, err)
		}
	}
	if n := r.d.Head().Size; n != 2 {
		t.Errorf("%d entries after nothing but refusals, want 2", n)
	}
	if r.at(t, "attic", noon) != "" {
		t.Error("an unknown camera has a notice")
	}
}

// TestRowsNameNobody looks in every file of the database for whoever entered, stated and signed.
func TestRowsNameNobody(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := hall(noon.AddDate(0, 0, -1))
	a.Stated, a.Remark = "Vid Vratar", "Ana Arhivar knows"
	added := r.add(t, a)
	_, err := r.Inform(t.Context(), Informed{Notice: added.ID, Names: []string{"Tone Telovadec"}, Date: noon, By: head()})
	must(t, err)
	files, err := filepath.Glob(filepath.Join(r.dir, "varuh.db*"))
	must(t, err)
	if len(files) == 0 {
		t.Fatal("no database")
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		must(t, err)
		for _, word := range []string{"Head Teacher", "Vid Vratar", "Ana Arhivar", "Tone Telovadec"} {
			if bytes.Contains(content, []byte(word)) {
				t.Errorf("%q stands readable in %s", word, filepath.Base(name))
			}
		}
	}
}
