package disclosure

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"
)

//go:embed letter.html
var letterText string

var letters = template.Must(template.New("letter").Parse(letterText))

// Letter is what all letters to an applicant have. They are in Slovenian, with a gloss in English, each one page of HTML
// that needs no other file and runs no script.
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
	return l.write(w, "missing", "")
}

// Refusal writes that a request is refused, with reasons and the right to complain.
func (l Letter) Refusal(w io.Writer, reasons string) error {
	if err := said("the reasons", reasons); err != nil {
		return err
	}
	return l.write(w, "refusal", reasons)
}

// Extension writes until when a request will be decided, as agreed.
func (l Letter) Extension(w io.Writer, agreed string) error {
	if err := said("with whom it was agreed, and how", agreed); err != nil {
		return err
	}
	if l.Request.Due.IsZero() {
		return wrong("no day was agreed for request %s", l.Request.ID)
	}
	return l.write(w, "extension", agreed)
}

func (l Letter) write(w io.Writer, title, text string) error {
	if err := letters.ExecuteTemplate(w, title, sheet{l, title, text}); err != nil {
		return fmt.Errorf("couldn't write the letter: %w", err)
	}
	return nil
}

// sheet is one letter, for the template.
type sheet struct {
	Letter
	Title string
	text  string
}

// Lines are the controller's.
func (s sheet) Lines() []string { return strings.Split(strings.TrimSpace(s.Controller), "\n") }

// Paragraphs are the words of this letter.
func (s sheet) Paragraphs() []string { return strings.Split(strings.TrimSpace(s.text), "\n") }

// Both is a fixed text.
func (s sheet) Both(name string) (Text, error) {
	t, ok := words[name]
	if !ok {
		return Text{}, fmt.Errorf("no word %q", name)
	}
	return t, nil
}

// Sl is a fixed text in Slovenian.
func (s sheet) Sl(name string) (string, error) {
	t, err := s.Both(name)
	return t.Sl, err
}

// Runs is which word says from when the term runs.
func (s sheet) Runs() string {
	if s.Request.Kind == Subject {
		return "runs"
	}
	return "complete"
}

// Day is the day of a time in the zone, as people write it.
func (s sheet) Day(t time.Time) string { return t.In(s.Zone).Format("2. 1. 2006") }

// DueDay is the day that was agreed.
func (s sheet) DueDay() string { return s.Request.Due.Format("2. 1. 2006") }
