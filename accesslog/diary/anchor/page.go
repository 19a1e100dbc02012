package anchor

import (
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"rsc.io/qr"

	"varuh/accesslog/diary/proof"
)

// Page is a checkpoint on paper: an anchor that needs no network. Whoever keeps the sheet out of reach
// of the appliance's administrator can later hold the diary against it.
type Page struct {
	Controller string       // who the diary belongs to, in words
	Checkpoint proof.Signed // durable in the diary
	Made       time.Time    // by the appliance's clock, in the zone to print it in
}

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// HTML writes the page for A4 paper in Slovenian and English. It needs no other file and no script. The
// QR code holds the signed checkpoint with the diary's own signatures, byte for byte, as varuh-verify
// takes it.
func (p Page) HTML(w io.Writer) error {
	note := ownNote(p.Checkpoint)
	code, err := svg(note)
	if err != nil {
		return fmt.Errorf("couldn't draw the checkpoint of %d entries: %w", p.Checkpoint.Size, err)
	}
	if len(p.Checkpoint.Signers) == 0 {
		return errors.New("couldn't print a checkpoint that nobody signed")
	}
	var keys []string
	for _, k := range p.Checkpoint.Signers {
		keys = append(keys, k.Fingerprint())
	}
	err = pageTemplate.Execute(w, map[string]any{
		"Controller": p.Controller,
		"Origin":     p.Checkpoint.Origin,
		"Size":       p.Checkpoint.Size,
		"Keys":       keys,
		"Note":       string(note),
		"Code":       template.HTML(code), // drawn here, of numbers alone
		"MadeSL":     p.Made.Format("2. 1. 2006 ob 15:04 MST"),
		"MadeEN":     p.Made.Format("2006-01-02 15:04 MST"),
	})
	if err != nil {
		return fmt.Errorf("couldn't write the page: %w", err)
	}
	return nil
}

// svg draws a QR code with its quiet zone of four modules (ISO/IEC 18004, section 9.1). It is an image
// file of its own, too.
func svg(text []byte) (string, error) {
	code, err := qr.Encode(string(text), qr.M)
	if err != nil {
		return "", fmt.Errorf("couldn't make a QR code of %d bytes: %w", len(text), err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-4 -4 %d %[1]d" shape-rendering="crispEdges">`, code.Size+8)
	fmt.Fprintf(&b, `<path fill="#fff" d="M-4-4h%dv%[1]dh-%[1]dz"/><path fill="#000" d="`, code.Size+8)
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%[3]dz", from, y, x-from)
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return b.String(), nil
}
