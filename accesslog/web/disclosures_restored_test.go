package web

import (
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/disclosure"
)

// putBack enters that the appliance was put back from a copy, as the command does before a start.
func (r *rig) putBack(t testing.TB, made time.Time) (entry int64) {
	t.Helper()
	row, err := proof.Encode(map[string]any{"made": made.UnixMilli()})
	must(t, err)
	got, err := r.diary.Append(t.Context(), diary.Entry{Op: "restore", Manifest: row, Clear: true}, nil)
	must(t, err)
	return got.Index
}

// After a restore the register says with each answer that what left since the copy is not in it, for each time that isn't over before
// the restore; and a request that was approved then says so before it is refused, and after. A token is told nothing of that.
func TestRegisterAfterRestore(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	q, _ := d.in(groups[1], disclosure.Built)
	entry := d.putBack(t, noon.Add(-30*time.Hour))
	told := func(list []RestoredInfo, says ...string) bool {
		if len(list) != 1 || list[0].Entry != entry || !list[0].Copy.Equal(noon.Add(-30*time.Hour)) || list[0].At.IsZero() {
			return false
		}
		for _, part := range says {
			if !strings.Contains(list[0].Text, part) {
				return false
			}
		}
		return true
	}
	clerk, auditor := d.clients["caretaker"], d.clients["auditor"]
	var plain DisclosureList
	if clerk.api("GET", "/disclosures", nil, &plain); !told(plain.Restored, "ni v tej evidenci", "obnovljena iz kopije, narejene 20. 11. 2026 ob 06.00 UTC") {
		t.Errorf("%+v", plain)
	}
	if clerk.api("GET", "/disclosures?to=2026-01-01", nil, &plain); !told(plain.Restored) {
		t.Errorf("of a year before: %+v", plain)
	}
	if clerk.api("GET", "/disclosures?from=2026-12-01&to=2026-12-02", nil, &plain); plain.Restored == nil || len(plain.Restored) > 0 {
		t.Errorf("of a time behind it: %+v", plain)
	}
	var all DisclosuresTold
	if auditor.api("POST", "/disclosures/readings", DisclosuresReadingAsked{Reason: "letni pregled"}, &all); !told(all.Restored, "ni v tej evidenci") {
		t.Errorf("%+v", all)
	}

	var info RequestInfo
	if d.clients["police"].api("GET", "/requests/"+q.ID, nil, &info); len(info.Restored) > 0 {
		t.Errorf("a token is told: %+v", info.Restored)
	}
	if clerk.api("GET", "/requests/"+q.ID, nil, &info); !told(info.Restored, "po tej zahtevi") {
		t.Errorf("before it is refused: %+v", info.Restored)
	}
	var stepped RequestStepped
	d.clients["approver"].api("POST", "/requests/"+q.ID+"/refuse", RequestRefusal{Reasons: "ni podlage"}, &stepped)
	if !told(stepped.Request.Restored, "po tej zahtevi") || d.body(t, stepped.Entry).Data["restored"] != entry {
		t.Errorf("once it is refused: %+v", stepped.Request.Restored)
	}
}
