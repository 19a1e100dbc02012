package proof

import (
	"fmt"
	"strings"
	"time"
)

// maxListed bounds how many incidents a report lists; it counts them all.
const maxListed = 12

// incidents are what the appliance itself entered as such, in the bundle's entries.
type incidents struct {
	count  int64
	listed []Leaf // the first ones
	last   Leaf
	open   []mark // incident.rollback that no two persons have accepted yet, the first ones
	begun  []begun
	untrue []mark // origin.begin that cites the name which the diary still has, the first ones
}

// see takes the next entry of a log of that origin, if it concerns incidents.
func (in *incidents) see(m mark, origin string) {
	if strings.HasPrefix(m.Op, incidentPrefix) {
		in.count++
		in.last = m.Leaf
		if len(in.listed) < maxListed {
			in.listed = append(in.listed, m.Leaf)
		}
	}
	switch {
	case m.Op == OpRollback:
		if len(in.open) < maxListed {
			in.open = append(in.open, m)
		}
	case m.Op == OpBegin && m.Index > 0:
		in.begin(begun{m, in.open}, origin)
	}
}

// judgeIncidents says what the appliance itself found, and whether somebody answered for it.
func (v *verifier) judgeIncidents() {
	in := &v.incidents
	v.report.Incidents = in.count
	if in.count > 0 {
		sl, en := in.list()
		v.report.add(Finding{Code: CodeIncident, Index: &in.listed[0].Index, Sentence: both(
			fmt.Sprintf("Naprava je zapisala incidente, število: %d (%s).", in.count, sl),
			fmt.Sprintf("Incidents that the appliance entered: %d (%s).", in.count, en))})
	}
	for _, b := range in.begun {
		v.tellBegun(b)
	}
	for _, m := range in.untrue {
		v.report.add(badEntry(CodeNewOrigin, m.Index, "trdi, da se dnevnik nadaljuje pod novim imenom, kot prejšnje pa navaja ime, ki ga dnevnik še ima",
			"it says that the diary goes on under a new name, but as the earlier one cites the name that the diary still has"))
	}
	v.judgeNames()
	for _, m := range in.open {
		what := foundOf(m.body)
		v.report.add(Finding{Code: CodeUnaccepted, Index: &m.Index, Sentence: both(
			fmt.Sprintf("NIHČE ŠE NI POTRDIL, kar je naprava ugotovila %s (zapis %d): %s.", moment(m.Time), m.Index, what.SL),
			fmt.Sprintf("NOBODY HAS ACCEPTED what the appliance found at %s (entry %d): %s.", moment(m.Time), m.Index, what.EN))})
	}
}

// list names the first incidents by their numbers and times.
func (in *incidents) list() (sl, en string) {
	var slList, enList []string
	for _, l := range in.listed {
		slList = append(slList, fmt.Sprintf("zapis %d, %s", l.Index, moment(l.Time)))
		enList = append(enList, fmt.Sprintf("entry %d, %s", l.Index, moment(l.Time)))
	}
	if in.count > int64(len(in.listed)) {
		slList = append(slList, fmt.Sprintf("… zadnji je zapis %d, %s", in.last.Index, moment(in.last.Time)))
		enList = append(enList, fmt.Sprintf("… the last is entry %d, %s", in.last.Index, moment(in.last.Time)))
	}
	return strings.Join(slList, "; "), strings.Join(enList, "; ")
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") + " UTC" }

// foundOf says what an incident.rollback is about, as far as its body is there.
func foundOf(b *Body) Sentence {
	switch dataText(b, "kind") {
	case FaultRollback:
		return Sentence{"dnevnik se je vrnil nazaj (stara kopija ali izbrisani zapisi)", "the diary went back (an old copy, or deleted entries)"}
	case FaultRewritten:
		return Sentence{"zapisi niso več tisti, ki so bili", "the entries are not those that were there before"}
	case FaultState:
		return Sentence{"kar dnevnik ureja, je bilo spremenjeno brez zapisa", "what the diary governs was changed without an entry"}
	case FaultCut:
		return Sentence{"prvih zapisov ni več, čeprav jih ni vzel noben izbris po roku", "the first entries are gone, and no prune took them"}
	case FaultPinned:
		return Sentence{"zapisov, ki so bili zadržani čez rok, ni več ali pa niso več isti", "entries that were kept past their term are gone, or not what they were"}
	case FaultUntold:
		return Sentence{"zapis pravi, da je nekaj šlo nazaj; kaj, v podatkovni bazi naprave ni več pisalo", "an entry says that something went back; what it was, the appliance's database told no more"}
	case FaultKey:
		return Sentence{"podpisni ključ ni bil ključ tega dnevnika (vstavljena je bila stara kopija ali drug ključ)", "the signing key was not the diary's (an old copy was put in, or another key)"}
	}
	return Sentence{"dnevnik se je vrnil nazaj ali pa je bilo kaj spremenjeno brez zapisa", "the diary went back, or something was changed without an entry"}
}
