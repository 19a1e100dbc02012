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
	if err := write("head", map[string]any{"Head": h, "Columns": columns}); err != nil {
		return err
	}
	for r, err := range rows {
		if err != nil {
			return err
		}
		if err := write("row", cells(r)); err != nil {
			return err
		}
	}
	return write("foot", nil)
}
