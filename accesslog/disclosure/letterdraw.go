package disclosure

import (
	"fmt"
	"io"
	"strings"
	"time"

	"varuh/accesslog/pdf"
)

// sheet is one letter, as it is drawn.
type sheet struct {
	Letter
	title string // of the words
	text  string // of whoever decided
	body  func(sheet, *pdf.Paper)
}

func (s sheet) write(w io.Writer) error {
	foot := words["request"].Sl + " " + s.Request.ID
	if s.Number != "" {
		foot = words["number"].Sl + " " + s.Number + "\n" + foot
	}
	if err := pdf.Write(w, pdf.Info{Title: both(s.title), Made: s.Date, Foot: foot}, s.draw); err != nil {
		return fmt.Errorf("couldn't write the letter: %w", err)
	}
	return nil
}

func (s sheet) draw(p *pdf.Paper) {
	p.From(strings.Split(strings.TrimSpace(s.Controller), "\n"))
	p.Title(both(s.title))
	facts := []pdf.Fact{{Label: both("to"), Value: strings.TrimSpace(s.Content.Applicant.Name + "\n" + s.Content.Applicant.Address)}}
	if s.Number != "" {
		facts = append(facts, pdf.Fact{Label: both("number"), Value: s.Number})
	}
	facts = append(facts, pdf.Fact{Label: both("date"), Value: s.day(s.Date)},
		pdf.Fact{Label: both("request"), Value: s.Request.ID + ", " + words["came"].Sl + " " + s.day(s.Request.Received)})
	if s.Content.Case.Number != "" {
		facts = append(facts, pdf.Fact{Label: both("case"), Value: s.Content.Case.Number})
	}
	p.Facts(facts)
	p.Space(5)
	s.body(s, p)
	p.Space(6)
	p.Signatures(pdf.Signer{Who: both("authorised")})
}

// missing is what a request lacks.
func (s sheet) missing(p *pdf.Paper) {
	p.Both(both("incomplete"))
	var list []pdf.Text
	for _, f := range s.Request.Missing {
		list = append(list, pdf.Text{SL: f.In("sl"), EN: f.In("en")})
	}
	p.List(list)
	p.Space(2)
	if s.Request.Kind == Subject {
		p.Both(both("runs"))
	} else {
		p.Both(both("complete"))
	}
	p.Both(both("held"))
}

func (s sheet) refusal(p *pdf.Paper) {
	p.Both(both("refused"))
	p.Para(s.text)
	p.Space(2)
	p.Both(both("kept"))
	p.Heading(both("complaint"))
	p.Both(both("complaintTo"))
}

func (s sheet) extension(p *pdf.Paper) {
	p.Both(both("agreed"))
	p.Boxed(pdf.Text{SL: s.Request.Due.Format("2. 1. 2006")})
	p.Heading(both("how"))
	p.Para(s.text)
	p.Space(2)
	p.Both(both("held"))
}

// both is a fixed text.
func both(name string) pdf.Text { return pdf.Text{SL: words[name].Sl, EN: words[name].En} }

// day is the day of a time in the zone of the letter, as people write it.
func (s sheet) day(t time.Time) string { return t.In(s.Zone).Format("2. 1. 2006") }
