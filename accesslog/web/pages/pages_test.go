package pages

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/people"
)

func newPages(t testing.TB) *Pages {
	t.Helper()
	p, err := New()
	must(t, err)
	return p
}

// reader is somebody who may do some things.
func reader(may ...people.Action) *Reader {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	return &Reader{Name: "Vida <Ravnik>", Login: "vida.head", Began: now, Ends: now.Add(time.Hour), May: may, Reset: &Reset{"Nekdo", now},
		Authorisations: []Authorisation{{Role: "oskrbnik", From: now, Signed: true}, {Role: "inšpektor", Cameras: []string{"Avla"}, From: now, To: now.Add(time.Hour)}}}
}

// views are how a page can be seen.
func views() []View {
	problem := &Problem{404, "Te strani ni", "Preverite naslov."}
	install := &Install{"varuh sola.example", []string{"AA:BB", "CC:DD"}}
	return []View{
		{Whose: "varuh sola.example", Problem: problem, Install: install},
		{Whose: "varuh sola.example", Problem: problem, Reader: reader(), Locked: true, Next: "/footage"},
		{Whose: "varuh sola.example", Problem: problem, Install: install, Reader: reader(people.Actions...), Menu: []Link{{"footage", "/footage"}}},
	}
}

// Every page can be written in every language for whoever may see it, and has nothing in it that the policy forbids.
func TestPagesKeepPolicy(t *testing.T) {
	t.Parallel()
	p := newPages(t)
	forbidden := regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|javascript:|https?:|//[a-z]|<script(?:(?: type="module")? src="/static/[0-9a-f]{16}/(?:sl|en)/[a-z-]+\.js")?>.|<iframe|<object|<base|ZgotmplZ`)
	for _, language := range Languages {
		for _, name := range Names() {
			for _, v := range views() {
				v.Language = language
				var out bytes.Buffer
				must(t, p.Write(&out, name, v))
				text := strings.ReplaceAll(out.String(), `xmlns="http://www.w3.org/2000/svg"`, "")
				text = strings.ReplaceAll(text, "></script>", ">")
				if found := forbidden.FindString(strings.ReplaceAll(text, "\n", " ")); found != "" && !strings.HasSuffix(found, "> ") {
					t.Errorf("%s in %s has %q", name, language, found)
				}
				if strings.Contains(text, "<Ravnik>") || !strings.Contains(text, `<html lang="`+language+`">`) || !strings.Contains(text, "<noscript>") || strings.Count(text, "<h1") != 1 {
					t.Errorf("%s in %s:\n%s", name, language, text)
				}
			}
		}
	}
}

// What a reader may not do is not on his page.
func TestPagesHaveNothingForbidden(t *testing.T) {
	t.Parallel()
	p := newPages(t)
	for _, tt := range []struct {
		v    View
		page string
		text string
		want bool
	}{
		{View{}, "problem", "viewing-bar", false},
		{View{Reader: reader(people.System)}, "problem", "viewing-bar", false},
		{View{Reader: reader(people.Play)}, "problem", "viewing-bar", true},
		{View{}, "problem", "log-out", false},
		{View{}, "problem", `class="menu"`, false},
		{View{Reader: reader(), Menu: []Link{{"footage", "/footage"}}}, "problem", `href="/footage"`, true},
	} {
		tt.v.Language, tt.v.Problem = "sl", &Problem{Title: "Napaka"}
		var out bytes.Buffer
		must(t, p.Write(&out, tt.page, tt.v))
		if strings.Contains(out.String(), tt.text) != tt.want {
			t.Errorf("%q on page %q: want %v", tt.text, tt.page, tt.want)
		}
	}
	if _, err := (View{}).May("fly"); err == nil {
		t.Error("an action that there is not can be asked for")
	}
	if err := p.Write(io.Discard, "nowhere", View{Language: "sl"}); err == nil {
		t.Error("a page that there is not can be written")
	}
}

// modules are what a module takes from others.
var modules = regexp.MustCompile(`(?m)^import[^;]*?from '([^']+)'|\bimport\('([^']+)'\)`)

// Modules take from modules that there are, use nothing that the policy forbids, and read no text as HTML.
func TestModules(t *testing.T) {
	t.Parallel()
	p := newPages(t)
	names, err := filepath.Glob("static/js/*.js")
	must(t, err)
	for _, name := range names {
		source, err := os.ReadFile(name)
		must(t, err)
		for _, found := range modules.FindAllStringSubmatch(string(source), -1) {
			from := filepath.Join("sl", found[1]+found[2])
			if _, err := p.address(from); err != nil && !strings.HasPrefix(found[1]+found[2], "/static/") {
				t.Errorf("%s takes from %q, which there is not", name, from)
			}
		}
		for _, bad := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "localStorage", "http://", "https://"} {
			if strings.Contains(strings.ReplaceAll(string(source), "'http://www.w3.org/2000/svg'", ""), bad) {
				t.Errorf("%s has %s", name, bad)
			}
		}
	}
	if len(names) < 5 {
		t.Errorf("%d modules", len(names))
	}
}

// A file is had in its version alone, whole or packed, and one that changes has another version.
func TestAssets(t *testing.T) {
	t.Parallel()
	p := newPages(t)
	a, ok := p.Asset(p.assets.version, "sl", "words.js")
	if !ok || a.Media != "text/javascript; charset=utf-8" {
		t.Fatal(a.Media, ok)
	}
	r, err := gzip.NewReader(bytes.NewReader(a.Gzipped))
	must(t, err)
	plain, err := io.ReadAll(r)
	must(t, err)
	source, err := os.ReadFile("static/js/words.js")
	must(t, err)
	if !bytes.Equal(plain, source) || !bytes.Equal(a.Plain, source) {
		t.Error("the file is another one")
	}
	for _, tt := range [][3]string{{"0", "sl", "words.js"}, {p.assets.version, "sl", "nothing.js"}, {p.assets.version, "..", "pages.go"}, {p.assets.version, "", ""}} {
		if _, ok := p.Asset(tt[0], tt[1], tt[2]); ok {
			t.Errorf("%q is had", tt)
		}
	}
	other := assets{files: map[string]Asset{}}
	for name, a := range p.assets.files {
		other.files[name] = a
	}
	other.files["sl/words.js"] = Asset{Plain: slices.Concat(source, []byte("\n"))}
	other.seal()
	if other.version == p.assets.version {
		t.Error("the version stays")
	}
	for _, name := range []string{"words.js", "a/b/c.js", "js/x.exe", "sl/words.js"} {
		if err := p.assets.add(name, []byte("x")); err == nil {
			t.Errorf("file %q is taken in", name)
		}
	}
}
