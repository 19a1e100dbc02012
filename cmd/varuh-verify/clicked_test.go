//go:build linux

// The recorder, whose fragments these packages are of, runs on Linux alone.

package main

import (
	"bytes"
	"strings"
	"testing"

	"varuh/accesslog/evidence/evidencetest"
)

// Started with the mouse out of a package's folder, the program checks that package, and asks for the fingerprint.
func TestClicked(t *testing.T) {
	t.Parallel()
	c := evidencetest.Tiny(t, "a")
	pkg, _ := c.Written(t)
	dir, fingerprint := unpacked(t, pkg), c.Diary.Key.Fingerprint()
	witness := []string{"--held", file(t, "kept.txt", c.Diary.Past[0]), dir}
	for what, tt := range map[string]struct {
		home string
		args []string
		in   string
		code int
		asks int
	}{
		"in the package":       {dir, nil, fingerprint + "\r\n", exitUnconfirmed, 1}, // nobody knows the witness
		"with a checkpoint":    {dir, witness, fingerprint + "\n", exitGood, 1},
		"typed wrong at first": {dir, witness, "4cb8\n" + strings.ToUpper(fingerprint) + "\n", exitGood, 2},
		"another":              {dir, witness, "0000 0000 0000 0000 0000 0000 0000 0000\n", exitBad, 1},
		"none":                 {dir, witness, "\n", exitUnconfirmed, 1},
		"nobody there":         {dir, witness, "", exitUnconfirmed, 1},
		"never right":          {dir, witness, "a\nb\nc\nd\n", exitUnconfirmed, 3},
		"elsewhere":            {t.TempDir(), nil, "", exitUnchecked, 0},
		"it was given":         {dir, append([]string{"--key", fingerprint}, witness...), "", exitGood, 0},
		"a diary":              {t.TempDir(), []string{file(t, "dnevnik.zip", newDiary(t).fill(3, -1).zipped())}, "", exitUnconfirmed, 0},
	} {
		var out, complaint bytes.Buffer
		p := &program{in: strings.NewReader(tt.in), out: &out, err: &complaint, clicked: true, home: tt.home}
		if code := p.run(t.Context(), tt.args); code != tt.code || strings.Count(complaint.String(), "Prstni odtis ključa z zapisnika") != tt.asks {
			t.Errorf("%s: %d\n%s\n%s", what, code, out.String(), complaint.String())
		}
	}
}
