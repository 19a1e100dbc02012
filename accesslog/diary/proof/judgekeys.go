package proof

import "slices"

// judgeKeys says whose signature it is and how that is known.
func (v *verifier) judgeKeys() {
	v.judgeOrder()
	for _, r := range v.trust.rotations {
		if r.usurped {
			continue
		}
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
