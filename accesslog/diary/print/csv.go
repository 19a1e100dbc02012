package print

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
)

// CSV writes a table that spreadsheets open in Slovenian settings: UTF-8 with its mark, semicolons.
func CSV(w io.Writer, rows Rows) error { return table(w, columns, cells, rows) }

// Unreadable writes such a table of the entries alone that can't be opened.
func Unreadable(w io.Writer, rows Rows) error {
	return table(w, []string{"Zapis", "Čas (UTC)", "Vrsta obdelave", "Zakaj vsebine ni mogoče odpreti"}, func(r Row) []string {
		return append(cells(r)[:3], r.Unreadable)
	}, func(yield func(Row, error) bool) {
		for r, err := range rows {
			if (err != nil || r.Unreadable != "") && !yield(r, err) {
				return
			}
		}
	})
}

// table writes rows below the names of their columns.
func table(w io.Writer, columns []string, cells func(Row) []string, rows Rows) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return fmt.Errorf("couldn't write the table: %w", err)
	}
	c := csv.NewWriter(w)
	c.Comma, c.UseCRLF = ';', true
	if err := c.Write(columns); err != nil {
		return fmt.Errorf("couldn't write the table: %w", err)
	}
	for r, err := range rows {
		if err != nil {
			return err
		}
		row := cells(r)
		for i := range row {
			row[i] = inert(row[i])
		}
		if err := c.Write(row); err != nil {
			return fmt.Errorf("couldn't write entry %d into the table: %w", r.Leaf.Index, err)
		}
	}
	c.Flush()
	return c.Error()
}

// inert keeps a spreadsheet from taking a text for a formula.
func inert(s string) string {
	if s != "" && strings.ContainsAny(s[:1], "=+-@\t\r\n") {
		return "'" + s
	}
	return s
}
