package web

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"varuh/accesslog/people"
	"varuh/accesslog/web/certificate"
	"varuh/recorder/rtsp/rtsptest/outside"
)

// systemLooks are those at how the appliance is.
var systemLooks = map[string]visit{
	"systemPage": {who: "maintainer", path: "/system", do: func(b *tab) {
		b.until("document.querySelector('#hours figure')")
		b.says("#rest", "usklajena", "synchronised")
		b.says("#hours", "Po urah kot tabela", "By the hour as a table")
	}},
}

// The maintainer sees how each camera and disk is, in plain sentences; what changes is shown without his doing; and nothing of
// footage, persons or the diary is on the page or asked for.
func TestSystemInBrowser(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	var broken atomic.Bool
	s := newStage(t, func(o *Options) {
		o.Status = func(context.Context) (Status, error) {
			st := Status{Version: "1.0", Started: moment{noon}, Clock: "synchronised", Stores: []StoreStatus{{Name: "/srv/varuh", Free: 5 << 40}},
				Streams: []StreamStatus{{Camera: "hall", Stream: "main", State: "recording", Last: moment{noon}, Format: "H.264 1920×1080", Transport: "tcp"},
					{Camera: "yard", Stream: "main", State: "recording", Last: moment{noon}, Offset: -3100, Gaps: 2, Losses: 5}}}
			if broken.Load() {
				st.Streams[0].State = "waiting"
				st.Streams[0].Problem = &Line{Sl: "odgovora ni bilo; preverite napajanje in kabel kamere", En: "nothing answered; check the camera's power and cable"}
				st.Problems = []Line{{Sl: "hall: odgovora ni bilo", En: "hall: nothing answered"}}
				st.Parties = []PartyStatus{{Name: "witness.example/omni", Kind: "witness", Size: 1, Last: moment{noon.Add(-time.Hour)}}, {Name: "tsa.example", Kind: "tsa"}}
				st.Packages = []PackageStatus{{Entry: 1707, State: "building", Percent: 40}, {Entry: 1708, State: "staged", Until: moment{noon.Add(24 * time.Hour)}, Links: 2}}
				st.Config = ConfigStatus{Restart: []string{"reserve"}, Mistakes: []Mistake{{File: "cameras.d/hall.yml", Line: 7, Says: Line{Sl: "main ni naslov", En: "main is no address"}}}}
			}
			return st, nil
		}
	}, withAuthority(t))
	s.Site.pulse.each = 50 * time.Millisecond
	s.addCast()
	s.addFootage()
	leaf := certificate.Fingerprint(s.o.Own.Leaf().Raw)
	b := s.tab()
	for _, language := range []string{"sl", "en"} {
		broken.Store(false)
		b.as(s.session(t, "maintainer", language))
		b.visit("/system")
		b.until("document.querySelector('#problems .note.good') && document.querySelector('#hours figure rect')")
		b.says("#cameras", "−3,1 s", "-3.1 s")
		b.says("#cameras", "2 izpada, 5 odlomkov z izgubo", "2 gaps, 5 fragments with a loss")
		broken.Store(true)
		b.until("document.querySelector('#problems .note.warn') && document.querySelector('#cameras .tag.bad')")
		b.says("#cameras", "preverite napajanje in kabel kamere", "check the camera's power and cable")
		b.says("#parties tbody tr", "priča21. november 2026, 12:00:00 CET1", "witness21 November 2026, 12:00:00 CET1")
		b.says("#parties", "še nobenega", "none yet")
		b.says("#packages tbody tr", "1707v izdelavi 40 %––", "1,707being built 40 %––")
		b.says("#packages", "izdelan22. november 2026, 13:00:00 CET2", "built22 November 2026, 13:00:00 CET2")
		b.says("#config", "Opisi napak so tehnični in v angleščini.", "mend what stands below")
		b.says("#config td", "7", "7")
		b.says("#config", "main ni naslov", "main is no address")
		b.says("#config", "1 spremenjen ključ čaka", "1 changed key waits")
		b.says("#certificate", "podpisala ga je naprava sama", "signed by the appliance itself")
		if said := js[string](b, "document.querySelector('#certificate').textContent"); !strings.Contains(said, leaf) {
			t.Errorf("the certificate is %q, want the fingerprint %s", said, leaf)
		}
		if language == "sl" {
			b.inspect("systemPage-trouble-sl")
		}
		if text := js[string](b, "document.documentElement.outerHTML"); strings.Contains(text, "Vida Ravnik") || strings.Contains(text, "<video") || strings.Contains(text, "razbito okno") {
			t.Error("the maintainer sees what he must not")
		}
	}
	wrong, _ := b.take()
	for _, w := range wrong {
		t.Error(w)
	}
}

// Who may not see to the system does not get the page.
func TestSystemPageOfRoles(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	for _, role := range people.Roles {
		w := r.visitor(t, head, string(role), r.granted(role)).look("/system")
		if may := people.Allows(role, people.System); may != (w.Code == 200) || may != strings.Contains(w.Body.String(), `id="disks"`) {
			t.Errorf("%s: %d", role, w.Code)
		}
	}
}
