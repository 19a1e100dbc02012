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
	Verdict string `json:"verdict"` // see verdicts
	*evidence.Report
	Findings []packageFinding `json:"findings,omitempty"` // those of the report
}

// packageFinding is one that says whether it keeps the package from being called good.
type packageFinding struct {
	evidence.Finding
	Unsettled bool `json:"unsettled"`
}

func (p *program) printPackage(r *evidence.Report) error {
	code := p.exitOfPackage(r)
	if !p.json {
		_, err := io.WriteString(p.out, slovenianPackage.report(r, code)+"\n----\n\n"+englishPackage.report(r, code))
		return err
	}
	a := packageAnswer{Verdict: verdicts[code], Report: r}
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
	title, asked, clip, gap, more, manifest, fragments string
}

var slovenianPackage = packageWording{slovenian, "Paket", "Zahtevano: kamera %s, od %s do %s.", "Posnetek %s: kamera %s (%s), od %s do %s.", "Izpad: kamera %s (%s), od %s do %s: %s.", "Še %d.", "SHA-256 seznama:",
	"Preverjenih odlomkov: %d, skupaj %d bajtov."}

var englishPackage = packageWording{english, "Package", "Asked for: camera %s, from %s to %s.", "Clip %s: camera %s (%s), from %s to %s.", "Gap: camera %s (%s), from %s to %s: %s.", "%d more.", "SHA-256 of the manifest:",
	"Fragments that were verified: %d, of %d bytes in all."}

// maxShown is how many of each kind are shown; --json has all.
const maxShown = 50

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
		return fmt.Sprintf(w.asked, a.Camera, shortly(a.From), shortly(a.To))
	})
	show(b, w.more, r.Clips, func(c evidence.Clipped) string {
		return fmt.Sprintf(w.clip, c.Path, c.Camera, c.Stream, shortly(c.From), shortly(c.To))
	})
	show(b, w.more, r.Gaps, func(g evidence.Missing) string {
		return fmt.Sprintf(w.gap, g.Camera, g.Stream, shortly(g.From), shortly(g.To), g.Cause)
	})
	b.WriteString(fold("", fmt.Sprintf(w.fragments, r.Fragments, r.Bytes)))
}

// show writes a list, a line each, and how many more there are.
func show[T any](b *strings.Builder, more string, list []T, line func(T) string) {
	for _, x := range list[:min(len(list), maxShown)] {
		b.WriteString(fold("", proof.Printable(line(x))))
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
