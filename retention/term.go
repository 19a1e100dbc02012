package retention

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Term is how long footage may stay, or how deep a promise reaches: whole months or whole days. The zero Term is none.
type Term struct {
	Months int
	Days   int
}

// Law is the longest term there is (ZVOP-2, article 76(9)), and the one of a camera that has no other.
var Law = Term{Months: 12}

// The presets: what the law allows of certain places.
var (
	PublicArea      = Term{Months: 6}
	PublicTransport = Term{Days: 7}
)

// presets are the presets by the names that ParseTerm reads.
var presets = map[string]Term{"public-area": PublicArea, "public-transport": PublicTransport}

var termPattern = regexp.MustCompile(`^([1-9][0-9]{0,3})(y|mo|d)$`)

// ParseTerm reads a term such as 1y, 6mo or 7d, or public-area or public-transport for what the law allows there. One
// that the law does not allow is an error.
func ParseTerm(text string) (Term, error) {
	if t, ok := presets[text]; ok {
		return t, nil
	}
	m := termPattern.FindStringSubmatch(text)
	if m == nil {
		return Term{}, fmt.Errorf("%q is no term; want a whole number of days, months or years, such as 7d, 6mo or 1y, or public-area or public-transport", text)
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return Term{}, err
	}
	t := map[string]Term{"y": {Months: 12 * n}, "mo": {Months: n}, "d": {Days: n}}[m[2]]
	return t, t.check()
}

// check refuses what can end after one calendar year.
func (t Term) check() error {
	if t.Months < 0 || t.Days < 0 || t.Months > 0 && t.Days > 0 {
		return errors.New("a term is a number of months or a number of days")
	}
	if t.Months > Law.Months || t.Days > 365 {
		return fmt.Errorf("%s is longer than one year, which the law does not allow (ZVOP-2, article 76(9)); want 1y or less", t)
	}
	return nil
}

// IsZero tells that there is no term.
func (t Term) IsZero() bool { return t == Term{} }

// String is what ParseTerm reads, and "none" for the zero Term.
func (t Term) String() string {
	switch {
	case t.IsZero():
		return "none"
	case t.Months > 0 && t.Months%12 == 0:
		return strconv.Itoa(t.Months/12) + "y"
	case t.Months > 0:
		return strconv.Itoa(t.Months) + "mo"
	}
	return strconv.Itoa(t.Days) + "d"
}

// MarshalText implements [encoding.TextMarshaler]; the zero Term is "".
func (t Term) MarshalText() ([]byte, error) {
	if t.IsZero() {
		return nil, nil
	}
	return []byte(t.String()), nil
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (t *Term) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*t = Term{}
		return nil
	}
	*t, err = ParseTerm(string(text))
	return err
}

// End is the moment at which the term of what began at first is over: at the same time of day of the day so much
// later, in UTC or by the clock of the zone, whichever is earlier. Where the day does not exist it is the
// last of its month; where the time of day exists twice or never, the earlier moment that can be meant.
func (t Term) End(first time.Time, zone *time.Location) time.Time {
	end := t.after(first.UTC())
	if zone != nil {
		if local := t.after(first.In(zone)); local.Before(end) {
			end = local
		}
	}
	return end.UTC()
}

// after is End by the one calendar that first is given in.
func (t Term) after(first time.Time) time.Time {
	year, month, day := first.Date()
	months := int(month) - 1 + t.Months
	year, month = year+months/12, time.Month(months%12+1)
	day = min(day, time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()) + t.Days
	hour, minute, second := first.Clock()
	shown := time.Date(year, month, day, hour, minute, second, first.Nanosecond(), time.UTC)
	return earliest(shown, first.Location())
}

// endOf is the earliest end of the term for a first frame that is known so well. An end does not always come later
// where the beginning does: 30 March 23:00 and six months is a day later than 31 March 00:00 and six months. The
// end falls so only at midnights; after the last of a short span it runs with the clock.
func (t Term) endOf(first begin, zone *time.Location) time.Time {
	end := t.End(first.from, zone)
	least := end
	switch {
	case first.to.IsZero():
		least = t.lastDay(first.from.UTC())
		if zone != nil {
			if local := t.lastDay(first.from.In(zone)); local.Before(least) {
				least = local
			}
		}
	case first.to.After(first.from):
		least = t.End(first.to, zone).Add(first.from.Sub(first.to))
	}
	if least.Before(end) {
		return least.UTC()
	}
	return end
}

// lastDay is the earliest end of what began at first or later, by the calendar of first: the beginning of the last day
// of the month that is meant, where some day after the first frame's is not in it; else the end of the first frame's.
func (t Term) lastDay(first time.Time) time.Time {
	year, month, day := first.Date()
	last := time.Date(year, month+time.Month(t.Months)+1, 0, 0, 0, 0, 0, time.UTC)
	if day < last.Day() || day == time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day() {
		return t.after(first)
	}
	return earliest(last, first.Location())
}

// earliest is the first moment at which clocks of a zone show what the UTC clock shows at a moment, or would show it if
// they had not been put forward.
func earliest(shown time.Time, zone *time.Location) time.Time {
	if zone == time.UTC {
		return shown
	}
	at := time.Date(shown.Year(), shown.Month(), shown.Day(), shown.Hour(), shown.Minute(), shown.Second(), shown.Nanosecond(), zone)
	_, before := at.Add(-26 * time.Hour).Zone()
	_, after := at.Add(26 * time.Hour).Zone()
	if before == after {
		return at
	}
	early := shown.Add(-time.Duration(max(before, after)) * time.Second).In(zone)
	late := shown.Add(-time.Duration(min(before, after)) * time.Second).In(zone)
	_, offset := early.Zone()
	if _, other := late.Zone(); offset != max(before, after) && other == min(before, after) {
		return late
	}
	return early
}

// least is a span that the term is never shorter than, whenever it begins and in whatever zone. It saves the
// calendar for footage that is far from due.
func (t Term) least() time.Duration {
	const day = 24 * time.Hour
	return max(time.Duration(t.Months)*30*day+time.Duration(t.Days)*day-4*day, 0)
}

// mayEndBefore tells whether there is a first frame for which t ends before o does.
func (t Term) mayEndBefore(o Term) bool {
	for first := time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC); first.Year() < 2031; first = first.AddDate(0, 0, 1) {
		if t.after(first).Before(o.after(first)) {
			return true
		}
	}
	return false
}

// depth is the longest span that the term can be, as a promise is measured.
func (t Term) depth() time.Duration {
	const day = 24 * time.Hour
	if t.Months == Law.Months {
		return 366 * day
	}
	return time.Duration(t.Months)*31*day + time.Duration(t.Days)*day
}

// mayEndAfter tells whether there is a first frame for which t ends after o does.
func (t Term) mayEndAfter(o Term) bool { return o.mayEndBefore(t) }
