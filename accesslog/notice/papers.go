package notice

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// paper is a page for signatures, in one language.
type paper struct {
	page
	Decision Decided
	Names    []string
}

// DecisionPage writes the head's decision to introduce video surveillance, to be signed: who decides, about which
// cameras and why (ZVOP-2 art. 76). The controller is that of a notice. Language and zone are as for Sign.
func DecisionPage(w io.Writer, c Content, d Decided, language string, zone *time.Location) error {
	return sheet(w, "decision.html", paper{page{Notice{Content: c}, language, zone}, d, nil})
}

// InformedPage writes the list that the employees who work in the area of a notice sign (ZVOP-2 art. 77): what they
// were informed of, and a line for each name. A few lines are left empty for those who are missing.
func InformedPage(w io.Writer, n Notice, names []string, language string, zone *time.Location) error {
	return sheet(w, "informed.html", paper{page{n, language, zone}, Decided{}, append(names[:len(names):len(names)], make([]string, emptyLines)...)})
}

const emptyLines = 5

func sheet(w io.Writer, name string, p paper) error {
	if err := known(p.Language); err != nil {
		return err
	}
	if err := templates.ExecuteTemplate(w, name, p); err != nil {
		return fmt.Errorf("couldn't write the page: %w", err)
	}
	return nil
}

// Day is the day of the decision.
func (p paper) Day() string { return p.day(p.Decision.Date) }

// Cameras are those that the decision is about.
func (p paper) Cameras() string { return strings.Join(p.Decision.Cameras, ", ") }

// Paragraphs are the reasons of the decision, line by line.
func (p paper) Paragraphs() []string {
	return strings.Split(strings.TrimSpace(p.Decision.Reasons), "\n")
}

// Number counts from one.
func (paper) Number(i int) int { return i + 1 }
