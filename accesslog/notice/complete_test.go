package notice

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// What is missing is named, each part by itself, in both languages.
func TestMissing(t *testing.T) {
	t.Parallel()
	if list := school().Missing(); len(list) != 0 {
		t.Fatalf("a complete notice lacks %v", list)
	}
	for want, change := range map[Missing]func(*Content){
		{Field: NoController}:           func(c *Content) { c.Controller.Name = " " },
		{Field: NoAddress}:              func(c *Content) { c.Controller.Address = "" },
		{Field: NoContact}:              func(c *Content) { c.Controller.Phone, c.Controller.Email, c.Controller.Web = "", "", "" },
		{Field: NoOfficer}:              func(c *Content) { c.Officer.Phone, c.Officer.Email = "", "" },
		{Field: NoArea}:                 func(c *Content) { c.Area = Text{} },
		{Field: NoArea, Language: "en"}: func(c *Content) { c.Area.En = "" },
		{Field: NoPurposes}:             func(c *Content) { c.Purposes = nil },
		{Field: NoWording, Purpose: "safety", Language: "sl"}: func(c *Content) { c.Purposes[0].Sl = "" },
		{Field: NoWording, Purpose: "entry"}:                  func(c *Content) { c.Purposes[1].Sl, c.Purposes[1].En = "", "" },
		{Field: NoBasis, Purpose: "entry"}:                    func(c *Content) { c.Purposes[1].Basis = "" },
		{Field: NoRecipients}:                                 func(c *Content) { c.Recipients = Text{} },
		{Field: NoKept}:                                       func(c *Content) { c.Kept = Text{} },
		{Field: NoEffects}:                                    func(c *Content) { c.Effects = Text{} },
		{Field: NoCountries, Language: "en"}:                  func(c *Content) { c.Countries.Sl = "ZDA" },
		{Field: NoOther, Language: "sl"}:                      func(c *Content) { c.Other.En = "art" },
		{Field: NoAudio}:                                      func(c *Content) { c.Audio = true },
	} {
		c := school()
		change(&c)
		if list := c.Missing(); !slices.Equal(list, []Missing{want}) || c.Complete() {
			t.Errorf("want %v, got %v", want, list)
		}
		sl, en := want.In("sl"), want.In("en")
		if sl == "" || en == "" || sl == en || want.Purpose != "" && !strings.Contains(sl, want.Purpose) {
			t.Errorf("%v is called %q and %q", want, sl, en)
		}
	}
	if len(fieldNames) != 16 {
		t.Errorf("%d fields have a name", len(fieldNames))
	}
	c := school()
	c.Officer = Officer{None: true}
	if !c.Complete() {
		t.Error("a controller without an officer can have no complete notice")
	}
	if list := (Content{}).Missing(); len(list) != 9 {
		t.Errorf("an empty notice lacks %v", list)
	}
}

// An incomplete notice is taken, and allows nothing but what the law obliges to; live and sound go with completeness.
func TestIncompleteNotice(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a := hall(time.Time{})
	a.Live, a.Audio, a.AudioReason = true, true, Text{"grožnje po domofonu", "threats on the intercom"}
	a.Officer = Officer{}
	r.add(t, a)
	get := func() (Notice, []string) {
		n, ok, err := r.At(t.Context(), "hall", noon.Add(time.Hour))
		must(t, err)
		list, err := r.Purposes(t.Context(), "hall", noon.Add(time.Hour), noon.Add(2*time.Hour))
		must(t, err)
		if !ok {
			t.Fatal("the notice is not there")
		}
		return n, ids(list)
	}
	n, purposes := get()
	if n.AllowsLive() || n.AllowsAudio() || n.Complete() || !slices.Equal(purposes, []string{Authority, Subject, Supervision}) {
		t.Errorf("live %v, sound %v, %v", n.AllowsLive(), n.AllowsAudio(), purposes)
	}
	a.Officer.None = true
	r.add(t, a)
	if n, purposes = get(); !n.AllowsLive() || !n.AllowsAudio() || !slices.Equal(purposes, []string{"safety", "entry", Authority, Subject, Supervision, Claims}) {
		t.Errorf("live %v, sound %v, %v", n.AllowsLive(), n.AllowsAudio(), purposes)
	}
	a.Live, a.Audio = false, false
	r.add(t, a)
	if n, _ = get(); n.AllowsLive() || n.AllowsAudio() {
		t.Errorf("live %v, sound %v", n.AllowsLive(), n.AllowsAudio())
	}
}

// A law gives a purpose from its day on: footage from before needs another reason.
func TestLaw(t *testing.T) {
	t.Parallel()
	zone := ljubljana(t)
	for day, want := range map[string][]string{
		"2018-05-24": nil,
		"2018-05-25": {Subject, Supervision, Claims},
		"2023-01-25": {Subject, Supervision, Claims},
		"2023-01-26": {Authority, Subject, Supervision, Claims},
	} {
		from, err := Moment(day, zone)
		must(t, err)
		for _, at := range []time.Time{from, from.AddDate(0, 0, 1).Add(-time.Nanosecond)} {
			list := Statutory(at, true)
			if !slices.Equal(ids(list), want) {
				t.Errorf("%s: %v, want %v", day, ids(list), want)
			}
			for _, p := range list {
				if !p.Statutory() || p.Basis == "" || p.In("sl") == p.In("en") {
					t.Errorf("%+v", p)
				}
			}
		}
	}
	h := history{zone: zone}
	list := h.spans(zvop2.Add(-time.Hour), zvop2.Add(time.Hour))
	if len(list) != 2 || !slices.Equal(ids(throughout(list)), []string{Subject, Supervision}) {
		t.Errorf("cut by the law: %+v", list)
	}
	if (Purpose{ID: "law"}).Statutory() || (Purpose{ID: lawPrefix}).Statutory() {
		t.Error("a purpose of a notice passes as one of a law")
	}
}
