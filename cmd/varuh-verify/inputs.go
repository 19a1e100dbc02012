package main

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"varuh/accesslog/aeszip"
	"varuh/accesslog/diary/anchor/timestamp"
	"varuh/accesslog/diary/proof"
)

// maxFile bounds the files other than bundles.
const maxFile = proof.MaxManifest

// inputs are the files given, by what they are.
type inputs struct {
	bundle      fs.FS
	inclusion   []byte
	consistency [][]byte
	checkpoints [][]byte
	keys        []proof.Key
	others      [][]byte // bodies and manifests, found by their hashes
	close       []func() error
}

// verify sees what the files are, and checks them together.
func (p *program) verify(ctx context.Context, files []string) (report *proof.Report, err error) {
	var in inputs
	defer func() {
		for _, c := range in.close {
			err = errors.Join(err, c())
		}
	}()
	for _, name := range files {
		if err := p.sort(&in, name); err != nil {
			return nil, err
		}
	}
	o, err := p.options(&in)
	if err != nil {
		return nil, err
	}
	p.compares = len(o.Held)+len(in.checkpoints) > 0
	switch {
	case in.bundle != nil:
		o.Held = append(o.Held, in.checkpoints...)
		return proof.VerifyBundle(ctx, in.bundle, o)
	case in.inclusion != nil:
		o.Held = append(o.Held, in.checkpoints...)
		return proof.VerifyInclusion(in.inclusion, in.others, o)
	case len(in.checkpoints) == 1 && len(o.Held) > 0:
		held := o.Held[0]
		o.Held = o.Held[1:]
		return proof.VerifyCheckpoints(held, in.checkpoints[0], in.consistency, o)
	case len(in.checkpoints) == 2:
		return proof.VerifyCheckpoints(in.checkpoints[0], in.checkpoints[1], in.consistency, o)
	}
	return nil, errors.New("give a bundle, the proof of an entry, or two checkpoints / podajte sveženj, dokaz enega zapisa ali dve kontrolni točki")
}

// options gathers what the person knows.
func (p *program) options(in *inputs) (o proof.VerifyOptions, err error) {
	o.Keys = in.keys
	for _, k := range p.keys {
		if err := addKey(&o, k); err != nil {
			return o, err
		}
	}
	for _, name := range p.held {
		b, err := readHeld(name)
		if err != nil {
			return o, err
		}
		o.Held = append(o.Held, b)
	}
	if len(p.roots) > 0 {
		o.Timestamp, err = p.timestamps()
	}
	if p.list {
		o.Each = p.printEntry
	}
	return o, err
}

// readHeld reads a checkpoint that somebody kept. Another file in its place would compare nothing.
func readHeld(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s: this is a bundle or a folder, not a checkpoint / to je sveženj ali mapa, ne kontrolna točka", name)
	}
	b, err := readFile(name)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(b, []byte("PK")) {
		return nil, fmt.Errorf("%s: this is a bundle, not a checkpoint / to je sveženj, ne kontrolna točka", name)
	}
	if _, err := proof.ReadCheckpoint(b); err != nil {
		return nil, fmt.Errorf("%s: this is no checkpoint / to ni kontrolna točka: %w", name, err)
	}
	return b, nil
}

// timestamps checks tokens down to the certificates that were given.
func (p *program) timestamps() (func(token, text []byte) (time.Time, string, error), error) {
	pool := x509.NewCertPool()
	for _, name := range p.roots {
		b, err := readFile(name)
		if err != nil {
			return nil, err
		}
		if !pool.AppendCertsFromPEM(b) {
			return nil, fmt.Errorf("%s has no certificate in PEM", name)
		}
	}
	return timestamp.Checker(pool), nil
}

// printEntry is one line of --list.
func (p *program) printEntry(l proof.Leaf, body *proof.Body, manifest []byte) error {
	line := map[string]any{"i": l.Index, "t": l.Time, "op": l.Op}
	if l.Ref != nil {
		line["ref"] = *l.Ref
	}
	if body != nil {
		b, err := proof.EncodeBody(*body)
		if err != nil {
			return err
		}
		line["body"] = json.RawMessage(b)
	}
	if json.Valid(manifest) {
		line["manifest"] = json.RawMessage(manifest)
	}
	b, err := json.Marshal(line)
	if err == nil {
		_, err = p.out.Write(append(printable(b), '\n'))
	}
	return err
}

