package main

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"strings"
	"time"

	"varuh/accesslog/diary/anchor/timestamp"
	"varuh/accesslog/diary/proof"
)

// options gathers what the person knows.
func (p *program) options() (o proof.VerifyOptions, err error) {
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
		return nil, refuse(nil, "--held %s: to je sveženj ali mapa, ne kontrolna točka.", "--held %s: this is a bundle or a folder, not a checkpoint.", name)
	}
	b, err := readFile(name)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(b, []byte("PK")) {
		return nil, refuse(nil, "--held %s: to je sveženj, ne kontrolna točka. Kontrolna točka je kratka besedilna datoteka.",
			"--held %s: this is a bundle, not a checkpoint. A checkpoint is a short text file.", name)
	}
	c, ok := proof.FindCheckpoint(b)
	if !ok {
		return nil, refuse(nil, "--held %s: to ni kontrolna točka. Ta ima tri vrstice, prazno vrstico in podpis.",
			"--held %s: this is no checkpoint. One has three lines, an empty one, and a signature.", name)
	}
	return c, nil
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
			return nil, refuse(nil, "--tsa %s: v datoteki ni potrdila v obliki PEM.", "--tsa %s: the file has no certificate in PEM.", name)
		}
	}
	return timestamp.Checker(pool), nil
}

// printEntry is one entry of --list.
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
	if err != nil {
		return err
	}
	return p.printLine(b)
}

// addKey takes a key, a fingerprint, or a file of keys.
func addKey(o *proof.VerifyOptions, s string) error {
	if k, err := proof.ParseKey(strings.TrimSpace(s)); err == nil {
		o.Keys = append(o.Keys, k)
		return nil
	}
	digits, hexadecimal := fingerprintIn(s)
	if hexadecimal && len(digits) == 32 {
		o.Fingerprints = append(o.Fingerprints, digits)
		return nil
	}
	b, err := readFile(s)
	switch {
	case errors.Is(err, fs.ErrNotExist) && hexadecimal:
		return refuse(nil, "--key %q: prstni odtis ima 32 znakov, ta jih ima %d. Napišite ga v narekovajih.",
			"--key %q: a fingerprint has 32 digits, this one %d. Put it in quotes.", s, len(digits))
	case err != nil:
		return refuse(err, "--key %q: to ni ključ, ni prstni odtis in ni datoteka s ključi.", "--key %q: this is no key, no fingerprint and no file of keys.", s)
	}
	keys, ok := keysIn(proof.PlainText(b))
	if !ok {
		return refuse(nil, "--key %s: v datoteki je še kaj drugega kot ključi, vsak v svoji vrstici.", "--key %s: the file holds something other than keys, a line each.", s)
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
