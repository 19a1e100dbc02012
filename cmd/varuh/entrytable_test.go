package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/people"
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
