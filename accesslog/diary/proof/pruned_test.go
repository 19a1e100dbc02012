package proof

import (
	"strings"
	"testing"
	"time"
)

// pruned is a diary of 2026 that was cut at 10, and whatever the test wants otherwise.
type pruned struct {
	Prune
	at        time.Time // of the prune entry, by the appliance's clock
	cosigned  time.Time // of the checkpoint of Size
	early     time.Time // of a cosigned checkpoint of size 5; zero for none
	confirmed time.Time // of the approver's entry; zero for none
	withhold  bool      // the manifest is not in the bundle
	hide      bool      // the evidence is not in the bundle
	unknown   bool      // the person who verifies does not know the witness
	seenAt    int64     // size of the checkpoint that was cosigned, if not Size
	later     time.Time // of a cosigned checkpoint that has the prune; zero for none
	between   time.Time // of one that has the approver's entry, and not the prune; zero for none
	itself    bool      // later is of the bundle's own checkpoint
}

func (p pruned) verify(t *testing.T) *Report {
	l := newLog(t, 20)
	if !p.confirmed.IsZero() {
		l.now = p.confirmed
		p.Confirmed = l.add("prune.confirm", nil)
	}
	confirmed := l.size()
	l.now = p.at
	m, err := p.Encode()
	must(t, err)
	if i := l.add("prune", m); p.withhold {
		l.entries[i].Manifest = nil
	}
	l.now = testStart
	l.add("view.start", nil)
	o := l.partial(p.Cut, l.size())
	w := witness(t, "w.example", p.cosigned)
	if p.Evidence == ByWitness && !p.hide {
		o.Past = append(o.Past, Past{Note: l.sign(max(p.Size, p.seenAt), w)})
	}
	if !p.early.IsZero() {
		o.Past = append(o.Past, Past{Note: l.sign(5, witness(t, "w.example", p.early)), Consistency: l.consistency(5, l.size())})
	}
	if !p.between.IsZero() {
		o.Past = append(o.Past, Past{Note: l.sign(confirmed, witness(t, "w.example", p.between))})
	}
	switch later := witness(t, "w.example", p.later); {
	case p.itself:
		o.Checkpoint = l.sign(l.size(), later)
	case !p.later.IsZero():
		o.Past = append(o.Past, Past{Note: l.sign(l.size(), later)})
	}
	if o.Keys = append(o.Keys, w.Key); p.unknown {
		return verify(t, l.bundle(o), VerifyOptions{Keys: l.keys})
	}
	return verify(t, l.bundle(o), VerifyOptions{Keys: append(l.keys, w.Key)})
}

