package notice

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary/proof"
)

// The head's decision is in effect from its day on; of two, the later; a missing one is shown and refuses nothing.
func TestDecisions(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	added := r.add(t, hall(noon.AddDate(0, -2, 0)))
	decide := func(number string, day time.Time) {
		t.Helper()
		receipt, err := r.Decide(t.Context(), Decided{Cameras: []string{"hall", "yard"}, Number: number, Date: day, Reasons: "Vlomi v letu 2025.\nDrugih ukrepov ni.", By: head()})
		must(t, err)
		if b := r.body(t, receipt.Index); b.Data["number"] != number || b.Data["cameras"] != "hall yard" || b.Data["date"] != day.In(r.Zone).Format(time.DateOnly) {
			t.Errorf("the entry says %+v", b.Data)
		}
	}
	at := func(when time.Time) string {
		t.Helper()
		n, ok, err := r.At(t.Context(), "hall", when)
		must(t, err)
		if !ok || n.ID != added.ID || !n.Complete() {
			t.Fatalf("%v: %+v", ok, n)
		}
		if missing := slices.Contains(n.Pending(), Missing{Field: NoDecision}); missing != (n.Decision == nil) {
			t.Errorf("decision %+v, shown as missing: %v", n.Decision, missing)
		}
		if n.Decision == nil {
			return ""
		}
		return n.Decision.Number
	}
	if at(noon) != "" {
		t.Error("a decision that nobody took")
	}
	evening := time.Date(2026, 10, 31, 23, 30, 0, 0, time.UTC) // by the clock on the wall it is 1 November
	decide("2/2026", evening)
	decide("1/2026", noon.AddDate(0, -1, -10))
	decide("3/2026", evening)
	for _, tt := range []struct {
		when time.Time
		want string
	}{{noon.AddDate(0, -1, -11), ""}, {noon.AddDate(0, -1, -10), "1/2026"}, {evening.Add(-31 * time.Minute), "1/2026"}, {evening.Add(-30 * time.Minute), "3/2026"}, {noon, "3/2026"}} {
		if got := at(tt.when); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.when, got, tt.want)
		}
	}
	n, _, err := r.At(t.Context(), "hall", noon)
	must(t, err)
	if n.Decision.Date != time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC) || !strings.Contains(n.Decision.Reasons, "Drugih") {
		t.Errorf("%+v", n.Decision)
	}
}

// Employees are informed of a version; the next one needs a list of its own.
func TestInformed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	added := r.add(t, hall(time.Time{}))
	pending := func() []Missing {
		n, _, err := r.At(t.Context(), "hall", noon.Add(time.Hour))
		must(t, err)
		return slices.DeleteFunc(n.Pending(), func(m Missing) bool { return m.Field == NoDecision })
	}
	names := []string{"Ana Arhivar", "Tone Telovadec"}
	receipt, err := r.Inform(t.Context(), Informed{Notice: added.ID, Names: names, Date: noon, By: head()})
	must(t, err)
	if len(pending()) != 1 {
		t.Error("two were informed, nobody says that there are no more, and nothing is missing")
	}
	got, err := Names(r.body(t, receipt.Index))
	must(t, err)
	if !slices.Equal(got, names) {
		t.Errorf("the entry names %q", got)
	}
	_, err = r.Inform(t.Context(), Informed{Notice: added.ID, All: true, Date: noon, By: head()})
	must(t, err)
	n, _, err := r.At(t.Context(), "hall", noon)
	must(t, err)
	if len(pending()) != 0 || len(n.Informed) != 2 || n.Informed[0].Count != 2 || n.Informed[0].Entry != receipt.Index || !n.Informed[1].All {
		t.Errorf("pending %v, lists %+v", pending(), n.Informed)
	}
	r.add(t, hall(noon.Add(time.Minute)))
	if len(pending()) != 1 {
		t.Error("a new version, and nobody has to be informed")
	}
}

func TestBesideRefusals(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id := r.add(t, hall(time.Time{})).ID
	tomorrow := noon.AddDate(0, 0, 1)
	many := make([]string, maxNames+1)
	for i := range many {
		many[i] = fmt.Sprint("Oseba ", i)
	}
	for name, s := range map[string]Informed{
		"who enters it":    {Notice: id, Names: []string{"A"}, Date: noon},
		"who was informed": {Notice: id, Date: noon, By: head()},
		"at most 300":      {Notice: id, Names: many, Date: noon, By: head()},
		"on what day":      {Notice: id, Names: []string{"A"}, By: head()},
		"has not come yet": {Notice: id, Names: []string{"A"}, Date: tomorrow, By: head()},
		"a name is empty":  {Notice: id, Names: []string{"A", " "}, Date: noon, By: head()},
		"has a line break": {Notice: id, Names: []string{"A\nB"}, Date: noon, By: head()},
		"no such notice":   {Notice: "00000000", Names: []string{"A"}, Date: noon, By: head()},
	} {
		if _, err := r.Inform(t.Context(), s); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("want an error with %q, got %v", name, err)
		}
	}
	for name, d := range map[string]Decided{
		"who enters it":    {Cameras: []string{"hall"}, Number: "1", Reasons: "r", Date: noon},
		"the number":       {Cameras: []string{"hall"}, Reasons: "r", Date: noon, By: head()},
		"the reasons":      {Cameras: []string{"hall"}, Number: "1", Date: noon, By: head()},
		"on what day":      {Cameras: []string{"hall"}, Number: "1", Reasons: "r", By: head()},
		"has not come yet": {Cameras: []string{"hall"}, Number: "1", Reasons: "r", Date: tomorrow, By: head()},
		"no such camera":   {Cameras: []string{"attic"}, Number: "1", Reasons: "r", Date: noon, By: head()},
		"which cameras":    {Number: "1", Reasons: "r", Date: noon, By: head()},
		"more than 4000":   {Cameras: []string{"hall"}, Number: "1", Reasons: strings.Repeat("r\n", 2001), Date: noon, By: head()},
		"line break, or":   {Cameras: []string{"hall"}, Number: "1", Reasons: "r\r\n", Date: noon, By: head()},
	} {
		if _, err := r.Decide(t.Context(), d); !errors.Is(err, ErrIncomplete) && !errors.Is(err, ErrCamera) || !strings.Contains(err.Error(), name) {
			t.Errorf("want an error with %q, got %v", name, err)
		}
	}
	if n := r.d.Head().Size; n != 2 {
		t.Errorf("%d entries after nothing but refusals, want 2", n)
	}
	// The longest list is one that an entry can take.
	for i := range many {
		many[i] = fmt.Sprintf("%0*d", maxLine, i)
	}
	_, err := r.Inform(t.Context(), Informed{Notice: id, Names: many[:maxNames], Date: noon, By: head()})
	must(t, err)
	a := hall(time.Time{})
	a.Content = longest("W").Content
	r.add(t, a)
}

func TestNamesOfAnotherEntry(t *testing.T) {
	t.Parallel()
	for _, data := range []map[string]any{nil, {"names": "A\nB"}, {"names": "A\nB", "count": int64(1)}, {"names": "", "count": int64(1)}} {
		if names, err := Names(proof.Body{Data: data}); err == nil {
			t.Errorf("%v has the names %q", data, names)
		}
	}
}
