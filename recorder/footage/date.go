package footage

import (
	"database/sql"
	"errors"
	"time"

	"varuh/recorder/segment"
)

// Redate corrects what was dated before the clock of a boot was set. origin is the UTC at which
// CLOCK_BOOTTIME of that boot was zero: by the clock now set, the time minus CLOCK_BOOTTIME.
//
// It makes the correction seen at once. The first segment that begins with the clock set says the
// same, and its word replaces what Redate was told, so that headers alone give the same rows again.
func (ix *Index) Redate(boot [16]byte, origin time.Time) error {
	err := ix.change(func(tx *tx) (err error) {
		if tx.boot, err = tx.bootRow(boot); err != nil {
			return err
		}
		if err := tx.exec(`UPDATE boots SET origin = ?2 WHERE id = ?1 AND origin_age IS NULL`, tx.boot, ns(origin)); err != nil {
			return err
		}
		return tx.correct(nil)
	})
	return explain(err, "couldn't correct the times of boot %x", boot)
}

// date lets the row of s say what it knows of its boot's clock, and corrects what depends on it:
// every row of the boot where that is news, else only s and its gaps.
func (tx *tx) date(s Segment) error {
	known := "origin"
	if s.Clock == segment.Unsynchronised {
		known = "unset"
	}
	// The earliest segment decides, and of several at one instant the lesser time: rows in any
	// order then give one answer.
	done, err := tx.Exec(`UPDATE boots SET `+known+` = ?2, `+known+`_age = ?3
		WHERE id = ?1 AND (`+known+`_age IS NULL OR (?3, ?2) < (`+known+`_age, `+known+`))`,
		tx.boot, ns(s.HeaderStart)-int64(s.BootTime), int64(s.BootTime))
	if err != nil {
		return err
	}
	news, err := done.RowsAffected()
	if err != nil {
		return err
	}
	if news > 0 {
		return tx.correct(nil)
	}
	return tx.correct(s.ID[:])
}

// correct moves what the boot's clock dated before it was set: all of the boot, or one segment.
// It does nothing while unset or origin is not known.
func (tx *tx) correct(id []byte) error {
	if err := tx.exec(`
		UPDATE segments SET "end" = origin + boot_time + "end" - start, start = origin + boot_time
		FROM boots b WHERE b.id = ?1 AND segments.boot = ?1 AND clock = 0 AND b.origin IS NOT NULL
			AND (?2 IS NULL OR segments.id = ?2)`, tx.boot, id); err != nil {
		return err
	}
	return tx.correctGaps(id)
}

// unsetClock is how the clock of a boot went before it was set.
type unsetClock struct {
	unset, origin int64         // what it showed at CLOCK_BOOTTIME zero, and what it should have shown
	age           sql.NullInt64 // CLOCK_BOOTTIME at which it was first seen set
}

// gapRow is a gap with what its correction depends on.
type gapRow struct {
	id, stream, from int64
	to               sql.NullInt64
	start, age       sql.NullInt64 // of the carrier: as in its header; NULL: pending
	set              bool          // the clock was set when the carrier began, or when a pending gap was first told
}

// correctGaps moves the ends of gaps that the clock dated before it was set.
func (tx *tx) correctGaps(id []byte) error {
	var c unsetClock
	err := tx.QueryRow(`SELECT unset, origin, origin_age FROM boots WHERE id = ? AND unset IS NOT NULL AND origin IS NOT NULL`, tx.boot).
		Scan(&c.unset, &c.origin, &c.age)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	} else if err != nil {
		return err
	}
	gaps, err := tx.gapsOf(id)
	if err != nil {
		return err
	}
	for _, g := range gaps {
		from, to := c.correct(g)
		if err := tx.exec(`UPDATE gaps SET "from" = ?2, "to" = ?3 WHERE id = ?1`, g.id, from, to); err != nil {
			return err
		}
		if !to.Valid {
			continue
		}
		if err := tx.exec(longestGap, g.stream, to.Int64-from); err != nil {
			return err
		}
	}
	return nil
}

// gapsOf reads the gaps that one segment carries, or all that segments of the boot carry or were told in it.
func (tx *tx) gapsOf(id []byte) ([]gapRow, error) {
	const columns = `SELECT g.id, g.stream, g.header_from, g.header_to, s.header_start, s.boot_time, coalesce(s.clock, g.clock) FROM gaps g `
	scan := func(rows *sql.Rows) (g gapRow, err error) {
		return g, rows.Scan(&g.id, &g.stream, &g.from, &g.to, &g.start, &g.age, &g.set)
	}
	if id != nil {
		return collect(tx, scan, columns+`JOIN segments s ON s.id = g.carrier WHERE g.carrier = ?`, id)
	}
	return collect(tx, scan, columns+`LEFT JOIN segments s ON s.id = g.carrier WHERE s.boot = ?1 OR g.boot = ?1`, tx.boot)
}

// correct returns the ends of a gap by the clock that was set.
//
// A header does not say which clock an end was read from. An end lies in the time of the unset clock
// if that clock showed it between the boot and the moment at which the carrier began or the clock was
// first seen set, whichever came earlier. So the beginning of a gap that a reboot ended stays where the
// boot before had put it. The end that is the carrier's own start follows the carrier.
func (c unsetClock) correct(g gapRow) (from int64, to sql.NullInt64) {
	last := c.origin - c.unset // pending: all that can be said is that a set clock never shows it
	if g.age.Valid {
		last = g.age.Int64
	}
	if c.age.Valid {
		last = min(last, c.age.Int64)
	}
	moved := func(t int64) int64 {
		own := g.start.Valid && t == g.start.Int64
		if own && g.set || t < c.unset || t > c.unset+last {
			return t
		}
		return t + c.origin - c.unset
	}
	from, to = moved(g.from), g.to
	if to.Valid {
		to.Int64 = moved(to.Int64)
	}
	return from, to
}
