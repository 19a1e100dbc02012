package evidence

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"varuh/accesslog/diary/proof"
)

// The operations of the entries that lead from a disclosure back to who asked for it; those about a request all begin alike.
const (
	opExport  = "export"
	opRequest = "request."
)

// asked is the index of the first entry about this disclosure: what is below it was there before anybody asked. Entries lead
// to earlier ones by their refs, from the export on, and each must be proven: else somebody who takes one out of the package
// makes it look as if it had been asked for later. If they are not, it is the index of the first that is missing or another.
func (v *verifier) asked() (first int64, proven bool) {
	leaves := make(map[int64]proof.Leaf, len(v.entries))
	for _, l := range v.entries {
		leaves[l.Index] = l
	}
	for first = v.m.Export; ; {
		l, ok := leaves[first]
		switch {
		case !ok || first == v.m.Export && l.Op != opExport:
			return first, false
		case l.Ref == nil:
			return first, strings.HasPrefix(l.Op, opRequest)
		}
		first = *l.Ref // always a lower index
	}
}

// witnessed is what outside parties say of one entry.
type witnessed struct {
	before  bool // a party that is known saw it before the request
	known   bool // one did at all
	claimed bool // one did, whether its key is known or not
	at      time.Time
	party   string
}

// better tells whether one word counts more than another: that of a party that is known more than any other's, one from
// before the request more than one from behind it, and of two alike that which was first. One without a time is a
// checkpoint that somebody kept.
func (w witnessed) better(than witnessed) bool {
	switch {
	case w.before != than.before:
		return w.before
	case w.known != than.known:
		return w.known
	case w.claimed != than.claimed:
		return w.claimed
	case w.at.IsZero() || than.at.IsZero():
		return than.at.IsZero() && !w.at.IsZero()
	}
	return w.at.Before(than.at)
}

// seen is the best word on a checkpoint of that size or a larger one.
type seen struct {
	size int64
	witnessed
}

// words are the best words by size, so that the first whose size is above an index is the one on that entry.
func (v *verifier) words() []seen {
	asked, traced := v.asked()
	list := make([]seen, 0, len(v.proven.Anchors))
	for _, a := range v.proven.Anchors {
		s := seen{a.Size, witnessed{before: traced && a.Known && a.Size <= asked, known: a.Known, claimed: true, party: a.Party}}
		if at, err := time.Parse(time.RFC3339, a.Time); err == nil {
			s.at = at
		}
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b seen) int { return cmp.Compare(a.size, b.size) })
	for i := len(list) - 2; i >= 0; i-- {
		if list[i+1].better(list[i].witnessed) {
			list[i].witnessed = list[i+1].witnessed
		}
	}
	return list
}

// weakest is what can be said of all segments: the least that can be of any, and the latest of their times.
func (v *verifier) weakest() witnessed {
	all, words := witnessed{before: true, known: true, claimed: true}, v.words()
	for _, s := range v.m.Segments {
		var w witnessed
		if i, _ := slices.BinarySearchFunc(words, s.Collect+1, func(s seen, size int64) int { return cmp.Compare(s.size, size) }); i < len(words) {
			w = words[i].witnessed
		}
		all.before, all.known, all.claimed = all.before && w.before, all.known && w.known, all.claimed && w.claimed
		if w.at.After(all.at) {
			all.at, all.party = w.at, w.party
		}
	}
	return all
}

// seen says when and by whom, if a party told a time.
func (w witnessed) seen() string {
	if w.at.IsZero() {
		return ""
	}
	return fmt.Sprintf(" (%s, %s)", w.at.UTC().Format("2006-01-02 15:04:05 UTC"), strings.TrimSpace(w.party))
}

// unchanged is the verdict on what happened to the footage between its capture and the export.
func (v *verifier) unchanged() proof.Verdict {
	sound := v.answer(capture, proof.Sentence{}, say("NI NESPREMENJENO od snemanja: posnetki niso to, kar je po dnevniku naprave bilo posneto, ali pa dokazila ne držijo.",
		"NOT UNCHANGED since capture: the clips are not what the appliance's diary says was recorded, or the proofs do not hold."))
	if sound.State == proof.No {
		return sound
	}
	w := v.weakest()
	_, traced := v.asked()
	if w.known && !w.at.IsZero() {
		v.report.Since = w.at.UTC().Format(time.RFC3339)
	}
	switch seen := w.seen(); {
	case sound.State != proof.Yes:
		return sound
	case w.before:
		return proof.Verdict{State: proof.Yes, Sentence: say("NESPREMENJENO od snemanja: najpozneje od takrat, ko je zanje jamčila zunanja priča%s, in to pred zahtevo, posnetkov ne bi mogel nihče neopazno spremeniti.",
			"UNCHANGED since capture: from the time at the latest when an outside witness vouched for it%s, before the request, nobody could have changed it unnoticed.", seen)}
	case !traced:
		return proof.Verdict{State: proof.Unknown, Sentence: say("NI POTRJENO, da je nespremenjeno od snemanja: paket ne dokaže, kdaj je kdo zahteval posnetke, zato se ne ve, ali je zunanja priča jamčila zanje pred tem.",
			"NOT CONFIRMED to be unchanged since capture: the package does not prove when somebody asked for it, so nobody knows whether an outside witness vouched for it before.")}
	case w.known:
		return proof.Verdict{State: proof.Unknown, Sentence: say("NI POTRJENO, da je nespremenjeno od snemanja: pred zahtevo ni bilo zunanje priče, prva je bila pozneje%s. Do takrat bi posnetke lahko spremenil, kdor upravlja napravo.",
			"NOT CONFIRMED to be unchanged since capture: there was no outside witness before the request, the first came later%s. Until then whoever rules the appliance could have changed it.", seen)}
	case w.claimed:
		return proof.Verdict{State: proof.Unknown, Sentence: say("NI POTRJENO, da je nespremenjeno od snemanja: paket navaja zunanjo pričo%s, a njenega ključa niste navedli.", "NOT CONFIRMED to be unchanged since capture: the package names an outside witness%s, but you did not give its key.", seen)}
	}
	return proof.Verdict{State: proof.Unknown, Sentence: say("NI POTRJENO, da je nespremenjeno od snemanja: pred zahtevo ni bilo zunanje priče. Kdor upravlja napravo, bi posnetke pred izvozom lahko spremenil.",
		"NOT CONFIRMED to be unchanged since capture: there was no outside witness before the request. Whoever rules the appliance could have changed it before the export.")}
}
