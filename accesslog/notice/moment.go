package notice

import (
	"errors"
	"fmt"
	"time"
)

// What refuses a moment.
var (
	ErrMoment    = errors.New("that is no date and time") // it can't be read
	ErrNoMoment  = errors.New("there is no such moment: the clock was put forward over it")
	ErrAmbiguous = errors.New("there are two such moments, since the clock was put back")
)

// Moment reads when a notice begins or ends, as a person writes it: 2026-09-01 for the beginning of a day,
// 2026-09-01T07:30 by the clock on the wall in the zone, or with an offset behind it, such as 2026-10-25T02:30+02:00,
// which the hour needs that the end of summer time brings twice.
func Moment(text string, zone *time.Location) (time.Time, error) {
	if t, err := time.Parse("2006-01-02T15:04Z07:00", text); err == nil {
		return t.UTC(), nil
	}
	for _, form := range []string{time.DateOnly, "2006-01-02T15:04", "2006-01-02 15:04"} {
		if wall, err := time.Parse(form, text); err == nil {
			return onWall(wall, zone)
		}
	}
	return time.Time{}, fmt.Errorf("%w: %.40q; want 2026-09-01, or 2026-09-01T07:30", ErrMoment, text)
}

// onWall is the one moment at which clocks in the zone show what wall shows in UTC.
func onWall(wall time.Time, zone *time.Location) (time.Time, error) {
	var found []time.Time
	for _, near := range []time.Time{wall.Add(-26 * time.Hour), wall.Add(26 * time.Hour)} {
		_, offset := near.In(zone).Zone()
		t := wall.Add(-time.Duration(offset) * time.Second)
		if shows(t, zone).Equal(wall) && (len(found) == 0 || !found[0].Equal(t)) {
			found = append(found, t)
		}
	}
	shown := wall.Format("2006-01-02 15:04")
	switch len(found) {
	case 0:
		return time.Time{}, fmt.Errorf("%w: %s", ErrNoMoment, shown)
	case 2:
		return time.Time{}, fmt.Errorf("%w: %s; say which, such as %s", ErrAmbiguous, shown, found[0].In(zone).Format("2006-01-02T15:04Z07:00"))
	}
	return found[0], nil
}

// shows is what a clock in the zone shows at a moment, as if it were UTC.
func shows(t time.Time, zone *time.Location) time.Time {
	_, offset := t.In(zone).Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}
