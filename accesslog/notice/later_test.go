package notice

import (
	"errors"
	"testing"
	"time"
)

// A version that is entered later with the beginning of another takes its place, but not its memory: the list of versions has
// both, and the entry says what it replaces.
func TestReplaced(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.now = noon.AddDate(0, -6, 0)
	start := r.now
	old := r.add(t, hall(start).with("property"))
	if _, said := r.body(t, old.Receipt.Index).Data["replaces"]; said {
		t.Error("the first one replaces something")
	}
	r.now = noon
	later := r.add(t, hall(start).with("property", "performance"))
	list, err := r.Versions(t.Context(), "hall")
	must(t, err)
	if len(list) != 2 || list[0].ID != old.ID || list[0].Replaced != later.ID || !list[0].To.Equal(start) || list[1].Replaced != "" || !list[1].EnteredLater {
		t.Errorf("%+v", list)
	}
	if got := r.at(t, "hall", start); got != later.ID {
		t.Errorf("%q is in force", got)
	}
	if got := r.body(t, later.Receipt.Index).Data["replaces"]; got != old.ID {
		t.Errorf("it replaces %v", got)
	}
	cut := r.add(t, hall(start.AddDate(0, 1, 0)).with("property"))
	if got := r.body(t, cut.Receipt.Index).Data["replaces"]; got != later.ID {
		t.Errorf("it replaces %v", got)
	}
	now := r.add(t, hall(time.Time{}).with("property"))
	if _, said := r.body(t, now.Receipt.Index).Data["replaces"]; said {
		t.Error("what begins now replaces nothing of what has passed")
	}
}

// After the sign was taken down none is in force until one begins then or later, whatever is entered later about the
// time before.
func TestEndStands(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.now = noon.AddDate(0, -6, 0)
	start := r.now
	n := r.add(t, hall(start).with("property"))
	r.now = noon.AddDate(0, -3, 0)
	_, err := r.End(t.Context(), Ended{Notice: n.ID, Cameras: []string{"hall"}, Reason: "the sign was taken down", By: head()})
	must(t, err)
	r.now = noon
	later := r.add(t, hall(noon.AddDate(0, -4, 0)).with("property"))
	if got := r.at(t, "hall", noon.AddDate(0, -3, -1)); got != later.ID {
		t.Errorf("before the end: %q", got)
	}
	same := r.add(t, hall(start).with("property", "performance"))
	if got := r.at(t, "hall", start); got != same.ID {
		t.Errorf("at the beginning: %q", got)
	}
	if got := r.at(t, "hall", noon.AddDate(0, -1, 0)); got != "" {
		t.Errorf("after the sign was taken down %q is in force", got)
	}
	back := r.add(t, hall(noon.AddDate(0, -2, 0)).with("property"))
	if got := r.at(t, "hall", noon.AddDate(0, -1, 0)); got != back.ID {
		t.Errorf("after another one was put up: %q", got)
	}
}

// A clock that is a day behind makes no notice one that never was: neither one that hung before it was entered, nor one
// that has begun since.
func TestWithdrawByAWrongClock(t *testing.T) {
	t.Parallel()
	for name, from := range map[string]time.Time{"entered later": noon.Add(-2 * time.Hour), "begun since": noon.Add(2 * time.Hour)} {
		r := newRig(t)
		n := r.add(t, hall(from).with("property"))
		r.now = noon.Add(3 * time.Hour)
		r.add(t, Asked{Content: school(), Cameras: []string{"yard"}, By: head()}) // something is entered meanwhile
		r.now = noon.AddDate(0, 0, -1)
		_, err := r.End(t.Context(), Ended{Notice: n.ID, Cameras: []string{"hall"}, At: from, Reason: "x", By: head()})
		if !errors.Is(err, ErrNotInForce) {
			t.Errorf("%s: %v", name, err)
		}
		if r.at(t, "hall", from) != n.ID {
			t.Errorf("%s: it never was", name)
		}
	}
}
