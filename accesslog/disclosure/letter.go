package disclosure

import (
	"io"
	"time"
)

// Letter is what all letters to an applicant have. They are in Slovenian, with a gloss in English, each a PDF with its fonts
// within: what the letter says is the same wherever it is printed.
type Letter struct {
	Controller string // name and address, by lines
	Number     string // of the letter; may be missing
	Date       time.Time
	Zone       *time.Location // of the days
	Request    Request
	Content    Content
}

// Missing writes to the applicant of an incomplete request what is missing.
func (l Letter) Missing(w io.Writer) error {
	if len(l.Request.Missing) == 0 {
		return wrong("nothing is missing in request %s", l.Request.ID)
	}
	return sheet{Letter: l, title: "missing", body: sheet.missing}.write(w)
}

// Refusal writes that a request is refused, with reasons and the right to complain.
func (l Letter) Refusal(w io.Writer, reasons string) error {
	if err := checkSaid("the reasons", reasons); err != nil {
		return err
	}
	return sheet{l, "refusal", reasons, sheet.refusal}.write(w)
}

// Extension writes until when a request will be decided, as agreed.
func (l Letter) Extension(w io.Writer, agreed string) error {
	if err := checkSaid("with whom it was agreed, and how", agreed); err != nil {
		return err
	}
	if l.Request.Due.IsZero() {
		return wrong("no day was agreed for request %s", l.Request.ID)
	}
	return sheet{l, "extension", agreed, sheet.extension}.write(w)
}
