package retention

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

// noon is a day of 2026 at twelve o'clock, so many days after its first.
func noon(day int) time.Time { return time.Date(2026, 1, 1+day, 12, 0, 0, 0, time.UTC) }

func certain(at time.Time) Present { return Present{Certain: at} }

// A segment's time is up at the end of the shortest term that was in force at its first frame or since.
func TestPoliciesDue(t *testing.T) {
	t.Parallel()
	month, week := Policy{Limit: Term{Days: 30}}, Policy{Limit: PublicTransport}
	for name, c := range map[string]struct {
		versions   []Version
		first, now int // days
		due, term  int
		why        Reason
	}{
		"no policy: the law's":                         {nil, 0, 5, 365, 365, ByTerm},
		"one policy":                                   {[]Version{{Policy: month}}, 0, 5, 30, 30, ByTerm},
		"recorded before the only policy begins":       {[]Version{{month, noon(3)}}, 0, 5, 30, 30, ByTerm},
		"longer later: not for what was there":         {[]Version{{Policy: week}, {month, noon(3)}}, 2, 5, 9, 9, ByTerm},
		"longer later: for what came after":            {[]Version{{Policy: week}, {month, noon(3)}}, 3, 5, 33, 33, ByTerm},
		"shorter later: for all, once in force":        {[]Version{{Policy: month}, {week, noon(3)}}, 2, 5, 9, 32, ByPolicy},
		"shorter, not in force yet":                    {[]Version{{Policy: month}, {week, noon(6)}}, 2, 5, 32, 32, ByTerm},
		"shorter, and it was up before it was decided": {[]Version{{Policy: month}, {week, noon(20)}}, 2, 20, 20, 32, ByPolicy},
		"shorter, then longer: the short one stays":    {[]Version{{Policy: month}, {week, noon(3)}, {month, noon(4)}}, 2, 20, 9, 32, ByPolicy},
		"long, short, and recorded under a third":      {[]Version{{Policy: month}, {week, noon(3)}, {month, noon(4)}}, 4, 20, 34, 34, ByTerm},
		"shorter, but the term was up earlier":         {[]Version{{Policy: week}, {Policy{Limit: Term{Days: 6}}, noon(20)}}, 2, 30, 9, 9, ByTerm},
		"the camera is gone":                           {[]Version{{Policy: month}, {Policy{Limit: month.Limit, Gone: true}, noon(10)}}, 2, 11, 10, 32, ByPolicy},
		"the camera will be gone":                      {[]Version{{Policy: month}, {Policy{Limit: month.Limit, Gone: true}, noon(10)}}, 2, 9, 32, 32, ByTerm},
		"gone and back: what was there is gone":        {[]Version{{Policy: month}, {Policy{Limit: month.Limit, Gone: true}, noon(10)}, {month, noon(12)}}, 2, 13, 10, 32, ByPolicy},
		"gone and back: what came after is not":        {[]Version{{Policy: month}, {Policy{Limit: month.Limit, Gone: true}, noon(10)}, {month, noon(12)}}, 12, 13, 42, 42, ByTerm},
		"a limit over the law's counts as the law's":   {[]Version{{Policy: Policy{Limit: Term{Days: 800}}}}, 0, 5, 365, 365, ByTerm},
	} {
		due, term, why := Policies{"door": c.versions}.Due("door", noon(c.first), noon(c.now), nil)
		if !due.Equal(noon(c.due)) || !term.Equal(noon(c.term)) || why != c.why {
			t.Errorf("%s: due %s (%s), term %s; want %s (%s), %s", name, shown(due), why, shown(term), shown(noon(c.due)), c.why, shown(noon(c.term)))
		}
	}
}

