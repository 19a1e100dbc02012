package web

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/disclosure"
	"varuh/accesslog/evidence"
)

// A clip begins with the key frame before what was asked for. The package, the request, the register and the timeline's marks say when its
// clips really begin and end, as its manifest does, and beside it what was asked for.
func TestPackageReally(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.addCast()
	s.entrance(dawn)
	s.packs()
	asked := disclosure.Wanted{Camera: "hall", From: dawn.Add(3500 * time.Millisecond), To: dawn.Add(13200 * time.Millisecond)}
	clerk, _, at := s.stagedOf(t, asked)
	var info PackageInfo
	clerk.api("GET", at+"/package", nil, &info)
	keys, err := s.keys.Diary()
	must(t, err)
	_, text, err := s.diary.Opener(keys).Open(t.Context(), info.Disclose)
	must(t, err)
	m, err := evidence.ParseManifest(text)
	must(t, err)
	real := Footage{"hall", span{moment{m.Clips[0].From}, moment{m.Clips[len(m.Clips)-1].To}}}
	lead, tail := asked.From.Sub(real.From.Time), real.To.Sub(asked.To)
	if lead <= 0 || lead > disclosure.Lead || tail < 0 || tail > disclosure.Tail {
		t.Fatalf("the clips begin %v before what was asked for, and end %v behind it", lead, tail)
	}
	says := func(who string, list []Footage) {
		t.Helper()
		if len(list) != 1 || list[0].Camera != "hall" || list[0].From.Sub(real.From.Time).Abs() > time.Millisecond || list[0].To.Sub(real.To.Time).Abs() > time.Millisecond {
			t.Errorf("%s says that %+v was delivered; it was %+v", who, list, real)
		}
	}
	says("the package", info.Delivered)
	var ready PackageReady
	clerk.api("POST", at+"/package/downloads", PackageTaking{Recipient: "Janez Novak", Warned: true}, &ready)
	clerk.downloads(ready.Download, 1<<30)
	var detail RequestDetail
	clerk.api("GET", at, nil, &detail)
	says("the request", detail.Delivered)
	var register DisclosureList
	clerk.api("GET", "/disclosures", nil, &register)
	says("the register", register.Disclosures[0].Footage)
	for _, list := range [][]Footage{detail.Footage, register.Disclosures[0].Asked} {
		if len(list) != 1 || !list[0].From.Equal(asked.From) || !list[0].To.Equal(asked.To) {
			t.Errorf("asked for was %+v", list)
		}
	}
	var marks DisclosedList
	clerk.api("GET", "/cameras/hall/disclosed?from="+dawn.Format(time.RFC3339)+"&to="+dawn.Add(time.Minute).Format(time.RFC3339), nil, &marks)
	says("the timeline", []Footage{{"hall", marks.Disclosed[0].span}})
}

// Whoever approves reads how much more than the asked time a clip has at most, and it is what the door allows.
func TestLeadInWords(t *testing.T) {
	t.Parallel()
	lead, tail := int(disclosure.Lead/time.Second), int(disclosure.Tail/time.Second)
	for name, want := range map[string]string{"sl": fmt.Sprintf("največ %d sekund prej. Konča se največ %d sekundi pozneje.", lead, tail),
		"en": fmt.Sprintf("at most %d seconds earlier. It ends at most %d seconds later.", lead, tail)} {
		words, err := os.ReadFile("pages/words/" + name + "/request.json")
		must(t, err)
		if !strings.Contains(string(words), want) {
			t.Errorf("the words in %s don't say %q", name, want)
		}
	}
}
