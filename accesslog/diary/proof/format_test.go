package proof

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// exampleLog is the diary of the examples in FORMAT.md. Its signing key is 00 01 02 … 1f.
func exampleLog(t *testing.T) *testLog {
	t.Helper()
	l := &testLog{t: t, origin: testOrigin}
	var seed [32]byte
	for i := range seed {
		seed[i] = byte(i)
	}
	k := newKey(l.origin, algorithmLog, ed25519.NewKeyFromSeed(seed[:]).Public().(ed25519.PublicKey))
	s, err := note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", l.origin, k.KeyHash(), b64.EncodeToString(append([]byte{algorithmLog}, seed[:]...))))
	must(t, err)
	l.signers, l.keys = []note.Signer{s}, []Key{k}
	ref := int64(1)
	for i, op := range []string{"start", "view.start", "view.end"} {
		body := Body{Salt: seed, Software: "v1.0.0"}
		leaf := Leaf{Index: int64(i), Op: op, Time: testStart.Add(time.Duration(i) * 90 * time.Second)}
		if body.Salt[0] = byte(i); i > 0 {
			body.Actor = &Actor{ID: "7", Name: "Živa Črnko", Role: "caretaker", Proof: "password"}
			body.Purpose = "poškodba vrat"
			body.Objects = []Object{{"gate", testStart.Add(-time.Hour), testStart.Add(-55 * time.Minute)}}
		}
		if i == 2 {
			leaf.Ref, body.Result = &ref, "nič najdenega"
		}
		b, err := EncodeBody(body)
		must(t, err)
		leaf.Body = HashBody(b)
		line, err := EncodeLeaf(leaf)
		must(t, err)
		l.put(Entry{line, b, nil})
	}
	return l
}

func formatText(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../FORMAT.md")
	must(t, err)
	return string(b)
}

// The examples of FORMAT.md are what this package writes, so that a verifier by another hand can
// start from them.
func TestExamplesOfFormat(t *testing.T) {
	t.Parallel()
	l, text := exampleLog(t), formatText(t)
	front := l.frontier(3)
	about, err := About{l.origin, 3, 0, 3, testStart.Add(time.Hour)}.Encode()
	must(t, err)
	prune, err := Prune{Cut: 81234, Year: 2026, Term: 2, Evidence: ByWitness, Size: 240101, Time: Due(2026, 2).Add(25 * time.Minute), Party: "witness.example/1"}.Encode()
	must(t, err)
	person, err := Prune{Cut: 81234, Year: 2026, Term: 5, Evidence: ByPerson, Confirmed: 251007}.Encode()
	must(t, err)
	for what, want := range map[string]string{
		"leaf": string(l.entries[2].Leaf), "body": string(l.entries[2].Body), "leaf hash": HashLeaf(l.entries[2].Leaf).String(),
		"key": l.key().String(), "fingerprint": l.key().Fingerprint(), "proof": string(l.proofFile(1, 3)),
		"consistency": string(Consistency{1, l.consistency(1, 3), l.sign(3)}.Text()), "frontier": front.Text(),
		"bundle.json": string(about), "prune": string(prune), "prune by a person": string(person),
	} {
		indented := "    " + strings.ReplaceAll(strings.TrimSuffix(want, "\n"), "\n", "\n    ")
		if indented = strings.ReplaceAll(indented, "\n    \n", "\n\n"); !strings.Contains(text, indented+"\n") {
			t.Errorf("FORMAT.md lacks the example of %s:\n%s", what, indented)
		}
	}
}

// The script of FORMAT.md verifies with openssl, sha256sum and xxd alone.
func TestScriptOfFormat(t *testing.T) {
	t.Parallel()
	for tool, apt := range map[string]string{"openssl": "openssl", "sha256sum": "coreutils", "xxd": "xxd"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("CI") == "" {
				t.Skipf("needs %s: apt-get install %s", tool, apt)
			}
			t.Fatal(err)
		}
	}
	found := regexp.MustCompile("(?s)```sh\n(#!/bin/sh\n.*?)```").FindStringSubmatch(formatText(t))
	if found == nil {
		t.Fatal("FORMAT.md has no script")
	}
	if n := strings.Count(found[1], "\n"); n > 26 {
		t.Errorf("the script has %d lines", n)
	}
	dir := t.TempDir()
	script := filepath.Join(dir, "check.sh")
	must(t, os.WriteFile(script, []byte(found[1]), 0o700))
	check := func(file []byte, key Key) (string, error) {
		name := filepath.Join(t.TempDir(), "1.tlog-proof")
		must(t, os.WriteFile(name, file, 0o600))
		out, err := exec.CommandContext(t.Context(), "sh", script, name, key.String()).CombinedOutput()
		return string(out), err
	}
	example := exampleLog(t)
	l := newLog(t, 21)
	for _, size := range []int64{1, 2, 7, 8, 21} {
		for i := range size {
			if i%3 == 0 || size < 8 {
				if out, err := check(l.proofFile(i, size), l.key()); err != nil {
					t.Errorf("entry %d of %d: %v\n%s", i, size, err, out)
				}
			}
		}
	}
	good := example.proofFile(1, 3)
	if out, err := check(good, example.key()); err != nil || !strings.Contains(out, `"op":"view.start"`) {
		t.Errorf("%v\n%s", err, out)
	}
	for at := bytes.Index(good, []byte("extra ")) + 6; at < len(good)-1; at += 29 {
		bad := bytes.Clone(good)
		if bytes.ContainsAny(good[at:at+2], "\n=") {
			continue // line ends, and unused bits before padding, which openssl takes as they come
		}
		bad[at] ^= 1
		if out, err := check(bad, example.key()); err == nil {
			t.Errorf("with byte %d changed: %s", at, out)
		}
	}
	if out, err := check(good, l.key()); err == nil {
		t.Errorf("with another key: %s", out)
	}
}

// The example of a piece in FORMAT.md is one that a verifier takes.
func TestPieceOfFormat(t *testing.T) {
	t.Parallel()
	line := regexp.MustCompile(`(?m)^    (\{"camera":.*\})$`).FindStringSubmatch(formatText(t))
	if line == nil {
		t.Fatal("FORMAT.md has no example of a collect")
	}
	var p Pieces
	must(t, p.Add([]byte(line[1])))
	if err := p.Add([]byte(line[1])); err == nil {
		t.Error("the same piece was taken twice")
	}
}
