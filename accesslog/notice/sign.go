package notice

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"time"
)

//go:embed *.html
var pages embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{"tel": telephone}).ParseFS(pages, "*.html"))

// page is a notice in one language.
type page struct {
	Notice
	Language string
	zone     *time.Location
}

// Sign writes the notice as a sign: one page A4 that needs no other file and runs no script, in a language, "sl" or
// "en". Its type is as large as what it says allows. Days are those of the zone. An incomplete notice says that it
// must not be put up.
func Sign(w io.Writer, n Notice, language string, zone *time.Location) error {
	return write(w, "sign.html", n, language, zone)
}

// WebText writes the notice for the controller's web site, with all that GDPR art. 13 asks for, as Sign does.
func WebText(w io.Writer, n Notice, language string, zone *time.Location) error {
	return write(w, "web.html", n, language, zone)
}

func write(w io.Writer, name string, n Notice, language string, zone *time.Location) error {
	if err := known(language); err != nil {
		return err
	}
	if err := templates.ExecuteTemplate(w, name, page{n, language, zone}); err != nil {
		return fmt.Errorf("couldn't write the notice: %w", err)
	}
	return nil
}

func known(language string) error {
	if language != "sl" && language != "en" {
		return fmt.Errorf("there is no page in the language %q; there are sl and en", language)
	}
	return nil
}

// Word is what always stands there, in the page's language.
func (p page) Word(name string) (string, error) { return p.in(name, p.Language) }

// Other is the same in the other language.
func (p page) Other(name string) (string, error) {
	return p.in(name, map[string]string{"sl": "en", "en": "sl"}[p.Language])
}

func (p page) in(name, language string) (string, error) {
	t, ok := words[name]
	if !ok {
		return "", fmt.Errorf("no word %q", name)
	}
	return t.In(language), nil
}

// OtherLanguage is the code of the language that the page is not in.
func (p page) OtherLanguage() string { return map[string]string{"sl": "en", "en": "sl"}[p.Language] }

// Usual tells whether there is no unusual processing.
func (p page) Usual() bool {
	return !p.Live && !p.Speaks && p.Countries == (Text{}) && p.Notice.Other == (Text{})
}

// Since is the day from which on it is in force.
func (p page) Since() string { return p.day(p.From) }

// day is the day of a moment, as people write it.
func (p page) day(t time.Time) string {
	if p.Language == "en" {
		return t.In(p.zone).Format("2 January 2006")
	}
	return t.In(p.zone).Format("2. 1. 2006")
}

// telephone is the number as a link has it.
func telephone(number string) string {
	digits := make([]rune, 0, len(number))
	for _, r := range number {
		if '0' <= r && r <= '9' || r == '+' {
			digits = append(digits, r)
		}
	}
	return string(digits)
}
