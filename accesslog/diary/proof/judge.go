package proof

import (
	"fmt"
	"slices"
)

// judgeRoot holds the entries against the checkpoint.
func (v *verifier) judgeRoot() {
	if !v.whole {
		return
	}
	read := Checkpoint{v.about.Origin, v.tree.Size(), v.tree.Root()}
	v.fits = v.onward.joins(read, v.main.Checkpoint) == nil
	if !v.fits {
		v.report.add(Finding{Code: CodeRoot, Bad: true, Size: &v.main.Size, Sentence: say(
			"Zapisi niso tisti, za katere je bila podpisana kontrolna točka z velikostjo %d.",
			"The entries are not those that the checkpoint of size %d was signed for.", v.main.Size)})
	}
	if v.about.From < v.about.To && v.about.To-v.about.From < v.about.Size {
		which := entries(v.about.From, v.about.To)
		v.report.note(CodePartial, both(fmt.Sprintf("Sveženj vsebuje le %s; v dnevniku jih je bilo %d.", which.SL, v.about.Size),
			fmt.Sprintf("The bundle holds only %s; the diary had %d.", which.EN, v.about.Size)))
	}
	if n := v.closed; n > 0 {
		v.report.note(CodeWithheld, say("Število zapisov brez vsebine: %d; preverjeni so bili le njihovi prstni odtisi.",
			"Entries without their body: %d; of them only the hashes were verified.", n))
	}
}

// judgeNewer returns [ErrVersion] for entries that a newer varuh wrote and signed: they are no damage, but not
// all of them can be read here. Where something else is wrong, that is to be told, and such an entry may have been
// made to hide it.
func (v *verifier) judgeNewer() error {
	if v.newer != nil && v.fits && !v.report.Bad() {
		return v.newer
	}
	if v.newer != nil {
		v.report.add(misplaced(v.newerAt, v.newer))
	}
	return nil
}

// judgeWithheld says how many parts are not there, besides those that are wrong.
func (v *verifier) judgeWithheld() {
	if n := v.report.Withheld; n > 0 {
		v.report.note(CodeWithheld, say("Zapisi brez seznama: %d; preverjeni so bili le njihovi prstni odtisi.",
			"Entries without their manifest: %d; of them only the hashes were verified.", n))
	}
}

// judgePieces says what of the pieces could not be held together.
func (v *verifier) judgePieces() {
	if v.pieces.Forgot() {
		v.report.note(CodeCollect, say("Segmentov je več kot %d; ali je koren katerega od poznejših naveden dvakrat, ni bilo preverjeno.",
			"There are more than %d segments; whether the root of a later one is stated twice was not checked.", maxRoots))
	}
}

// conclude comes to the first verdict. The other two are those of judgeHistory and judgeAnchors.
func (v *verifier) conclude() {
	v.report.Intact = intact(&v.report, v.whole && v.signed)
	switch {
	case v.about.From == v.about.To:
		v.overNothing()
	case v.about.From > 0 && !v.cutTold():
		v.withoutStart()
	}
}

// overNothing keeps good verdicts from being said where no entry was looked at.
func (v *verifier) overNothing() {
	v.report.note(CodeEmpty, say("V svežnju ni nobenega zapisa: preverjene so bile le kontrolne točke.", "No entries are in the bundle: only checkpoints were verified."))
	v.doubt(
		say("V svežnju ni nobenega zapisa, ki bi ga bilo mogoče preveriti.", "No entries are in the bundle that could be verified."),
		say("Kontrolne točke se ujemajo, zapisov pa ni v svežnju.", "The checkpoints fit, but no entries are in the bundle."),
		say("Kontrolna točka je zapustila napravo, zapisov pa ni v svežnju.", "A checkpoint has left the appliance, but no entries are in the bundle."))
}

// doubt makes good verdicts unknown ones.
func (v *verifier) doubt(intact, complete, anchored Sentence) {
	for verdict, s := range map[*Verdict]Sentence{&v.report.Intact: intact, &v.report.Complete: complete, &v.report.Anchored: anchored} {
		if verdict.State == Yes {
			*verdict = Verdict{Unknown, s}
		}
	}
}

// cutTold tells whether a prune in the bundle says that the entries below the bundle were destroyed.
func (v *verifier) cutTold() bool {
	return slices.ContainsFunc(v.marks, func(m mark) bool {
		p, err := ParsePrune(m.manifest)
		return m.Op == OpPrune && err == nil && p.Cut == v.about.From
	})
}

// withoutStart keeps good verdicts from being said of entries that are not there for no reason told. A
// bundle that somebody asked for from there on looks the same as one of a diary that was cut.
func (v *verifier) withoutStart() {
	from := v.about.From
	gone := say("Zapisov od 0 do %d ni v svežnju in noben izbris v njem ne pove, da jim je potekel rok: ali niso bili zahtevani ali pa so bili odstranjeni.",
		"The entries 0 to %d are not in the bundle, and no prune entry in it says that their term was over: they were not asked for, or were taken away.", from-1)
	v.report.note(CodeStartMissing, gone)
	but := func(s Sentence) Sentence { return Sentence{s.SL + " " + gone.SL, s.EN + " " + gone.EN} }
	v.doubt(
		but(say("Vsak zapis, ki je v svežnju, je tak, kot je bil podpisan.", "Every entry that is in the bundle is as it was signed.")),
		but(say("Shranjene kontrolne točke se ujemajo z zapisi od %d naprej.", "The checkpoints that were kept fit the entries from %d on.", from)),
		but(say("Zapisov od %d naprej nihče ne more več neopazno spremeniti.", "Nobody can change the entries from %d on unnoticed any more.", from)))
}

// intact is the verdict on the entries themselves, once all findings are there.
func intact(r *Report, checked bool) Verdict {
	broken := !checked
	for _, f := range r.Findings {
		broken = broken || f.Bad && !slices.Contains([]Code{CodeRewritten, CodeRollback, CodeNotJoined, CodePrunedEarly, CodePrunedLate, CodeTimestamp, CodeCollect, CodeNewOrigin}, f.Code)
	}
	switch {
	case broken:
		return Verdict{No, say("NI NEDOTAKNJEN: zapisi, podpis ali ključ ne držijo.", "NOT INTACT: entries, signature or key do not hold.")}
	case r.Confirmed && slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Code == CodeKeyUntold }):
		return Verdict{Unknown, say("Vsak zapis je tak, kot je bil podpisan; ali podpisni ključ še velja, iz svežnja ni razvidno.",
			"Every entry is as it was signed; whether the signing key is still in force the bundle does not tell.")}
	case r.Confirmed:
		return Verdict{Yes, say("NEDOTAKNJEN: vsak zapis je tak, kot je bil podpisan.", "INTACT: every entry is as it was signed.")}
	}
	return Verdict{Unknown, say("Vsak zapis je tak, kot je bil podpisan s priloženim ključem; ali je to ključ te naprave, pove le prstni odtis na papirju.",
		"Every entry is as it was signed with the key that is enclosed; whether that is the appliance's key says only the fingerprint on paper.")}
}
