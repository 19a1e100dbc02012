package proof

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// SamePerson tells whether two names may be of one person: they differ in nothing but case, accents, how letters are
// encoded, the order of words, what is between or behind them, or characters that nobody sees. Where two persons are
// wanted, doubt is no. Letters of two alphabets that look alike are not compared.
func SamePerson(one, other string) bool {
	forms := spellings(other)
	return slices.ContainsFunc(spellings(one), func(s string) bool { return slices.Contains(forms, s) })
}

// spellings is a name without what a second spelling of it may differ in: its words in the order of the alphabet, where a
// character that nobody sees is nothing and where it parts words, and all its letters in one word.
func spellings(name string) []string {
	letters := plain.Replace(strings.ToLower(strings.ToUpper(norm.NFKD.String(name))))
	within, between := words(letters, -1), words(letters, ' ')
	return []string{sorted(within), sorted(between), strings.Join(within, "")}
}

// words are the words of letters and numbers, each character that nobody sees replaced, or left out by -1.
func words(text string, unseen rune) []string {
	return strings.Fields(strings.Map(func(c rune) rune {
		switch {
		case unicode.In(c, unicode.Mn, unicode.Me, unicode.Lm):
			return -1 // accents, once they are apart from their letter
		case c == blankBraille, unicode.In(c, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point):
			return unseen
		case unicode.In(c, unicode.L, unicode.N, unicode.Mc):
			return c
		}
		return ' '
	}, text))
}

// sorted is each word once.
func sorted(list []string) string {
	return strings.Join(slices.Compact(slices.Sorted(slices.Values(list))), " ")
}

// blankBraille is a pattern of no points.
const blankBraille = '\u2800'

// plain writes the small letters of Europe's Latin alphabets that Unicode does not take apart without their stroke, or
// as the two that they are.
var plain = strings.NewReplacer("đ", "d", "ð", "d", "ħ", "h", "ı", "i", "ł", "l", "ŋ", "n", "ø", "o", "ŧ", "t",
	"ß", "ss", "æ", "ae", "œ", "oe", "þ", "th")
