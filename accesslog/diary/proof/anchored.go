package proof

import (
	"fmt"
	"slices"
	"time"
)

// judgeAnchors says how much of the diary is under a checkpoint that had left the appliance.
func (v *verifier) judgeAnchors() {
	for _, e := range slices.Concat([]earlier{v.itself()}, v.past, v.held) {
		if e.state == Yes {
			v.report.Anchors = append(v.report.Anchors, v.anchorsOf(e)...)
		}
	}
	v.report.Anchored = anchored(v.report.Anchors, v.main.Size)
}

// itself is the bundle's checkpoint as one to compare with.
func (v *verifier) itself() earlier {
	if v.signed && v.fits {
		return earlier{Signed: v.main, state: Yes}
	}
	return earlier{Signed: v.main, state: Unknown}
}

// anchorsOf lists who says that a checkpoint was there.
func (v *verifier) anchorsOf(e earlier) (list []Anchor) {
	for _, c := range e.Cosignatures {
		list = append(list, newAnchor(c.Witness.Name(), "witness", e.Size, c.Time, v.trust.outside[c.Witness]))
	}
	for _, s := range e.stamps {
		list = append(list, newAnchor(s.party, "timestamp", e.Size, s.time, true))
	}
	if e.held {
		list = append(list, Anchor{Kind: "held", Size: e.Size, Known: true})
	}
	return list
}

func newAnchor(party, kind string, size int64, at time.Time, known bool) Anchor {
	return Anchor{party, kind, size, at.UTC().Format(time.RFC3339), known, at}
}

// anchored is the verdict on what is under no checkpoint that is known to have left the appliance.
func anchored(list []Anchor, size int64) Verdict {
	known, claimed := int64(-1), int64(-1)
	for _, a := range list {
		claimed = max(claimed, a.Size)
		if a.Known {
			known = max(known, a.Size)
		}
	}
	switch {
	case known >= size:
		by := firstAt(list, known)
		return Verdict{Yes, say("ZASIDRAN v celoti%[1]s: nihče ga ne more več neopazno spremeniti.", "ANCHORED as a whole%[1]s: nobody can change it unnoticed any more.", by)}
	case known >= 0:
		e, by := entries(known, size), firstAt(list, known)
		return Verdict{No, both(
			fmt.Sprintf("NI ZASIDRAN V CELOTI, le do velikosti %d%s: %s bi lahko spremenil, kdor upravlja napravo.", known, by, e.SL),
			fmt.Sprintf("NOT ANCHORED as a whole, only up to size %d%s: whoever rules the appliance could still change %s.", known, by, e.EN))}
	case claimed >= 0:
		return Verdict{Unknown, say("Sveženj navaja priče do velikosti %d, a njihovih ključev niste navedli.", "The bundle names witnesses up to size %d, but you did not give their keys.", claimed)}
	}
	return Verdict{Unknown, say("Nobena kontrolna točka ni dokazano zapustila naprave; kdor jo upravlja, bi lahko spremenil vse.",
		"No checkpoint is known to have left the appliance; whoever rules it could have changed everything.")}
}

// firstAt names, in parentheses, whose known word over a size came first, and when; "" where only a checkpoint
// that somebody kept tells of it.
func firstAt(list []Anchor, size int64) string {
	var first Anchor
	for _, a := range list {
		if a.Known && a.Size >= size && a.Party != "" && (first.Party == "" || a.at.Before(first.at)) {
			first = a
		}
	}
	if first.Party == "" {
		return ""
	}
	return fmt.Sprintf(" (%s, %s)", first.Party, first.at.UTC().Format("2006-01-02 15:04:05 UTC"))
}
