package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// All that is said of cameras and disks is said in Slovenian, too; so are the sentences that quote others.
func TestSentencesInSlovenian(t *testing.T) {
	t.Parallel()
	count := 0
	for _, name := range []string{"../../recorder/rtsp/explain.go", "../../retention/depth.go"} {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		must(t, err)
		ast.Inspect(f, func(n ast.Node) bool {
			l, ok := n.(*ast.BasicLit)
			if !ok || l.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(l.Value)
			must(t, err)
			if len(text) < 40 || !strings.Contains(text, " ") || strings.Contains(text, "%s the disks") {
				return true
			}
			count++
			if !slices.ContainsFunc(shownSentences, func(s struct{ en, sl string }) bool { return s.en == text }) {
				t.Errorf("%s: %q is not said in Slovenian", name, text)
			}
			return true
		})
	}
	if count < 20 {
		t.Errorf("only %d sentences were found", count)
	}
	for _, s := range shownSentences {
		if strings.Count(s.en, "%") != strings.Count(s.sl, "%") || s.sl == "" || s.sl == s.en {
			t.Errorf("%q is said as %q", s.en, s.sl)
		}
	}
	for en, sl := range map[string]string{
		"hall/main: 10.0.0.7:554: the camera is there but does not answer; restart it": "hall/main: 10.0.0.7:554: kamera je dosegljiva, a ne odgovarja; znova jo zaženite",
		"hall: 30d are promised, but its footage reaches back 3 days only":             "hall: obljubljeno je 30d, posnetki pa segajo nazaj le 3 days",
		"the configuration is not in force: varuh.yml: line 3":                         "nastavitve ne veljajo: varuh.yml: line 3",
		"something that nobody has foreseen":                                           "Naprava sporoča (v angleščini): something that nobody has foreseen",
	} {
		if got := bothLanguages(en); got.Sl != sl || got.En != en {
			t.Errorf("%+v", got)
		}
	}
}
