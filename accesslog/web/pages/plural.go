package pages

import (
	_ "embed"
	"encoding/json"
	"slices"
)

// pluralRules is the one source of plural forms, for Go and for the modules, which get it with their words. The rules
// are those of whole numbers in the Unicode CLDR.
//
//go:embed words/plural.json
var pluralRules []byte

// rule is when a number takes a form. The first rule that fits counts; the last one of a language fits all.
type rule struct {
	Form    string `json:"form"`
	Modulus int    `json:"modulus,omitempty"` // what is left of the number when divided by it; 0: the number itself
	Is      []int  `json:"is,omitempty"`      // none: it always fits
}

// rulesOf reads the rules of all languages.
func rulesOf(text []byte) (map[string][]rule, error) {
	var all map[string][]rule
	err := json.Unmarshal(text, &all)
	return all, err
}

// formOf is the form that a number takes.
func formOf(rules []rule, n int) string {
	if n < 0 {
		n = -n
	}
	for _, r := range rules {
		left := n
		if r.Modulus > 0 {
			left = n % r.Modulus
		}
		if r.Is == nil || slices.Contains(r.Is, left) {
			return r.Form
		}
	}
	return ""
}
