package proof

import (
	"strings"
	"unicode"
)

// SamePerson tells whether two names may be of one person: they differ in nothing but case, spaces, accents, how these
// are encoded, or characters that nobody sees. Where two persons are wanted, doubt is no.
func SamePerson(one, other string) bool { return person(one) == person(other) }

// person is a name without what a second spelling of it may differ in.
func person(name string) string {
	bare := strings.Map(func(c rune) rune {
		switch {
		case unicode.In(c, unicode.Mn, unicode.Cf):
			return -1
		case unicode.IsSpace(c):
			return ' '
		}
		if base, ok := accented[c]; ok {
			return base
		}
		return c
	}, strings.ToLower(name))
	return strings.Join(strings.Fields(bare), " ")
}

// accented are the small letters of Europe's Latin alphabets that have an accent, and what they are without it.
var accented = func() map[rune]rune {
	letters := map[rune]rune{}
	for _, row := range []string{
		"aàáâãäåāăą", "cçćĉċč", "dďđ", "eèéêëēĕėęě", "gĝğġģ", "hĥħ", "iìíîïĩīĭįı", "jĵ", "kķ", "lĺļľŀł", "nñńņňŋ",
		"oòóôõöøōŏő", "rŕŗř", "sśŝşšș", "tţťŧț", "uùúûüũūŭůűų", "wŵ", "yýÿŷ", "zźżž",
	} {
		all := []rune(row)
		for _, c := range all[1:] {
			letters[c] = all[0]
		}
	}
	return letters
}()
