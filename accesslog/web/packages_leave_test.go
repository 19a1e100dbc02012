package web

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"varuh/accesslog/packing"
)

// breaks is a connection that breaks after some bytes.
type breaks struct {
	*httptest.ResponseRecorder
	left int
}

func (b *breaks) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errors.New("the connection is gone")
	}
	return len(p), nil
}

// downloads fetches a package that was prepared, over a connection that breaks or one that does not.
func (c *client) downloads(path string, most int) {
	c.t.Helper()
	q := httptest.NewRequestWithContext(c.t.Context(), "GET", "https://varuh.local"+prefix+path, nil)
	q.RemoteAddr = c.from
	q.AddCookie(&http.Cookie{Name: cookieName, Value: c.cookie})
	w := &breaks{httptest.NewRecorder(), most}
	defer func() {
		if cut := recover(); (cut != nil) != (w.left < 0) {
			c.t.Errorf("after %d bytes: %v", most-w.left, cut)
		}
	}()
	c.r.Handler().ServeHTTP(w, q)
}

// A download that breaks is entered as cut off, and the register has it; only what was fetched to its end is handed over, and nothing of it
// can be refused any more.
func TestPackageLeaves(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.addCast()
	s.entrance(dawn)
	s.packs()
	clerk, head, at := s.staged(t)
	var info PackageInfo
	clerk.api("GET", at+"/package", nil, &info)
	if info.Deliveries == nil || len(info.Deliveries) > 0 {
		t.Errorf("%+v", info.Deliveries)
	}
	for i, most := range []int{3000, 1 << 30} {
		var ready PackageReady
		clerk.api("POST", at+"/package/downloads", PackageTaking{Recipient: []string{"Janez Novak", "Meta Kos"}[i], Warned: true}, &ready)
		clerk.downloads(ready.Download, most)
		if i == 0 {
			if id, _ := clerk.refused("POST", at+"/handover", PackageHandover{Recipient: "Janez Novak", Known: "izkaznica", Medium: "USB 7", Warned: true}); id != "package-not-taken" {
				t.Errorf("handed over: %s", id)
			}
		}
	}
	if id, p := head.refused("POST", at+"/refuse", RequestRefusal{Reasons: "ni podlage"}); id != "left" || p.Title == "" {
		t.Errorf("refused: %s", id)
	}
	clerk.api("GET", at+"/package", nil, &info)
	if l := info.Deliveries; len(l) != 2 || l[0].Result != packing.CutOff || l[0].Bytes == 0 || l[1].Result != packing.Whole || l[1].Bytes != info.Bytes || l[1].Recipient != "" || !info.Taken || info.Until.IsZero() {
		t.Errorf("%+v", info)
	}
	var detail RequestDetail
	if clerk.api("GET", at, nil, &detail); detail.Left.IsZero() {
		t.Error("nothing has left, it says")
	}
	s.registerNames(clerk, info)
}

// registerNames sees that the register has the deliveries, and for whom they were only where that is entered.
func (s *stage) registerNames(clerk *client, info PackageInfo) {
	t := s.t
	t.Helper()
	var plain DisclosureList
	if clerk.api("GET", "/disclosures", nil, &plain); len(plain.Disclosures) != 1 || plain.Disclosures[0].Entry != info.Deliveries[0].Entry || plain.Disclosures[0].Handover != 0 ||
		len(plain.Disclosures[0].Deliveries) != 2 || plain.Disclosures[0].Deliveries[0].Recipient != "" {
		t.Errorf("%+v", plain)
	}
	auditor := s.client(t)
	auditor.cookie = s.session(t, "auditor", "sl")
	var told DisclosuresTold
	auditor.api("POST", "/disclosures/readings", DisclosuresReadingAsked{Reason: "letni pregled"}, &told)
	if l := told.Disclosures; len(l) != 1 || l[0].Recipient != "Janez Novak" || len(l[0].Deliveries) != 2 || l[0].Deliveries[0].Recipient != "Janez Novak" || l[0].Deliveries[1].Recipient != "Meta Kos" {
		t.Errorf("%+v", told)
	}
}
