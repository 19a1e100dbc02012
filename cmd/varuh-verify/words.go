package main

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"varuh/accesslog/diary/proof"
)

// inWords is the report for people: Slovenian, then English.
func inWords(r *proof.Report) string {
	var b strings.Builder
	write := func(title, entries, bodies, key, fingerprint string, pick func(proof.Sentence) string) {
		fmt.Fprintf(&b, "%s %s\n", title, proof.Printable(r.Origin))
		fmt.Fprintf(&b, entries+"\n", r.From, r.To, r.Size)
		if r.Bodies > 0 {
			fmt.Fprintf(&b, bodies+"\n", r.Bodies)
		}
		if r.Key != "" {
			fmt.Fprintf(&b, "%s %s\n%s %s\n", key, proof.Printable(r.Key), fingerprint, r.Fingerprint)
		}
		b.WriteByte('\n')
		for _, v := range []proof.Verdict{r.Intact, r.Complete, r.Anchored} {
			fmt.Fprintf(&b, "%s %s\n", marks[v.State], pick(v.Sentence))
		}
		for _, f := range r.Findings {
			fmt.Fprintf(&b, "%s %s\n", map[bool]string{true: " ✗ ", false: " · "}[f.Bad], pick(f.Sentence))
		}
	}
	write("Dnevnik", "Pregledani zapisi: od številke %d do pred %d; v dnevniku jih je %d.", "Zapisi z vsebino: %d.", "Podpisni ključ:", "Prstni odtis ključa:",
		func(s proof.Sentence) string { return s.SL })
	b.WriteString("\n----\n\n")
	write("Diary", "Entries looked at: from number %d to before %d; the diary has %d.", "Entries with their body: %d.", "Signing key:", "Fingerprint of the key:",
		func(s proof.Sentence) string { return s.EN })
	return b.String()
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

var marks = map[proof.State]string{proof.Yes: "[✓]", proof.No: "[✗]", proof.Unknown: "[?]"}
