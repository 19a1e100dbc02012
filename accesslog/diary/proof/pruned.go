package proof

import (
	"fmt"
	"slices"
	"time"
)

// PersonWaits is how long before a prune an approver must have confirmed it, where no outside time did.
const PersonWaits = 30 * 24 * time.Hour

// minTerm and maxTerm are how many years past the end of its calendar year an entry is kept, at least and at most.
const (
	minTerm = 2
	maxTerm = 5
)

// judgePrunes looks whether what was destroyed was due.
func (v *verifier) judgePrunes() {
	for _, m := range v.marks {
		if m.Op == OpPrune {
			v.judgePrune(m)
		}
	}
}

func (v *verifier) judgePrune(m mark) {
	unsure := func(sl, en string) {
		v.report.add(Finding{Code: CodePrunedUnsure, Index: &m.Index, Sentence: say("Izbris zapisov (zapis %d): "+sl+".", "Pruning (entry %d): "+en+".", m.Index)})
	}
	if m.manifest == nil {
		v.judgeUntold(m)
		return
	}
	p, err := ParsePrune(m.manifest)
	if err != nil {
		v.report.add(badEntry(CodeEntry, m.Index, "razlogi za izbris niso v pravi obliki", fmt.Sprintf("the reasons of the pruning are not in their format (%v)", err)))
		return
	}
	if early := v.early(m, p); early.EN != "" {
		v.report.add(Finding{Code: CodePrunedEarly, Bad: true, Index: &m.Index, Sentence: Sentence{
			fmt.Sprintf("PREZGODAJ IZBRISANO (zapis %d, zapisi pod %d): %s.", m.Index, p.Cut, early.SL),
			fmt.Sprintf("PRUNED EARLY (entry %d, entries below %d): %s.", m.Index, p.Cut, early.EN)}})
		return
	}
	if p.Term > maxTerm {
		v.report.add(Finding{Code: CodePrunedLate, Bad: true, Index: &m.Index, Sentence: both(
			fmt.Sprintf("PREPOZNO IZBRISANO (zapis %d, zapisi pod %d): rok (%s) je daljši, kot je dovoljeno (%s).", m.Index, p.Cut, years(p.Term), years(maxTerm)),
			fmt.Sprintf("PRUNED LATE (entry %d, entries below %d): a term of %d years is longer than is allowed (%d).", m.Index, p.Cut, p.Term, maxTerm))})
		return
	}
	v.report.add(Finding{Code: CodePruned, Index: &m.Index, Sentence: both(
		fmt.Sprintf("Zapisi pod %d so bili izbrisani po izteku roka (leto %d in še %s), zapis %d.", p.Cut, p.Year, years(p.Term), m.Index),
		fmt.Sprintf("The entries below %d were destroyed at the end of their term (year %d and %d years), entry %d.", p.Cut, p.Year, p.Term, m.Index))})
	switch {
	case p.Evidence == ByPerson:
		unsure("čas je potrdila le oseba, ne zunanja priča", "a person confirmed the time, no outside party")
	case !v.shown(p):
		unsure("zunanjega časa v svežnju ni ali ni preverjen", "the outside time is not in the bundle, or was not verified")
	case !v.prunedBefore(m.Index):
		unsure("prejšnjega izbrisa v svežnju ni; če je bil ta prvi, pred njegovimi zapisi ni bilo nobene zunanje priče",
			"no earlier one is in the bundle; if this was the first, no outside party was there before its entries")
	}
}

// years counts years as Slovenian does: one, two, three and four, more.
func years(n int) string {
	word := "let"
	switch n % 100 {
	case 1:
		word = "leto"
	case 2:
		word = "leti"
	case 3, 4:
		word = "leta"
	}
	return fmt.Sprintf("%d %s", n, word)
}

// judgeUntold judges a prune whose manifest is withheld by what leaves tell: at its time only years that had
// ended two years before were due. The last prune destroyed what lies below the bundle.
func (v *verifier) judgeUntold(m mark) {
	last := !slices.ContainsFunc(v.marks, func(c mark) bool { return c.Op == OpPrune && c.Index > m.Index })
	due := Prune{Cut: v.about.From, Year: m.Time.Year() - 1 - minTerm}
	if a, ok := v.seenBehind(m.Index, m.Time); ok {
		due.Year = a.at.Year() - 1 - minTerm // the appliance's clock was ahead
	}
	if size, at, ok := v.younger(due); ok && last {
		v.report.add(Finding{Code: CodePrunedEarly, Bad: true, Index: &m.Index, Sentence: say(
			"PREZGODAJ IZBRISANO (zapis %d, razlogi niso v svežnju): zapisi od %d do %d so nastali po %s.",
			"PRUNED EARLY (entry %d, its reasons are not in the bundle): entries %d to %d arose after %s.",
			m.Index, size, due.Cut-1, at.Format(time.DateOnly))})
		return
	}
	v.report.add(Finding{Code: CodePrunedUntold, Index: &m.Index, Sentence: say(
		"Izbris zapisov (zapis %d): razlogi niso v svežnju, zato ni znano, ali je rok potekel.",
		"Pruning (entry %d): its reasons are not in the bundle, so it is unknown whether the term was over.", m.Index)})
}

