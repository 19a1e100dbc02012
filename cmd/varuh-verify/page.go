package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"os"
	"runtime"
	"runtime/debug"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
)

var (
	//go:embed page.html
	pageText string
	//go:embed page.css
	pageStyle string

	pageTemplate = template.Must(template.New("page").Parse(pageText))
)

// page is the report on a package as a file of its own, in both languages: what was checked, with which fingerprint from
// where, what came of it, and by which program.
type page struct {
	Style, StyleHash template.CSS
	Parts            []part
}

// part is the report in one language.
type part struct {
	packageWording
	Report *evidence.Report
	Lang   string
	Class  string // of the sum: good, bad or open
	Sum    string
	Looked string // what was checked, where it lay
	When   string
	By     []string // fingerprints and keys that it was compared with, and where they are from
	Kept   int
	System string
}

// printHTML is the report on a package as a page that loads nothing.
func (p *program) printHTML(r *evidence.Report, code int) ([]byte, error) {
	hash := sha256.Sum256([]byte(pageStyle))
	data := page{Style: template.CSS(pageStyle), StyleHash: template.CSS("sha256-" + base64.StdEncoding.EncodeToString(hash[:]))}
	for _, w := range []packageWording{slovenianPackage, englishPackage} {
		data.Parts = append(data.Parts, part{packageWording: w, Report: r, Lang: w.lang, Class: classes[code], Sum: w.sums[code], Looked: proof.Printable(cmp.Or(p.checked, p.looked)),
			When: p.now().Format("2006-01-02 15:04:05 MST"), By: p.known(w), Kept: r.Held, System: runBy(w)})
	}
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, data); err != nil {
		return nil, fmt.Errorf("couldn't write the report: %w", err)
	}
	return b.Bytes(), nil
}

var classes = map[int]string{exitGood: "good", exitBad: "bad", exitUnconfirmed: "open"}

// known is what the package was compared with, and where that is from.
func (p *program) known(w packageWording) (list []string) {
	for _, k := range p.keys {
		list = append(list, fmt.Sprintf(w.given, k))
	}
	for _, k := range p.typed {
		list = append(list, fmt.Sprintf(w.typed, k))
	}
	for _, name := range p.held {
		list = append(list, fmt.Sprintf(w.held, name))
	}
	for _, name := range p.roots {
		list = append(list, fmt.Sprintf(w.tsa, name))
	}
	return list
}

// runBy says which program it was: its version, and the hash of the file that ran, so that it can be told from another.
func runBy(w packageWording) string {
	version := "?"
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				version += " " + s.Value
			}
		}
	}
	return fmt.Sprintf(w.by, version, runtime.Version(), runtime.GOOS, runtime.GOARCH, ownHash())
}

// ownHash is the SHA-256 of the program's own file.
func ownHash() string {
	name, err := os.Executable()
	if err != nil {
		return "?"
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return "?"
	}
	return fmt.Sprintf("%x", sha256.Sum256(b))
}

// Verdicts are the three.
func (p part) Verdicts() []mark {
	var list []mark
	for _, v := range []proof.Verdict{p.Report.Unchanged, p.Report.Exported, p.Report.Disclosed} {
		list = append(list, mark{map[proof.State]string{proof.Yes: "good", proof.No: "bad", proof.Unknown: "open"}[v.State],
			map[proof.State]string{proof.Yes: "✓", proof.No: "×", proof.Unknown: "?"}[v.State], p.pick(v.Sentence)})
	}
	return list
}

// Findings are all of them.
func (p part) Findings() (list []mark) {
	for _, f := range p.Report.Findings {
		m := mark{"", "·", proof.Printable(p.pick(f.Sentence))}
		switch {
		case f.Bad:
			m.Class, m.Sign = "bad", "×"
		case f.Unsettled():
			m.Class, m.Sign = "open", "!"
		}
		list = append(list, m)
	}
	return list
}

// mark is a sentence with its sign.
type mark struct{ Class, Sign, Text string }

// Contents are what is in the package, a line each.
func (p part) Contents() (list []string) {
	for _, a := range p.Report.Asked {
		list = append(list, fmt.Sprintf(p.asked, p.Report.Named(a.Camera), shortly(a.From), shortly(a.To)))
	}
	for _, c := range p.Report.Clips {
		list = append(list, fmt.Sprintf(p.clip, c.Path, p.Report.Named(c.Camera), c.Stream, shortly(c.From), shortly(c.To)))
	}
	for _, g := range p.Report.Gaps {
		list = append(list, p.gapLine(p.Report, g))
	}
	list = append(list, fmt.Sprintf(p.fragments, p.Report.Fragments, p.Report.Bytes))
	for i := range list {
		list[i] = proof.Printable(list[i])
	}
	return list
}

// Word is a fixed text of the page.
func (p part) Word(name string) string { return p.page[name] }

// gapLine is a gap with its cause in words.
func (w packageWording) gapLine(r *evidence.Report, g evidence.Missing) string {
	return fmt.Sprintf(w.gap, r.Named(g.Camera), g.Stream, shortly(g.From), shortly(g.To), w.pick(evidence.CauseInWords(g.Cause)))
}
