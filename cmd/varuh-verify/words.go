package main

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"varuh/accesslog/diary/proof"
)

// width is that of the oldest consoles, less one: a full line makes some of them add an empty one.
const width = 79

// fold breaks a text into lines at its spaces, further lines as far in as the mark before the first. What has no spaces stays
// whole, and so does a fingerprint, since somebody may copy or compare it.
func fold(mark, text string) string {
	var b strings.Builder
	b.WriteString(mark)
	indent := utf8.RuneCountInString(mark)
	text = fingerprint.ReplaceAllStringFunc(text, func(s string) string { return strings.ReplaceAll(s, " ", "\x00") })
	column := indent
	for word := range strings.SplitSeq(text, " ") {
		n := utf8.RuneCountInString(word)
		switch {
		case column == indent:
		case column+1+n > width:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			column = indent
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	return strings.ReplaceAll(b.String(), "\x00", " ") + "\n"
}

// hang folds a text with something of others' in it, such as the name of a folder: further lines are further in than all that the
// program says by itself, or somebody could have a line of his begin as a verdict does.
func hang(text string) string { return strings.TrimPrefix(fold("    ", text), "    ") }

var fingerprint = regexp.MustCompile(`([0-9a-f]{4} ){7}[0-9a-f]{4}`)

// wording is the report in one language.
type wording struct {
	sums                                             map[int]string // by exit status
	checked                                          string         // which folder was
	title, all, some, one, none, bodies, fingerprint string
	pick                                             func(proof.Sentence) string
}

var slovenian = wording{
	sums: map[int]string{
		exitGood:        "V REDU: kar je bilo mogoče preveriti, drži. Česa ni mogoče vedeti, piše spodaj.",
		exitBad:         "NEKAJ NI V REDU: glejte vrstice z znakom ×.",
		exitUnconfirmed: "NIČ NAROBE NI NAJDENO, NI PA VSE POTRJENO: glejte vrstice z znakoma ? in !.",
	},
	checked:     "Preverjeno je samo to, kar je v %s.",
	title:       "Dnevnik",
	all:         "Pregledani so vsi zapisi: od %d do %d.",
	some:        "Pregledani so zapisi od %d do %d; v dnevniku jih je %d.",
	one:         "Pregledan je zapis %d; v dnevniku jih je %d.",
	none:        "Pregledan ni noben zapis; v dnevniku jih je %d.",
	bodies:      "Zapisi z vsebino: %d.",
	fingerprint: "Prstni odtis ključa:",
	pick:        func(s proof.Sentence) string { return s.SL },
}

var english = wording{
	sums: map[int]string{
		exitGood:        "GOOD: what could be checked holds. What cannot be known is said below.",
		exitBad:         "SOMETHING IS WRONG: see the lines marked ×.",
		exitUnconfirmed: "NOTHING WRONG WAS FOUND, BUT NOT ALL IS CONFIRMED: see lines marked ? or !.",
	},
	checked:     "What was checked is in %s, and nothing else.",
	title:       "Diary",
	all:         "All entries were looked at: %d to %d.",
	some:        "Entries %d to %d were looked at; the diary has %d.",
	one:         "Entry %d was looked at; the diary has %d entries.",
	none:        "No entries were looked at; the diary has %d.",
	bodies:      "Entries with their body: %d.",
	fingerprint: "Fingerprint of the key:",
	pick:        func(s proof.Sentence) string { return s.EN },
}

// lookedAt says which entries were.
func (w wording) lookedAt(r *proof.Report) string {
	switch n := r.To - r.From; {
	case n == 0:
		return fmt.Sprintf(w.none, r.Size)
	case n == 1:
		return fmt.Sprintf(w.one, r.From, r.Size)
	case n == r.Size:
		return fmt.Sprintf(w.all, r.From, r.To-1)
	}
	return fmt.Sprintf(w.some, r.From, r.To-1, r.Size)
}

// between stands between the languages.
const between = "\n----\n\n"

// where names the folder that was checked, where that is not what somebody gave: all else says nothing of other folders.
func (p *program) where(w wording) string {
	if p.checked == "" {
		return ""
	}
	return hang(fmt.Sprintf(w.checked, proof.Printable(p.checked)))
}

// report is what is printed about a diary, in one language: first the verdict in a sentence, then whose diary it is and what was
// looked at.
func (w wording) report(r *proof.Report, code int) string {
	var b strings.Builder
	b.WriteString(fold("", w.sums[code]) + "\n")
	b.WriteString(hang(w.title + " " + proof.Printable(r.Origin)))
	b.WriteString(fold("", w.lookedAt(r)))
	if r.Bodies > 0 {
		b.WriteString(fold("", fmt.Sprintf(w.bodies, r.Bodies)))
	}
	if r.Key != "" {
		fmt.Fprintf(&b, "%s %s\n", w.fingerprint, r.Fingerprint) // the key itself is in keys.txt; nobody compares it by eye
	}
	b.WriteByte('\n')
	b.WriteString(fold(marks[r.Intact.State]+" ", w.pick(r.Intact.Sentence)))
	b.WriteString(fold(marks[r.Complete.State]+" ", w.pick(r.Complete.Sentence)))
	anchored := marks[r.Anchored.State]
	if r.Anchored.State == proof.No {
		anchored = "[!]" // it is so between any two anchors, and nothing is wrong with it
	}
	b.WriteString(fold(anchored+" ", w.pick(r.Anchored.Sentence)))
	if len(r.Findings) > 0 {
		b.WriteByte('\n')
	}
	for _, f := range r.Findings {
		b.WriteString(fold(markOf(f), w.pick(f.Sentence)))
	}
	return b.String()
}

// markOf shows at a glance what a finding means.
func markOf(f proof.Finding) string {
	switch {
	case f.Bad:
		return " ×  "
	case f.Unsettled():
		return " !  "
	}
	return " ·  "
}

// printable is JSON in which what is not printable is escaped: it reads the same to programs, and on a
// screen it moves nothing.
func printable(text []byte) []byte {
	b := make([]byte, 0, len(text))
	for _, c := range string(text) {
		switch {
		case c == '\n' || unicode.IsPrint(c):
			b = utf8.AppendRune(b, c)
		case c > 0xffff:
			high, low := utf16.EncodeRune(c)
			b = fmt.Appendf(b, `\u%04x\u%04x`, high, low)
		default:
			b = fmt.Appendf(b, `\u%04x`, c)
		}
	}
	return b
}

// marks are of characters that the fonts of Windows's consoles have; a real tick and cross would both be boxes there.
var marks = map[proof.State]string{proof.Yes: "[√]", proof.No: "[×]", proof.Unknown: "[?]"}
