package diary

import (
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

// refuses fails if a prune does anything.
func (r *rig) refuses(t *testing.T, d *Diary, when string, p Pruning) error {
	t.Helper()
	before := d.Head()
	_, err := d.Prune(t.Context(), p)
	if h := d.Head(); err == nil || h.Size != before.Size || h.Cut != before.Cut {
		t.Errorf("%s: %d entries cut at %d, then %d cut at %d: %v", when, before.Size, before.Cut, h.Size, h.Cut, err)
	}
	return err
}

// The clock alone erases nothing: it takes an outside party that was there before, or a person and 30 days.
func TestPruneNeedsEvidence(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 5)
	r.at(2029, time.November, 21) // three years ahead
	w := cosigner(t, func() time.Time { return time.Date(2029, 11, 1, 0, 0, 0, 0, time.UTC) })
	if _, err := d.AddParty(t.Context(), Party{Name: w.Name(), Kind: "witness", Key: w.Key.String()}, proof.Body{Actor: ana()}); err != nil {
		t.Fatal(err)
	}
	anchor(t, d, w, d.o.Now()) // by a party that the same hand configured just now
	if err := r.refuses(t, d, "by the clock", Pruning{Years: 2}); !errors.Is(err, ErrNotDue) || !strings.Contains(err.Error(), "no outside party") {
		t.Error(err)
	}
	_, err := d.ConfirmPrune(t.Context(), proof.Body{Actor: ana()})
	must(t, err)
	r.clock.Add(int64(proof.PersonWaits - time.Second))
	for when, tt := range map[string]struct {
		p      Pruning
		notDue bool // else the term itself is refused
	}{
		"confirmed less than 30 days ago": {Pruning{Years: 2}, true},
		"five years, no assessment":       {Pruning{Years: 5}, false},
		"one year":                        {Pruning{Years: 1}, false},
		"six years":                       {Pruning{Years: 6, Assessment: "OT-3/2026"}, false},
		"five years, with assessment":     {Pruning{Years: 5, Assessment: "OT-3/2026"}, true},
	} {
		if err := r.refuses(t, d, when, tt.p); errors.Is(err, ErrNotDue) != tt.notDue {
			t.Errorf("%s: %v", when, err)
		}
	}
	years, err := d.Prunable(t.Context(), Pruning{Years: 2})
	if err != nil || len(years) != 1 || years[0].Year != 2026 || years[0].Person == nil || years[0].Lacks == nil || !strings.Contains(years[0].Lacks.Error(), "2029-12-21") {
		t.Errorf("%+v, %v", years, err)
	}
	r.clock.Add(int64(time.Second))
	if _, err := d.Prune(t.Context(), Pruning{Years: 2}); err != nil {
		t.Error(err)
	}
}

// A confirmation says that the date was right on its day. It does not let a clock that is set ahead later
// erase what was not due by then.
func TestOldConfirmation(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	_, err := d.ConfirmPrune(t.Context(), proof.Body{Actor: ana()}) // when nothing was due
	must(t, err)
	r.years(t, d, 5)
	r.clock.Add(int64(proof.PersonWaits))
	if err := r.refuses(t, d, "confirmed before it was due", Pruning{Years: 2}); !errors.Is(err, ErrNotDue) {
		t.Error(err)
	}
	r.confirm(t, d)
	r.at(2032, time.November, 21)
	appendAll(t, d, 1)
	if _, err := d.Prune(t.Context(), Pruning{Years: 2}); err != nil {
		t.Fatal(err)
	}
	var kept int
	must(t, d.read.QueryRow(`SELECT min(year) FROM diary_years WHERE i >= ?`, d.Head().Cut).Scan(&kept))
	if kept != 2027 {
		t.Errorf("with the clock set ahead after the confirmation, %d is the first year that is left", kept)
	}
	if err := r.refuses(t, d, "a second time", Pruning{Years: 2}); !errors.Is(err, ErrNotDue) {
		t.Error(err)
	}
}

// What claims to be a witness's word and is not does not count, and does not keep another's from counting.
func TestForgedCosignature(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	witness := map[string]*proof.Cosigner{}
	for _, name := range []string{"forged", "right"} {
		w := cosigner(t, func() time.Time { return d.o.Now() })
		witness[name] = w
		if _, err := d.AddParty(t.Context(), Party{Name: name, Kind: "witness", Key: w.Key.String()}, proof.Body{Actor: ana()}); err != nil {
			t.Fatal(err)
		}
	}
	r.years(t, d, 5)
	r.confirm(t, d)
	if _, err := d.Prune(t.Context(), Pruning{Years: 2}); err != nil {
		t.Fatal(err)
	}
	r.at(2030, time.January, 5)
	appendAll(t, d, 1)
	give := func(party, by string) {
		t.Helper()
		checkpoint, err := d.Checkpoint(t.Context())
		must(t, err)
		c, err := proof.ReadCheckpoint(checkpoint)
		must(t, err)
		signed, err := note.Sign(&note.Note{Text: c.Text()}, witness[by])
		must(t, err)
		_, line, _ := strings.Cut(string(signed), "\n\n")
		_, err = d.Anchored(t.Context(), Anchor{Kind: "witness", Party: party, Size: c.Size, Time: d.o.Now(), Data: []byte(line)})
		must(t, err)
	}
	give("forged", "right") // a signature, but not of this party
	if err := r.refuses(t, d, "a cosignature of somebody else", Pruning{Years: 2}); !errors.Is(err, ErrNotDue) || !strings.Contains(err.Error(), "does not count") {
		t.Error(err)
	}
	give("right", "right")
	if _, err := d.Prune(t.Context(), Pruning{Years: 2}); err != nil {
		t.Error(err)
	}
}

