package disclosure

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/people"
)

// madeBy are who made which account, in the entries of the diary.
type madeBy map[string][]people.Maker

func (m madeBy) Makers(_ context.Context, account string) ([]people.Maker, error) {
	return m[account], nil
}

// Four eyes go by the order of the entries and by what is certain of the present, not by what a clock showed at one moment: the clock
// of an appliance that was switched on without one, was set forward or back makes no account older than it is.
func TestFourEyesClock(t *testing.T) {
	t.Parallel()
	since1970 := noon.Sub(time.Date(1970, 1, 1, 0, 1, 0, 0, time.UTC))
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		before  time.Duration // how long before noon the last entry before was written
		showed  time.Duration // how long before noon the clock showed when the account was made
		after   time.Duration // and the next entry
		now     time.Duration // how long after noon the clock shows now
		certain time.Duration // the same of what is certain; never: none
		lately  bool
	}{
		"yesterday":                           {2 * day, day, day, 0, 0, true},
		"40 days ago":                         {50 * day, 40 * day, 39 * day, 0, 0, false},
		"29 days ago":                         {50 * day, 29 * day, 28 * day, 0, 0, true},
		"booted in 1970":                      {2 * day, since1970, day, 0, 0, true},
		"booted in 1970, long ago":            {50 * day, since1970, 49 * day, 0, 0, false},
		"set back 40 days then":               {2 * day, 42 * day, day, 0, 0, true},
		"set forward since then":              {2 * day, day, day, 400 * day, 0, true},
		"set forward then":                    {50 * day, -3650 * day, 49 * day, 0, 0, false},
		"set forward then, lately":            {2 * day, -3650 * day, day, 0, 0, true},
		"set forward then, and nothing since": {50 * day, -3650 * day, -3650 * day, 0, 0, true},
		"set back 40 days now":                {2 * day, day, day, -40 * day, 0, true},
		"set back now, made 40 days ago":      {50 * day, 40 * day, 39 * day, -10 * day, 0, false},
		"in 1970 now":                         {2 * day, day, day, -since1970, 0, true},
		"in 1970 now, made 40 days ago":       {50 * day, 40 * day, 39 * day, -since1970, 0, false},
		"nobody has confirmed the clock":      {500 * day, 400 * day, 399 * day, 0, never, true},
		"certain lags behind":                 {50 * day, 40 * day, 39 * day, 0, -20 * day, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRigAt(t, noon.Add(-600*day))
			writes := func(before time.Duration) int64 {
				r.now = noon.Add(-before)
				receipt, err := r.d.Append(t.Context(), diary.Entry{Op: "person.add", Body: proof.Body{}}, nil)
				must(t, err)
				return receipt.Index
			}
			writes(c.before)
			made := writes(c.showed)
			writes(c.after)
			r.Accounts = madeBy{"ana": {{ID: "head", Entry: made}}}
			r.now, r.Certain = noon.Add(c.now), func() time.Time { return noon.Add(c.certain) }
			if c.certain == never {
				r.Certain = func() time.Time { return time.Time{} }
			}
			q := Request{Entrants: []string{"ana"}}
			for range 2 { // looked up, and remembered
				err := r.fourEyes(t.Context(), q, "head")
				if errors.Is(err, ErrFourEyes) != c.lately || err != nil && !c.lately {
					t.Error(err)
				}
				if err != nil && strings.Contains(err.Error(), "nobody has confirmed") != (c.certain == never) {
					t.Error(err)
				}
			}
		})
	}
}

// never stands for a present of which nothing is certain.
const never = -1 << 62
