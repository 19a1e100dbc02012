package retention

import (
	"testing"
	"time"

	"varuh/recorder/footage"
	"varuh/recorder/segment"
)

// From which moment a term counts, whatever the clock showed.
func TestDates(t *testing.T) {
	t.Parallel()
	const day, hour = 24 * time.Hour, time.Hour
	first, second, third := [16]byte{1}, [16]byte{2}, [16]byte{3}
	began := noon(0) // the boot of most rows
	good := Boot{ID: first, Earliest: began.Add(-10 * time.Minute), Agreed: began}
	dark := Boot{ID: first, Earliest: began.Add(-3 * day)} // was off for up to three days, and nobody confirmed
	next := Boot{ID: second, Earliest: began.Add(5 * day), Agreed: began.Add(5 * day)}
	for name, c := range map[string]struct {
		boots  []Boot
		start  time.Time
		at     time.Duration // CLOCK_BOOTTIME of the first frame
		unset  bool          // the clock was not set, and the index could not correct the date
		want   time.Time     // zero: nobody can tell
		astray bool
	}{
		"a good clock": {[]Boot{{ID: first, Earliest: began, Agreed: began}}, began.Add(hour), hour, false, began.Add(hour), false},
		"a clock that is ahead of what is certain":    {[]Boot{good}, began.Add(hour), hour, false, began.Add(50 * time.Minute), false},
		"a clock that slews":                          {[]Boot{good}, began.Add(80 * time.Minute), hour, false, began.Add(50 * time.Minute), false},
		"a little before what was certain":            {[]Boot{good}, began.Add(20 * time.Minute), hour, false, began.Add(20 * time.Minute), false},
		"an hour of a time server that is ahead":      {[]Boot{good}, began.Add(30 * day), hour, false, began.Add(50 * time.Minute), true},
		"an hour of a time server that is behind":     {[]Boot{good}, began.Add(-30 * day), hour, false, began.Add(50 * time.Minute), true},
		"a clock that was right but never set":        {[]Boot{{ID: first, Earliest: began, Agreed: began}}, began.Add(hour), hour, true, began.Add(hour), false},
		"1970, in a boot that was confirmed later":    {[]Boot{good}, time.Unix(0, 0).Add(hour), hour, true, began.Add(50 * time.Minute), true},
		"set, though nobody confirmed it":             {[]Boot{dark, next}, began.Add(hour), hour, false, began.Add(hour), false},
		"set to after the next boot":                  {[]Boot{dark, next}, began.Add(6 * day), hour, false, began.Add(-3 * day).Add(hour), true},
		"set to before the boot before":               {[]Boot{dark, next}, began.Add(-4 * day), hour, false, began.Add(-3 * day).Add(hour), true},
		"never set, 1970":                             {[]Boot{dark, next}, time.Unix(0, 0).Add(hour), hour, true, began.Add(-3 * day).Add(hour), false},
		"never set, by a file that kept the clock":    {[]Boot{dark, next}, began.Add(hour), hour, true, began.Add(-3 * day).Add(hour), false},
		"never set, and the last boot":                {[]Boot{dark}, began.Add(hour), hour, true, began.Add(-3 * day).Add(hour), false},
		"a boot between, of which nothing is known":   {[]Boot{dark, {ID: third}, next}, began.Add(6 * day), hour, false, began.Add(-3 * day).Add(hour), true},
		"a boot that the guard never saw":             {[]Boot{next}, began.Add(hour), hour, false, began.Add(hour), false},
		"a boot that the guard never saw, never set":  {[]Boot{next}, began.Add(hour), hour, true, began.Add(hour), false},
		"a boot that the guard never saw, in 1970":    {[]Boot{next}, time.Unix(0, 0).Add(hour), hour, true, time.Time{}, true},
		"no boots at all":                             {nil, began.Add(hour), hour, false, began.Add(hour), false},
		"an agreement that what came later disproved": {[]Boot{{ID: first, Earliest: began, Agreed: began.Add(-10 * day)}, next}, began.Add(hour), hour, false, began.Add(hour), false},
	} {
		s := footage.Segment{Boot: first, BootTime: c.at, Start: c.start, HeaderStart: c.start, Clock: segment.Synchronised}
		if c.unset {
			s.Clock = segment.Unsynchronised
		}
		d := newDates(c.boots, nil)
		for range 2 {
			first, astray := d.begins(&s)
			if at := first.from; !at.Equal(c.want) || astray != c.astray {
				t.Errorf("%s: begins %s, astray %v; want %s, %v", name, shown(at), astray, shown(c.want), c.astray)
			}
		}
	}
}

// Footage that the index has corrected since is dated by that.
func TestDatesCorrected(t *testing.T) {
	t.Parallel()
	s := footage.Segment{Boot: [16]byte{1}, BootTime: time.Hour, Start: noon(1), HeaderStart: time.Unix(3600, 0), Clock: segment.Unsynchronised}
	d := newDates([]Boot{{ID: [16]byte{1}, Earliest: noon(-1)}}, nil)
	if at, astray := d.begins(&s); !at.from.Equal(noon(1)) || astray {
		t.Errorf("begins %s, astray %v; want %s", shown(at.from), astray, shown(noon(1)))
	}
}
