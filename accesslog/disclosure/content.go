package disclosure

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"varuh/accesslog/diary/proof"
)

// Content is what a request says (ZVOP-2 art. 41(1)). What has to be there is told by [Content.Missing].
type Content struct {
	Applicant Applicant `json:"applicant"` // on the own initiative: the recipient
	Basis     BasisID   `json:"basis,omitempty"`
	BasisText string    `json:"basis_text,omitempty"` // which article, order or law
	Purpose   string    `json:"purpose,omitempty"`    // or the reasons, which show that the footage is needed
	Case      Case      `json:"case"`
	Wanted    []Wanted  `json:"wanted,omitempty"`
	Data      []Datum   `json:"data,omitempty"` // kinds of data
	Form      Form      `json:"form,omitempty"`
	Manner    string    `json:"manner,omitempty"`   // of delivery: where, to whom
	Identity  string    `json:"identity,omitempty"` // how it is known who a person concerned is
	Remark    string    `json:"remark,omitempty"`
}

// Applicant is who asks, with the person who signed.
type Applicant struct {
	Name      string `json:"name,omitempty"`
	Address   string `json:"address,omitempty"`
	Register  string `json:"register,omitempty"` // number in the register of companies and bodies (matična številka)
	Contact   string `json:"contact,omitempty"`
	Signatory string `json:"signatory,omitempty"`
	Rank      string `json:"rank,omitempty"`
}

// Case is what the footage is needed for.
type Case struct {
	Subject string `json:"subject,omitempty"`
	Number  string `json:"number,omitempty"`
	Body    string `json:"body,omitempty"` // that handles it
}

// Wanted is footage of a camera from a moment until before another.
type Wanted struct {
	Camera string    `json:"camera,omitempty"` // "": of all cameras
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
}

// Bounds of a request, in characters.
const (
	maxLine   = 200
	maxText   = 1500
	maxWanted = 64
	maxSpan   = 366 * 24 * time.Hour // no footage is older than a year
)

// errContent says that an entry has no content that this program wrote.
var errContent = errors.New("the content of the request can't be read")

// normal brings what differs only in its writing into one form: times are of UTC, in milliseconds, and never less footage
// than was said.
func (c Content) normal() Content {
	list := make([]Wanted, len(c.Wanted))
	for i, w := range c.Wanted {
		w.From, w.To = w.From.UTC().Truncate(time.Millisecond), w.To.UTC().Add(time.Millisecond-1).Truncate(time.Millisecond)
		list[i] = w
	}
	c.Purpose, c.Remark = lines(c.Purpose), lines(c.Remark)
	if c.Wanted = list; len(list) == 0 {
		c.Wanted = nil
	}
	if len(c.Data) == 0 {
		c.Data = nil
	}
	return c
}

// lines ends lines in one way, whatever a browser does.
func lines(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

// encode is the one form of a content.
func (c Content) encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(c)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// parseContent reads what encode wrote, and nothing else.
func parseContent(b []byte) (c Content, err error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return Content{}, fmt.Errorf("%w: %w", errContent, err)
	}
	again, err := c.normal().encode()
	if err == nil && !bytes.Equal(again, b) {
		err = errors.New("it is not in the form that the program writes")
	}
	if err == nil {
		err = c.check()
	}
	if err != nil {
		return Content{}, fmt.Errorf("%w: %w", errContent, err)
	}
	return c, nil
}

// ContentOf is what a request says by the body of its entry: that in [Request.Content].
func ContentOf(b proof.Body) (Content, error) {
	text, ok := b.Data["content"].(string)
	if !ok {
		return Content{}, fmt.Errorf("%w: the entry has none", errContent)
	}
	return parseContent([]byte(text))
}

// check refuses what can be in no request. What is only missing is told by Missing.
func (c Content) check() error {
	if len(c.Wanted) > maxWanted {
		return wrong("it asks for %d stretches of footage, at most %d are possible in one request: enter several", len(c.Wanted), maxWanted)
	}
	for i, w := range c.Wanted {
		if err := w.check(); err != nil {
			return err
		}
		for _, other := range c.Wanted[:i] {
			if other == w {
				return wrong("it asks for the same footage of %s twice", w.name())
			}
		}
	}
	if err := c.checkData(); err != nil {
		return err
	}
	return c.eachText(checkText)
}

// checkData refuses kinds of data that footage does not have.
func (c Content) checkData() error {
	seen := map[Datum]bool{}
	for _, d := range c.Data {
		if !slices.Contains(Data, d) || seen[d] {
			return wrong("%q is no kind of data, or named twice; there are picture, sound, place and time", d)
		}
		seen[d] = true
	}
	if c.Form != "" && !slices.Contains(Forms, c.Form) {
		return wrong("%q is no form of delivery; there are folder, zip, view and masked", c.Form)
	}
	return nil
}

func (w Wanted) check() error {
	switch {
	case w.From.IsZero() || !w.To.After(w.From):
		return wrong("say from when to when the footage of %s was recorded; the end comes after the beginning", w.name())
	case w.From.Year() < 1970 || w.To.Year() > 2200:
		return wrong("footage of %s from %s to %s: look at the years", w.name(), w.From.Format(time.DateOnly), w.To.Format(time.DateOnly))
	case w.To.Sub(w.From) > maxSpan:
		return wrong("it asks for more than a year of %s, and no footage is kept longer", w.name())
	}
	return nil
}

func (w Wanted) name() string {
	if w.Camera == "" {
		return "all cameras"
	}
	return w.Camera
}

// eachText calls f with every text, its name and how long it may be.
func (c Content) eachText(f func(name, text string, most int) error) error {
	return errors.Join(
		f("the applicant's name", c.Applicant.Name, maxLine),
		f("the applicant's address", c.Applicant.Address, maxLine),
		f("the applicant's register number", c.Applicant.Register, maxLine),
		f("the applicant's contact", c.Applicant.Contact, maxLine),
		f("the signatory", c.Applicant.Signatory, maxLine),
		f("the signatory's rank", c.Applicant.Rank, maxLine),
		f("the words of the legal basis", c.BasisText, maxLine),
		f("the purpose", c.Purpose, maxText),
		f("the subject of the case", c.Case.Subject, maxLine),
		f("the number of the case", c.Case.Number, maxLine),
		f("the body that handles the case", c.Case.Body, maxLine),
		f("the manner of delivery", c.Manner, maxLine),
		f("how the identity is known", c.Identity, maxLine),
		f("the remark", c.Remark, maxText),
	)
}

// checkText refuses what is no line of text, or could look like another one. A long text may have several lines.
func checkText(name, text string, most int) error {
	hidden := func(r rune) bool {
		return (r != '\n' || most < maxText) && unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r)
	}
	switch {
	case !utf8.ValidString(text):
		return wrong("%s is not UTF-8", name)
	case utf8.RuneCountInString(text) > most:
		return wrong("%s has more than %d characters", name, most)
	case strings.ContainsFunc(text, hidden):
		return wrong("%s has a line break, or a character that nobody sees", name)
	}
	return nil
}