// A timestamp is evidence as a cosignature is, if whoever checks timestamps says that it is of this checkpoint,
// and of the time. That RFC 3161's are checked so is shown where the program's parts are put together.
func TestPruneByTimestamp(t *testing.T) {
	t.Parallel()
	check := func(p Party, token []byte, text string) (time.Time, error) {
		stamp, of, _ := strings.Cut(unwrapped(token), " ")
		if p.Key != "the roots" || of != text {
			return time.Time{}, errors.New("the imprint differs")
		}
		return time.Parse(time.RFC3339, stamp)
	}
	r := newRig(t)
	d := r.create(t)
	if _, err := d.AddParty(t.Context(), Party{Name: "tsa.example", Kind: "tsa", Key: "the roots"}, proof.Body{Actor: ana()}); err != nil {
		t.Fatal(err)
	}
	r.years(t, d, 5)
	stamp := func(at time.Time, of string) {
		t.Helper()
		n, err := d.Checkpoint(t.Context())
		must(t, err)
		c, err := proof.ReadCheckpoint(n)
		must(t, err)
		_, err = d.Anchored(t.Context(), Anchor{Kind: "tsa", Party: "tsa.example", Size: c.Size, Time: d.o.Now(),
			Data: token(t, c.Text(), at.Format(time.RFC3339)+" "+c.Text()+of)})
		must(t, err)
	}
	by := Pruning{Years: 2, Timestamp: check}
	stamp(d.o.Now(), "")
	r.refuses(t, d, "the first prune, with nobody configured before entry 0", by)
	r.confirm(t, d)
	if _, err := d.Prune(t.Context(), by); err != nil {
		t.Fatal(err)
	}
	right := d.o.Now()
	r.at(2030, time.January, 5) // by the appliance's clock alone
	appendAll(t, d, 1)
	stamp(right, "")
	if err := r.refuses(t, d, "a timestamp of the year before", by); !errors.Is(err, ErrNotDue) {
		t.Error(err)
	}
	stamp(d.o.Now(), "x")
	if err := r.refuses(t, d, "a timestamp of another text", by); !errors.Is(err, ErrNotDue) || !strings.Contains(err.Error(), "imprint") {
		t.Error(err)
	}
	stamp(d.o.Now(), "")
	r.refuses(t, d, "with nobody to check timestamps", Pruning{Years: 2})
	first := d.Head().Cut
	if _, err := d.Prune(t.Context(), by); err != nil || d.Head().Cut <= first {
		t.Fatalf("cut at %d after %d: %v", d.Head().Cut, first, err)
	}
	report := r.verify(t, d)
	if report.Intact.State != proof.Yes || hasFinding(report, proof.CodePrunedEarly) || !hasFinding(report, proof.CodePruned) {
		t.Errorf("%+v", report)
	}
}

// Five years are kept where an assessment says why, and its reference is entered with the prune.
func TestPruneAfterFiveYears(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	r.years(t, d, 3)
	by := Pruning{Years: 5, Assessment: "OT-3/2026"}
	r.at(2031, time.December, 31)
	appendAll(t, d, 1)
	r.refuses(t, d, "in the fifth year", by)
	r.at(2032, time.January, 1)
	r.confirm(t, d)
	got, err := d.Prune(t.Context(), by)
	must(t, err)
	raw, manifest, err := d.Opener(keyring.Identity{r.reading}).Open(t.Context(), got.Index)
	must(t, err)
	body, err := proof.ParseBody(raw)
	must(t, err)
	m, err := proof.ParsePrune(manifest)
	if err != nil || body.Data["assessment"] != "OT-3/2026" || m.Term != 5 || m.Year != 2026 || m.Cut != d.Head().Cut || m.Evidence != proof.ByPerson {
		t.Errorf("%+v, %+v, %v", body, m, err)
	}
	if report := r.verify(t, d); hasFinding(report, proof.CodePrunedEarly) || report.Intact.State != proof.Yes {
		t.Errorf("%+v", report)
	}
}
