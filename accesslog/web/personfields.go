package web

import (
	"errors"
	"strings"

	"varuh/accesslog/people"
)

// fielded is an error about one field of a request, known by its own name, whatever it lies in.
type fielded struct {
	field string
	err   error
}

func (e *fielded) Error() string { return e.err.Error() }

func (e *fielded) Unwrap() error { return e.err }

// personFields are what errors of package people are about, by how their reasons begin. The first that fits counts.
var personFields = []struct{ begins, field string }{
	{"a log-in name", "login"},
	{"say the person's name", "name"},
	{"the name ", "name"},
	{"the paper was signed", "paper"},
	{"say from when", "from"},
	{"its days lie", "from"},
	{"it ends before", "to"},
	{"an authorisation of an inspector", "to"},
	{"a deputy is", "deputy_of"},
	{"person ", "deputy_of"},
	{"only a guard", "back_minutes"},
	{"name the cameras", "cameras"},
	{"name each camera", "cameras"},
	{"the language", "language"},
	{"the reason ", "reason"},
	{"say why", "reason"},
	{"your own authorisation does not cover", "cameras"},
	{"your own authorisation ends", "to"},
	{"your own authorisation is for the premises", "outside"},
	{"your own authorisation is limited", "role"},
	{"a deputy makes", "role"},
}

// tokenFields are those of a token beside them.
var tokenFields = map[string]string{"say which authority": "name", "the names": "name", "a token is for": "role", "a token has an end": "to", "say why": "basis", "the reason ": "basis"}

// atField says which field an error of package people is about, where that is known.
func atField(err error) error {
	reason := reasonBehind(err)
	for _, f := range personFields {
		if reason != "" && strings.HasPrefix(reason, f.begins) {
			return &fielded{f.field, err}
		}
	}
	return err
}

// atTokenField is atField for a request for a token.
func atTokenField(err error) error {
	reason := reasonBehind(err)
	for begins, field := range tokenFields {
		if reason != "" && strings.HasPrefix(reason, begins) {
			return &fielded{field, err}
		}
	}
	return atField(err)
}

// reasonBehind is what an error says behind the words of its kind, "" where it says nothing more.
func reasonBehind(err error) string {
	for _, kind := range []error{people.ErrIncomplete, people.ErrNotAllowed} {
		if errors.Is(err, kind) {
			_, reason, _ := strings.Cut(err.Error(), kind.Error()+": ")
			return reason
		}
	}
	return ""
}
