package web

import (
	"testing"

	"varuh/recorder/rtsp/rtsptest/outside"
)

// The command for a stick that a request's page shows can be copied as it is: it names the folder of the appliance where that is not
// the usual one, as one word for a shell. The folder is told to nobody who takes no packages out.
func TestCommandInBrowser(t *testing.T) {
	t.Parallel()
	outside.Needs(t, "chromium", "chromium", "--version")
	s := newStage(t, func(o *Options) { o.Folder = "/srv/o'kamere <1> \"a\"" })
	s.addCast()
	b := s.tab()
	folder := func(who string) string {
		b.as(s.session(t, who, "sl"))
		b.visit("/request")
		return js[string](b, "document.getElementById('request').dataset.folder ?? 'none'")
	}
	if told := folder("auditor"); told != "none" {
		t.Errorf("an auditor is told the folder: %s", told)
	}
	if told := folder("head"); told != s.o.Folder {
		t.Errorf("the folder is told as %s", told)
	}
	usual := `sudo varuh package deliver 0a1b2c3d --to /media/usb --recipient "komu" --medium "oznaka ključka" --warned --as prijavno.ime`
	for _, want := range []string{usual + ` --dir '/srv/o'\''kamere <1> "a"'`, usual} {
		got := module[string](b, "packing", `m.packageFacts({request: '0a1b2c3d', step: 'built', bytes: 1, manifest: 'ab', delivered: [], deliveries: []}, {}).find((e) => e.matches('details')).querySelector('.print-code').textContent`)
		if got != want {
			t.Errorf("the command is\n%s\nwant\n%s", got, want)
		}
		js[bool](b, "delete document.getElementById('request').dataset.folder") // as it is in the usual folder
	}
}
