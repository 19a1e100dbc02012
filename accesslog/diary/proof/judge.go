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

// judgeKeys says whose signature it is and how that is known.
func (v *verifier) judgeKeys() {
	for _, r := range v.trust.rotations {
		v.report.add(Finding{Code: CodeKeyChanged, Index: &r.index, Sentence: say(
			"Podpisni ključ je bil zamenjan z zapisom %d (razlog: %s).", "The signing key was replaced by entry %d (reason: %s).", r.index, r.Reason)})
	}
	v.judgeSigner()
	v.judgeUnproven()
}

// judgeSigner says whose signature the bundle's checkpoint has.
func (v *verifier) judgeSigner() {
	if !v.signed {
		return
	}
	signer := v.main.Signers[len(v.main.Signers)-1]
	if r, ok := v.trust.inForce(v.main.Size); ok {
		if !slices.Contains(v.main.Signers, r.New) {
			v.report.bad(CodeOldKey, say("Kontrolna točka je podpisana s ključem, ki je bil zamenjan z zapisom %d.", "The checkpoint is signed by a key that entry %d replaced.", r.index))
		} else {
			signer = r.New
		}
	}
	v.report.Key, v.report.Fingerprint = signer.String(), signer.Fingerprint()
	v.report.Confirmed = v.trust.confirmed(signer)
	switch {
	case v.report.Confirmed:
		for _, f := range v.trust.strange() {
			v.report.note(CodeKeyUnknown, say("Prstnega odtisa %s nima noben ključ, ki je tu.", "No key that is here has the fingerprint %s.", groups(f)))
		}
	case v.trust.knowsOnly(func(name string) bool { _, ok := v.incidents.leftAt(name); return ok }):
		v.report.note(CodeKeyUnknown, say(
			"Vaš ključ je od prejšnjega imena dnevnika. Od zapisa %d naprej velja drug ključ; njegov prstni odtis (%s) naj vam na papirju potrdita osebi, ki sta to odobrili.",
			"Your key is of the name that the diary had before. From entry %d on another key is in force; have its fingerprint (%s) confirmed on paper by the two persons who approved.",
			v.incidents.lastBegun(), v.report.Fingerprint))
	case v.trust.knowsLog():
		v.report.bad(CodeSignature, say(
			"Dnevnik je podpisan s ključem, ki NI tisti z vašega papirja in iz njega ne izhaja: %s.",
			"The diary is signed by a key that is NOT the one on your paper and does not follow from it: %s.", v.report.Fingerprint))
		for _, f := range v.trust.strange() {
			v.report.note(CodeKeyUnknown, say("Na papirju je %s.", "On paper it is %s.", groups(f)))
		}
	default:
		v.report.note(CodeKeyUnknown, say("Primerjajte prstni odtis ključa s tistim na papirju: %s.", "Compare the key's fingerprint with the one on paper: %s.", v.report.Fingerprint))
	}
}

// judgeStrangers names the kept checkpoints of this log that none of its keys signed. Either they or the
// bundle are forged; which, only a key that is confirmed tells.
func (v *verifier) judgeStrangers() {
	for _, size := range v.strangers {
		sentence := say("Shranjena kontrolna točka z velikostjo %d ima isto ime dnevnika, podpisana pa je z DRUGIM ključem.",
			"The checkpoint of size %d that was kept is of a diary of the same name, but signed by ANOTHER key.", size)
		if !v.signed {
			sentence = say("Podpisa shranjene kontrolne točke z velikostjo %d ni mogoče preveriti.", "The signature of the checkpoint of size %d that was kept can't be verified.", size)
		}
		v.report.add(Finding{Code: CodeOtherKey, Bad: v.signed && !v.report.Confirmed, Size: &size, Sentence: sentence})
	}
}

// judgeUnproven judges the changes of the key that only their entries tell of: no key follows from one, but a key that
// was replaced must not have signed since, and the last one put in force must have. A change says by the names of its
// keys which of the diary's names it is of: where an origin.begin says that it was another one, that may be a lie.
func (v *verifier) judgeUnproven() {
	last := true
	for _, m := range slices.Backward(v.marks) {
		if m.Op != OpRotate {
			continue
		}
		if slices.ContainsFunc(v.trust.rotations, func(r rotation) bool { return r.index == m.Index }) {
			last = false
			continue
		}
		r, err := ParseRotation(m.manifest)
		switch {
		case err != nil:
			v.untoldRotation(m)
			last = false
		case r.New.Name() != v.about.Origin && m.Index < v.incidents.lastBegun(): // of an earlier name
		case v.signed && !slices.Contains(v.main.Signers, r.New) && (last || slices.Contains(v.main.Signers, r.Old)):
			v.report.add(badEntry(CodeOldKey, m.Index, "kontrolna točka ni podpisana s ključem, ki ga je ta zapis uveljavil", "the checkpoint is not signed by the key that this entry put in force"))
			last = false
		default:
			v.report.add(unproven(CodeKeyChanged, m.Index))
			last = false
		}
	}
}

// untoldRotation judges a change of the key of which the bundle says nothing: the key that signed may be the one that
// was replaced. Where that key is confirmed by nobody, all is open anyway.
func (v *verifier) untoldRotation(m mark) {
	if !v.report.Confirmed {
		v.report.add(unproven(CodeKeyChanged, m.Index))
		return
	}
	v.report.add(Finding{Code: CodeKeyUntold, Index: &m.Index, Sentence: say(
		"Podpisni ključ je bil zamenjan z zapisom %d, s katerim, pa v svežnju ne piše: podpis je morda s ključem, ki ne velja več. Zahtevajte izvoz z vsemi seznami.",
		"The signing key was replaced by entry %d, by which one is not in the bundle: the signature may be of the key that is in force no more. Ask for an export with all manifests.", m.Index)})
}

func unproven(code Code, index int64) Finding {
	return Finding{Code: code, Index: &index, Sentence: say(
		"Zamenjava podpisnega ključa z zapisom %d v svežnju ni dokazana.", "The bundle does not prove the change of the signing key by entry %d.", index)}
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
	case r.Confirmed:
		return Verdict{Yes, say("NEDOTAKNJEN: vsak zapis je tak, kot je bil podpisan.", "INTACT: every entry is as it was signed.")}
	}
	return Verdict{Unknown, say("Vsak zapis je tak, kot je bil podpisan s priloženim ključem; ali je to ključ te naprave, pove le prstni odtis na papirju.",
		"Every entry is as it was signed with the key that is enclosed; whether that is the appliance's key says only the fingerprint on paper.")}
}
