package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/people"
	"varuh/recorder"
)

// A row of the list says whom an entry is about, and of a picture when it was taken.
func TestSummaryNamesWhom(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 9, 14, 0, 120e6, time.UTC)
	for _, tt := range []struct {
		body proof.Body
		want []string
	}{
		{proof.Body{Data: map[string]any{"login": "hisnik", "name": "Jože Kos", "person": "0a0b0c0d"}}, []string{"hisnik (Jože Kos)"}},
		{proof.Body{Data: map[string]any{"person": "0a0b0c0d", "name": "Jože Kos", "count": int64(3), "first": "a", "last": "b"}}, []string{"Jože Kos", "3 log-ins"}},
		{proof.Body{Data: map[string]any{"names": "unknown", "count": int64(1), "first": "a", "last": "b"}}, []string{"names that nobody has", "1 log-in"}},
		{proof.Body{Note: "moved", Data: map[string]any{"notice": "3", "cameras": "hall yard"}}, []string{"moved", "hall yard"}},
		{proof.Body{Data: map[string]any{"notice": "3", "names": "Ana Novak"}}, []string{"notice 3"}},
		{proof.Body{Data: map[string]any{"kind": "witness", "name": "w1", "size": int64(2)}}, []string{"witness: w1", "2 entries"}},
		{proof.Body{Objects: []proof.Object{{Camera: "hall", From: at, To: at.Add(33 * time.Millisecond)}}}, []string{"hall 2026-11-22 09:14:00.120 to 09:14:00.153"}},
		{proof.Body{Objects: []proof.Object{{Camera: "hall", From: at, To: at}}}, []string{"hall 2026-11-22 09:14:00.120"}},
		{proof.Body{Objects: []proof.Object{{Camera: "hall", From: at, To: at.Add(time.Minute)}}}, []string{"hall 2026-11-22 09:14:00 to 09:15:00"}},
	} {
		if got := summary(tt.body); !slices.Equal(got, tt.want) {
			t.Errorf("%+v is %q, want %q", tt.body, got, tt.want)
		}
	}
}

// Who may not yet is told what lacks and who sees to it.
func TestDutifulSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]string{people.ErrUnsigned: "varuh person sign ID --paper DAY", people.ErrNotYet: "varuh person list",
		people.ErrPasswordFirst: "varuh person password --as hisnik", people.ErrSecondFirst: "varuh person second --as hisnik"} {
		if got := dutiful(err, "hisnik").Error(); !strings.Contains(got, want) {
			t.Errorf("%q does not say %q", got, want)
		}
	}
}

// What a person wrote can't move the cursor or turn the direction of writing in a table.
func TestListIsPrintable(t *testing.T) {
	t.Parallel()
	body, err := proof.EncodeBody(proof.Body{Salt: proof.NewSalt(), Actor: &proof.Actor{Name: "Živa \u202e\u2066\u200f\u2028\x1b[2J"}, Purpose: "čšž – „navedek“ €", Note: "a\u0085\ue000\u00adb"})
	must(t, err)
	leaf, err := proof.EncodeLeaf(proof.Leaf{Index: 1, Op: "diary.read", Body: proof.HashBody(body)})
	must(t, err)
	var out strings.Builder
	table := newEntryTable(&out)
	must(t, table.add(diaryLine{Leaf: string(leaf), Body: string(body)}))
	must(t, table.end(nil, 0))
	must(t, showParts(&out, diaryLine{Body: string(body)}))
	text := out.String()
	if strings.ContainsAny(text, "\u202e\u2066\u200f\u2028\x1b\u0085\ue000\u00ad") || !strings.Contains(text, "Živa") || !strings.Contains(text, "čšž – „navedek“ €") {
		t.Errorf("%q", text)
	}
}

// A list is aligned, folded on a terminal alone, and does not hold more than a part of a long diary.
func TestEntryTable(t *testing.T) {
	t.Parallel()
	line := func(i int64, who, why string) diaryLine {
		b, err := proof.EncodeBody(proof.Body{Actor: &proof.Actor{Name: who}, Purpose: why})
		must(t, err)
		l, err := proof.EncodeLeaf(proof.Leaf{Index: i, Op: "diary.read", Time: noonThen})
		must(t, err)
		return diaryLine{Leaf: string(l), Body: string(b)}
	}
	var out strings.Builder
	table := newEntryTable(&out)
	table.width = 70
	must(t, table.add(line(7, "Živa Črnko", "ena dva tri štiri pet šest sedem osem devet deset")))
	must(t, table.add(line(12, strings.Repeat("x", 40), "kratko")))
	must(t, table.end(nil, 0))
	const want = `ENTRY  TIME (UTC)           OPERATION   WHO                   WHAT
7      2026-11-22 12:00:00  diary.read  Živa Črnko            ena dva tri štiri pet šest sedem osem devet deset
12     2026-11-22 12:00:00  diary.read  xxxxxxxxxxxxxxxxxxx…  kratko
`
	if got := out.String(); got != want {
		t.Errorf("too narrow to fold:\n%s", got)
	}
	out.Reset()
	table = newEntryTable(&out)
	table.width = 100
	must(t, table.add(line(7, "Živa Črnko", "ena dva tri štiri pet šest sedem osem devet deset enajst")))
	must(t, table.end(nil, 0))
	if got := out.String(); !strings.Contains(got, "sedem osem devet\n"+strings.Repeat(" ", 52)+"deset enajst\n") {
		t.Errorf("folded:\n%s", got)
	}
	out.Reset()
	table = newEntryTable(&out)
	for i := range int64(3 * tableRows) {
		must(t, table.add(line(i, "a", strings.Repeat("long ", 50))))
		if len(table.rows) >= tableRows {
			t.Fatal("all rows are held")
		}
	}
	must(t, table.end(nil, 0))
	if got := out.String(); strings.Count(got, "\n") != 3*tableRows+1 || strings.Count(got, "ENTRY") != 1 {
		t.Error(strings.Count(got, "\n"))
	}
}

var noonThen = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// What a camera says in an error can't move the cursor either.
func TestPlain(t *testing.T) {
	t.Parallel()
	if got := plain("kamera \u201edvorišče\u201c: 404 (\x1b[2J\u202e)\nčšž\r"); got != "kamera \u201edvorišče\u201c: 404 (\ufffd[2J\ufffd)\nčšž\ufffd" {
		t.Errorf("%q", got)
	}
	st := status{Status: recorder.Status{Streams: []recorder.StreamStatus{{Camera: "a", Stream: "main", Sentence: "it said \x1b]0;x\a"}}}}
	for _, text := range []string{st.table(), line(st)} {
		if !strings.Contains(text, "it said") || strings.ContainsAny(text, "\x1b\a") {
			t.Errorf("%q", text)
		}
	}
}
