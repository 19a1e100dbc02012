package web

import (
	"testing"
	"time"

	"varuh/accesslog/packing"
)

// Over the API a package is ordered once, for an approved request, and cancelled; whatever comes too early, from somebody who may
// not, or without the warning is refused with words of its own, and leaves nothing.
func TestPackageAPI(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	clerk := d.clients["caretaker"]
	var got RequestEntered
	clerk.api("POST", "/requests", RequestAsked{Kind: "authority", Content: contentOf(d.asked(groups[0]).Content), Scan: d.scan()}, &got)
	at := "/requests/" + got.Request.ID
	refused := func(c *client, method, path string, body any, want string) {
		t.Helper()
		if id, p := c.refused(method, at+path, body); id != want || p.Title == "" {
			t.Errorf("%s %s: %s, want %s", method, path, id, want)
		}
	}
	taking := PackageTaking{Recipient: "Janez Novak, PP Primer", Warned: true}
	link := LinkAsked{Recipient: "Janez Novak, PP Primer", Until: moment{noon.Add(time.Hour)}, Uses: 1, Warned: true}
	refused(clerk, "GET", "/package", nil, "no-package")
	refused(clerk, "POST", "/build", PackageAsked{}, "step")
	d.clients["approver"].api("POST", at+"/approve", RequestApproval{Content: got.Request.ContentEntry}, nil)
	refused(clerk, "POST", "/package/downloads", taking, "no-package")
	for _, who := range []string{"auditor", "guard", "maintainer"} {
		refused(d.clients[who], "POST", "/build", PackageAsked{}, "not-allowed")
		refused(d.clients[who], "POST", "/package/downloads", taking, "not-allowed")
	}

	var info PackageInfo
	clerk.api("POST", at+"/build", PackageAsked{Remark: "nujno"}, &info)
	if info.Step != packing.Waiting || info.Warning == "" || !info.Links || info.BuildBy.IsZero() || info.Entry == 0 {
		t.Errorf("%+v", info)
	}
	refused(clerk, "POST", "/build", PackageAsked{}, "package-ordered")
	refused(clerk, "POST", "/package/downloads", taking, "package-not-built")
	refused(clerk, "POST", "/package/links", link, "package-not-built")
	refused(clerk, "POST", "/handover", PackageHandover{Recipient: "Janez Novak", Known: "izkaznica", Medium: "USB 7", Warned: true}, "package-not-built")
	taking.Warned = false
	refused(clerk, "POST", "/package/downloads", taking, "package-warned")
	taking.Warned, taking.Recipient = true, ""
	refused(clerk, "POST", "/package/downloads", taking, "package-recipient")
	link.Uses = packing.MaxUses + 1
	refused(clerk, "POST", "/package/links", link, "link-span")
	refused(clerk, "DELETE", "/package/links/77", nil, "no-link")
	refused(clerk, "DELETE", "/package/links/x", nil, "no-link")
	refused(clerk, "GET", "/package/downloads/AAAAAAAAAAAAAAAAAAAAAAAAAA", nil, "package-fetched")
	stranger := d.client(t)
	if id, _ := stranger.refused("POST", "/links/uses", LinkUsed{Secret: "AAAA", Passphrase: "x", Warned: true}); id != "no-link" {
		t.Errorf("a secret that nobody has: %s", id)
	}
	if id, _ := stranger.refused("GET", "/links/downloads/AAAAAAAAAAAAAAAAAAAAAAAAAA", nil); id != "package-fetched" {
		t.Errorf("a download that nobody has: %s", id)
	}

	clerk.api("DELETE", at+"/package", nil, &info)
	if info.Step != packing.Over || info.Why != packing.Cancelled || info.Ended == 0 {
		t.Errorf("%+v", info)
	}
	refused(clerk, "DELETE", "/package", nil, "no-package")
	var list PackageList
	if clerk.api("GET", "/packages", nil, &list); len(list.Packages) != 0 {
		t.Errorf("%+v", list)
	}
	if clerk.api("GET", "/packages?ended=true", nil, &list); len(list.Packages) != 1 || list.Packages[0].Request != got.Request.ID {
		t.Errorf("%+v", list)
	}

	d.Site.o.Published = "" // the operator has not published it
	link.Uses = 1
	refused(clerk, "POST", "/package/links", link, "no-page")
	if id, _ := stranger.refused("POST", "/links/uses", LinkUsed{Secret: "AAAA", Passphrase: "x", Warned: true}); id != "no-page" {
		t.Errorf("a link where there are none: %s", id)
	}
}
