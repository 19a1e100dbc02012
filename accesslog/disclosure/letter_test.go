package disclosure

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"varuh/accesslog/pdf/pdftest"
)

// letter is one about a request that is there.
func letter(t *testing.T, r *rig, q Request) Letter {
	t.Helper()
	c, err := ContentOf(r.body(t, q.Content))
	must(t, err)
	return Letter{Controller: "Osnovna šola Primer\nŠolska ulica 1", Number: "071-1/2026", Date: noon, Zone: r.Zone, Request: q, Content: c}
}

// Each letter says what it is for, and nothing that it is not.
func TestLetters(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := complete(Authority)
	a.Scan, a.Purpose, a.Applicant.Name = "", "", `<script>alert("PP")</script>`
	q := r.receive(t, a)
	has(t, wrote(t, letter(t, r, q).Missing), []string{"Poziv k dopolnitvi", NoSignature.In("sl"), NoPurpose.In("en"), "22. 11. 2026", "2302-55/2026", "Osnovna šola Primer Šolska ulica 1",
		`Vlagatelj <script>alert("PP")</script>`, "od prejema popolne zahteve", "Pooblaščena oseba", "Številka 071-1/2026", "Stran 1 od 1"}, NoNumber.In("sl"), "pritožb")
	must(t, r.do(t, Supplement, q))
	refusal := func(w io.Writer) error { return letter(t, r, q).Refusal(w, "Ni pravne podlage.\nNamen ni naveden.") }
	has(t, wrote(t, refusal), []string{"Zavrnitev", "Ni pravne podlage. Namen ni naveden.", "Informacijskem pooblaščencu", "Information Commissioner", "dokler zadržanja ne odpravi pooblaščena oseba"}, "manjka")
	other := r.receive(t, complete(Other))
	must(t, r.do(t, Extend, other))
	extension := func(w io.Writer) error { return letter(t, r, r.request(t, other.ID)).Extension(w, "po telefonu") }
	has(t, wrote(t, extension), []string{"Podaljšanje roka", "1. 1. 2027", "po telefonu", "071-1/2026"}, "Zavrnitev")
	subject := complete(Subject)
	subject.Identity = ""
	has(t, wrote(t, letter(t, r, r.receive(t, subject)).Missing), []string{NoIdentity.In("sl"), "teče od prejema zahteve"}, "popolne zahteve")
	var b bytes.Buffer
	l := letter(t, r, other)
	for name, err := range map[string]error{"nothing missing": l.Missing(&b), "no reasons": l.Refusal(&b, " "), "no day": l.Extension(&b, "po telefonu"), "no words": l.Extension(&b, "")} {
		if !errors.Is(err, ErrWrong) || b.Len() > 0 {
			t.Errorf("%s: %v, %d bytes", name, err, b.Len())
		}
	}
}

// Every fixed text of a letter is there in both languages.
func TestLetterWords(t *testing.T) {
	t.Parallel()
	for name, text := range words {
		if text.Sl == "" || text.En == "" {
			t.Errorf("%s is not said in both languages", name)
		}
	}
}

// wrote is the text of a letter as poppler reads it, its words one space apart. The same letter has the same bytes.
func wrote(t *testing.T, write func(io.Writer) error) string {
	t.Helper()
	var a, b bytes.Buffer
	must(t, write(&a))
	must(t, write(&b))
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the same letter has other bytes")
	}
	return pdftest.Text(t, a.Bytes())
}

func has(t *testing.T, text string, want []string, not ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("the letter lacks %q: %s", w, text)
		}
	}
	for _, n := range not {
		if strings.Contains(text, n) {
			t.Errorf("the letter says %q: %s", n, text)
		}
	}
}
