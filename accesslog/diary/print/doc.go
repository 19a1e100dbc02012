// Package print writes the diary for people: dnevnik.html and dnevnik.csv, in Slovenian, as they go into a
// bundle beside what is verified. It guards that nothing a person wrote into an entry becomes anything but
// text: no tag, no link, no formula of a spreadsheet.
//
// No proof covers these files: they say what the entries say, in words, and refer to entries by number.
// Rows are written as they come, so a diary of any length takes no memory.
package print

import (
	"iter"

	"varuh/accesslog/diary/proof"
)

// Row is one entry.
type Row struct {
	Leaf proof.Leaf
	Body *proof.Body // nil if it is not handed out

	Unreadable string // why the entry can't be opened, in Slovenian; "" if it can, or is not to be
}

// Rows are entries in order; an error ends them.
type Rows = iter.Seq2[Row, error]
