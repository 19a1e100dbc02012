package web

import (
	_ "embed"
	"reflect"
	"strings"
)

// documentRoutes are what everybody may read about the API.
var documentRoutes = []route{
	{"GET", "/openapi.json", "openAPI", forAll, writes("application/json", (*Site).document), "Gives this document."},
	{"GET", "/problems/{problem}", "problem", forAll, gives((*Site).explain), "Explains a type of problem."},
}

// openAPI describes the API as OpenAPI 3.1. It is made of the table of routes and its types by the tests, which fail
// while it is not what they make.
//
//go:embed openapi.json
var openAPI []byte

func (s *Site) document(c *call, _ nothing) error {
	c.w.Header().Set("Content-Type", "application/json")
	c.w.Write(openAPI) // an error says that nobody listens any more
	return nil
}

// Explained is a type of problem in both languages.
type Explained struct {
	Type   string `json:"type"`
	Status int    `json:"status"`
	Sl     string `json:"sl"`
	En     string `json:"en"`
}

func (s *Site) explain(c *call) (Explained, error) {
	for _, known := range sayings {
		if known.id == c.PathValue("problem") {
			return Explained{prefix + "/problems/" + known.id, known.status, known.title.sl + ". " + known.detail.sl, known.title.en + ". " + known.detail.en}, nil
		}
	}
	return Explained{}, errNoPage
}

// nameOf is the name of a field in JSON, "" for one whose own fields stand in its place.
func nameOf(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}
