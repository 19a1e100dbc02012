package main

import (
	"strings"
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

// namedZone is a zone with a name that others know. The machine's own is "Local" to Go, which tells nobody elsewhere in what
// zone times are: it is named by where /etc/localtime leads, and where that names none, times are told in UTC.
func namedZone(zone *time.Location, readlink func(string) (string, error)) *time.Location {
	if zone.String() != "Local" {
		return zone
	}
	link, err := readlink("/etc/localtime")
	_, name, there := strings.Cut(link, "/zoneinfo/")
	if err != nil || !there {
		return time.UTC
	}
	if zone, err = time.LoadLocation(name); err != nil {
		return time.UTC
	}
	return zone
}
