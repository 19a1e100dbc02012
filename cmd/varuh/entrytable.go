package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/term"

	"varuh/accesslog/diary/proof"
)

// entryTable lists entries, one a row. It holds a few hundred of them to align them, so that a list may be as
// long as the diary. On a terminal, what an entry says is folded below itself.
type entryTable struct {
	out    io.Writer
	indent string
	bare   bool // without the names of the columns

	width  int // of the terminal, 0 for none
	begun  bool
	widths [4]int // of all columns but the last
	rows   [][5]string
}

const (
	tableRows = 200
	tableWho  = 20 // at most so wide on a terminal; diary show has all of a name
	tableWhat = 15 // at least so wide, or it is not folded
)

func newEntryTable(out io.Writer) *entryTable {
	return &entryTable{out: out, width: widthOf(out)}
}

// widthOf is how many columns a terminal has, 0 for what is none.
func widthOf(out io.Writer) int {
	if f, ok := out.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil {
			return width
		}
	}
	return 0
}

// complain tells why a command failed. On a terminal no word is broken at its edge.
func (t terminal) complain(text string) {
	width := widthOf(t.err)
	for line := range strings.SplitSeq(text, "\n") {
		if utf8.RuneCountInString(line) < width || width == 0 {
			fmt.Fprintln(t.err, line)
			continue
		}
		fmt.Fprint(t.err, fold(line, width-1))
	}
}

// add takes the next entry.
func (t *entryTable) add(l diaryLine) error {
	row, err := entryRow(l)
	if err != nil {
		return err
	}
	if t.width > 0 {
		row[3] = strings.TrimSuffix(clip(row[3]+"\n", tableWho), "\n")
	}
	if t.rows = append(t.rows, row); len(t.rows) < tableRows {
		return nil
	}
	return t.flush()
}

// flush writes what is held.
func (t *entryTable) flush() error {
	if !t.begun && !t.bare && len(t.rows) > 0 {
		t.rows = append([][5]string{{"ENTRY", "TIME (UTC)", "OPERATION", "WHO", "WHAT"}}, t.rows...)
	}
	t.begun = t.begun || len(t.rows) > 0
	for _, row := range t.rows {
		for i := range t.widths {
			t.widths[i] = max(t.widths[i], utf8.RuneCountInString(row[i]))
		}
	}
	var b strings.Builder
	for _, row := range t.rows {
		t.write(&b, row)
	}
	t.rows = t.rows[:0]
	_, err := io.WriteString(t.out, b.String())
	return err
}

func (t *entryTable) write(b *strings.Builder, row [5]string) {
	line := t.indent
	for i, width := range t.widths {
		line += row[i] + strings.Repeat(" ", width-utf8.RuneCountInString(row[i])+2)
	}
	what := row[4]
	if left := t.width - utf8.RuneCountInString(line); left >= tableWhat {
		folded := strings.Split(strings.TrimSuffix(fold(what, left), "\n"), "\n")
		for i := range folded[1:] {
			folded[i+1] = strings.Repeat(" ", utf8.RuneCountInString(line)) + strings.TrimSpace(folded[i+1])
		}
		what = strings.Join(folded, "\n")
	}
	line += what
	if t.width > 0 {
		line = strings.TrimRight(line, " ") // which could else be just too long
	}
	b.WriteString(line + "\n")
}

// entryRow is an entry in one line.
func entryRow(l diaryLine) (row [5]string, err error) {
	leaf, err := proof.ParseLeaf([]byte(l.Leaf))
	if err != nil {
		return row, err
	}
	var who string
	var what []string
	if leaf.Ref != nil {
		what = append(what, fmt.Sprintf("to entry %d", *leaf.Ref))
	}
	if l.Body != "" {
		b, err := proof.ParseBody([]byte(l.Body))
		if err != nil {
			return row, fmt.Errorf("entry %d: %w", leaf.Index, err)
		}
		if b.Actor != nil {
			who = b.Actor.Name
		}
		what = append(what, summary(b)...)
	}
	if l.Body == "" && l.Unreadable == "" {
		what = append(what, "(closed)")
	}
	if l.Unreadable != "" {
		what = append(what, "! cannot be opened: "+l.Unreadable)
	}
	return [5]string{fmt.Sprint(leaf.Index), leaf.Time.Format("2006-01-02 15:04:05"), leaf.Op, proof.Printable(who), proof.Printable(strings.Join(what, "; "))}, nil
}

// summary is what a body says, in short.
func summary(b proof.Body) (parts []string) {
	for _, o := range b.Objects {
		parts = append(parts, o.Camera+" "+spanText(o.From, o.To))
	}
	for _, text := range []string{b.Purpose, b.Basis, b.Case, b.Recipient, b.Result, b.Note} {
		if text != "" {
			parts = append(parts, text)
		}
	}
	if sum, ok := b.Data["sha256"].(string); ok {
		parts = append(parts, "SHA-256 "+sum[:min(16, len(sum))]+"…")
	}
	if n, ok := b.Data["segments"].(int64); ok {
		parts = append(parts, count(int(n), "segment", "segments"))
	}
	if n, ok := b.Data["gaps"].(int64); ok {
		parts = append(parts, count(int(n), "gap", "gaps"))
	}
	kind, _ := b.Data["kind"].(string)
	if kind == "" {
		parts = append(parts, whom(b.Data)...)
	}
	for _, name := range []string{"party", "name"} { // of an anchor, or of whom it may come from
		if who, ok := b.Data[name].(string); ok && kind != "" {
			parts = append(parts, kind+": "+who)
		}
	}
	if n, ok := b.Data["size"].(int64); ok {
		parts = append(parts, count(int(n), "entry", "entries"))
	}
	return parts
}

// whom says whom or what an entry is about that is about no footage: the person, or the cameras of a notice; for log-ins that
// failed how many, and whose.
func whom(data map[string]any) (parts []string) {
	text := func(key string) string { s, _ := data[key].(string); return s }
	switch login, name := text("login"), text("name"); {
	case login != "":
		parts = append(parts, login+" ("+name+")")
	case text("person") != "" && name != "":
		parts = append(parts, name)
	case text("names") == "unknown":
		parts = append(parts, "names that nobody has")
	case text("cameras") != "":
		parts = append(parts, text("cameras"))
	case text("notice") != "":
		parts = append(parts, "notice "+text("notice"))
	}
	if n, ok := data["count"].(int64); ok && data["first"] != nil && data["last"] != nil {
		parts = append(parts, count(int(n), "log-in", "log-ins"))
	}
	return parts
}

// spanText is a time to another: with milliseconds within one second, and one moment alone if they are the same.
func spanText(from, to time.Time) string {
	const day, second, fine = "2006-01-02 ", "15:04:05", "15:04:05.000"
	switch {
	case from.Equal(to):
		return from.Format(day + fine)
	case from.Truncate(time.Second).Equal(to.Truncate(time.Second)):
		return from.Format(day+fine) + " to " + to.Format(fine)
	}
	return from.Format(day+second) + " to " + to.Format(second)
}

// end ends a list with what is still held, and with what could not be opened.
func (t *entryTable) end(err error, unread int) error {
	return errors.Join(err, t.flush(), unreadable(unread))
}
