package people

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Person is somebody who can log in.
type Person struct {
	ID       string // eight hexadecimal digits, drawn at random
	Login    string // name to log in with, see [ParseLogin]
	Name     string // as people know it
	Language string // sl or en
	Second   bool   // there is a second factor
}

// maxName bounds a name, in characters.
const maxName = 100

// ParseLogin brings a log-in name into its one form: 2 to 32 of a to z, 0 to 9, dot, dash and underscore, beginning
// with a letter. Capitals become small.
func ParseLogin(text string) (string, error) {
	name := strings.ToLower(strings.TrimSpace(text))
	if len(name) < 2 || len(name) > 32 || name[0] < 'a' || name[0] > 'z' {
		return "", incomplete("a log-in name has 2 to 32 characters and begins with a letter from a to z")
	}
	for i := range len(name) {
		if c := name[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '-' && c != '_' {
			return "", incomplete("a log-in name has only a to z, 0 to 9, dots, dashes and underscores")
		}
	}
	return name, nil
}

// parseName brings a person's name into its one form.
func parseName(text string) (string, error) {
	if !utf8.ValidString(text) {
		return "", incomplete("the name is not readable text")
	}
	name := strings.Join(strings.Fields(norm.NFC.String(text)), " ")
	switch {
	case name == "" || !strings.ContainsFunc(name, unicode.IsLetter):
		return "", incomplete("say the person's name")
	case utf8.RuneCountInString(name) > maxName:
		return "", incomplete("the name has more than %d characters", maxName)
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return "", incomplete("the name has a character that nobody sees")
	}
	return name, nil
}

// checked is a person in its one form.
func (p Person) checked() (_ Person, err error) {
	if p.Login, err = ParseLogin(p.Login); err != nil {
		return p, err
	}
	if p.Name, err = parseName(p.Name); err != nil {
		return p, err
	}
	if p.Language == "" {
		p.Language = "sl"
	}
	if p.Language != "sl" && p.Language != "en" {
		return p, incomplete("the language is sl or en")
	}
	return p, nil
}
