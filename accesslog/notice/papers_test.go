package notice

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// Decision and list say everything that is signed, in their language, and nothing that a person wrote becomes a tag.
func TestPapers(t *testing.T) {
	t.Parallel()
	zone := ljubljana(t)
	d := Decided{Cameras: []string{"hall", "yard"}, Number: "007-4/2026", Date: time.Date(2026, 10, 31, 23, 30, 0, 0, time.UTC), Reasons: "Vlomi v letu 2025.\nDrugih ukrepov ni. <b>"}
	n := Notice{ID: "1a2b3c4d", Content: school(), From: noon}
	for language, want := range map[string][]string{
		"sl": {"Odločitev o uvedbi videonadzora", "1. 11. 2026", "kamere: hall, yard", "glavni vhod", "varnost ljudi", "Obrazložitev", "Podpis predstojnika"},
		"en": {"Decision to introduce", "1 November 2026", "cameras: hall, yard", "main entrance", "safety of people", "Reasons", "Signature of the head"},
	} {
		page := written(t, func(b *bytes.Buffer) error { return DecisionPage(b, school(), d, language, zone) })
		for _, text := range append(want, "007-4/2026", "<p>Vlomi v letu 2025.</p>", "Osnovna šola Primer", "76. in 77. člen") {
			if !strings.Contains(page, text) {
				t.Errorf("the decision in %s does not say %q", language, text)
			}
		}
		if strings.Contains(page, "<b>") {
			t.Error("a tag came through")
		}
	}
	names := []string{"Ana Arhivar", "<i>Tone"}
	for language, want := range map[string][]string{
		"sl": {"Pisna obvestitev zaposlenih", "Podpis", "največ 1 leto", "Uporabniki posnetkov", words["none"].Sl},
		"en": {"informed in writing", "Signature", "at most 1 year", "Recipients", words["none"].En},
	} {
		page := written(t, func(b *bytes.Buffer) error { return InformedPage(b, n, names, language, zone) })
		for _, text := range append(want, "Ana Arhivar", "&lt;i&gt;Tone", "1a2b3c4d", "041 000 000") {
			if !strings.Contains(page, text) {
				t.Errorf("the list in %s does not say %q", language, text)
			}
		}
		if got := strings.Count(page, "<tr><td>"); got != len(names)+emptyLines {
			t.Errorf("%d lines for %d names", got, len(names))
		}
	}
	var b bytes.Buffer
	if DecisionPage(&b, school(), d, "de", zone) == nil || InformedPage(&b, n, nil, "", zone) == nil || b.Len() != 0 {
		t.Error("a paper in another language")
	}
}

// The decision of a version is the one in effect when it began, with all cameras that it is about, on the day that it was
// taken by the clock of the site.
func TestDecidedFor(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	added := r.add(t, Asked{Content: school(), Cameras: []string{"hall"}, By: head()})
	version := func() Notice {
		list, err := r.Versions(t.Context(), "hall")
		must(t, err)
		return list[len(list)-1]
	}
	if _, err := r.Decided(t.Context(), version()); !errors.Is(err, ErrUndecided) || !strings.Contains(err.Error(), added.ID) {
		t.Errorf("%v", err)
	}
	day := time.Date(2026, 11, 20, 23, 30, 0, 0, time.UTC) // 21 November in Ljubljana
	_, err := r.Decide(t.Context(), Decided{Cameras: []string{"hall", "yard"}, Number: "007-4/2026", Date: day, Reasons: "Vlomi v letu 2025.", By: head()})
	must(t, err)
	d, err := r.Decided(t.Context(), version())
	must(t, err)
	if !slices.Equal(d.Cameras, []string{"hall", "yard"}) || d.Number != "007-4/2026" || d.Reasons != "Vlomi v letu 2025." || !d.Date.Equal(time.Date(2026, 11, 21, 0, 0, 0, 0, r.Zone)) {
		t.Errorf("%+v", d)
	}
}
