package hold

import (
	"fmt"
	"time"

	"varuh/retention"
)

// Twins are the other times of footage from a moment until before another: what was recorded before the clock was set has the
// time that the clock showed, by which people have secured and seen it, and the right one. See footage.Index.Twins; nil: there are none.
type Twins func(from, to time.Time) ([][2]time.Time, error)

// of tells the other times of a range.
func (t Twins) of(from, to time.Time) ([][2]time.Time, error) {
	if t == nil {
		return nil, nil
	}
	list, err := t(from, to)
	if err != nil {
		return nil, fmt.Errorf("couldn't tell whether a clock that was set late has moved what is held: %w", err)
	}
	return list, nil
}

// Both gives ranges with those of the other times of their footage: whichever it was set by, it is in force for both.
func Both[T retention.Hold | retention.Restriction](t Twins, list []T) ([]T, error) {
	both := list
	for _, one := range list {
		twins, err := t.of(retention.Hold(one).From, retention.Hold(one).To)
		if err != nil {
			return nil, err
		}
		for _, twin := range twins {
			moved := retention.Hold(one)
			moved.From, moved.To = twin[0], twin[1]
			both = append(both, T(moved))
		}
	}
	return both, nil
}

// Of gives a range, and that of each other time of its footage.
func (t Twins) Of(r Range) ([]Range, error) {
	all := []Range{r}
	twins, err := t.of(r.From, r.To)
	for _, twin := range twins {
		all = append(all, Range{r.Camera, twin[0], twin[1]})
	}
	return all, err
}
