package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"
	"time"

	"varuh/recorder/keyring"
)

// printWords prints the recovery words for the sealed envelope. They are shown this once and stored
// nowhere.
func printWords(out io.Writer, k keyring.PrivateKey, now time.Time) error {
	var b strings.Builder
	fmt.Fprintf(&b, "\nRecovery words of %s (key %v)\n\n", now.Format("2 January 2006"), k.Public().ID())
	words := k.Words()
	for i, w := range words {
		fmt.Fprintf(&b, "  %2d %s", i+1, w)
		if i%4 == 3 || i == len(words)-1 {
			b.WriteByte('\n')
		}
	}
	b.WriteString(`
Write them on paper, all of them and in this order, and put the paper into a
sealed envelope. They are shown this once. Whoever has them can open all
footage and the diary; if you lose them and the reading key, nobody can.

`)
	_, err := io.WriteString(out, b.String())
	return err
}

// confirmWords asks for two of the words. Three mistakes end it.
func confirmWords(term terminal, k keyring.PrivateKey) error {
	words := k.Words()
	asked, err := twoOf(len(words))
	if err != nil {
		return err
	}
	mistakes := 0
	for _, i := range asked {
		for {
			if _, err := fmt.Fprintf(term.out, "Type word %d from your paper: ", i+1); err != nil {
				return err
			}
			text, err := term.line()
			if errors.Is(err, io.EOF) {
				return errors.New("the words were not confirmed, so nothing was changed; in a script use --yes-i-wrote-it-down")
			}
			if err != nil {
				return err
			}
			if strings.ToLower(strings.TrimSpace(text)) == words[i] {
				break
			}
			if mistakes++; mistakes == 3 {
				return errors.New("that is the third wrong word, so nothing was changed; begin again and write the new words down")
			}
			if _, err := fmt.Fprintf(term.out, "That is not word %d. Look at your paper once more.\n", i+1); err != nil {
				return err
			}
		}
	}
	_, err = fmt.Fprintln(term.out)
	return err
}

// twoOf draws two different numbers below n, the smaller first.
func twoOf(n int) ([2]int, error) {
	a, err1 := rand.Int(rand.Reader, big.NewInt(int64(n)))
	b, err2 := rand.Int(rand.Reader, big.NewInt(int64(n-1)))
	if err := errors.Join(err1, err2); err != nil {
		return [2]int{}, err
	}
	first, second := int(a.Int64()), int(b.Int64())
	if second >= first {
		second++
	}
	return [2]int{min(first, second), max(first, second)}, nil
}

// askWords reads recovery words from the operator.
func askWords(term terminal, prompt string) (keyring.PrivateKey, error) {
	if _, err := fmt.Fprintf(term.out, "%s\nType the 17 words, then an empty line:\n", prompt); err != nil {
		return keyring.PrivateKey{}, err
	}
	k, given, err := typedWords(term)
	if err == nil && !given {
		err = errors.New("no words were typed, so nothing was done")
	}
	return k, err
}

// typedWords reads recovery words up to an empty line, and tells whether there were any.
func typedWords(term terminal) (k keyring.PrivateKey, given bool, err error) {
	var text strings.Builder
	for {
		line, err := term.line()
		if err != nil && !errors.Is(err, io.EOF) {
			return k, false, err
		}
		if strings.TrimSpace(line) == "" {
			break
		}
		text.WriteString(line + "\n")
	}
	if text.Len() == 0 {
		return k, false, nil
	}
	k, err = keyring.ParseWords(text.String())
	return k, true, err
}