func TestPruned(t *testing.T) {
	t.Parallel()
	due := time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC)
	good := pruned{at: due.Add(time.Hour), cosigned: due.Add(time.Minute),
		Prune: Prune{Cut: 10, Year: 2026, Term: 2, Evidence: ByWitness, Size: 20, Time: due.Add(time.Minute), Party: "w.example"}}
	for what, tt := range map[string]struct {
		change func(*pruned)
		code   Code // beside which none is pruned_early, unless it is
	}{
		"in time":                      {func(*pruned) {}, CodePruned},
		"five years":                   {func(p *pruned) { p.Term = 5 }, CodePrunedEarly},
		"the clock set forward":        {func(p *pruned) { p.Time, p.cosigned = due.AddDate(-3, 0, 0), due.AddDate(-3, 0, 0) }, CodePrunedEarly},
		"a lie about the witness":      {func(p *pruned) { p.cosigned = due.AddDate(-3, 0, 0) }, CodePrunedUnsure},
		"without its evidence":         {func(p *pruned) { p.hide = true }, CodePrunedUnsure},
		"by a witness unknown":         {func(p *pruned) { p.unknown = true }, CodePrunedUnsure},
		"in the name of another":       {func(p *pruned) { p.Party = "other.example" }, CodePrunedUnsure},
		"for another checkpoint":       {func(p *pruned) { p.seenAt = 21 }, CodePrunedUnsure},
		"New Year in another zone":     {func(p *pruned) { p.early = time.Date(2027, 1, 1, 13, 0, 0, 0, time.UTC) }, CodePruned},
		"after New Year in every zone": {func(p *pruned) { p.early = time.Date(2027, 1, 1, 14, 0, 0, 0, time.UTC) }, CodePrunedEarly},
		"before it was due":            {func(p *pruned) { p.at = due.Add(-time.Second) }, CodePrunedEarly},
		"a short term":                 {func(p *pruned) { p.Term = 1 }, CodePrunedEarly},
		"no term":                      {func(p *pruned) { p.Term = 0 }, CodePrunedEarly},
		"the longest term":             {func(p *pruned) { p.Year = 2023; p.Term = 5 }, CodePruned},
		"a long term":                  {func(p *pruned) { p.Year = 2022; p.Term = 6 }, CodePrunedLate},
		"a long term, and not due":     {func(p *pruned) { p.Term = 6 }, CodePrunedEarly},
		"a year that was not yet over": {func(p *pruned) { p.Year = 2025; p.early = testStart }, CodePrunedEarly},
		"its own year":                 {func(p *pruned) { p.early = testStart }, CodePruned},
		"untold":                       {func(p *pruned) { p.withhold = true }, CodePrunedUntold},
		"untold, of its own year":      {func(p *pruned) { p.withhold, p.early = true, testStart }, CodePrunedUntold},
		"untold, and too young":        {func(p *pruned) { p.withhold, p.early = true, testStart.AddDate(1, 0, 0) }, CodePrunedEarly},
		"by a person":                  {func(p *pruned) { p.at = p.person(due).AddDate(0, 0, 30) }, CodePrunedUnsure},
		"by a person in a hurry":       {func(p *pruned) { p.at = p.person(due).AddDate(0, 0, 29) }, CodePrunedEarly},
		"by a person of before":        {func(p *pruned) { p.at = p.person(due.Add(-time.Second)).AddDate(0, 0, 60) }, CodePrunedEarly},
		// The clock was set ahead for the prune, and back; a witness with a right one saw the diary behind it.
		"seen behind it":               {func(p *pruned) { p.later = testStart }, CodePrunedEarly},
		"seen in the bundle's own":     {func(p *pruned) { p.later, p.itself = testStart, true }, CodePrunedEarly},
		"seen by nobody who is known":  {func(p *pruned) { p.later, p.unknown = testStart, true }, CodePrunedUnsure},
		"seen in time":                 {func(p *pruned) { p.later = due.Add(time.Hour) }, CodePruned},
		"seen by a slow clock":         {func(p *pruned) { p.later = due.Add(-time.Hour) }, CodePruned},
		"seen before it was due":       {func(p *pruned) { p.later = due.Add(-time.Hour - time.Second) }, CodePrunedEarly},
		"by a person, seen behind it":  {func(p *pruned) { p.at = p.person(due).AddDate(0, 0, 30); p.later = testStart }, CodePrunedEarly},
		"by a person, seen in a hurry": {func(p *pruned) { p.at = p.person(due).AddDate(0, 0, 30); p.later = due.AddDate(0, 0, 29) }, CodePrunedEarly},
		"by a person, seen in time":    {func(p *pruned) { p.at = p.person(due).AddDate(0, 0, 30); p.later = p.at }, CodePrunedUnsure},
		"by a person seen before":      {func(p *pruned) { p.at = p.person(due).AddDate(0, 0, 30); p.between = testStart }, CodePrunedEarly},
		"untold, its year by a clock":  {func(p *pruned) { p.withhold, p.later, p.early = true, testStart.AddDate(2, 0, 0), testStart }, CodePrunedEarly},
	} {
		t.Run(strings.ReplaceAll(what, " ", "_"), func(t *testing.T) {
			t.Parallel()
			p := good
			tt.change(&p)
			r := p.verify(t)
			bad := tt.code == CodePrunedEarly || tt.code == CodePrunedLate
			has(t, r, tt.code, bad)
			if r.Unsettled() != p.withhold || (r.Withheld == 1) != p.withhold {
				t.Errorf("%+v", r)
			}
			if told := r.Intact.State == Yes; told == p.withhold || r.Bad() != bad {
				t.Errorf("%+v", r)
			}
		})
	}
}

// Evidence that can't be true by what the prune and the entries say themselves is none.
func TestPruneLies(t *testing.T) {
	t.Parallel()
	due := time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC)
	for what, tt := range map[string]struct {
		Prune
		from  int64
		first bool // no prune was before
		early bool
	}{
		"a checkpoint before the prune":    {Prune{Cut: 10, Year: 2026, Size: 20}, 10, false, false},
		"the one right before it":          {Prune{Cut: 10, Year: 2026, Size: 21}, 10, false, false},
		"one that has the prune":           {Prune{Cut: 10, Year: 2026, Size: 22}, 10, false, true},
		"one that was never there":         {Prune{Cut: 10, Year: 2026, Size: 500}, 10, false, true},
		"one that has all that is gone":    {Prune{Cut: 10, Year: 2026, Size: 10}, 10, false, false},
		"one that lacks what is gone":      {Prune{Cut: 10, Year: 2026, Size: 9}, 10, false, true},
		"the first one, by a witness":      {Prune{Cut: 10, Year: 2026, Size: 20}, 0, true, true},
		"the second one":                   {Prune{Cut: 10, Year: 2026, Size: 20}, 0, false, false},
		"perhaps the first one":            {Prune{Cut: 10, Year: 2026, Size: 20}, 10, true, false},
		"of a year before the diary":       {Prune{Cut: 10, Year: 2025, Size: 20}, 0, false, true},
		"of a year that may have been one": {Prune{Cut: 10, Year: 2025, Size: 20}, 10, false, false},
	} {
		t.Run(strings.ReplaceAll(what, " ", "_"), func(t *testing.T) {
			t.Parallel()
			l := newLog(t, 20)
			op := "prune"
			if tt.first {
				op = "view.start"
			}
			l.add(op, nil) // of what it was the bundle does not tell
			p := tt.Prune
			p.Term, p.Evidence, p.Time, p.Party = 2, ByWitness, due.Add(time.Minute), "w.example"
			m, err := p.Encode()
			must(t, err)
			l.now = due.Add(time.Hour)
			i := l.add("prune", m)
			r := verify(t, l.bundle(l.partial(tt.from, l.size())), VerifyOptions{Keys: l.keys})
			if f := has(t, r, map[bool]Code{true: CodePrunedEarly, false: CodePruned}[tt.early], tt.early); f.Index == nil || *f.Index != i || r.Bad() != tt.early {
				t.Errorf("%+v", r)
			}
		})
	}
}

