package main

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"varuh/accesslog/evidence"
)

// What the kernel says of its clock is stated in its own units; a clock that nobody has set is stated as that.
func TestClockOf(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 500, time.UTC)
	for name, tt := range map[string]struct {
		state int
		x     unix.Timex
		want  evidence.Clock
	}{
		"never set":    {unix.TIME_ERROR, unix.Timex{Offset: 5, Maxerror: 16_000_000}, evidence.Clock{Source: "kernel, not synchronised", Zone: "UTC"}},
		"without size": {unix.TIME_OK, unix.Timex{}, evidence.Clock{Source: "kernel, not synchronised", Zone: "UTC"}},
		"microseconds": {unix.TIME_OK, unix.Timex{Offset: -1500, Maxerror: 20_000},
			evidence.Clock{Source: "kernel, synchronised", Zone: "UTC", Measured: now.Truncate(time.Second), Offset: -1500 * time.Microsecond, Uncertainty: 20 * time.Millisecond}},
		"nanoseconds": {unix.TIME_INS, unix.Timex{Status: unix.STA_NANO, Offset: 1_500_999, Maxerror: 20_000},
			evidence.Clock{Source: "kernel, synchronised", Zone: "UTC", Measured: now.Truncate(time.Second), Offset: 1500 * time.Microsecond, Uncertainty: 20 * time.Millisecond}},
	} {
		got := clockOf(tt.state, tt.x, now, "UTC")
		if got.Source != tt.want.Source || !got.Measured.Equal(tt.want.Measured) || got.Offset != tt.want.Offset || got.Uncertainty != tt.want.Uncertainty || got.Zone != tt.want.Zone {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// A zone on paper has a name that others know.
func TestNamedZone(t *testing.T) {
	t.Parallel()
	vienna, err := time.LoadLocation("Europe/Vienna")
	must(t, err)
	if got := namedZone(vienna); got != vienna {
		t.Errorf("one with a name: %v", got)
	}
	if got := namedZone(time.Local).String(); got != "UTC" { // of a machine without a name for it: see package configs
		t.Errorf("one without a name: %s", got)
	}
}
