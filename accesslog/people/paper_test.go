package people

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"
)

func paperOf(t *testing.T, p Paper) string {
	t.Helper()
	var b strings.Builder
	must(t, p.Write(&b))
	return b.String()
}

func guardPaper() Paper {
	a := granted(Guard)
	a.ID, a.Cameras, a.To = "0a1b2c3d", []string{"hall", "yard"}, noon.AddDate(0, 1, 0)
	return Paper{Controller: "OŠ Lipa\nCesta 1, Kranj", Person: Person{Login: "ana", Name: "Ana <Novak>"}, Authorisation: a, Language: "sl", Zone: time.UTC}
}

func TestPaperPage(t *testing.T) {
	t.Parallel()
	p := guardPaper()
	page := paperOf(t, p)
	for _, want := range []string{"OŠ Lipa<br>Cesta 1, Kranj", "Ana &lt;Novak&gt;", "0a1b2c3d", "varnostnik", "spremljanje v živo", "hall, yard", "15 min",
		"samo v prostorih", "od 21. 11. 2026 ob 11.00 do 21. 12. 2026 ob 12.00", "poklicna skrivnost", "tudi po prenehanju"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing", want)
		}
	}
	p.Language, p.Authorisation, p.DeputyOf = "en", granted(Approver), "Vida Ravnik"
	p.Authorisation.Outside = true
	page = paperOf(t, p)
	for _, want := range []string{"approver", "Deputy of", "Vida Ravnik", "all, those to come included", "until it is ended", "also outside"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if strings.Contains(page, "Looking back") || regexp.MustCompile(`(src|href)=|url\(|[a-z]+://`).MatchString(page) {
		t.Errorf("it loads something, or says too much: %s", page)
	}
	p.Language = "de"
	if err := p.Write(&strings.Builder{}); !errors.Is(err, ErrIncomplete) {
		t.Error(err)
	}
}

// Whatever there is has a word in both languages, and the page uses no word that is not there.
func TestWords(t *testing.T) {
	t.Parallel()
	var all []text
	for _, r := range Roles {
		all = append(all, roleWords[r])
	}
	for _, a := range Actions {
		all = append(all, actionWords[a])
	}
	for _, m := range regexp.MustCompile(`\.Word "(\w+)"`).FindAllStringSubmatch(paperText, -1) {
		all = append(all, paperWords[m[1]])
	}
	if len(all) < len(Roles)+len(Actions)+20 {
		t.Errorf("only %d words were looked for", len(all))
	}
	for _, w := range all {
		if w.sl == "" || w.en == "" {
			t.Errorf("%+v lacks a language", w)
		}
	}
}