// person has an approver confirm at a time, which it returns.
func (p *pruned) person(at time.Time) time.Time {
	p.Evidence, p.Size, p.Time, p.Party, p.confirmed = ByPerson, 0, time.Time{}, "", at
	return at
}

// A prune whose reasons are withheld, or are none, is named; so is a lie about what was there.
func TestPruneReasons(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		manifest string
		withheld bool
		code     Code
		bad      bool
	}{
		{`{"confirmed":1,"cut":3,"evidence":"person"}`, false, CodeEntry, true},
		{`{"confirmed":1,"cut":3,"evidence":"person","term":2,"year":2020}`, true, CodePrunedUntold, false},
		{`{"confirmed":2,"cut":3,"evidence":"person","term":2,"year":2020}`, false, CodePrunedEarly, true}, // it lies below the cut
		{`{"confirmed":9,"cut":3,"evidence":"person","term":2,"year":2020}`, false, CodePrunedEarly, true},
		{`{"confirmed":1,"cut":9,"evidence":"person","term":2,"year":2020}`, false, CodePrunedEarly, true},
		{`{"confirmed":1,"cut":3,"evidence":"person","term":2,"year":2020}`, false, CodePrunedEarly, true}, // entry 1 is no prune.confirm
	} {
		l := newLog(t, 5)
		l.add("prune", []byte(tt.manifest))
		if tt.withheld {
			l.entries[5].Manifest = nil
		}
		has(t, verify(t, l.bundle(l.options()), VerifyOptions{Keys: l.keys}), tt.code, tt.bad)
		has(t, verify(t, l.bundle(l.partial(3, 6)), VerifyOptions{Keys: l.keys}), tt.code, tt.bad)
	}
}

func TestPruneForm(t *testing.T) {
	t.Parallel()
	for _, m := range []Prune{
		{Cut: 10, Year: 2026, Term: 2, Evidence: ByWitness, Size: 20, Time: testStart, Party: "w.example"},
		{Cut: 10, Year: 2026, Term: 5, Evidence: ByPerson, Confirmed: 7},
		{Cut: 10, Year: 2026, Term: 5, Evidence: ByTimestamp, Size: 1, Time: testStart, Party: "TSA"},
	} {
		b, err := m.Encode()
		must(t, err)
		got, err := ParsePrune(b)
		must(t, err)
		if got != m {
			t.Errorf("%s comes back as %+v", b, got)
		}
		if _, err := Parse(b); err != nil {
			t.Errorf("%s: %v", b, err)
		}
	}
}

// A start that is not there is only said to be destroyed by a prune of just that cut.
func TestStartMissing(t *testing.T) {
	t.Parallel()
	l := newLog(t, 20)
	m, err := Prune{Cut: 10, Year: 2020, Term: 2, Evidence: ByPerson, Confirmed: 1}.Encode()
	must(t, err)
	l.add("prune", m)
	for from, missing := range map[int64]bool{0: false, 10: false, 9: true, 12: true} {
		r := verify(t, l.bundle(l.partial(from, 21)), VerifyOptions{Keys: l.keys, Held: [][]byte{l.sign(21)}})
		want := map[bool]State{false: Yes, true: Unknown}[missing]
		wantStates(t, r, want, want, want)
		if missing != r.Unsettled() {
			t.Errorf("from %d: %+v", from, r)
		}
		for _, v := range []Verdict{r.Intact, r.Complete, r.Anchored} {
			if strings.Contains(v.EN, "were taken away") != missing || missing && strings.Contains(v.EN, "as a whole") {
				t.Errorf("from %d: %s", from, v.EN)
			}
		}
		if missing {
			has(t, r, CodeStartMissing, false)
		}
	}
}
