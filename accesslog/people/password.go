package people

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The bounds of a password, in characters. NIST SP 800-63B asks for 8 in its revision 3 (section 5.1.1.2), and in its
// revision 4 (section 3.1.1.2) for 8 beside a second factor and 15 without one; both want at least 64 to be allowed.
const (
	MinPassword = 12
	MaxPassword = 256
)

// minOther is how many characters a password must have beside the names of its owner.
const minOther = 8

//go:embed commonest.txt
var commonestText string

// commonest are words that are passwords of many, alone, repeated, or with figures and signs around them.
var commonest = strings.Fields(commonestText)

// rows are characters in orders that fingers find by themselves.
var rows = []string{"abcdefghijklmnopqrstuvwxyz", "0123456789", "qwertzuiopšđ", "qwertzuiop", "qwertyuiop",
	"qwertzuiopšđasdfghjklčćžyxcvbnm", "qwertzuiopasdfghjklyxcvbnm", "qwertyuiopasdfghjklzxcvbnm",
	"1q2w3e4r5t6z7u8i9o0p", "1q2w3e4r5t6y7u8i9o0p", "1qay2wsx3edc4rfv5tgb", "1qaz2wsx3edc4rfv5tgb"}

// checkPassword refuses a password that is short, common, or the name of its owner. There are no rules of
// composition, as NIST SP 800-63B says in the same sections. The error is [ErrWeak] and does not repeat the password.
func checkPassword(password string, p Person) error {
	if !utf8.ValidString(password) || strings.ContainsFunc(password, unicode.IsControl) {
		return fmt.Errorf("%w: it has characters that a keyboard does not have", ErrWeak)
	}
	text := norm.NFKC.String(password)
	n := utf8.RuneCountInString(text)
	small := strings.ToLower(text)
	switch {
	case n < MinPassword:
		return fmt.Errorf("%w: it has %d characters, and needs %d; a few words are easy to remember", ErrWeak, n, MinPassword)
	case n > MaxPassword:
		return fmt.Errorf("%w: it has %d characters, and may have %d", ErrWeak, n, MaxPassword)
	case namesOnly(small, p):
		return fmt.Errorf("%w: it is little more than the name of its owner", ErrWeak)
	case distinct(small) < 5 || inRow(small) || common(small):
		return fmt.Errorf("%w: it is one of those that are tried first", ErrWeak)
	}
	return nil
}

// namesOnly tells whether little is left of a password without its owner's names.
func namesOnly(small string, p Person) bool {
	names := append(strings.FieldsFunc(p.Login, func(r rune) bool { return r == '.' || r == '-' || r == '_' }), p.Login)
	names = append(names, strings.Fields(strings.ToLower(norm.NFKC.String(p.Name)))...)
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) })
	for _, name := range names {
		if len(name) > 2 {
			small = strings.ReplaceAll(small, name, "")
		}
	}
	return utf8.RuneCountInString(small) < minOther
}

// distinct counts the characters that differ.
func distinct(text string) int {
	seen := map[rune]bool{}
	for _, r := range text {
		seen[r] = true
	}
	return len(seen)
}

// inRow tells whether a password is a row of keys or of the alphabet, in either direction, over its end or not.
func inRow(small string) bool {
	for _, row := range rows {
		for _, way := range []string{row, reversed(row)} {
			if strings.Contains(strings.Repeat(way, 2+len(small)/len(way)), small) {
				return true
			}
		}
	}
	return false
}

func reversed(text string) string {
	list := []rune(text)
	slices.Reverse(list)
	return string(list)
}

// common tells whether the letters of a password are one of the commonest words, once or more.
func common(small string) bool {
	inner := strings.TrimFunc(small, func(r rune) bool { return !unicode.IsLetter(r) })
	for _, letters := range []string{onlyLetters(small), onlyLetters(lookAlikes.Replace(small)), onlyLetters(lookAlikes.Replace(inner))} {
		for _, word := range commonest {
			if letters != "" && strings.ReplaceAll(letters, word, "") == "" {
				return true
			}
		}
	}
	return false
}

// lookAlikes are the figures and signs that stand for letters.
var lookAlikes = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i", "€", "e")

func onlyLetters(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, text)
}
