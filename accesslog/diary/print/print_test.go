package print

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary/proof"
)

func rows(list ...Row) Rows {
	return func(yield func(Row, error) bool) {
		for _, r := range list {
			if !yield(r, nil) {
				return
			}
		}
	}
}

var at = time.Date(2026, 11, 21, 13, 5, 0, 0, time.UTC)

func example() Rows {
	ref := int64(3)
	return rows(
		Row{Leaf: proof.Leaf{Index: 3, Op: "collect", Time: at}, Body: &proof.Body{Objects: []proof.Object{{Camera: "hall", From: at, To: at.Add(time.Hour)}}, Data: map[string]any{"gaps": int64(2)}}},
		Row{Leaf: proof.Leaf{Index: 4, Op: "diary.read", Time: at, Ref: &ref}, Body: &proof.Body{Actor: &proof.Actor{Name: "=HYPERLINK(\"x\")", Proof: "claimed on the console"},
			Purpose: "<script>alert(1)</script>\n\"a\";b", Clock: "not synchronised"}},
		Row{Leaf: proof.Leaf{Index: 5, Op: "new.op", Time: at}},
	)
}

func TestCSV(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := CSV(&b, example()); err != nil {
		t.Fatal(err)
	}
	text, marked := strings.CutPrefix(b.String(), "\ufeff")
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = ';'
	table, err := r.ReadAll()
	if err != nil || !marked || len(table) != 4 {
		t.Fatalf("%v, %d rows:\n%s", err, len(table), text)
	}
	for i, want := range map[int]string{0: "Zapis", 1: "3", 2: "4", 3: "5"} {
		if table[i][0] != want || len(table[i]) != len(columns) {
			t.Errorf("row %d is %q", i, table[i])
		}
	}
	if got := table[1]; got[2] != "zbiranje" || got[10] != "hall: od 21. 11. 2026 13:05:00 do 21. 11. 2026 14:05:00" || got[13] != "gaps: 2" {
		t.Errorf("collect is %q", got)
	}
	if got := table[2]; got[3] != "3" || got[4] != "'=HYPERLINK(\"x\")" || got[5] != "navedba ob konzoli" || got[13] != "ura ni bila usklajena" {
		t.Errorf("diary.read is %q", got)
	}
	if got := table[3]; got[2] != "new.op" || got[4] != "(vsebina ni priložena)" {
		t.Errorf("the entry without a body is %q", got)
	}
}

func TestHTML(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := HTML(&b, Head{Origin: "sola.example/varuh/0/dnevnik", From: 3, To: 6, Size: 9, Made: at}, example()); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, want := range []string{"<td>zbiranje</td>", "&lt;script&gt;", "sola.example/varuh/0/dnevnik", "zapisi od številke 3 do pred 6", "</html>"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %s:\n%s", want, text)
		}
	}
	if strings.Contains(text, "<script") {
		t.Error("what a person wrote became a script")
	}
}

// An error of reading ends both, and is told.
func TestBroken(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	list := func(yield func(Row, error) bool) { yield(Row{}, broken) }
	if err := CSV(io.Discard, list); !errors.Is(err, broken) {
		t.Error(err)
	}
	if err := HTML(io.Discard, Head{}, list); !errors.Is(err, broken) {
		t.Error(err)
	}
}

// What can't be opened is told from what is not handed out, and listed apart.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	list := rows(Row{Leaf: proof.Leaf{Index: 1, Op: "collect", Time: at}, Unreadable: "manjka"},
		Row{Leaf: proof.Leaf{Index: 2, Op: "start", Time: at}},
		Row{Leaf: proof.Leaf{Index: 3, Op: "collect", Time: at}, Body: &proof.Body{Note: "n"}, Unreadable: "je poškodovan"})
	var table, page, some strings.Builder
	if err := errors.Join(CSV(&table, list), HTML(&page, Head{}, list), Unreadable(&some, list)); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{table.String(), page.String()} {
		for _, want := range []string{"(VSEBINE NI MOGOČE ODPRETI: manjka)", "(vsebina ni priložena)", "(SEZNAMA NI MOGOČE ODPRETI: je poškodovan)"} {
			if strings.Count(text, want) != 1 {
				t.Errorf("%q is not once in\n%s", want, text)
			}
		}
	}
	if got := some.String(); strings.Count(got, "\r\n") != 3 || !strings.Contains(got, "1;21. 11. 2026 13:05:00;zbiranje;manjka") || strings.Contains(got, "\n2;") {
		t.Error(got)
	}
}