// early says why a prune was before its time, or nothing.
func (v *verifier) early(m mark, p Prune) Sentence {
	due := Due(p.Year, p.Term)
	switch {
	case p.Cut > m.Index:
		return say("izbrisal naj bi zapise, ki jih še ni bilo", "it claims to have destroyed entries that were not there yet")
	case p.Term < minTerm:
		return both(fmt.Sprintf("rok (%s) je prekratek", years(p.Term)), fmt.Sprintf("a term of %d years is too short", p.Term))
	case m.Time.Before(due):
		return say("po uri naprave je bil rok %s", "by the appliance's clock it was due on %s", due.Format(time.DateOnly))
	case p.Evidence != ByPerson && p.Time.Before(due):
		return say("zunanji čas je %s, rok pa %s", "the outside time is %s, but it was due on %s", p.Time.Format(time.DateOnly), due.Format(time.DateOnly))
	case v.beforeAll(p.Year):
		return say("leta %d dnevnika še ni bilo: prvi zapis je z dne %s", "there was no diary in the year %d: its first entry is of %s", p.Year, v.began.Format(time.DateOnly))
	case p.Evidence != ByPerson:
		if wrong := v.evidenceWrong(m, p); wrong.EN != "" {
			return wrong
		}
	default:
		if wrong := v.confirmedWrong(m, p); wrong.EN != "" {
			return wrong
		}
		due = due.Add(PersonWaits)
	}
	if a, ok := v.seenBehind(m.Index, due); ok {
		return both(
			fmt.Sprintf("%s je %s videl kontrolno točko z velikostjo %d, v kateri je ta izbris že bil, pred %s pa ni smel nastati", a.Party, moment(a.at), a.Size, due.Format(time.DateOnly)),
			fmt.Sprintf("at %s %s saw a checkpoint of size %d, which this prune was in already, but it was not to be before %s", moment(a.at), a.Party, a.Size, due.Format(time.DateOnly)))
	}
	if size, at, ok := v.younger(p); ok {
		return say("zapisi od %d naprej so nastali po %s, kar pokaže zunanja priča, torej po letu %d",
			"entries from %d on arose after %s, as an outside party shows, so after the year %d", size, at.Format(time.DateOnly), p.Year)
	}
	return Sentence{}
}

// confirmedWrong says why the entry that a prune rests on is no confirmation of it, or nothing. One of a day when
// nothing was due would let a clock that is set ahead destroy the rest. One that the bundle does not hold is not
// held against the prune.
func (v *verifier) confirmedWrong(m mark, p Prune) Sentence {
	switch {
	case p.Confirmed >= m.Index:
		return say("potrditev osebe naj bi bila zapis %d, ki je poznejši", "a person's confirmation is said to be entry %d, which is later", p.Confirmed)
	case p.Confirmed < p.Cut:
		return say("potrditev osebe naj bi bila zapis %d, torej eden od izbrisanih, nastala pa bi šele po izteku njihovega roka",
			"a person's confirmation is said to be entry %d, one of those that were destroyed, but it would have come after their term only", p.Confirmed)
	}
	if a, ok := v.seenBehind(p.Confirmed, Due(p.Year, p.Term)); ok {
		return both(fmt.Sprintf("oseba je to potrdila, preden je rok potekel: zapis %d je bil pri %s že %s", p.Confirmed, a.Party, moment(a.at)),
			fmt.Sprintf("a person confirmed that before the term was over: %s had seen entry %d at %s already", a.Party, p.Confirmed, moment(a.at)))
	}
	i := slices.IndexFunc(v.marks, func(c mark) bool { return c.Index == p.Confirmed })
	switch {
	case i < 0 && (p.Confirmed < v.about.From || p.Confirmed >= v.about.To || !v.whole || v.tooMany):
		return Sentence{}
	case i < 0 || v.marks[i].Op != OpConfirm:
		return say("zapis %d, ki naj bi bil potrditev osebe, je nekaj drugega", "entry %d is said to be a person's confirmation, but is something else", p.Confirmed)
	case v.marks[i].Time.Before(Due(p.Year, p.Term)):
		return say("oseba je to potrdila, preden je rok potekel (zapis %d)", "a person confirmed that before the term was over (entry %d)", p.Confirmed)
	case m.Time.Before(v.marks[i].Time.Add(PersonWaits)):
		return say("potrditev osebe ni bila vsaj 30 dni prej", "a person's confirmation was not at least 30 days before")
	}
	return Sentence{}
}
