package configs

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Window is a span of the week: days, and from when to when on each of them.
//
//	mon-fri 06:00-22:00     on each of five days
//	sat,sun                 two whole days
//	fri-mon 22:00-06:00     over midnight: it ends on the day after each
//
// Times are those on the wall clock of the configured zone. Where the clock jumps over a time, the
// window begins or ends at the moment of the jump's other side, as [time.Date] has it.
type Window struct {
	days     [7]bool // by time.Weekday
	from, to int     // minutes of the day; to may pass 1440, into the next day
}

// Schedule is when to record: in any of its windows. Without a window: always.
type Schedule []Window

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

const windowForm = `want days and times, such as "mon-fri 06:00-22:00", "sat,sun" or "sun 22:00-06:00"`

// UnmarshalText implements [encoding.TextUnmarshaler].
func (w *Window) UnmarshalText(text []byte) error {
	days, times, timed := strings.Cut(strings.TrimSpace(string(text)), " ")
	v := Window{to: 24 * 60}
	for part := range strings.SplitSeq(days, ",") {
		if err := v.addDays(part); err != nil {
			return err
		}
	}
	if timed {
		if err := v.setTimes(strings.TrimSpace(times)); err != nil {
			return err
		}
	}
	*w = v
	return nil
}

func (w *Window) addDays(part string) error {
	first, last, span := strings.Cut(part, "-")
	if !span {
		last = first
	}
	from, to := slices.Index(weekdays, first), slices.Index(weekdays, last)
	if from < 0 || to < 0 {
		return fmt.Errorf("%q is no day or span of days; the days are mon, tue, wed, thu, fri, sat, sun; %s", part, windowForm)
	}
	for d := from; ; d = (d + 1) % 7 {
		w.days[d] = true
		if d == to {
			return nil
		}
	}
}

func (w *Window) setTimes(s string) error {
	from, to, ok := strings.Cut(s, "-")
	if !ok {
		return fmt.Errorf("%q is no span of time; %s", s, windowForm)
	}
	var err1, err2 error
	w.from, err1 = minuteOfDay(from)
	w.to, err2 = minuteOfDay(to)
	if err := cmp.Or(err1, err2); err != nil {
		return err
	}
	if w.from == w.to || w.from == 24*60 {
		return fmt.Errorf("%q is an empty span of time; %s", s, windowForm)
	}
	if w.to < w.from {
		w.to += 24 * 60
	}
	return nil
}

// minuteOfDay reads 00:00 to 24:00.
func minuteOfDay(s string) (int, error) {
	hh, mm, ok := strings.Cut(strings.TrimSpace(s), ":")
	h, err1 := strconv.ParseUint(hh, 10, 8)
	m, err2 := strconv.ParseUint(mm, 10, 8)
	if !ok || err1 != nil || err2 != nil || len(mm) != 2 || m > 59 || h*60+m > 24*60 {
		return 0, fmt.Errorf("%q is no time of day; want 00:00 to 24:00; %s", s, windowForm)
	}
	return int(h*60 + m), nil
}

// Always tells whether the windows leave no minute of the week out.
func (s Schedule) Always() bool {
	if len(s) == 0 {
		return true
	}
	var week [7 * 24 * 60]bool
	for _, w := range s {
		for d, on := range w.days {
			for m := w.from; on && m < w.to; m++ {
				week[(d*24*60+m)%len(week)] = true
			}
		}
	}
	return !slices.Contains(week[:], false)
}

// At tells whether to record at t, and until when that holds. The time is zero if it holds for ever.
func (s Schedule) At(t time.Time, zone *time.Location) (record bool, until time.Time) {
	if s.Always() {
		return true, time.Time{}
	}
	for _, span := range s.spans(t.In(zone)) {
		if t.Before(span[0]) {
			return false, span[0]
		}
		if t.Before(span[1]) {
			return true, span[1]
		}
	}
	// A week and a day hold every window at least once; only a jump of the clock can swallow one.
	return false, t.Add(24 * time.Hour)
}

// spans are the windows from the day before t until eight days after it, merged and in order.
func (s Schedule) spans(t time.Time) [][2]time.Time {
	var all [][2]time.Time
	y, m, d := t.Date()
	for day := -1; day <= 8; day++ {
		weekday := time.Date(y, m, d+day, 12, 0, 0, 0, t.Location()).Weekday()
		for _, w := range s {
			from := time.Date(y, m, d+day, 0, w.from, 0, 0, t.Location())
			to := time.Date(y, m, d+day, 0, w.to, 0, 0, t.Location())
			if w.days[weekday] && from.Before(to) {
				all = append(all, [2]time.Time{from, to})
			}
		}
	}
	slices.SortFunc(all, func(a, b [2]time.Time) int { return a[0].Compare(b[0]) })
	var merged [][2]time.Time
	for _, span := range all {
		if n := len(merged); n > 0 && !merged[n-1][1].Before(span[0]) {
			if merged[n-1][1].Before(span[1]) {
				merged[n-1][1] = span[1]
			}
			continue
		}
		merged = append(merged, span)
	}
	return merged
}

func (s Schedule) equal(o Schedule) bool { return slices.Equal(s, o) }

// Timetable is a schedule in its zone.
type Timetable struct {
	Schedule Schedule
	Zone     *time.Location
}

// Recording tells whether to record at t, and when the answer changes next (zero: never).
func (t Timetable) Recording(at time.Time) (record bool, until time.Time) {
	return t.Schedule.At(at, t.Zone)
}
