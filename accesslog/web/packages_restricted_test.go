package web

import (
	"testing"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/hold"
	"varuh/accesslog/packing"
)

// staged is a clerk with a package for a request of twenty seconds of the hall that an approver granted, and the path of that.
func (s *stage) staged(t *testing.T) (clerk, head *client, at string) {
	t.Helper()
	return s.stagedOf(t, disclosure.Wanted{Camera: "hall", From: dawn, To: dawn.Add(20 * time.Second)})
}

// stagedOf is the same of other footage.
func (s *stage) stagedOf(t *testing.T, of disclosure.Wanted) (clerk, head *client, at string) {
	t.Helper()
	clerk, head = s.client(t), s.client(t)
	clerk.cookie, head.cookie = s.session(t, "caretaker", "sl"), s.session(t, "head", "sl")
	var got RequestEntered
	d := &desk{rig: s.rig, t: t, clients: map[string]*client{"caretaker": clerk}}
	a := d.asked(groups[0])
	a.Wanted = []disclosure.Wanted{of}
	clerk.api("POST", "/requests", RequestAsked{Kind: "authority", Content: contentOf(a.Content), Scan: a.Scan}, &got)
	at = "/requests/" + got.Request.ID
	head.api("POST", at+"/approve", RequestApproval{Content: got.Request.ContentEntry}, nil)
	clerk.api("POST", at+"/build", PackageAsked{}, nil)
	var info PackageInfo
	for info.Step != packing.Built || got.Request.State != disclosure.Built {
		clerk.api("GET", at+"/package", nil, &info)
		var detail RequestDetail
		clerk.api("GET", at, nil, &detail)
		if got.Request.State = detail.State; info.Failed != "" {
			t.Fatal(info.Failed)
		}
	}
	return clerk, head, at
}

// What somebody has restricted (art. 18 GDPR) since it was built leaves no more, with a sentence that says why; as soon as the restriction
// is ended it does.
func TestPackageRestricted(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.addCast()
	s.entrance(dawn)
	s.packs()
	clerk, _, at := s.staged(t)
	by := proof.Actor{ID: "head", Name: "head"}
	got, err := s.o.Holds.Restrict(t.Context(), hold.AskedRestriction{Ground: hold.Objection, Range: hold.Range{Camera: "hall", From: dawn.Add(-time.Minute), To: dawn.Add(time.Hour)},
		Basis: "ugovor starša", Review: s.clock().AddDate(0, 1, 0), By: by})
	must(t, err)
	asked := PackageTaking{Recipient: "Janez Novak", Warned: true}
	if id, p := clerk.refused("POST", at+"/package/downloads", asked); id != "package-restricted" || p.Title == "" {
		t.Errorf("taken out: %s", id)
	}
	if id, _ := clerk.refused("POST", at+"/package/links", LinkAsked{Recipient: "Janez Novak", Warned: true, Uses: 1, Until: moment{s.clock().Add(time.Hour)}}); id != "package-restricted" {
		t.Errorf("a link: %s", id)
	}
	_, err = s.o.Holds.Unrestrict(t.Context(), got.ID, by, "ugovor je zavrnjen")
	must(t, err)
	var ready PackageReady
	clerk.api("POST", at+"/package/downloads", asked, &ready)
	clerk.downloads(ready.Download, 1<<30)
	var info PackageInfo
	if clerk.api("GET", at+"/package", nil, &info); len(info.Deliveries) != 1 || info.Deliveries[0].Result != packing.Whole {
		t.Errorf("%+v", info.Deliveries)
	}
}
