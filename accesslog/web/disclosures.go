package web

import (
	"slices"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/people"
)

// disclosureRoutes are the register of what was handed over (evidenca posredovanj).
var disclosureRoutes = []route{
	{"GET", "/disclosures", "listDisclosures", may(people.ReadDiary, people.Extract), takes((*Site).disclosures),
		"The disclosure register without names: what footage was handed over, when and on what basis."},
	{"POST", "/disclosures/readings", "readDisclosures", may(people.ReadDiary), takes((*Site).readDisclosures),
		"The disclosure register with recipients, purposes and cases, once it is entered who reads it and why."},
	{"GET", "/cameras/{camera}/disclosed", "listDisclosed", may(people.Play, people.Extract), takes((*Site).disclosed),
		"What footage of a camera was handed over or shown, in at most 31 days."},
}

// mostDisclosures is the most that one reading opens.
const mostDisclosures = 500

// disclosuresAsked are the disclosures of some days that whoever asks may see, and the restores that may keep something out of them.
func (s *Site) disclosuresAsked(c *call, in DisclosuresAsked) ([]disclosure.Disclosed, []RestoredInfo, error) {
	zone := s.o.Requests.Zone
	from, to := in.From.in(zone), in.To.in(zone)
	if in.From.IsZero() {
		from = time.Unix(0, 0)
	}
	if in.To.IsZero() {
		to = s.o.Now().In(zone)
	}
	to = time.Date(to.Year(), to.Month(), to.Day()+1, 0, 0, 0, 0, zone)
	if !to.After(from) {
		return nil, nil, &wrong{"to", text{"Konec mora biti za začetkom.", "The end has to come after the beginning."}}
	}
	all, err := s.o.Requests.Disclosed(c.Context(), from, to)
	if err != nil {
		return nil, nil, err
	}
	restored, err := s.o.Requests.Restored(c.Context(), from)
	here, list := c.here(), []disclosure.Disclosed{}
	for _, d := range all {
		if s.o.Requests.Sees(here, disclosure.Request{ID: d.Request, Wanted: d.Footage}) == nil {
			list = append(list, d)
		}
	}
	return list, restoredOf(c, restored, disclosure.Restored.Says), err
}

// restoredOf are restores as they are answered, with what is said of them by the clock of the site.
func restoredOf(c *call, list []disclosure.Restored, says func(disclosure.Restored, *time.Location) disclosure.Text) []RestoredInfo {
	out := make([]RestoredInfo, 0, len(list))
	for _, b := range list {
		out = append(out, RestoredInfo{b.Entry, moment{b.At}, moment{b.Copy}, says(b, c.site.o.Requests.Zone).In(c.language)})
	}
	return out
}

func (s *Site) disclosures(c *call, in DisclosuresAsked) (DisclosureList, error) {
	list, restored, err := s.disclosuresAsked(c, in)
	out := DisclosureList{Disclosures: make([]DisclosureInfo, 0, len(list)), Restored: restored}
	for _, d := range list {
		var info DisclosureInfo
		if err == nil {
			info, err = s.disclosureOf(c, d)
		}
		out.Disclosures = append(out.Disclosures, info)
	}
	return out, err
}

// disclosureOf is a line of the register as it is answered.
func (s *Site) disclosureOf(c *call, d disclosure.Disclosed) (info DisclosureInfo, err error) {
	info = DisclosureInfo{Request: d.Request, Kind: d.Kind, Basis: d.Basis, Text: d.Basis.In(c.language), At: moment{d.At}, Footage: footageOf(d.Footage), Asked: footageOf(d.Asked),
		Manifest: d.Manifest, Single: d.Single, Withdrawn: d.Withdrawn, Entry: d.Entry, Handover: d.Handover}
	all, err := s.deliveries(c, d.Request)
	first := slices.IndexFunc(all, func(one Delivery) bool { return one.Entry == d.Entry })
	info.Deliveries = slices.DeleteFunc(slices.Clone(all), func(one Delivery) bool { return first < 0 || one.Package != all[first].Package })
	return info, err
}

// readDisclosures enters who reads the register, and only then opens its entries.
func (s *Site) readDisclosures(c *call, in DisclosuresReadingAsked) (DisclosuresTold, error) {
	list, restored, err := s.disclosuresAsked(c, in.DisclosuresAsked)
	if err != nil {
		return DisclosuresTold{}, err
	}
	body := proof.Body{Data: map[string]any{"register": "disclosures"}}
	for name, at := range map[string]day{"since": in.From, "until": in.To} {
		if !at.IsZero() {
			body.Data[name] = at.Format(time.DateOnly)
		}
	}
	r, opener, err := s.enterReading(c, in.Reason, true, body)
	if err != nil {
		return DisclosuresTold{}, err
	}
	out := DisclosuresTold{Entry: r.Entry, Disclosures: []DisclosureTold{}, More: len(list) > mostDisclosures, Restored: restored}
	for _, d := range list[:min(len(list), mostDisclosures)] {
		line, err := s.disclosureTold(c, opener, d)
		if err != nil {
			return DisclosuresTold{}, err
		}
		out.Disclosures = append(out.Disclosures, line)
	}
	return out, nil
}

// disclosureTold is a line of the register with what its entries say.
func (s *Site) disclosureTold(c *call, opener disclosure.Opener, d disclosure.Disclosed) (out DisclosureTold, err error) {
	t, err := s.o.Requests.Told(c.Context(), opener, d)
	if err != nil {
		return out, err
	}
	info, err := s.disclosureOf(c, d)
	if err != nil {
		return out, err
	}
	for i, one := range info.Deliveries {
		if info.Deliveries[i].Recipient, err = disclosure.Named(c.Context(), opener, one.Entry); err != nil {
			return out, err
		}
	}
	return DisclosureTold{info, contentOf(t.Content), t.Recipient, t.Medium, t.By.Name, t.Destroyed}, nil
}

// disclosed are marks for the timeline of a camera.
func (s *Site) disclosed(c *call, in span) (DisclosedList, error) {
	id, out := c.PathValue("camera"), DisclosedList{Disclosed: []DisclosedMark{}}
	if err := s.exists(id); err != nil {
		return out, err
	}
	if err := in.check(s.o.Now(), mostRanges); err != nil {
		return out, err
	}
	if c.action == people.Play {
		if in.From = (moment{c.reachesBack(id, in.From.Time)}); !in.To.After(in.From.Time) {
			return out, nil
		}
	}
	marks, err := s.o.Requests.Marks(c.Context(), id, in.From.Time, in.To.Time)
	for _, m := range marks {
		out.Disclosed = append(out.Disclosed, DisclosedMark{span{moment{m.From}, moment{m.To}}, m.Request, moment{m.At}, m.Entry})
	}
	return out, err
}
