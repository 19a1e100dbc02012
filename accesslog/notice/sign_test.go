package notice

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// written is a page as text.
func written(t *testing.T, f func(*bytes.Buffer) error) string {
	t.Helper()
	var b bytes.Buffer
	must(t, f(&b))
	return b.String()
}

func both(t *testing.T, n Notice, language string) map[string]string {
	t.Helper()
	return map[string]string{
		"sign": written(t, func(b *bytes.Buffer) error { return Sign(b, n, language, ljubljana(t)) }),
		"web":  written(t, func(b *bytes.Buffer) error { return WebText(b, n, language, ljubljana(t)) }),
	}
}

// Sign and web text say everything that the law asks for (ZVOP-2 art. 76(4)), each in its language.
func TestPagesSayEverything(t *testing.T) {
	t.Parallel()
	n := Notice{ID: "1a2b3c4d", Content: school(), From: time.Date(2026, 8, 31, 22, 0, 0, 0, time.UTC)}
	n.Live, n.Speaks, n.Audio = true, true, true
	n.AudioReason, n.Countries, n.Other = Text{"grožnje na vhodu", "threats at the door"}, Text{"ZDA, s standardnimi klavzulami", "USA, with standard clauses"}, Text{"umetniška postavitev", "a work of art"}
	for language, want := range map[string][]string{
		"sl": {"o videonadzoru", "s sliko in zvokom", "varnost ljudi in premoženja", "glavni vhod", "spremlja tudi v živo", "zvočna intervencija", "ZDA, s standardnimi klavzulami",
			"umetniška postavitev", "grožnje na vhodu", "največ 1 leto", "Posnetke je mogoče pregledati", "varnostna služba", "velja od 1. 9. 2026"},
		"en": {"on video surveillance", "with picture and sound", "safety of people and property", "main entrance", "also watched live", "may speak", "USA, with standard clauses",
			"a work of art", "threats at the door", "at most 1 year", "Footage can be looked at later", "security service", "in force from 1 September 2026"},
	} {
		for name, page := range both(t, n, language) {
			for _, text := range append(want, "Osnovna šola Primer", "Šolska ulica 1", "01 234 56 78", "tajnistvo@sola.example", "https://sola.example/videonadzor",
				"041 000 000", "vop@sola.example", "76. in 77. člen", "1a2b3c4d", `lang="`+language+`"`) {
				if !strings.Contains(page, text) {
					t.Errorf("%s in %s does not say %q", name, language, text)
				}
			}
			if strings.Contains(page, words["draft"].In(language)) || strings.Contains(page, words["none"].In(language)) {
				t.Errorf("%s in %s says that it is a draft, or that nothing is unusual", name, language)
			}
		}
	}
	if page := both(t, Notice{Content: school()}, "sl")["sign"]; !strings.Contains(page, words["none"].Sl) || strings.Contains(page, "zvok") {
		t.Error("a usual notice does not say that nothing is unusual, or speaks of sound")
	}
	if web := both(t, n, "sl")["web"]; !strings.Contains(web, "Informacijskem pooblaščencu") || !strings.Contains(web, "Pravico imate") {
		t.Error("the web text tells nothing of rights")
	}
}

// An incomplete notice says what it lacks, and that it must not hang.
func TestDraft(t *testing.T) {
	t.Parallel()
	for language, want := range map[string]string{"sl": "uporabniki posnetkov", "en": "the recipients of footage"} {
		c := school()
		c.Recipients = Text{}
		for name, page := range both(t, Notice{Content: c}, language) {
			if !strings.Contains(page, words["draft"].In(language)) || name == "web" && !strings.Contains(page, want) {
				t.Errorf("%s in %s does not say that it is a draft", name, language)
			}
		}
	}
	var b bytes.Buffer
	if err := Sign(&b, Notice{}, "de", time.UTC); err == nil || b.Len() != 0 {
		t.Errorf("a sign in German: %v", err)
	}
}

// Nothing that a person writes becomes anything but text, and no page asks for another file.
func TestEscaping(t *testing.T) {
	t.Parallel()
	n := longest(`<script>alert('"&`)
	n.Controller.Web = `https://x.example/"><img src=x onerror=y>`
	for _, language := range []string{"sl", "en"} {
		for name, page := range both(t, n, language) {
			if strings.Contains(page, "<script") || strings.Contains(page, "<img") || strings.Contains(page, "ZgotmplZ") {
				t.Errorf("%s: a tag came through", name)
			}
		}
		for name, page := range both(t, Notice{Content: school()}, language) {
			if regexp.MustCompile(`(src=|url\(|<link|<iframe|@import)`).MatchString(page) {
				t.Errorf("%s asks for another file", name)
			}
		}
	}
}

// Every word on a page is there in both languages.
func TestWords(t *testing.T) {
	t.Parallel()
	for name, w := range words {
		if w.Sl == "" || w.En == "" || w.Sl == w.En {
			t.Errorf("%s: %q and %q", name, w.Sl, w.En)
		}
	}
	if _, err := (page{Language: "sl"}).Word("no such word"); err == nil {
		t.Error("a word that is not there is left out without an error")
	}
}

// python is the one that the package weasyprint is installed for.
const python = "/usr/bin/python3"

// countPages prints how many pages each file has.
const countPages = `import sys, weasyprint
for name in sys.argv[1:]: print(len(weasyprint.HTML(name).render().pages))`

// Every complete notice that can be entered fits one page A4; the usual one in type that is read from two metres.
func TestSignFitsThePage(t *testing.T) {
	t.Parallel()
	if out, err := exec.Command(python, "-c", "import weasyprint").CombinedOutput(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("weasyprint is missing (apt-get install weasyprint): %s", out)
		}
		t.Skip("weasyprint is missing (apt-get install weasyprint)")
	}
	usual := Notice{ID: "1a2b3c4d", Content: school(), From: noon}
	if size := (page{usual, "sl", time.UTC}).Size(); size < 14 {
		t.Errorf("the usual sign in type of %v points", size)
	}
	command, want := []string{"-c", countPages}, ""
	for i, n := range []Notice{usual, longest("beseda "), longest("ŠČ "), longest("W"), longest("nepretrganabeseda"), longest("i")} {
		for _, language := range []string{"sl", "en"} {
			name := filepath.Join(t.TempDir(), fmt.Sprintf("%d-%s.html", i, language))
			must(t, os.WriteFile(name, []byte(both(t, n, language)["sign"]), 0o600))
			command, want = append(command, name), want+"1\n"
		}
	}
	out, err := exec.Command(python, command...).CombinedOutput()
	if err != nil || string(out) != want {
		t.Errorf("pages: %v\n%s", err, out)
	}
}
