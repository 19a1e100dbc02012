package main

import (
	"time"

	"golang.org/x/sys/unix"

	"varuh/accesslog/evidence"
)

// clockOf is how far the times of a package can be trusted, by what adjtimex(2) tells: how much the clock still has to be
// corrected, and by how much it can be wrong at most. A clock that nobody has set has no measure.
func clockOf(state int, x unix.Timex, now time.Time, zone string) evidence.Clock {
	c := evidence.Clock{Source: "kernel, not synchronised", Zone: zone}
	if state == unix.TIME_ERROR || x.Maxerror <= 0 {
		return c
	}
	unit := time.Microsecond
	if x.Status&unix.STA_NANO != 0 {
		unit = time.Nanosecond
	}
	c.Source, c.Measured = "kernel, synchronised", now.UTC().Truncate(time.Second)
	c.Offset, c.Uncertainty = (time.Duration(x.Offset) * unit).Truncate(time.Microsecond), time.Duration(x.Maxerror)*time.Microsecond
	return c
}

// namedZone is a zone with a name that others know. A zone of the machine that has none is "Local" to Go, which tells nobody
// elsewhere what times mean: they are told in UTC.
func namedZone(zone *time.Location) *time.Location {
	if zone.String() == "Local" {
		return time.UTC
	}
	return zone
}
