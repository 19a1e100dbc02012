package people

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"
)

//go:embed paper.html
var paperText string

var paperPage = template.Must(template.New("paper").Parse(paperText))

// Paper is what a person signs before an authorisation is in force: the authorisation with its scope, and the statement
// of confidentiality.
type Paper struct {
	Controller    string // name and address of the controller, by lines
	Person        Person
	Authorisation Authorisation
	DeputyOf      string         // name of the person for whom a deputy acts
	Language      string         // sl or en
	Zone          *time.Location // of the dates
}

// Write writes the paper as a page of HTML that fits A4 and loads nothing. What the role may is said by the same table
// that decides it.
func (p Paper) Write(w io.Writer) error {
	if p.Language != "sl" && p.Language != "en" {
		return incomplete("the language is sl or en")
	}
	if err := paperPage.Execute(w, p); err != nil {
		return fmt.Errorf("couldn't write the paper: %w", err)
	}
	return nil
}

// Lines are the controller's.
func (p Paper) Lines() []string { return strings.Split(strings.TrimSpace(p.Controller), "\n") }

// Word is a fixed text of the paper.
func (p Paper) Word(name string) string { return paperWords[name].in(p.Language) }

// Role is the role's name.
func (p Paper) Role() string { return p.Authorisation.Role.Word(p.Language) }

// May are the words for what the role may.
func (p Paper) May() (list []string) {
	for _, a := range may[p.Authorisation.Role] {
		list = append(list, a.Word(p.Language))
	}
	return list
}

// Cameras are those in scope.
func (p Paper) Cameras() string {
	if p.Authorisation.Cameras == nil {
		return p.Word("all")
	}
	return strings.Join(p.Authorisation.Cameras, ", ")
}

// Minutes are a guard's look-back.
func (p Paper) Minutes() int { return int(p.Authorisation.Back / time.Minute) }

// From is when it begins.
func (p Paper) From() string { return p.moment(p.Authorisation.From) }

// To is when it ends, "" for never.
func (p Paper) To() string {
	if p.Authorisation.To.IsZero() {
		return ""
	}
	return p.moment(p.Authorisation.To)
}

func (p Paper) moment(t time.Time) string {
	if p.Language == "en" {
		return t.In(p.Zone).Format("2 January 2006 15:04")
	}
	return t.In(p.Zone).Format("2. 1. 2006 ob 15.04")
}
