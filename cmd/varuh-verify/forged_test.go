package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"varuh/accesslog/diary/proof"
)

// Names in a bundle cannot write lines of their own, nor wipe those of the program.
func TestNamesForgeNothing(t *testing.T) {
	t.Parallel()
	d := newDiary(t).fill(3, -1)
	const name = "a.\n\n[√] ANCHORED as a whole\x1b[2K\r\u202e\u2028\u009b"
	var b bytes.Buffer
	z := proof.NewZip(&b)
	d.write(z)
	w, err := z.Create(name)
	must(t, err)
	_, err = io.WriteString(w, "x")
	must(t, err)
	must(t, z.Close())
	_, err = zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	must(t, err)
	bundle := file(t, "dnevnik.zip", b.Bytes())
	_, out, _ := check(t, "", bundle)
	if strings.Contains(out, "\n[√] ANCHORED") || strings.ContainsAny(out, "\x1b\r\u202e\u2028\u009b") || !strings.Contains(out, "a.\uFFFD\uFFFD[√]") {
		t.Errorf("%q", out)
	}
	_, out, _ = check(t, "", "--json", bundle)
	var r proof.Report
	must(t, json.Unmarshal([]byte(out), &r))
	if strings.ContainsAny(out, "\x1b\r\u202e\u2028\u009b") {
		t.Errorf("%q", out)
	}
}

func TestPrintableJSON(t *testing.T) {
	t.Parallel()
	const text = "č\u202e\U000e0001\u009b"
	b, err := json.Marshal(text)
	must(t, err)
	var back string
	must(t, json.Unmarshal(printable(b), &back))
	if back != text || string(printable(b)) != `"č\u202e\udb40\udc01\u009b"` {
		t.Errorf("%s", printable(b))
	}
}

// Nothing is good that could have been bad had more been handed out, or that the appliance itself complains of.
func TestUnsettledIsNotGood(t *testing.T) {
	t.Parallel()
	r := &proof.Report{Confirmed: true, Intact: proof.Verdict{State: proof.Yes}}
	if code := (&program{}).exitOf(r); code != exitGood {
		t.Error(code)
	}
	for _, code := range []proof.Code{proof.CodePrunedUntold, proof.CodeUnaccepted} {
		r.Findings = []proof.Finding{{Code: code}}
		if code := (&program{}).exitOf(r); code != exitUnconfirmed {
			t.Error(code)
		}
		if out := slovenian.report(r, exitUnconfirmed); strings.Count(out, "\n !  ") != 1 {
			t.Error(out)
		}
	}
}
