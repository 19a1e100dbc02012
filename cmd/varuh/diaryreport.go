package main

import (
	"fmt"
	"strings"

	"varuh/accesslog/diary/proof"
)

// verdict is what is known of contents, in a sentence.
func (c contents) verdict() (mark, text string) {
	there := count(int(c.Entries), "entry", "entries")
	switch {
	case c.Bad > 0:
		return "[✗]", fmt.Sprintf("CONTENTS NOT WHOLE: what was entered is missing, damaged, or not what was signed (%d of %s).", c.Bad, there)
	case c.Closed != "":
		return "[?]", fmt.Sprintf("CONTENTS NOT CHECKED: something encrypted is there for each of %s, but was not opened: %s.", there, c.Closed)
	}
	return "[✓]", fmt.Sprintf("CONTENTS: what was entered can be opened, and is what was signed (%s).", there)
}

// text is the report for a person.
func (r *diaryReport) text() string {
	var b strings.Builder
	b.WriteString(verdictLines(r.Report))
	b.WriteString(point(r.Contents.verdict()))
	if r.Fault != "" {
		b.WriteString(point(" ✗", r.Fault+". There is no access to footage until two persons have accepted that (varuh diary accept)."))
	}
	for _, what := range r.Strange {
		b.WriteString(point(" ✗", what+"."))
	}
	for _, f := range r.Contents.Flaws {
		b.WriteString(point(" ✗", f.EN))
	}
	if more := r.Contents.Bad - int64(len(r.Contents.Flaws)); more > 0 {
		b.WriteString(point(" ✗", fmt.Sprintf("and %d more", more)))
	}
	if r.Contents.Bad > 0 && r.Contents.Closed != "" {
		b.WriteString(point(" ·", "Nothing was opened, so there may be more: "+r.Contents.Closed+"."))
	}
	b.WriteString(findingLines(r.Report))
	return b.String()
}

// reportText is the three verdicts, then what was found.
func reportText(r *proof.Report) string { return verdictLines(r) + findingLines(r) }

func verdictLines(r *proof.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", proof.Printable(r.Origin), count(int(r.Size), "entry", "entries"))
	marks := map[proof.State]string{proof.Yes: "[✓]", proof.No: "[✗]", proof.Unknown: "[?]"}
	for _, v := range []proof.Verdict{r.Intact, r.Complete} {
		b.WriteString(point(marks[v.State], v.EN))
	}
	marks[proof.No] = "[!]" // it is so between any two anchors, and nothing is wrong with it
	b.WriteString(point(marks[r.Anchored.State], r.Anchored.EN))
	return b.String()
}

func findingLines(r *proof.Report) string {
	var b strings.Builder
	for _, f := range r.Findings {
		b.WriteString(point(map[bool]string{true: " ✗", false: " ·"}[f.Bad], f.EN))
	}
	return b.String()
}

// point is a paragraph behind a mark, for 80 columns.
func point(mark, text string) string {
	lines := strings.Split(strings.TrimSuffix(fold(proof.Printable(text), 76), "\n"), "\n")
	var b strings.Builder
	for i, line := range lines {
		if i > 0 {
			mark = ""
		}
		fmt.Fprintf(&b, "%-4s%s\n", mark, strings.TrimSpace(line))
	}
	return b.String()
}
