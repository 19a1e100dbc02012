package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An error of the libraries is English: no sentence in Slovenian has one within.
func TestSlovenianAlone(t *testing.T) {
	t.Parallel()
	d := newDiary(t).fill(3, -1)
	broken := bytes.Replace(d.notes[3], []byte("dnevnik "), []byte("dnevnik AAAA"), 1)
	dir := d.folder()
	must(t, os.WriteFile(filepath.Join(dir, "checkpoint.txt"), broken, 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "leaves", "0000000000000000.txt"), []byte("{}\n{}\n{}\n"), 0o600))
	must(t, os.MkdirAll(filepath.Join(dir, "rotations"), 0o700))
	must(t, os.WriteFile(filepath.Join(dir, "rotations", "0000000000000001.tlog-proof"), []byte("x\n"), 0o600))
	_, out, _ := check(t, "", "--key", d.key.String(), "--held", file(t, "held", broken), dir)
	sl, _, _ := strings.Cut(out, "\n----\n")
	for _, word := range []string{" not ", "signed", "signature", "the ", "malformed", "invalid", "canonical"} {
		if strings.Contains(sl, word) {
			t.Errorf("%q in\n%s", word, sl)
		}
	}
}
