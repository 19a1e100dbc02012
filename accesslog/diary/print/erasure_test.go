package print

import (
	"strings"
	"testing"
	"time"
)

// The record says in both languages what went, when and why, and what a person wrote stays text.
func TestErasureRecord(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	h := ErasureHead{Origin: "sola.example/varuh/1/dnevnik", Controller: "sola.example", Made: at, By: "<script>x</script>", Purpose: "a & b"}
	seg := func(id, camera, reason string, kept bool) Segment {
		return Segment{ID: id, Camera: camera, From: at, To: at.Add(time.Minute), Bytes: 7, Reason: reason, Kept: kept}
	}
	err := ErasureRecord(&b, h, []Erasure{
		{Start: 4, Entered: at, Late: "no", End: 5, Ended: at.Add(time.Second), Hash: "abc123", Bytes: 14_000_000, Kept: 1, Lost: 1, Copies: 2, Until: at.AddDate(0, 1, 0), Segments: []Segment{
			seg("id1", "yard", "term", false), seg("id2", "yard", "pressure", false), seg("id3", "gate", "policy", true),
			{ID: "id5", Camera: NoCamera, From: at, To: at, Reason: "term", Lost: true}}},
		{Start: 9, Entered: at, Late: "yes", End: -1, Hash: "def456", Copies: 1, Until: at.AddDate(0, 0, -1), Segments: []Segment{seg("id4", "hall", "policy", false)}},
		{Start: 12, Entered: at, End: 13, Ended: at},
	})
	if err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, want := range []string{"Zapisnik o izbrisu posnetkov", "Record of the erasure of footage", "paket za zahtevo, povedo zapisi dnevnika »uničenje paketa«", "told by the diary’s entries “erase.package”", "Zapis 4", "entry</span> 5", "abc123", "id1", "yard",
		"rok hrambe je potekel", "the disk was full before the term", "omejitve: 1 ·", "kept by a hold or a restriction: 1", "ohranjen zaradi zadržanja ali omejitve", "na izgubljenem disku: 1", "on a lost disk: 1", "disk je izgubljen, uničen je ključ na napravi", "the key here is destroyed",
		"ni znana", "shrambah ključev", "njeno vrstico v kazalu", "UTC, pred začetkom izbrisa", "kdaj se je izbris začel, ni znano", "na zaklenjeni napravi ni mogoče prebrati", "še ni znano", "opustitev kamere", "Izbris še ni končan", "The erasure is not ended yet",
		"a shorter term, or the end of its camera, that an approver confirmed", "21. 11. 2026 13:05:00", "14\u202f000\u202f000", "hranijo najdlje do 21. 12. 2026", "until 21. 12. 2026 at the latest", "je potekel 20. 11. 2026", "by 20. 11. 2026: overdue", "a &amp; b", "&lt;script&gt;"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "<script>") || strings.Contains(page, "osnetek ·") || strings.Index(page, "Zapisnik") > strings.Index(page, "Record of") {
		t.Error("a tag came through, or English comes first")
	}
}

// A record of nothing says so.
func TestErasureRecordOfNothing(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := ErasureRecord(&b, ErasureHead{Made: at}, nil); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "ni bilo izbrisov") || !strings.Contains(b.String(), "Nothing was erased in this time") {
		t.Error(b.String())
	}
}
