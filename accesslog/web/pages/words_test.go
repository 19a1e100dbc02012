package pages

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// catalogue is the words of a language.
func catalogue(t testing.TB, language string) *Words {
	t.Helper()
	w, err := readWords(wordFiles, language)
	must(t, err)
	return w
}

// keys are all keys of a language, with what each leaves open.
func (w *Words) keys() map[string]string {
	all := map[string]string{}
	for key, text := range w.texts {
		all[key] = open(text)
	}
	for key, forms := range w.counted {
		for _, text := range forms {
			all[key] = "counted" + open(strings.ReplaceAll(text, "{n}", ""))
		}
	}
	return all
}

// braces are what a text leaves open.
var braces = regexp.MustCompile(`\{\w+\}`)

func open(text string) string {
	found := braces.FindAllString(text, -1)
	slices.Sort(found)
	return strings.Join(slices.Compact(found), "")
}

// Each key is in both languages, is counted in both or in none, leaves the same open, and says something.
func TestWordsInBothLanguages(t *testing.T) {
	t.Parallel()
	first := catalogue(t, Languages[0]).keys()
	for _, language := range Languages {
		w := catalogue(t, language)
		keys := w.keys()
		for key, open := range first {
			if other, ok := keys[key]; !ok || other != open {
				t.Errorf("%q: %q is %q in %q", key, open, other, language)
			}
		}
		if len(keys) != len(first) {
			t.Errorf("%d keys in %q, %d in %q", len(keys), language, len(first), Languages[0])
			for key := range keys {
				if _, ok := first[key]; !ok {
					t.Errorf("%q is in %q alone", key, language)
				}
			}
		}
		for key, text := range w.texts {
			if strings.TrimSpace(text) != text || text == "" || strings.ContainsAny(text, "<>") {
				t.Errorf("%q says %q in %q", key, text, language)
			}
		}
	}
}

// uses are how templates and modules say a key, by what the key has to be.
var uses = map[string]*regexp.Regexp{
	"text":    regexp.MustCompile(`\{\{-?\s*t "([^"]+)"|\(t "([^"]+)"|\bt\('([^']+)'`),
	"counted": regexp.MustCompile(`\{\{-?\s*n "([^"]+)"|\(n "([^"]+)"|\bn\('([^']+)'`),
	"family":  regexp.MustCompile(`\{\{-?\s*of "([^"]+)"|\(of "([^"]+)"|\bof\('([^']+)'`),
}

// hidden are keys that the test would not see.
var hidden = regexp.MustCompile("\\b[tn]\\((?:`|[a-z_$])|\\bof\\((?:`|[a-z_$])|\\{\\{-?\\s*(?:t|n|of) [^\"]")

// said are the keys that templates and modules say, by what they have to be, with where they stand.
func said(t *testing.T) map[string]map[string]string {
	all := map[string]map[string]string{"text": {}, "counted": {}, "family": {}}
	for _, pattern := range []string{"templates/*.html", "templates/*/*.html", "static/js/*.js"} {
		names, err := filepath.Glob(pattern)
		must(t, err)
		for _, name := range names {
			source, err := os.ReadFile(name)
			must(t, err)
			for kind, form := range uses {
				for _, found := range form.FindAllStringSubmatch(string(source), -1) {
					all[kind][strings.Join(found[1:], "")] = name
				}
			}
			if filepath.Base(name) == "words.js" {
				continue
			}
			if found := hidden.FindString(string(source)); found != "" {
				t.Errorf("%s: the key after %q is no literal", name, found)
			}
		}
	}
	return all
}

// Each key that is used is in the catalogue as what it is used for, and each that is there is used.
func TestWordsAreUsed(t *testing.T) {
	t.Parallel()
	w, used := catalogue(t, Languages[0]), said(t)
	left := maps.Clone(w.keys())
	for key, where := range used["text"] {
		if _, ok := w.texts[key]; !ok {
			t.Errorf("%s says %q, which is in no file", where, key)
		}
		delete(left, key)
	}
	for key, where := range used["counted"] {
		if _, ok := w.counted[key]; !ok {
			t.Errorf("%s says %q with a number, which is in no file", where, key)
		}
		delete(left, key)
	}
	for family, where := range used["family"] {
		if _, ok := w.texts[family+".other"]; !ok {
			t.Errorf("%s says one of %q, which has no member \"other\"", where, family)
		}
		for key := range w.texts {
			if strings.HasPrefix(key, family+".") {
				delete(left, key)
			}
		}
	}
	for key := range left {
		t.Errorf("nothing says %q", key)
	}
	if len(used["text"]) < 20 || len(used["counted"]) == 0 || len(used["family"]) == 0 {
		t.Errorf("%d texts, %d counted, %d families: are they still found?", len(used["text"]), len(used["counted"]), len(used["family"]))
	}
}

