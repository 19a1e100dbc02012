package footage

import (
	"database/sql"
	"time"
)

// clockStep is a clock that was set only after it had dated footage: what it showed from from until before to is by later in
// the index.
type clockStep struct {
	from, to time.Time
	by       time.Duration // less than 0: the clock was ahead
}

// leastStep is the least by which a clock is set that anybody sees.
const leastStep = time.Second

// Twins are the other times of footage from a moment until before another, whatever the camera: footage that was recorded before
// the clock of its boot was set has that of its header, which is in all that was written meanwhile, as in the diary, and that of the
// index after [Index.Redate]. So whoever asks for both finds what is about it by either. Most footage has none.
//
// Times that differ by less than a second are no twins: most boots that record before the network tells them the time have such, people
// name times by the second, and whoever is shown a twin is told that the clock was wrong.
//
// It is known of boots whose footage is erased, too, until the index is rebuilt. It reads a row per boot.
func (ix *Index) Twins(from, to time.Time) (list [][2]time.Time, err error) {
	steps, err := collect(ix.read, func(rows *sql.Rows) (s clockStep, err error) {
		var from, age int64
		err = rows.Scan(&from, &age, &s.by)
		s.from, s.to = at(from), at(from).Add(time.Duration(age))
		return s, err
	}, `SELECT unset, age, origin - unset FROM (
			SELECT id, unset, origin, coalesce(origin_age, (SELECT max(boot_time + "end" - start) + 1 FROM segments WHERE boot = b.id AND clock = 0)) AS age
			FROM boots b WHERE unset IS NOT NULL AND origin IS NOT NULL AND abs(origin - unset) >= ?)
		WHERE age > 0 ORDER BY 1, id`, int64(leastStep))
	for _, s := range steps {
		list = s.within(list, from, to)
		list = clockStep{s.from.Add(s.by), s.to.Add(s.by), -s.by}.within(list, from, to)
	}
	return list, explain(err, "couldn't look up how the clock was set")
}

// within adds the twin of what of a range lies in the step, be that one moment.
func (s clockStep) within(list [][2]time.Time, from, to time.Time) [][2]time.Time {
	if s.from.After(from) {
		from = s.from
	}
	if s.to.Before(to) {
		to = s.to
	}
	if to.Before(from) || !from.Before(s.to) {
		return list
	}
	return append(list, [2]time.Time{from.Add(s.by), to.Add(s.by)})
}
