package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
)

// exitOfPackage takes a checkpoint that was given and could not be compared for no good package.
func (p *program) exitOfPackage(r *evidence.Report) int {
	switch {
	case r.Bad():
		return exitBad
	case !r.Good(), r.Held < p.kept:
		return exitUnconfirmed
	}
	return exitGood
}

// packageAnswer is what --json prints of a package.
type packageAnswer struct {
	Verdict string `json:"verdict"`           // see verdicts
	Checked string `json:"checked,omitempty"` // the folder that was, where it is not what was given
	*evidence.Report
	Findings []packageFinding `json:"findings,omitempty"` // those of the report
}

// packageFinding is one that says whether it keeps the package from being called good.
type packageFinding struct {
	evidence.Finding
	Unsettled bool `json:"unsettled"`
}

// sayPackage prints the report, keeps it as a page where that is asked for, and returns the exit status.
func (p *program) sayPackage(r *evidence.Report) int {
	code := p.exitOfPackage(r)
	if err := p.printPackage(r, code); err != nil {
		return p.unprinted(err)
	}
	if p.report == "" && !p.clicked {
		return code
	}
	b, err := p.printHTML(r, code)
	switch {
	case err != nil:
		return p.unprinted(err)
	case p.report == "":
		p.keep(b)
	default:
		if err := writeReport(p.report, b); err != nil {
			p.explainReport(err)
			return exitUnchecked
		}
	}
	return code
}

// printPackage prints what was found about a package, in Slovenian and then in English, or as JSON where that is asked for.
func (p *program) printPackage(r *evidence.Report, code int) error {
	if !p.json {
		_, err := io.WriteString(p.out, p.where(slovenian)+slovenianPackage.report(r, code)+between+p.where(english)+englishPackage.report(r, code))
		return err
	}
	a := packageAnswer{Verdict: verdicts[code], Checked: p.checked, Report: r}
	for _, f := range r.Findings {
		a.Findings = append(a.Findings, packageFinding{f, f.Unsettled()})
	}
	b, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return err
	}
	_, err = p.out.Write(append(printable(b), '\n'))
	return err
}

// packageWording is the report on a package in one language.
type packageWording struct {
	wording
	lang, title, asked, clip, gap, more, manifest, fragments string
	given, typed, held, tsa, by                              string            // of the page: what it was compared with, and which program it was
	page                                                     map[string]string // the page's other words
}

var slovenianPackage = packageWording{wording: slovenian, lang: "sl", title: "Paket", asked: "Zahtevano: kamera %s, od %s do %s.", clip: "Posnetek %s: kamera %s (%s), od %s do %s.",
	gap: "Izpad: kamera %s (%s), od %s do %s: %s.", more: "Še %d.", manifest: "SHA-256 seznama:", fragments: "Preverjenih odlomkov: %d, skupaj %d bajtov.",
	given: "%s (podan v ukazni vrstici)", typed: "%s (vpisan z zapisnika o predaji, kot je rekel, kdor je preverjal)", held: "kontrolna točka v datoteki %s", tsa: "potrdila overiteljev časa v datoteki %s",
	by: "Preveril varuh-verify %s (%s, %s/%s); SHA-256 programa %s",
	page: map[string]string{"title": "Preverjanje paketa s posnetki", "verdicts": "Tri sodbe", "what": "Kaj je bilo preverjeno", "where": "Kje", "package": "Paket", "manifest": "SHA-256 seznama (manifest.json)",
		"fingerprint": "Prstni odtis ključa, ki je podpisal", "compared": "Primerjano s", "nothing": "Z ničimer: prstni odtis s papirja ni bil podan.", "contents": "Kaj je v paketu", "found": "Najdeno",
		"worth": "To poročilo pove, kaj je našel program na tem računalniku ob zgornjem času; samo ni dokaz. Kdor dvomi, naj paket preveri znova, s programom, ki ga dobi drugje, in s prstnim odtisom z zapisnika o predaji."}}