// What is done with footage is said where it is asked who saw it: each operation of the kinds that are listed there has words.
func TestWordsOfUses(t *testing.T) {
	t.Parallel()
	for _, language := range Languages {
		w, found := catalogue(t, language), 0
		for key := range w.texts {
			op, ok := strings.CutPrefix(key, "diary.op.")
			listed := slices.ContainsFunc([]string{"export", "disclose", "handover", "hold.", "restrict.", "request."}, func(begins string) bool { return strings.HasPrefix(op, begins) })
			if !ok || !listed {
				continue
			}
			if found++; w.texts["seen.op."+op] == "" {
				t.Errorf("%s: %q has no words in %q", language, op, "seen.op")
			}
		}
		if found < 20 {
			t.Errorf("%s: %d operations: are they still found?", language, found)
		}
	}
}

// The words of a page stand in its own file, or in common.json.
func TestWordsOfPages(t *testing.T) {
	t.Parallel()
	for _, language := range Languages {
		names, err := fs.Glob(wordFiles, "words/"+language+"/*.json")
		must(t, err)
		for _, name := range names {
			part := strings.TrimSuffix(filepath.Base(name), ".json")
			if _, err := os.Stat("static/js/" + part + ".js"); part != "common" && !slices.Contains(Names(), part) && err != nil {
				t.Errorf("%s belongs to no page and no module", name)
			}
		}
	}
}

// The record of erasures is of what was recorded; above it stands by what word the diary tells that a package was destroyed.
func TestWordsOfDestroyedPackages(t *testing.T) {
	t.Parallel()
	for _, language := range Languages {
		w := catalogue(t, language)
		if word := w.texts["diary.op.erase.package"]; word == "" || !strings.Contains(w.texts["retention.erased-about"], word) {
			t.Errorf("in %q it does not say %q: %s", language, word, w.texts["retention.erased-about"])
		}
	}
}

func TestPlural(t *testing.T) {
	t.Parallel()
	rules, err := rulesOf(pluralRules)
	must(t, err)
	for language, forms := range map[string]map[string][]int{
		"sl": {"one": {1, 101, 201, 1001}, "two": {2, 102, 1002}, "few": {3, 4, 103, 104, 203}, "other": {0, 5, 6, 11, 12, 13, 14, 21, 22, 23, 99, 100, 105, 111, 112, 1000}},
		"en": {"one": {1}, "other": {0, 2, 3, 5, 11, 21, 101, 1001}},
	} {
		for form, numbers := range forms {
			for _, n := range numbers {
				if got := formOf(rules[language], n); got != form {
					t.Errorf("%d in %q is %q, want %q", n, language, got, form)
				}
			}
		}
	}
	w := catalogue(t, "sl")
	var list []string
	for _, n := range []int{1, 2, 3, 5, 101, 102} {
		text, err := w.N("common.wait", n)
		must(t, err)
		list = append(list, text)
	}
	want := []string{"Počakajte še 1 sekundo.", "Počakajte še 2 sekundi.", "Počakajte še 3 sekunde.", "Počakajte še 5 sekund.", "Počakajte še 101 sekundo.", "Počakajte še 102 sekundi."}
	if !slices.Equal(list, want) {
		t.Errorf("%q", list)
	}
}

// What is wrong with words is told, and nothing half is shown.
func TestWordsWrong(t *testing.T) {
	t.Parallel()
	w := catalogue(t, "sl")
	for name, f := range map[string]func() (string, error){
		"unknown":  func() (string, error) { return w.T("common.nowhere") },
		"uncount":  func() (string, error) { return w.N("common.skip", 1) },
		"no other": func() (string, error) { return w.Of("common.skip", "x") },
		"too much": func() (string, error) { return w.T("common.skip", "name", "x") },
		"half":     func() (string, error) { return w.T("common.viewing-number", "entry") },
	} {
		if text, err := f(); err == nil {
			t.Errorf("%s: %q", name, text)
		}
	}
	if text, err := w.Of("common.language", "de"); err != nil || text != "Jezik" {
		t.Error(text, err)
	}
	for _, bad := range []string{`{"a.b": 1}`, `{"a.b": {"one": "x"}}`, `{"other.b": "x"}`, `{`, `{"a.b": {"one": "x", "two": "x", "few": "x", "other": "x", "many": "x"}}`} {
		files := fstest.MapFS{"words/sl/a.json": {Data: []byte(bad)}}
		if _, err := readWords(files, "sl"); err == nil {
			t.Errorf("%s is taken for words", bad)
		}
	}
}
