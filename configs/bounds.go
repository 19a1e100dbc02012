package configs

import (
	"bytes"
	"fmt"
)

// The YAML library's memory grows with the square of how deep lists and keys lie in each other: 30 KB
// of "[" take more than a GiB. So a file is held to these bounds before the library sees it. None of
// them asks where a quotation or a comment ends, as the library and this code could differ there.
const (
	maxFile     = 64 << 10 // bytes
	maxDepth    = 16       // indents, and "- " or "? " before a value, that lie in each other
	maxBrackets = 256      // "[" and "{" in a file, nested or not
	maxDocs     = 16       // lines that begin with "---" or "..."; decode refuses a second document
	maxMarks    = 64       // words that begin with "&", "*" or "!"; shape refuses each that is more than text
)

// bounded tells whether a text stays within the bounds, and reports the first place that does not.
func (d *document) bounded(data []byte) bool {
	if len(data) > maxFile {
		return d.beyond(0, 0, "is larger than %d KiB, which no configuration needs", maxFile>>10)
	}
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	number, docs, brackets, marks := 0, 0, 0, 0
	var columns []int // where each level begins that the line lies in
	for line := range bytes.SplitSeq(bytes.ReplaceAll(data, []byte("\r"), []byte("\n")), []byte("\n")) {
		number++
		if bytes.HasPrefix(line, []byte("---")) || bytes.HasPrefix(line, []byte("...")) {
			docs++
		}
		if docs > maxDocs {
			return d.beyond(number, 1, "another document starts here; a file holds one")
		}
		if columns = nest(columns, line); len(columns) > maxDepth {
			return d.beyond(number, columns[maxDepth]+1, "more than %d levels lie in each other here; no key needs so many", maxDepth)
		}
		for i, b := range line {
			switch {
			case b == '[', b == '{':
				brackets++
			case isOneOf(b, "&*!") && (i == 0 || isOneOf(line[i-1], " \t[{,")):
				marks++
			}
			if brackets > maxBrackets {
				return d.beyond(number, i+1, "there are more than %d brackets up to here; write each entry of a list on a line of its own after \"- \"", maxBrackets)
			}
			if marks > maxMarks {
				return d.beyond(number, i+1, "anchors, aliases, tags and directives are not allowed here; write the value out")
			}
		}
	}
	return true
}

func (d *document) beyond(line, column int, format string, args ...any) bool {
	d.problems = append(d.problems, Problem{File: d.file, Line: line, Column: column, What: fmt.Sprintf(format, args...)})
	return false
}

// nest is the columns of the levels that lie in each other once a line has been read: those further left
// than the line begins, then one for each "- ", "? " or ": " at its beginning, and one for what follows.
func nest(columns []int, line []byte) []int {
	at := indent(line, 0)
	if at == len(line) || line[at] == '#' {
		return columns
	}
	for len(columns) > 0 && columns[len(columns)-1] >= at {
		columns = columns[:len(columns)-1]
	}
	for columns = append(columns, at); isOneOf(line[at], "-?:"); columns = append(columns, at) {
		next := indent(line, at+1)
		if next == at+1 || next == len(line) {
			break
		}
		at = next
	}
	return columns
}

// indent is where the blanks end that begin at a place of a line.
func indent(line []byte, at int) int { return len(line) - len(bytes.TrimLeft(line[at:], " \t")) }

func isOneOf(b byte, set string) bool { return bytes.IndexByte([]byte(set), b) >= 0 }
