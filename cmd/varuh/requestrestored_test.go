package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/disclosure"
	"varuh/retention/copies"
)

// Whoever looks at a request that was approved when the appliance was put back from a copy, or refuses it, is told that nobody knows
// what left for it in between; when the copy was made is known by the entry that a restore writes, and is told over the socket, too.
func TestRequestAfterRestore(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	got, err := c.by("hisnik", askAddRequest, requestOrder{Form: c.form(disclosure.Oral)})
	must(t, err)
	id := got.Request.ID
	got, err = c.by("pomocnik", askApprove, requestOrder{ID: id, Content: got.Request.Content})
	if must(t, err); strings.Contains(got.text(typing{}), "nobody knows") {
		t.Error(got.text(typing{}))
	}
	_, d, err := c.e.books()
	must(t, err)
	made := time.Now().UTC().Add(-24 * time.Hour).Truncate(time.Second)
	_, err = (&copies.Register{Diary: copyBook{d, nil}}).Add(t.Context(), copies.Copy{Dir: "/mnt/usb", Name: "varuh.age", Made: made, Until: made.AddDate(0, 0, 35)}, copies.Entry{Op: copies.OpRestore})
	must(t, err)
	c.e.requested = nil // a start comes after a restore
	told := func(what, text string) {
		t.Helper()
		if says := "from a copy of " + made.Format("2 January 2006, 15:04 MST"); !strings.Contains(text, "! The appliance was put back on ") || !strings.Contains(text, says) || !strings.Contains(text, "nobody knows whether footage left for this request") {
			t.Errorf("%s says nothing of the restore:\n%s", what, text)
		}
	}
	a, err := askRequests.by(t.Context(), c.o, c.e, requestOrder{ID: id})
	must(t, err)
	told("request show", a.text(a.Requests[0], typing{}))
	done, err := c.by("pomocnik", askRefuse, requestOrder{ID: id, Text: "ni podlage"})
	must(t, err)
	sent, err := json.Marshal(done)
	must(t, err)
	var came requestDone
	must(t, json.Unmarshal(sent, &came))
	told("request refuse", came.text(typing{}))
}