// What lets footage go earlier waits for an approver; all else is in force at once, for what comes.
func TestReview(t *testing.T) {
	t.Parallel()
	base := Policies{"door": {{Policy: Policy{Limit: Term{Months: 6}, Keep: Term{Days: 14}}}}}
	old := base["door"][0].Policy
	for name, c := range map[string]struct {
		asked   []Asked
		want    Policy // in force right away
		confirm bool
		waits   bool
	}{
		"the same":                     {[]Asked{{"door", Term{Months: 6}, Term{Days: 14}, true}}, old, false, false},
		"a shorter term":               {[]Asked{{"door", Term{Days: 30}, Term{Days: 14}, true}}, old, true, true},
		"a longer term":                {[]Asked{{"door", Law, Term{Days: 14}, true}}, Policy{Limit: Law, Keep: Term{Days: 14}}, false, false},
		"no term: the law's":           {[]Asked{{"door", Term{}, Term{Days: 14}, true}}, Policy{Limit: Law, Keep: Term{Days: 14}}, false, false},
		"a lower floor":                {[]Asked{{"door", Term{Months: 6}, Term{}, true}}, Policy{Limit: Term{Months: 6}}, false, false},
		"a higher floor":               {[]Asked{{"door", Term{Months: 6}, Term{Days: 15}, true}}, old, true, true},
		"longer, with a higher floor":  {[]Asked{{"door", Law, Term{Days: 15}, true}}, old, true, true},
		"a removed camera":             {nil, old, true, true},
		"a term in days that is close": {[]Asked{{"door", Term{Days: 182}, Term{Days: 14}, true}}, old, true, true},
	} {
		next, waits := base.Review(c.asked, certain(noon(0)), noon(0))
		if got := next.At("door", noon(0)); got != c.want {
			t.Errorf("%s: %+v is in force, want %+v", name, got, c.want)
		}
		if (len(waits) == 1) != c.waits || c.waits && (waits[0].Confirm != c.confirm || waits[0].Old != old) {
			t.Errorf("%s: %+v waits", name, waits)
		}
		again, waitsAgain := next.Review(c.asked, certain(noon(1)), noon(1))
		if !reflect.DeepEqual(next, again) || !reflect.DeepEqual(waits, waitsAgain) {
			t.Errorf("%s: a second review gives something else", name)
		}
	}
	if !reflect.DeepEqual(base["door"], []Version{{Policy: old}}) {
		t.Error("a review changed what it was given")
	}
}

// No loss of the present, and none that goes back, lengthens the term of footage that is there: what was in force stays,
// whatever the configuration asks for by then.
func TestReviewKeepsHistory(t *testing.T) {
	t.Parallel()
	p := Policies{"yard": {{Policy: Policy{Limit: Law}}, {Policy{Limit: PublicTransport}, noon(100)}}}
	first, wall := noon(200), noon(201)
	for name, c := range map[string]struct {
		policies Policies
		present  Present
		wall     time.Time
	}{
		"no time is certain":             {p, Present{Held: true}, wall},
		"nor does the clock show any":    {p, Present{Held: true}, time.Unix(60, 0)},
		"an older present, held":         {p, Present{Certain: noon(90), Held: true}, wall},
		"set back to before it":          {p.SetBack(noon(201), noon(90)), certain(noon(90)), noon(90)},
		"set back to before, an hour on": {p.SetBack(noon(201), noon(90)), certain(noon(90).Add(time.Hour)), noon(90).Add(time.Hour)},
	} {
		for _, asked := range [][]Asked{nil, {{"yard", Law, Term{}, true}}, {{"yard", PublicArea, Term{}, true}}, {{"yard", Term{Days: 8}, Term{}, true}},
			{{"yard", PublicTransport, Term{}, true}}, {{"yard", Term{Days: 3}, Term{}, true}}} {
			next, _ := c.policies.Review(asked, c.present, c.wall)
			again, _ := next.Review(asked, c.present, c.wall)
			if !reflect.DeepEqual(next, again) {
				t.Errorf("%s, %v: a second review gives something else", name, asked)
			}
			at := first
			if c.present.Certain.Equal(c.wall) {
				at = noon(89) // what is there is of before
			}
			if due, _, _ := next.Due("yard", at, noon(400), nil); due.After(at.AddDate(0, 0, 7)) {
				t.Errorf("%s, asked for %+v: due %s, want a week after %s; %+v", name, asked, shown(due), shown(at), next["yard"])
			}
		}
	}
	if p["yard"][1].From != noon(100) {
		t.Error("setting back changed what it was given")
	}
	later := Policies{"yard": {{Policy: Policy{Limit: Law}}, {Policy{Limit: PublicTransport}, noon(203)}}}
	if next := later.SetBack(noon(201), noon(90)); !reflect.DeepEqual(next, later) {
		t.Errorf("what was not in force yet came into force: %+v", next)
	}
}

// A new camera needs nobody, but one that footage is there of had the law's term.
func TestReviewNewCamera(t *testing.T) {
	t.Parallel()
	for recorded, confirm := range map[bool]bool{false: false, true: true} {
		next, waits := Policies{}.Review([]Asked{{"bus", PublicTransport, Term{}, recorded}}, certain(noon(0)), noon(0))
		if (len(waits) > 0) != confirm {
			t.Errorf("recorded %v: %+v waits", recorded, waits)
		}
		due, _, _ := next.Due("bus", noon(-1), noon(0), nil)
		if want := map[bool]time.Time{false: noon(6), true: noon(364)}[recorded]; !due.Equal(want) {
			t.Errorf("recorded %v: due %s, want %s", recorded, shown(due), shown(want))
		}
	}
}

