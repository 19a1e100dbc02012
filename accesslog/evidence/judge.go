package evidence

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"varuh/accesslog/diary/proof"
)

// judge comes to the verdicts.
func (v *verifier) judge() {
	v.judgeSegments()
	v.judgeDisclose()
	v.judgeAsking()
	v.judgeAsked()
	if v.readable && v.proven != nil && v.proven.Key == "" {
		v.report.Confirmed = false
	}
	v.report.Unchanged = v.unchanged()
	v.report.Exported = v.answer(export,
		say("IZVOŽENO, KOT JE POSNETO: vsak odlomek je v posnetkih tak in na tistem mestu, kot je bil posnet, in vse datoteke so tiste, ki so bile podpisane.",
			"EXPORTED AS RECORDED: each fragment is in the clips as, and where, it was recorded, and all files are those that were signed."),
		say("NI IZVOŽENO, KOT JE POSNETO: datoteke paketa niso tiste, ki so bile podpisane, ali posnetki niso to, kar je bilo posneto.",
			"NOT EXPORTED AS RECORDED: the files of the package are not those that were signed, or the clips not what was recorded."))
	v.report.Disclosed = v.answer(logged,
		say("POSREDOVANO, KOT JE ZAPISANO: dnevnik naprave pove, da je bil posredovan prav ta paket.", "DISCLOSED AS LOGGED: the appliance's diary says that this very package was disclosed."),
		say("NI POSREDOVANO, KOT JE ZAPISANO: iz dnevnika naprave ni razvidno, da je bil posredovan ta paket.", "NOT DISCLOSED AS LOGGED: the appliance's diary does not say that this package was disclosed."))
}

// unconfirmed is what keeps a verdict from being good while nobody has compared the fingerprint.
var unconfirmed = map[question]proof.Sentence{
	capture: ifKeyIsTrue("nespremenjeno od snemanja", "unchanged since capture"),
	export:  ifKeyIsTrue("izvoženo, kot je posneto", "exported as recorded"),
	logged:  ifKeyIsTrue("posredovano, kot je zapisano", "disclosed as logged"),
}

func ifKeyIsTrue(sl, en string) proof.Sentence {
	return proof.Sentence{
		SL: fmt.Sprintf("NI POTRJENO, da je %s: drži, če je ključ res od te naprave. To pove le prstni odtis na papirju, ki ga še ni nihče primerjal.", sl),
		EN: fmt.Sprintf("NOT CONFIRMED to be %s: it holds if the key is really the appliance's. That says only the fingerprint on paper, which nobody has compared yet.", en),
	}
}

// otherKey is what is said where nothing but the key is wrong: the footage was not found to be other than it was.
var otherKey = map[question]proof.Sentence{
	capture: ifPaperIsTrue("nespremenjeno od snemanja", "unchanged since capture"),
	export:  ifPaperIsTrue("izvoženo, kot je posneto", "exported as recorded"),
	logged:  ifPaperIsTrue("posredovano, kot je zapisano", "disclosed as logged"),
}

func ifPaperIsTrue(sl, en string) proof.Sentence {
	return proof.Sentence{
		SL: fmt.Sprintf("NI POTRJENO, da je %s: podpisano je s ključem, ki ni tisti z vašega papirja. Preverite, ali je prstni odtis pravilno prepisan. Če je, je paket podpisal nekdo drug.", sl),
		EN: fmt.Sprintf("NOT CONFIRMED to be %s: it is signed by a key that is not the one on your paper. Check that the fingerprint was typed rightly. If it was, somebody else signed the package.", en),
	}
}

// foreign tells whether the key that signed is not the one that the person knows, and whether nothing else is wrong.
func (v *verifier) foreign() (foreign, alone bool) {
	if !v.readable || v.proven == nil || v.proven.Key == "" || v.proven.Confirmed {
		return false, false
	}
	known := len(v.o.Fingerprints) > 0 || slices.ContainsFunc(v.o.Keys, func(k proof.Key) bool { return !k.Witness() })
	signed := slices.ContainsFunc(v.proven.Findings, func(f proof.Finding) bool { return f.Bad && f.Code == proof.CodeSignature })
	wrong := 0
	for _, f := range v.report.Findings {
		if f.Bad {
			wrong++
		}
	}
	return known && signed, wrong == 1
}

