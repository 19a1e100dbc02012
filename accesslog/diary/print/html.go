package print

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"time"
)

// Head is what stands above the table.
type Head struct {
	Origin   string    // of the diary
	From, To int64     // entries, To not included
	Size     int64     // of the diary
	Made     time.Time // by the appliance's clock
}

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Funcs(template.FuncMap{"moment": moment}).Parse(pageText))

// HTML writes a page that needs no other file and runs no script.
func HTML(w io.Writer, h Head, rows Rows) error {
	write := func(name string, v any) error {
		if err := page.ExecuteTemplate(w, name, v); err != nil {
			return fmt.Errorf("couldn't write the page: %w", err)
		}
		return nil
	}
	if err := write("head", map[string]any{"Head": h, "Columns": columns[:narrow]}); err != nil {
		return err
	}
	for r, err := range rows {
		if err != nil {
			return err
		}
		if err := write("row", wide(cells(r))); err != nil {
			return err
		}
	}
	return write("foot", nil)
}

// narrow is how many of the columns stand side by side on the page. The rest, most of which are empty in an entry, stand
// below each other, each with its name: fourteen columns do not fit on paper.
const narrow = 4

// field is what an entry says under one of the other columns.
type field struct{ Name, Text string }

// wide is a row of the page.
func wide(cells []string) map[string]any {
	var fields []field
	for i, text := range cells[narrow:] {
		if text != "" {
			fields = append(fields, field{columns[narrow+i], text})
		}
	}
	return map[string]any{"Cells": cells[:narrow], "Fields": fields}
}
