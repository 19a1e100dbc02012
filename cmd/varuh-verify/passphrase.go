package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"varuh/accesslog/aeszip"
)

// unlock asks for the passphrase if the archive is encrypted, thrice if it is typed wrong.
func (p *program) unlock(ctx context.Context, z *zip.Reader) error {
	if !aeszip.Encrypted(z) {
		return nil
	}
	if err := aeszip.Unlock(z, ""); errors.Is(err, aeszip.ErrUnsupported) {
		return err // no passphrase would help
	}
	for try := 1; ; try++ {
		passphrase, err := p.passphrase(ctx)
		if err != nil {
			return err
		}
		err = aeszip.Unlock(z, passphrase)
		if !errors.Is(err, aeszip.ErrPassphrase) || p.passphraseFile != "" || try == 3 {
			return err
		}
		fmt.Fprintln(p.err, "Geslo ni pravo. / The passphrase is wrong.")
	}
}

func (p *program) passphrase(ctx context.Context) (string, error) {
	if p.passphraseFile != "" {
		b, err := readFile(p.passphraseFile)
		return strings.TrimSpace(string(b)), err
	}
	return p.ask(ctx, "Arhiv je šifriran. Geslo: / The archive is encrypted. Passphrase: ")
}

// ask asks for a line. The error is the refusal that goes with a passphrase where there is none.
func (p *program) ask(ctx context.Context, question string) (string, error) {
	fmt.Fprint(p.err, question)
	type answer struct {
		line string
		err  error
	}
	typed := make(chan answer, 1)
	go func() { // whoever interrupts the program ends it, and this with it
		line, err := readLine(p.in)
		typed <- answer{line, err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case a := <-typed:
		if a.err != nil {
			fmt.Fprintln(p.err)
		}
		return a.line, a.err
	}
}

// readLine reads no further than the end of a line, for another may be asked for.
func readLine(r io.Reader) (string, error) {
	var line []byte
	for b := make([]byte, 1); ; {
		n, err := r.Read(b)
		if n == 1 && b[0] != '\n' {
			line = append(line, b[0])
		}
		if n == 1 && b[0] == '\n' || err != nil && len(line) > 0 {
			return strings.TrimSpace(string(line)), nil
		}
		if err != nil {
			return "", refuse(err, "Arhiv je šifriran, gesla pa ni. Dobite ga od tistega, ki vam je arhiv dal.",
				"The archive is encrypted, and there is no passphrase. Whoever handed it over has it.")
		}
	}
}