var englishPackage = packageWording{wording: english, lang: "en", title: "Package", asked: "Asked for: camera %s, from %s to %s.", clip: "Clip %s: camera %s (%s), from %s to %s.",
	gap: "Gap: camera %s (%s), from %s to %s: %s.", more: "%d more.", manifest: "SHA-256 of the manifest:", fragments: "Fragments that were verified: %d, of %d bytes in all.",
	given: "%s (given on the command line)", typed: "%s (typed from the handover record, as whoever checked said)", held: "the checkpoint in the file %s", tsa: "certificates of time-stamping authorities in the file %s",
	by: "Checked by varuh-verify %s (%s, %s/%s); SHA-256 of the program %s",
	page: map[string]string{"title": "Check of a package of footage", "verdicts": "Three verdicts", "what": "What was checked", "where": "Where", "package": "Package", "manifest": "SHA-256 of the manifest (manifest.json)",
		"fingerprint": "Fingerprint of the key that signed", "compared": "Compared with", "nothing": "Nothing: no fingerprint from paper was given.", "contents": "What is in the package", "found": "Findings",
		"worth": "This report says what the program found on this computer at the time above; by itself it is no proof. Whoever doubts it should check the package again, with a program from elsewhere and the fingerprint on the handover record."}}

// maxShown is how many of each kind are shown; --json has all.
const maxShown = 50

// report is what is printed about a package, in one language: first the verdict in a sentence, then which package it is, the three
// verdicts by which it comes to that, what is in it, and what was found.
func (w packageWording) report(r *evidence.Report, code int) string {
	var b strings.Builder
	b.WriteString(fold("", w.sums[code]) + "\n")
	b.WriteString(fold("", w.title+" "+r.ID))
	b.WriteString(fold("", w.manifest+" "+r.Manifest))
	if r.Key != "" {
		fmt.Fprintf(&b, "%s %s\n", w.fingerprint, r.Fingerprint)
	}
	b.WriteByte('\n')
	for _, v := range []proof.Verdict{r.Unchanged, r.Exported, r.Disclosed} {
		b.WriteString(fold(marks[v.State]+" ", w.pick(v.Sentence)))
	}
	b.WriteByte('\n')
	w.contents(&b, r)
	if len(r.Findings) > 0 {
		b.WriteByte('\n')
	}
	for _, f := range r.Findings {
		b.WriteString(fold(packageMark(f), w.pick(f.Sentence)))
	}
	return b.String()
}

// contents says what is in the package, as its manifest does.
func (w packageWording) contents(b *strings.Builder, r *evidence.Report) {
	show(b, w.more, r.Asked, func(a evidence.Wanted) string {
		return fmt.Sprintf(w.asked, r.Named(a.Camera), shortly(a.From), shortly(a.To))
	})
	show(b, w.more, r.Clips, func(c evidence.Clipped) string {
		return fmt.Sprintf(w.clip, c.Path, r.Named(c.Camera), c.Stream, shortly(c.From), shortly(c.To))
	})
	show(b, w.more, r.Gaps, func(g evidence.Missing) string { return w.gapLine(r, g) })
	b.WriteString(fold("", fmt.Sprintf(w.fragments, r.Fragments, r.Bytes)))
}

// show writes a list, a line each, and how many more there are.
func show[T any](b *strings.Builder, more string, list []T, line func(T) string) {
	for _, x := range list[:min(len(list), maxShown)] {
		b.WriteString(hang(proof.Printable(line(x))))
	}
	if n := len(list) - maxShown; n > 0 {
		b.WriteString(fold("", fmt.Sprintf(more, n)))
	}
}

// shortly is a time in seconds.
func shortly(s string) string {
	t, err := time.Parse(proof.PieceTime, s)
	if err != nil {
		return s
	}
	return t.Format("2006-01-02 15:04:05 UTC")
}

// packageMark shows at a glance what a finding means.
func packageMark(f evidence.Finding) string {
	switch {
	case f.Bad:
		return " ×  "
	case f.Unsettled():
		return " !  "
	}
	return " ·  "
}
