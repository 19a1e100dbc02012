package keyring

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode"
)

// Proquints (arXiv:0901.4016): five letters stand for 16 bits, consonants for 4, vowels for 2.
// Every letter sounds the same in Slovenian and in English spelling, near enough to be read out.
const (
	consonants = "bdfghjklmnprstvz"
	vowels     = "aiou"
)

// keyWords is how many words a key takes; one more checks them.
const keyWords = 16

// Words writes the key as 16 words and a 17th that checks them, for the sealed envelope.
func (k PrivateKey) Words() [keyWords + 1]string {
	var words [keyWords + 1]string
	secret := k.secret()
	for i := range keyWords {
		words[i] = toWord(binary.BigEndian.Uint16(secret[2*i:]))
	}
	words[keyWords] = toWord(checkWord(secret))
	return words
}

// ParseWords reads the 17 words of [PrivateKey.Words]. Case, spaces, dashes, numbers and line
// breaks do not matter. The error names the word to look at, where that can be told.
func ParseWords(text string) (PrivateKey, error) {
	words, err := splitWords(text)
	if err != nil {
		return PrivateKey{}, err
	}
	var values [keyWords + 1]uint16
	for i, word := range words {
		v, ok := fromWord(word)
		if !ok {
			return PrivateKey{}, fmt.Errorf("word %d, %q, is none of the envelope's: each has five letters, such as %q", i+1, word, toWord(0x7f00))
		}
		values[i] = v
	}
	secret, ok := join(values)
	if !ok {
		return PrivateKey{}, wrongWord(values)
	}
	return ParsePrivate(secret[:])
}

// splitWords finds the words, also where the spaces between them are missing or too many.
func splitWords(text string) ([]string, error) {
	plain := strings.NewReplacer("š", "s", "ž", "z").Replace(strings.ToLower(text))
	words := strings.FieldsFunc(plain, func(r rune) bool { return !unicode.IsLetter(r) })
	if len(words) == keyWords+1 {
		return words, nil
	}
	letters := strings.Join(words, "")
	if len(letters) != 5*(keyWords+1) {
		return nil, fmt.Errorf("there are %d words where the envelope has %d", len(words), keyWords+1)
	}
	words = words[:0]
	for i := 0; i < len(letters); i += 5 {
		words = append(words, letters[i:i+5])
	}
	return words, nil
}

// join puts the words together and tells whether the last one agrees.
func join(values [keyWords + 1]uint16) (secret [32]byte, ok bool) {
	for i := range keyWords {
		binary.BigEndian.PutUint16(secret[2*i:], values[i])
	}
	return secret, checkWord(secret) == values[keyWords]
}

func checkWord(secret [32]byte) uint16 {
	sum := sha256.Sum256(append([]byte("varuh/1 words"), secret[:]...))
	return binary.BigEndian.Uint16(sum[:])
}

// wrongWord says where to look when the words do not agree. Most slips are one wrong letter or two
// words in each other's place; if one such slip alone explains the disagreement, it is named.
func wrongWord(values [keyWords + 1]uint16) error {
	var found []string
	for i := range values {
		for _, other := range neighbours(values[i]) {
			tried := values
			tried[i] = other
			if _, ok := join(tried); ok {
				found = append(found, fmt.Sprintf("word %d, %q, has probably one wrong letter", i+1, toWord(values[i])))
			}
		}
		if i > 0 {
			tried := values
			tried[i-1], tried[i] = tried[i], tried[i-1]
			if _, ok := join(tried); ok && tried != values {
				found = append(found, fmt.Sprintf("words %d and %d have probably changed places", i, i+1))
			}
		}
	}
	if len(found) != 1 {
		return fmt.Errorf("the words do not belong together: compare each with the envelope")
	}
	return fmt.Errorf("the words do not belong together: %s", found[0])
}

// neighbours are the words that differ from v in one letter.
func neighbours(v uint16) []uint16 {
	var out []uint16
	for _, letter := range []struct{ shift, bits int }{{12, 4}, {10, 2}, {6, 4}, {4, 2}, {0, 4}} {
		for x := uint16(1); x < 1<<letter.bits; x++ {
			out = append(out, v^x<<letter.shift)
		}
	}
	return out
}

func toWord(v uint16) string {
	return string([]byte{
		consonants[v>>12], vowels[v>>10&3], consonants[v>>6&15], vowels[v>>4&3], consonants[v&15],
	})
}

func fromWord(word string) (v uint16, ok bool) {
	if len(word) != 5 {
		return 0, false
	}
	for i := range 5 {
		alphabet, bits := consonants, 4
		if i%2 == 1 {
			alphabet, bits = vowels, 2
		}
		x := strings.IndexByte(alphabet, word[i])
		if x < 0 {
			return 0, false
		}
		v = v<<bits | uint16(x)
	}
	return v, true
}
