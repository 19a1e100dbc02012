package proof

import (
	"fmt"
	"slices"
)

// judgeHistory holds the log against the earlier checkpoints: first those in the bundle, since a held
// one may be joined by them, then those that were held.
func (v *verifier) judgeHistory() {
	for i := range v.past {
		v.compare(&v.past[i])
	}
	for i := range v.held {
		if v.held[i].Origin != v.about.Origin {
			v.compareElder(&v.held[i])
		} else {
			v.compare(&v.held[i])
		}
	}
	all := slices.Concat(v.past, v.held)
	if len(all) > 0 {
		v.tellBreak(append(all, v.itself()))
	}
	for _, e := range all {
		v.tellUnjoined(e)
	}
	v.report.Complete = complete(v.held, len(v.o.Held))
}

// compare decides whether the log goes on from an earlier checkpoint. Entries that are not those of the
// bundle's own checkpoint decide nothing: a damaged file is no other history.
func (v *verifier) compare(e *earlier) {
	root, computed := v.roots[e.Size]
	switch {
	case !v.signed:
		e.state = Unknown // a checkpoint that is damaged says nothing of history
	case e.Size > v.main.Size && e.held && !v.o.Latest:
		e.state, e.code, e.why = Unknown, CodeOlder, say(
			"Shranjena kontrolna točka ima več zapisov (%d), kot jih je tu (%d): to je morda le starejši izvoz. Zahtevajte novega; če jih ima tudi ta manj, je šel dnevnik nazaj.",
			"The checkpoint that was kept has more entries (%d) than there are here (%d): this may simply be an older export. Ask for a new one; if that has fewer, too, the diary went back.", e.Size, v.main.Size)
	case e.Size > v.main.Size:
		e.state = No
	case e.Size == v.main.Size:
		e.state = stateOf(e.Root == v.main.Root)
	case computed && v.whole && v.fits:
		e.state = stateOf(root == e.Root)
	case e.consistency != nil:
		e.state = Yes
		if err := e.consistency.joins(e.Checkpoint, v.main.Checkpoint); err != nil {
			e.state = Unknown // a wrong proof proves nothing, not even the contrary
			v.report.add(Finding{Code: CodeNotJoined, Bad: true, Size: &e.Size, Sentence: say(
				"Dokaz, da se dnevnik nadaljuje od velikosti %d, ne drži.", "The proof that the diary goes on from size %d does not hold.", e.Size)})
		}
	default:
		e.state = v.asPast(e)
	}
}

// asPast compares with a checkpoint of the same size that was joined.
func (v *verifier) asPast(e *earlier) State {
	for _, p := range v.past {
		if p.Size == e.Size && p.state == Yes {
			return stateOf(p.Root == e.Root)
		}
	}
	return Unknown
}

func stateOf(ok bool) State {
	if ok {
		return Yes
	}
	return No
}

// tellBreak names the place where history was changed, as closely as the checkpoints say: behind the
// largest that still fits and before the end of the smallest that does not.
func (v *verifier) tellBreak(all []earlier) {
	breaks := int64(-1)
	for _, e := range all {
		if e.state == No && e.left > 0 {
			v.tellLost(e)
		} else if e.state == No && e.Size > v.main.Size {
			v.report.add(Finding{Code: CodeRollback, Bad: true, Size: &e.Size, Sentence: say(
				"DNEVNIK JE ŠEL NAZAJ: po podpisani kontrolni točki je imel zapisov %d, zdaj jih ima %d.",
				"THE DIARY WENT BACK: by a signed checkpoint it had %d entries, now it has %d.", e.Size, v.main.Size)})
		} else if e.state == No && (breaks < 0 || e.Size < breaks) {
			breaks = e.Size
		}
	}
	if breaks < 0 {
		return
	}
	fits := int64(0)
	for _, e := range all {
		if e.state == Yes && e.Size < breaks {
			fits = max(fits, e.Size)
		}
	}
	which := both(fmt.Sprintf("vsaj eden od zapisov od %d do %d", fits, breaks-1), fmt.Sprintf("at least one of the entries %d to %d", fits, breaks-1))
	if breaks-fits == 1 {
		which = entries(fits, breaks)
	}
	v.report.add(Finding{Code: CodeRewritten, Bad: true, Size: &breaks, Sentence: both(
		fmt.Sprintf("PREPISANO: zgodovina se prelomi pri velikosti %d. Podpisana kontrolna točka s to velikostjo je imela druge zapise; spremenjen, dodan ali izbrisan je bil %s.", breaks, which.SL),
		fmt.Sprintf("REWRITTEN: history breaks at size %d. A signed checkpoint of that size had other entries; %s was changed, added or deleted.", breaks, which.EN))})
}

func (v *verifier) tellUnjoined(e earlier) {
	if e.state == Unknown && e.why.EN != "" {
		v.report.add(Finding{Code: e.code, Size: &e.Size, Sentence: e.why})
	} else if e.state == Unknown {
		v.report.note(CodeNotJoined, say("Kontrolne točke z velikostjo %d ni mogoče primerjati: za to ni dokaza v svežnju.",
			"The checkpoint of size %d can't be compared: the bundle has no proof for it.", e.Size))
	}
}

// complete is the verdict on the checkpoints that were held.
func complete(held []earlier, given int) Verdict {
	upTo, broken, unknown := int64(-1), false, len(held) < given
	for _, e := range held {
		upTo = max(upTo, e.Size)
		broken = broken || e.state == No
		unknown = unknown || e.state == Unknown
	}
	switch {
	case broken:
		return Verdict{No, say("NI POPOLN: dnevnik ni nadaljevanje tistega, od katerega je shranjena kontrolna točka.", "NOT COMPLETE: the diary does not go on from the one whose checkpoint was kept.")}
	case given == 0:
		return Verdict{Unknown, say("Za primerjavo ni bila dana nobena shranjena kontrolna točka.", "No checkpoint that somebody kept was given to compare with.")}
	case unknown:
		return Verdict{Unknown, say("Vsaj ene shranjene kontrolne točke ni bilo mogoče primerjati.", "At least one checkpoint that was kept could not be compared.")}
	}
	return Verdict{Yes, say("POPOLN do shranjene kontrolne točke z velikostjo %d.", "COMPLETE up to the checkpoint of size %d that was kept.", upTo)}
}