// addKey takes a key, a fingerprint, or a file of keys.
func addKey(o *proof.VerifyOptions, s string) error {
	if k, err := proof.ParseKey(s); err == nil {
		o.Keys = append(o.Keys, k)
		return nil
	}
	if digits := strings.NewReplacer(" ", "", "-", "", ":", "").Replace(s); len(digits) == 32 && strings.Trim(strings.ToLower(digits), "0123456789abcdef") == "" {
		o.Fingerprints = append(o.Fingerprints, digits)
		return nil
	}
	b, err := readFile(s)
	if err != nil {
		return fmt.Errorf("%q is no key, no fingerprint and no file of keys: %w", s, err)
	}
	keys, ok := keysIn(b)
	if !ok {
		return fmt.Errorf("%s holds something other than keys, a line each", s)
	}
	o.Keys = append(o.Keys, keys...)
	return nil
}

// keysIn reads a file that holds nothing but keys, a line each.
func keysIn(b []byte) (keys []proof.Key, ok bool) {
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		k, err := proof.ParseKey(line)
		if err != nil {
			return nil, false
		}
		keys = append(keys, k)
	}
	return keys, len(keys) > 0
}

// sort sees by the contents of a file what it is.
func (p *program) sort(in *inputs, name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return fmt.Errorf("couldn't look at %s: %w", name, err)
	}
	if info.IsDir() {
		return in.setBundle(os.DirFS(name), name)
	}
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("couldn't open %s: %w", name, err)
	}
	in.close = append(in.close, f.Close)
	var mark [2]byte
	if n, _ := f.ReadAt(mark[:], 0); n == 2 && string(mark[:]) == "PK" {
		z, err := zip.NewReader(f, info.Size())
		if err != nil {
			return fmt.Errorf("couldn't read %s as a zip file: %w", name, err)
		}
		if err := p.unlock(z); err != nil {
			return err
		}
		return in.setBundle(z, name)
	}
	b, err := readFile(name)
	if err != nil {
		return err
	}
	return in.sortText(b, name)
}

func (in *inputs) setBundle(bundle fs.FS, name string) error {
	if in.bundle != nil {
		return fmt.Errorf("%s is a second bundle: check one at a time", name)
	}
	in.bundle = bundle
	return nil
}

func (in *inputs) sortText(b []byte, name string) error {
	if keys, ok := keysIn(b); ok {
		in.keys = append(in.keys, keys...)
		return nil
	}
	if _, err := proof.ReadCheckpoint(b); err == nil {
		in.checkpoints = append(in.checkpoints, b)
		return nil
	}
	if _, err := proof.ParseInclusion(b); err == nil {
		if in.inclusion != nil {
			return fmt.Errorf("%s is a second proof: check one at a time", name)
		}
		in.inclusion = b
		return nil
	}
	if _, err := proof.ParseConsistency(b); err == nil {
		in.consistency = append(in.consistency, b)
		return nil
	}
	in.others = append(in.others, bytes.TrimSuffix(b, []byte("\n")))
	return nil
}

// unlock asks for the passphrase if the archive is encrypted.
func (p *program) unlock(z *zip.Reader) error {
	if !aeszip.Encrypted(z) {
		return nil
	}
	passphrase, err := p.passphrase()
	if err != nil {
		return err
	}
	return aeszip.Unlock(z, passphrase)
}

func (p *program) passphrase() (string, error) {
	if p.passphraseFile != "" {
		b, err := readFile(p.passphraseFile)
		return strings.TrimSpace(string(b)), err
	}
	fmt.Fprint(p.err, "Geslo svežnja / Passphrase of the bundle: ")
	var line []byte
	for b := make([]byte, 1); ; {
		n, err := p.in.Read(b)
		if n == 1 && b[0] != '\n' {
			line = append(line, b[0])
		}
		if n == 1 && b[0] == '\n' || err != nil && len(line) > 0 {
			return strings.TrimSpace(string(line)), nil
		}
		if err != nil {
			return "", fmt.Errorf("couldn't read the passphrase: %w", err)
		}
	}
}

// readFile reads a file of a size that is sensible.
func readFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err == nil && info.Size() > maxFile {
		err = fmt.Errorf("it has %d bytes, at most %d are read", info.Size(), maxFile)
	}
	if err != nil {
		return nil, fmt.Errorf("couldn't read %s: %w", name, err)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("couldn't read %s: %w", name, err)
	}
	return b, nil
}