// A longer term helps nothing that was recorded before it, though what is certain lags behind, and begins not at
// all while nobody knows how far.
func TestReviewLongerIsNotBackdated(t *testing.T) {
	t.Parallel()
	base := Policies{"bus": {{Policy: Policy{Limit: PublicTransport}}}}
	asked := []Asked{{"bus", Law, Term{}, true}}
	wall := noon(0).Add(50 * time.Minute)
	next, _ := base.Review(asked, certain(noon(0)), wall)
	if due, _, _ := next.Due("bus", wall.Add(-time.Second), noon(9), nil); !due.Equal(wall.Add(7*24*time.Hour - time.Second)) {
		t.Errorf("recorded before the change, but due %s", shown(due))
	}
	held := Present{Certain: noon(0), Held: true}
	next, waits := base.Review(asked, held, noon(99))
	if len(waits) != 1 || waits[0].Confirm || len(next["bus"]) != 1 {
		t.Errorf("while the present is held: %+v waits, %+v is decided", waits, next)
	}
}

// What an approver confirmed begins 72 hours later, unless the configuration goes back before.
func TestConfirm(t *testing.T) {
	t.Parallel()
	base := Policies{"door": {{Policy: Policy{Limit: Law}}}}
	short := []Asked{{"door", Term{Days: 30}, Term{}, true}}
	_, waits := base.Review(short, certain(noon(0)), noon(0))
	next, from, err := base.Confirm(waits[0], certain(noon(1)), noon(1).Add(-time.Hour))
	must(t, err)
	if want := noon(1).Add(72 * time.Hour); !from.Equal(want) {
		t.Errorf("begins %s, want %s", shown(from), shown(want))
	}
	if got := next.At("door", from.Add(-1)); got.Limit != Law {
		t.Errorf("in force early: %+v", got)
	}
	if got := next.At("door", from); got.Limit != (Term{Days: 30}) {
		t.Errorf("not in force: %+v", got)
	}
	same, left := next.Review(short, certain(noon(2)), noon(2))
	if len(left) != 0 || !reflect.DeepEqual(same, next) {
		t.Errorf("what is confirmed waits again: %+v", left)
	}
	back, left := next.Review([]Asked{{"door", Law, Term{}, true}}, certain(noon(2)), noon(2))
	if len(left) != 0 || !reflect.DeepEqual(back, base) {
		t.Errorf("withdrawn in time, but %+v is decided and %+v waits", back, left)
	}
	if _, _, err := next.Confirm(waits[0], certain(noon(9)), noon(9)); err == nil {
		t.Error("a change of a policy that is no longer in force can be confirmed")
	}
	for _, p := range []Present{{}, {Certain: noon(1), Held: true}} {
		if _, _, err := base.Confirm(waits[0], p, noon(1)); !errors.Is(err, ErrNoTime) {
			t.Errorf("with the present %+v: %v", p, err)
		}
	}
	gone, left := base.Review(nil, certain(noon(0)), noon(0))
	must(t, must2(base.Confirm(left[0], certain(noon(0)), noon(0))))
	if len(gone["door"]) != 1 || !left[0].New.Gone {
		t.Errorf("a removed camera: %+v waits", left)
	}
}

func must2[A, B any](_ A, _ B, err error) error { return err }

// A policy that contradicts the law or itself is refused with a plain sentence.
func TestPolicyCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		p    Policy
		part string // of the error; "": none
	}{
		{Policy{}, ""}, {Policy{Limit: Law, Keep: Law}, ""}, {Policy{Limit: Law, Keep: Term{Days: 365}}, ""},
		{Policy{Limit: Term{Months: 13}}, "longer than one year"},
		{Policy{Limit: Law, Keep: Term{Days: 400}}, "longer than one year"},
		{Policy{Limit: PublicTransport, Keep: Term{Days: 8}}, "at least 8d, but may be kept for 7d only"},
		{Policy{Limit: Term{Days: 365}, Keep: Law}, "at least 1y, but may be kept for 365d only"},
	} {
		err := c.p.Check()
		if (err == nil) != (c.part == "") || err != nil && !strings.Contains(err.Error(), c.part) {
			t.Errorf("%+v: %v", c.p, err)
		}
	}
}

// Policies are kept as JSON and read back as they were.
func TestPoliciesJSON(t *testing.T) {
	t.Parallel()
	p := Policies{"door": {{Policy: Policy{Limit: Law}}, {Policy{Limit: PublicArea, Keep: Term{Days: 14}}, noon(3)}, {Policy{Limit: PublicArea, Gone: true}, noon(5)}}}
	text := must1(json.Marshal(p))(t)
	const want = `{"door":[{"limit":"1y"},{"limit":"6mo","keep":"14d","from":"2026-01-04T12:00:00Z"},{"limit":"6mo","gone":true,"from":"2026-01-06T12:00:00Z"}]}`
	if string(text) != want {
		t.Errorf("written %s, want %s", text, want)
	}
	var back Policies
	must(t, json.Unmarshal(text, &back))
	if !reflect.DeepEqual(p, back) {
		t.Errorf("read back %+v", back)
	}
}
