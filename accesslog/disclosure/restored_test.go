package disclosure

import (
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// putBack enters that the appliance was put back from a copy of a time, as the command does before a start.
func (r *rig) putBack(t *testing.T, made time.Time) int64 {
	t.Helper()
	row, err := proof.Encode(map[string]any{"made": made.UnixMilli(), "name": "varuh-backup"})
	must(t, err)
	got, err := r.d.Append(t.Context(), diary.Entry{Op: opRestore, Manifest: row, Clear: true}, nil)
	must(t, err)
	r.restart(t)
	return got.Index
}

// The register of a time knows of each restore in it or behind it, whatever the clock showed at the restore, and says so in two
// languages, by the clock of the site.
func TestRestored(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	made := noon.Add(-30 * time.Hour)
	first := r.putBack(t, made)
	r.now = noon.AddDate(-1, 0, 0) // a clock that lost its time
	second := r.putBack(t, made)
	r.now = noon.AddDate(0, 0, 1)
	for since, want := range map[time.Time]int{noon.AddDate(-2, 0, 0): 2, noon: 2, noon.Add(time.Second): 0} {
		if list, err := r.Restored(t.Context(), since); err != nil || len(list) != want {
			t.Errorf("since %s: %+v, %v", since, list, err)
		}
	}
	list, err := r.Restored(t.Context(), noon)
	if must(t, err); len(list) != 2 || list[0].Entry != first || list[1].Entry != second || !list[0].At.Equal(noon) || !list[0].Copy.Equal(made) {
		t.Fatalf("%+v", list)
	}
	says := list[0].Says(r.Zone)
	if want := "Naprava je bila 22. 11. 2026 ob 13.00 CET obnovljena iz kopije, narejene 21. 11. 2026 ob 07.00 CET (zapis 1); kar je napravo zapustilo vmes, ni v tej evidenci."; says.Sl != want {
		t.Error(says.Sl)
	}
	if want := "The appliance was put back on 22 November 2026, 13:00 CET from a copy of 21 November 2026, 07:00 CET (entry 1); what left in between is not in this register."; says.En != want {
		t.Error(says.En)
	}
}

// A restore whose entry doesn't say when the copy was made is told all the same.
func TestRestoredFromUnknown(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, err := r.d.Append(t.Context(), diary.Entry{Op: opRestore}, nil)
	must(t, err)
	list, err := r.Restored(t.Context(), noon.AddDate(0, 0, -1))
	if must(t, err); len(list) != 1 || !list[0].Copy.IsZero() {
		t.Fatalf("%+v", list)
	}
	says := list[0].Says(r.Zone)
	if !strings.Contains(says.Sl, "obnovljena iz starejše kopije (zapis 1); kar") || !strings.Contains(says.En, "from an earlier copy (entry 1); what") {
		t.Errorf("%+v", says)
	}
}

// What was approved when the appliance was put back may have left between the copy and that: whoever refuses or withdraws it is told
// so before, and by the entry. What was approved since, or was over before, is no such request.
func TestRestoredOver(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	built, approved, refused, complete := r.by(t, Authority, Built), r.by(t, Other, Approved), r.by(t, Other, Refused), r.by(t, Authority, Complete)
	handed := r.by(t, Authority, HandedOver)
	restore := r.putBack(t, noon)
	must(t, r.do(t, Approve, complete))
	over := func(q Request) int {
		t.Helper()
		list, err := r.RestoredOver(t.Context(), r.request(t, q.ID))
		must(t, err)
		return len(list)
	}
	for _, q := range []Request{refused, complete, handed} {
		if n := over(q); n != 0 {
			t.Errorf("%d restores over the request that is %s", n, r.request(t, q.ID).State)
		}
	}
	for step, q := range map[Step]Request{Refuse: built, Withdraw: approved} {
		if n := over(q); n != 1 {
			t.Errorf("%d restores before %s", n, step)
		}
		must(t, r.do(t, step, q))
		last := r.request(t, q.ID).Last
		if n, said := over(q), r.body(t, last).Data["restored"]; n != 1 || said != restore {
			t.Errorf("%d restores after %s, and its entry names %v", n, step, said)
		}
	}
	must(t, r.do(t, Refuse, complete))
	if said, is := r.body(t, r.request(t, complete.ID).Last).Data["restored"]; is {
		t.Errorf("what was approved since names %v", said)
	}
}
