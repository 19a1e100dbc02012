package anchor

import (
	"strings"
	"testing"
	"time"
)

func TestStand(t *testing.T) {
	t.Parallel()
	day := func(n float64) time.Time { return noon.Add(time.Duration(n * 24 * float64(time.Hour))) }
	for name, tt := range map[string]struct {
		State
		now   time.Time
		alarm bool
		en    string // in the English sentence
	}{
		"nobody, for years": {
			State{Size: 120, Pending: true}, day(900), false,
			"Nobody outside the appliance keeps a checkpoint of the diary: its administrator (root) can rewrite all entries (120)",
		},
		"paper alone is no reason for an alarm": {
			State{Size: 120, Pending: true, KeptSize: 100, KeptTime: day(0)}, day(30), false,
			"Since 2026-11-21 12:00 UTC a checkpoint of the first 100 entries has been kept outside the appliance. Later ones (20)",
		},
		"a witness, just configured": {
			State{Size: 120, Pending: true, Witnesses: day(0)}, day(0.9), false, "Nobody outside",
		},
		"a witness that never answered": {
			State{Size: 120, Pending: true, Witnesses: day(0)}, day(1.1), true,
			"WARNING: since 2026-11-21 12:00 UTC nothing came from outside (witnesses). Nobody outside",
		},
		"a witness that knows all": {
			State{Size: 120, Witnesses: day(0), KeptSize: 120, KeptTime: day(1)}, day(1.1), false,
			"Since 2026-11-22 12:00 UTC a checkpoint of all entries (120)",
		},
		"a witness that is down": {
			State{Size: 120, Pending: true, Witnesses: day(0), KeptSize: 100, KeptTime: day(5)}, day(6.1), true,
			"(witnesses). Since 2026-11-26 12:00 UTC a checkpoint of the first 100 entries",
		},
		"a diary in which nothing happens": {
			State{Size: 101, Witnesses: day(0), KeptSize: 100, KeptTime: day(5)}, day(30), false, "Later ones (1)",
		},
		"time timestamps alone": {
			State{Size: 120, Pending: true, Authorities: day(0), TimestampedSize: 119, TimestampedTime: day(5)}, day(5.5), false,
			"shows that the first 119 entries were there, but nobody outside the appliance keeps a checkpoint",
		},
		"time timestamps that stopped beside a witness that goes on": {
			State{Size: 120, Pending: true, Witnesses: day(0), Authorities: day(0), KeptSize: 119, KeptTime: day(6), TimestampedSize: 20, TimestampedTime: day(2)},
			day(6.1), true, "since 2026-11-23 12:00 UTC nothing came from outside (time timestamps)",
		},
		"both stopped": {
			State{Size: 120, Pending: true, Witnesses: day(0), Authorities: day(0), KeptSize: 119, KeptTime: day(3), TimestampedSize: 20, TimestampedTime: day(2)},
			day(6.1), true, "since 2026-11-23 12:00 UTC nothing came from outside (witnesses, time timestamps)",
		},
		"time timestamps that were configured just now, beside a witness": {
			State{Size: 120, Pending: true, Witnesses: day(0), Authorities: day(6), KeptSize: 119, KeptTime: day(6)}, day(6.9), false, "Later ones (1)",
		},
		"time timestamps that were configured yesterday, beside a witness": {
			State{Size: 120, Pending: true, Witnesses: day(0), Authorities: day(6), KeptSize: 119, KeptTime: day(7)}, day(7.1), true,
			"since 2026-11-27 12:00 UTC nothing came from outside (time timestamps)",
		},
		"a clock that went back": {
			State{Size: 120, Pending: true, Witnesses: day(0), KeptSize: 100, KeptTime: day(5)}, day(-400), false, "Later ones (20)",
		},
	} {
		got := Stand(tt.State, tt.now)
		if got.Alarm != tt.alarm || !strings.Contains(got.EN, tt.en) || got.SL == "" || strings.HasPrefix(got.SL, "POZOR") != tt.alarm {
			t.Errorf("%s: %v\n%s\n%s", name, got.Alarm, got.EN, got.SL)
		}
	}
}
