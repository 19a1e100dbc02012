package main

import (
	"time"

	"varuh/recorder/footage"
	"varuh/retention"
)

// Pages tell of footage that goes by whole days of the site that have been over for a day. Else the edge of what is added up
// would go on with the clock: who asks again and again, without any entry, would know what each segment has, and so when
// something moved. Sizes are rounded besides, by package web.

// midnight is the beginning of a day of the site, so many days after that of a moment.
func (e *eraser) midnight(t time.Time, days int) time.Time {
	zone := e.zone()
	if zone == nil {
		zone = time.UTC
	}
	year, month, day := t.In(zone).Date()
	return time.Date(year, month, day+days, 0, 0, 0, 0, zone)
}

// longOver are the settled segments of days that have been over for a day, by what is certain where the clock is behind it.
func (e *eraser) longOver() retention.Segments {
	until := e.midnight(e.time.latest(), -1)
	return func(yield func(footage.Segment, error) bool) {
		for s, err := range e.settled() {
			if err == nil && !s.Start.Before(until) {
				continue
			}
			if !yield(s, err) {
				return
			}
		}
	}
}