// answer is a verdict that hangs on findings and the key alone.
func (v *verifier) answer(q question, yes, no proof.Sentence) proof.Verdict {
	broken := v.report.broken(q) || !v.readable || v.proven == nil
	switch foreign, alone := v.foreign(); {
	case foreign && (alone || !broken):
		return proof.Verdict{State: proof.No, Sentence: otherKey[q]}
	case broken:
		return proof.Verdict{State: proof.No, Sentence: no}
	case !v.report.Confirmed:
		return proof.Verdict{State: proof.Unknown, Sentence: unconfirmed[q]}
	}
	return proof.Verdict{State: proof.Yes, Sentence: yes}
}

// join is how far apart clips and gaps may be with nothing between them: a fragment lasts a second.
const join = 2 * time.Second

// judgeAsked looks for what was asked for and is neither in a clip nor in a gap.
func (v *verifier) judgeAsked() {
	for _, r := range v.m.Asked {
		for _, stream := range v.streams(r.Camera) {
			at := r.From
			for _, part := range v.told(r.Camera, stream) {
				if part.from.Sub(at) > join && part.from.Before(r.To) {
					v.untold(r.Camera, stream, at, part.from)
				}
				if part.to.After(at) {
					at = part.to
				}
			}
			if r.To.Sub(at) > join {
				v.untold(r.Camera, stream, at, r.To)
			}
		}
	}
	v.judgeLeftOut()
}

func (v *verifier) untold(camera, stream string, from, to time.Time) {
	v.report.note(CodeUntold, ManifestFile, say("Zahtevanega posnetka kamere %s (%s) od %s do %s ni v paketu, in ta ne pove, zakaj.",
		"The footage of camera %s (%s) from %s to %s was asked for and is not in the package, which does not say why.", camera, stream, timeText(from), timeText(to)))
}

// streams are those of a camera that the package tells of; main if none.
func (v *verifier) streams(camera string) (list []string) {
	for _, c := range v.m.Clips {
		if c.Camera == camera && !slices.Contains(list, c.Stream) {
			list = append(list, c.Stream)
		}
	}
	if len(list) == 0 {
		return []string{"main"}
	}
	return list
}

// stated is a span that the manifest tells of.
type stated struct{ from, to time.Time }

// told are the spans of a stream, by their starts.
func (v *verifier) told(camera, stream string) (list []stated) {
	for _, c := range v.m.Clips {
		if c.Camera == camera && c.Stream == stream {
			by := v.corrections[c.Path]
			list = append(list, stated{c.From.Add(by), c.To.Add(by)})
		}
	}
	for _, g := range v.m.Gaps {
		if g.Camera == camera && g.Stream == stream {
			list = append(list, stated{g.From, g.To})
		}
	}
	slices.SortFunc(list, func(a, b stated) int { return a.from.Compare(b.from) })
	return list
}

// unavoidable are the causes of gaps in which there may be footage that nobody can hand out.
var unavoidable = []string{"erased", "restricted", "unreadable"}

// judgeLeftOut looks for segments that the diary says were recorded in what was asked for, and that the package lacks.
func (v *verifier) judgeLeftOut() {
	var out []collected
	for id, c := range v.collected {
		asked := slices.ContainsFunc(v.m.Asked, func(r Range) bool { return r.Camera == c.camera && overlap(r.From, r.To, c) > join })
		gone := slices.ContainsFunc(v.m.Gaps, func(g Gap) bool {
			return g.Camera == c.camera && g.Stream == c.stream && slices.Contains(unavoidable, g.Cause) && overlap(g.From, g.To, c) > 0
		})
		if _, there := v.segments[id]; asked && !gone && !there && slices.Contains(v.streams(c.camera), c.stream) {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b collected) int { return cmp.Or(a.start.Compare(b.start), cmp.Compare(a.camera, b.camera)) })
	for _, c := range out {
		v.report.note(CodeLeftOut, ManifestFile, say("Po dnevniku (zapis %d) je kamera %s od %s do %s snemala; tega, čeprav zahtevano, ni v paketu, in ta ne pove, zakaj.",
			"By the diary (entry %d) camera %s recorded from %s to %s; that was asked for and is not in the package, which does not say why.", c.index, c.camera, timeText(c.start), timeText(c.end)))
	}
}

// overlap is how much of a segment lies in a span.
func overlap(from, to time.Time, c collected) time.Duration {
	if c.start.After(from) {
		from = c.start
	}
	if c.end.Before(to) {
		to = c.end
	}
	return to.Sub(from)
}
