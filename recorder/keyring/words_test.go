package keyring

import (
	"fmt"
	"strings"
	"testing"
)

func TestWordsOfTheSpecification(t *testing.T) {
	t.Parallel()
	// The example of arXiv:0901.4016: 127.0.0.1 is lusab-babad, 63.84.220.193 is gutih-tugad.
	for v, want := range map[uint16]string{0x7f00: "lusab", 0x0001: "babad", 0x3f54: "gutih", 0xdcc1: "tugad"} {
		if got := toWord(v); got != want {
			t.Errorf("%#04x is %q, want %q", v, got, want)
		}
	}
	for v := range 1 << 16 {
		if got, ok := fromWord(toWord(uint16(v))); !ok || got != uint16(v) {
			t.Fatalf("%#04x came back as %#04x", v, got)
		}
	}
}

func TestWordsForgive(t *testing.T) {
	t.Parallel()
	k := generate(t)
	w := k.Words()
	var numbered strings.Builder
	for i, word := range w {
		fmt.Fprintf(&numbered, "%2d. %s\n", i+1, word)
	}
	for name, text := range map[string]string{
		"spaces":   strings.Join(w[:], " "),
		"dashes":   strings.Join(w[:], "-"),
		"shouting": strings.ToUpper(strings.Join(w[:], "  ,\t")),
		"no space": strings.Join(w[:], ""),
		"one gap":  strings.Join(w[:8], "") + " " + strings.Join(w[8:], ""),
		"numbered": numbered.String(),
		"carons":   strings.NewReplacer("s", "š", "z", "ž").Replace(strings.Join(w[:], " ")),
	} {
		got, err := ParseWords(text)
		if err != nil || got.secret() != k.secret() {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWordsNameTheWrongOne(t *testing.T) {
	t.Parallel()
	words := func(at int, word string) string {
		w := fixedKey(t).Words()
		w[at] = word
		return strings.Join(w[:], " ")
	}
	w := fixedKey(t).Words()
	swapped := w
	swapped[3], swapped[4] = w[4], w[3]
	v, _ := fromWord(w[10])
	for text, want := range map[string]string{
		words(4, "banana"):                `word 5, "banana"`,
		words(2, "bxbab"):                 `word 3, "bxbab"`,
		words(10, toWord(v^1)):            "word 11,",
		words(16, toWord(0)):              "compare each",
		strings.Join(swapped[:], " "):     "words 4 and 5 have probably changed places",
		strings.Join(w[:16], " "):         "16 words where the envelope has 17",
		"":                                "0 words",
		strings.Join(w[:], " ") + " more": "18 words",
	} {
		_, err := ParseWords(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want something with %q", err, want)
		}
	}
}

// fixedKey is the same key in every run.
func fixedKey(t *testing.T) PrivateKey {
	t.Helper()
	var secret [32]byte
	for i := range secret {
		secret[i] = byte(8 * (i + 1))
	}
	k, err := ParsePrivate(secret[:])
	must(t, err)
	return k
}

func FuzzParseWords(f *testing.F) {
	w := generate(f).Words()
	f.Add(strings.Join(w[:], " "))
	f.Add("lusab babad")
	f.Fuzz(func(t *testing.T, text string) {
		k, err := ParseWords(text)
		if err != nil {
			return
		}
		again := k.Words()
		if k2, err := ParseWords(strings.Join(again[:], " ")); err != nil || k2.secret() != k.secret() {
			t.Fatalf("words that were read are written so that they cannot be read: %v", err)
		}
	})
}
