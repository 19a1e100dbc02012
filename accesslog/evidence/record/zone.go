package record

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"varuh/accesslog/pdf"
)

// mostOffsets is how many changes of the zone's offset are told with their times.
const mostOffsets = 4

// zone names the zone of all times and how far it is from UTC, since a court elsewhere may know only that: where the clocks were
// set between the first and the last time, with when.
func (r Record) zone() pdf.Text {
	name := r.Zone.String()
	if name == "UTC" {
		return own(name)
	}
	first, last := r.times()
	at := first.In(r.Zone)
	offsets := []string{offset(at)}
	told := own(name + ", " + offset(at))
	for n := 1; ; n++ {
		_, next := at.ZoneBounds()
		if next.IsZero() || next.After(last) {
			break
		}
		at = next.In(r.Zone)
		offsets = append(offsets, offset(at))
		if n > mostOffsets {
			offsets = slices.Compact(slices.Sorted(slices.Values(offsets)))
			return pdf.Text{SL: name + ", " + strings.Join(offsets, " ali "), EN: name + ", " + strings.Join(offsets, " or ")}
		}
		if told.EN == "" {
			told.EN = told.SL
		}
		told.SL += at.Format("; od 2. 1. 2006 ob 15.04.05 ") + offset(at)
		told.EN += next.UTC().Format("; from 2 January 2006 15:04:05 UTC on ") + offset(at)
	}
	return told
}

// times are the first and the last of those on the record.
func (r Record) times() (first, last time.Time) {
	list := append([]time.Time{r.Made, r.At, r.Delivery.At, r.Request.Received, r.Pruned}, r.Restored...)
	for _, s := range r.Approved {
		list = append(list, s.At)
	}
	for _, a := range r.Manifest.Asked {
		list = append(list, a.From, a.To)
	}
	for _, c := range r.Manifest.Clips {
		list = append(list, c.From, c.To)
	}
	for _, s := range r.Seen {
		list = append(list, s.From, s.To)
	}
	for _, h := range r.Holds {
		list = append(list, h.From, h.To)
	}
	list = slices.DeleteFunc(list, time.Time.IsZero)
	if len(list) == 0 {
		return first, last
	}
	return slices.MinFunc(list, time.Time.Compare), slices.MaxFunc(list, time.Time.Compare)
}

// clock is a time of day as people write it. In the hour that comes twice it says which of the two is meant.
func clock(t time.Time) string {
	const layout = "15.04.05"
	text := t.Format(layout)
	for _, d := range []time.Duration{-time.Hour, time.Hour} {
		if t.Add(d).Format(layout) == text {
			return text + " (" + offset(t) + ")"
		}
	}
	return text
}

// offset is how far a time is told from UTC, such as UTC+1 or UTC-3:30.
func offset(t time.Time) string {
	_, seconds := t.Zone()
	if seconds == 0 {
		return "UTC"
	}
	sign, minutes := '+', seconds/60
	if minutes < 0 {
		sign, minutes = '-', -minutes
	}
	text := fmt.Sprintf("UTC%c%d", sign, minutes/60)
	if minutes%60 != 0 {
		text += fmt.Sprintf(":%02d", minutes%60)
	}
	return text
}
