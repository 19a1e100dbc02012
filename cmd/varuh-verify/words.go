package main

import (
	"fmt"
	"strings"

	"varuh/accesslog/diary/proof"
)

// inWords is the report for people: Slovenian, then English.
func inWords(r *proof.Report) string {
	var b strings.Builder
	write := func(title, entries, bodies, key, fingerprint string, pick func(proof.Sentence) string) {
		fmt.Fprintf(&b, "%s %s\n", title, r.Origin)
		fmt.Fprintf(&b, entries+"\n", r.From, r.To, r.Size)
		if r.Bodies > 0 {
			fmt.Fprintf(&b, bodies+"\n", r.Bodies)
		}
		if r.Key != "" {
			fmt.Fprintf(&b, "%s %s\n%s %s\n", key, r.Key, fingerprint, r.Fingerprint)
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

var marks = map[proof.State]string{proof.Yes: "[✓]", proof.No: "[✗]", proof.Unknown: "[?]"}
