package accesslog

import (
	"slices"
	"testing"
	"time"

	"varuh/accesslog/disclosure"
	"varuh/accesslog/notice"
)

// What is taken out, or looked at, for a request is entered on the request's own basis, and not on all that a law gives for such.
func TestRequestsBasis(t *testing.T) {
	t.Parallel()
	start := noon.Add(-time.Hour)
	asked := hall(start, time.Minute)
	r := newRig(t)
	r.record(tape{camera: "hall", stream: "main", start: start, length: 2 * time.Minute})
	q := r.request(disclosure.Authority, asked)
	laws := notice.Statutory(start, true)
	given := laws[slices.IndexFunc(laws, func(p notice.Purpose) bool { return p.ID == notice.Authority })].Basis
	for _, tt := range []struct {
		basis       disclosure.BasisID
		words, want string
		looked      string // while it is decided on
	}{
		{"zkp-148", "", "ZKP, 148. člen", "ZKP, 148. člen"},
		{"zp-1", "45. člen", "ZP-1, 45. člen", "ZP-1"},
		{"", "", given, given}, // which it lacks: then what the law gives
	} {
		q.Basis = tt.basis
		r.law.change(func() { r.law.requests[q.ID] = q })
		a := takes(asked)
		a.BasisText = tt.words
		must(t, r.export(a).Close(t.Context()))
		if e := r.last(opExport); e.Basis != tt.want {
			t.Errorf("by %s taken out: %q, want %q", tt.basis, e.Basis, tt.want)
		}
		v := r.open(Ask{Session: session("boris", "s2"), Address: inHouse, Request: q.ID, Camera: "hall", Stream: "main", From: asked.From, To: asked.To})
		if e := r.last(opStart); e.Basis != tt.looked {
			t.Errorf("by %s looked at: %q, want %q", tt.basis, e.Basis, tt.looked)
		}
		must(t, v.End(t.Context(), NotStated))
	}
}
