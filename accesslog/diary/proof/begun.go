package proof

import (
	"fmt"
	"slices"
)

// begun is an origin.begin above index 0: the diary had gone back, and goes on under another name.
type begun struct {
	mark
	after []mark // the incident.rollback before it, the first ones
}

// old is the name that the diary had before, or "" if that is withheld.
func (b begun) old() string { return dataText(b.body, "old_origin") }

// dataText is a string in the data of a body, or "".
func dataText(b *Body, name string) string {
	if b == nil {
		return ""
	}
	s, _ := b.Data[name].(string)
	return s
}

// byTwo tells whether the entry names two persons. One whose body is withheld may.
func (b begun) byTwo() bool {
	first, second := b.persons()
	return b.body == nil || first != "" && second != "" && !SamePerson(first, second)
}

// begin takes an entry that says it begins another name. One that cites the name which the log has until its end
// begins nothing; one that two persons do not stand for accepts nothing.
func (in *incidents) begin(b begun, origin string) {
	if b.old() == origin {
		if len(in.untrue) < maxListed {
			in.untrue = append(in.untrue, b.mark)
		}
		return
	}
	if len(in.begun) < maxMarks {
		in.begun = append(in.begun, b)
	}
	if b.byTwo() {
		in.open = nil
	}
}

// judgeNames holds the signed checkpoints against the entry that began the diary's present name: before it, they are of
// another one.
func (v *verifier) judgeNames() {
	from := v.incidents.lastBegun()
	for _, e := range slices.Concat(v.past, v.held) {
		if e.Origin == v.about.Origin && e.Size <= from {
			v.report.add(Finding{Code: CodeNewOrigin, Bad: true, Index: &from, Size: &e.Size, Sentence: say(
				"Dnevnik naj bi imel sedanje ime šele od zapisa %d naprej, nosi pa ga že podpisana kontrolna točka z velikostjo %d.",
				"The diary is said to have its present name only from entry %d on, but the signed checkpoint of size %d bears it already.", from, e.Size)})
			return
		}
	}
}

// tellBegun says where the diary goes on under another name, why, and who accepted that.
func (v *verifier) tellBegun(b begun) {
	why := b.why()
	who := both("Kdo je to potrdil, v svežnju ni", "Who accepted that is not in the bundle")
	if first, second := b.persons(); b.body != nil && b.byTwo() {
		who = both(fmt.Sprintf("Potrdila sta %s in %s", first, second), fmt.Sprintf("%s and %s accepted that", first, second))
		if b.body.Note != "" {
			who = both(who.SL+"; razlog: "+b.body.Note, who.EN+"; reason: "+b.body.Note)
		}
	} else if b.body != nil {
		who = both("Dveh oseb, ki bi to potrdili, v zapisu ni", "The entry does not name two persons who accepted that")
		v.report.add(Finding{Code: CodeUnaccepted, Index: &b.Index, Sentence: say(
			"NOVEGA IMENA DNEVNIKA NISTA POTRDILI DVE OSEBI: zapis %d ne imenuje dveh.", "NO TWO PERSONS ACCEPTED THE DIARY'S NEW NAME: entry %d does not name two.", b.Index)})
	}
	if b.body == nil && v.report.Confirmed { // else all is open anyway
		v.report.add(Finding{Code: CodeAcceptUntold, Index: &b.Index, Sentence: say(
			"Kdo je potrdil novo ime dnevnika (zapis %d), v svežnju ni: morda nista bili dve osebi. Zahtevajte izvoz z vsebino tega zapisa.",
			"Who accepted the diary's new name (entry %d) is not in the bundle: it may not have been two persons. Ask for an export with the body of that entry.", b.Index)})
	}
	v.report.add(Finding{Code: CodeNewOrigin, Index: &b.Index, Sentence: both(
		fmt.Sprintf("Dnevnik se od zapisa %d nadaljuje pod novim imenom in z novim ključem. %s. %s.", b.Index, why.SL, who.SL),
		fmt.Sprintf("From entry %d on the diary goes on under a new name and with a new key. %s. %s.", b.Index, why.EN, who.EN))})
}

// why says what made the diary go on under another name: the incident before it, or, where none could be signed, this
// entry itself.
func (b begun) why() Sentence {
	said := b.body
	for _, m := range b.after {
		if m.body != nil {
			said = m.body
			break
		}
	}
	switch what := foundOf(said); {
	case len(b.after) > 0:
		return both(fmt.Sprintf("Vzrok, zapis %d: %s", b.after[0].Index, what.SL), fmt.Sprintf("The cause, entry %d: %s", b.after[0].Index, what.EN))
	case dataText(said, "kind") != "":
		return both("Vzrok: "+what.SL, "The cause: "+what.EN)
	}
	return both("Vzroka, incidenta, v svežnju ni", "The cause, an incident, is not in the bundle")
}

// persons are the two who accepted, "" for each that is not named.
func (b begun) persons() (first, second string) {
	if b.body == nil {
		return "", ""
	}
	if a := b.body.Actor; a != nil {
		first = nameOf(a.Name, a.ID)
	}
	return first, nameOf(dataText(b.body, "second_name"), dataText(b.body, "second_id"))
}

func nameOf(name, id string) string {
	if name == "" {
		return id
	}
	return name
}

// lastBegun is the index from which on the log has its present name.
func (in *incidents) lastBegun() int64 {
	if len(in.begun) == 0 {
		return 0
	}
	return in.begun[len(in.begun)-1].Index
}

// leftAt finds where the diary left an earlier name, if the bundle says that it ever had it.
func (in *incidents) leftAt(origin string) (index int64, ok bool) {
	i := slices.IndexFunc(in.begun, func(b begun) bool { return b.old() == origin })
	if i < 0 {
		return 0, false
	}
	return in.begun[i].Index, true
}

// untold tells whether an earlier name of the diary is withheld.
func (in *incidents) untold() bool {
	return slices.ContainsFunc(in.begun, func(b begun) bool { return b.old() == "" })
}
