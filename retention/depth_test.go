package retention

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// The forecast is what the disks carry in the order in which they are freed, and a warning comes before a promise
// breaks, not when a disk rolls over below the limit.
func TestDepths(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	const camera = 4e6 / 8 // bytes a second of 4 Mbit/s: 43.2 GB a day
	const perDay = int64(43.2e9)
	now := noon(100)
	keep := func(limit, keep Term) Policy { return Policy{Limit: limit, Keep: keep} }
	for name, c := range map[string]struct {
		capacity, held int64
		loads          []Load
		forecast       []time.Duration
		warnings       []string // a part of each
	}{
		"no cameras": {perDay, 0, nil, nil, nil},
		"one camera, ten days of disk, nothing promised": {10 * perDay, 0,
			[]Load{{Camera: "a", Policy: keep(Law, Term{}), Rate: camera, Oldest: noon(90), Began: noon(0)}}, []time.Duration{10 * day}, nil},
		"more disk than the limit": {1000 * perDay, 0,
			[]Load{{Camera: "a", Policy: keep(PublicTransport, Term{}), Rate: camera}}, []time.Duration{7 * day}, nil},
		"what is held is not there for depth": {10 * perDay, 4 * perDay,
			[]Load{{Camera: "a", Policy: keep(Law, Term{Days: 6}), Rate: camera, Oldest: noon(93), Began: noon(0)}}, []time.Duration{6 * day}, nil},
		"two cameras share": {10 * perDay, 0,
			[]Load{{Camera: "a", Policy: keep(Law, Term{}), Rate: camera}, {Camera: "b", Policy: keep(Law, Term{}), Rate: camera}}, []time.Duration{5 * day, 5 * day}, nil},
		"one is limited, the other has the rest": {20 * perDay, 0,
			[]Load{{Camera: "a", Policy: keep(PublicTransport, Term{}), Rate: camera}, {Camera: "b", Policy: keep(Law, Term{}), Rate: camera}}, []time.Duration{7 * day, 13 * day}, nil},
		"one is promised more": {20 * perDay, 0,
			[]Load{{Camera: "a", Policy: keep(Law, Term{Days: 14}), Rate: camera}, {Camera: "b", Policy: keep(Law, Term{}), Rate: camera}}, []time.Duration{14 * day, 6 * day}, nil},
		"a promise that the disk cannot carry": {7 * perDay, 0,
			[]Load{{Camera: "a", Policy: keep(Law, Term{Days: 14}), Rate: camera, Oldest: noon(93), Began: noon(90)}, {Camera: "b", Policy: keep(Law, Term{}), Rate: camera}},
			[]time.Duration{7 * day, 0}, []string{"a: 14d are promised, but with this bitrate the disks carry 7 days"}},
		"two promises break by one share": {15 * perDay, 0,
			[]Load{{Camera: "a", Policy: keep(Law, Term{Days: 10}), Rate: camera}, {Camera: "b", Policy: keep(Law, Term{Days: 20}), Rate: camera}},
			[]time.Duration{5 * day, 10 * day}, []string{"a: 10d", "b: 20d"}},
		"held footage breaks it": {20 * perDay, 10 * perDay,
			[]Load{{Camera: "a", Policy: keep(Law, Term{Days: 14}), Rate: camera}}, []time.Duration{10 * day}, []string{"and what is held the disks carry 10 days"}},
		"more is held than there is": {20 * perDay, 30 * perDay,
			[]Load{{Camera: "a", Policy: keep(Law, Term{Days: 14}), Rate: camera}}, []time.Duration{0}, []string{"the disks carry 0 hours"}},
		"it was recorded for long enough, but does not reach back": {100 * perDay, 0,
			[]Load{{Camera: "a", Policy: keep(Law, Term{Days: 14}), Rate: camera, Oldest: noon(95), Began: noon(50)}}, []time.Duration{100 * day}, []string{"reaches back 5 days only"}},
		"it was not recorded for long enough yet": {100 * perDay, 0,
			[]Load{{Camera: "a", Policy: keep(Law, Term{Days: 14}), Rate: camera, Oldest: noon(95), Began: noon(95)}}, []time.Duration{100 * day}, nil},
		"a promise as long as the limit": {100 * perDay, 0,
			[]Load{{Camera: "a", Policy: keep(PublicTransport, PublicTransport), Rate: camera, Oldest: noon(93).Add(Lead), Began: noon(0)}}, []time.Duration{7 * day}, nil},
		"no bitrate seen": {0, 0, []Load{{Camera: "a", Policy: keep(Law, Term{Days: 14})}}, []time.Duration{366 * day}, nil},
	} {
		got := Depths(now, c.capacity, c.held, c.loads)
		var warnings []string
		for i, d := range got {
			if off := d.Forecast - c.forecast[i]; off > time.Minute || off < -time.Minute {
				t.Errorf("%s: the forecast of %s is %v, want %v", name, d.Camera, d.Forecast, c.forecast[i])
			}
			if o := c.loads[i].Oldest; d.Limit != c.loads[i].Policy.Limit || !o.IsZero() && d.Real != now.Sub(o) {
				t.Errorf("%s: %+v", name, d)
			}
			warnings = append(warnings, d.Warnings...)
		}
		if len(got) != len(c.loads) || !slices.EqualFunc(warnings, c.warnings, strings.Contains) {
			t.Errorf("%s: warnings %q, want %q", name, warnings, c.warnings)
		}
	}
}
