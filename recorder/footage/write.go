package footage

import (
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// Begin makes the row of a segment about to be written, open and durable, so that after a crash
// every file has a row. The gaps are those of its header; they take the place of the pending gaps of
// the stream. For what the clock corrects, only HeaderStart, BootTime and Clock count, not Start.
func (ix *Index) Begin(s Segment, gaps ...segment.Gap) error {
	if s.HeaderStart.IsZero() {
		return fmt.Errorf("couldn't enter segment %s of %s/%s: it has no start", s.ID, s.Camera, s.Stream)
	}
	s.Sealed = false
	err := ix.change(func(tx *tx) error {
		if err := tx.put(s, gaps); err != nil {
			return err
		}
		return tx.exec(`DELETE FROM gaps WHERE carrier IS NULL AND stream = ?`, tx.stream)
	})
	return explain(err, "couldn't enter segment %s of %s/%s", s.ID, s.Camera, s.Stream)
}

// Sealed writes the final rows of segments, all or none. The span from Start to End is taken as the
// length of the segment; see [Segment.WithSeal].
func (ix *Index) Sealed(segments ...Segment) error {
	err := ix.change(func(tx *tx) error {
		for _, s := range segments {
			s.Sealed = true
			if err := tx.put(s, nil); err != nil {
				return explain(err, "segment %s of %s/%s", s.ID, s.Camera, s.Stream)
			}
		}
		return nil
	})
	return explain(err, "couldn't enter the seals of %d segments", len(segments))
}

// Remove removes the rows of erased segments and the gaps that their headers carried, all or none.
// That there is no such row is no error.
func (ix *Index) Remove(ids ...keyring.ID) error {
	err := ix.change(func(tx *tx) error {
		for _, id := range ids {
			if err := tx.exec(`DELETE FROM segments WHERE id = ?`, id[:]); err != nil {
				return explain(err, "segment %s", id)
			}
		}
		return nil
	})
	return explain(err, "couldn't remove the rows of %d segments", len(ids))
}

// Abandon removes the row of a segment that came to nothing. The gaps that it should have carried
// are pending again.
func (ix *Index) Abandon(id keyring.ID) error {
	err := ix.change(func(tx *tx) error {
		// A gap told anew since Begin says the same with more knowledge.
		if err := tx.exec(`
			UPDATE OR IGNORE gaps SET carrier = NULL, boot = s.boot, clock = s.clock
			FROM segments s WHERE s.id = ?1 AND gaps.carrier = ?1`, id[:]); err != nil {
			return err
		}
		return tx.exec(`DELETE FROM segments WHERE id = ?`, id[:])
	})
	return explain(err, "couldn't abandon segment %s", id)
}

// AddGap makes or replaces the pending gap of its stream that begins at From. To is zero while the
// gap lasts. It stays pending until Begin enters the segment that carries it.
func (ix *Index) AddGap(g Gap) error {
	err := ix.change(func(tx *tx) (err error) {
		if tx.stream, err = tx.streamRow(g.Camera, g.Stream); err != nil {
			return err
		}
		if tx.boot, err = tx.bootRow(g.Boot); err != nil {
			return err
		}
		return tx.exec(`
			INSERT INTO gaps (stream, "from", "to", cause, header_from, header_to, boot, clock) VALUES (?1, ?2, ?3, ?4, ?2, ?3, ?5, ?6)
			ON CONFLICT (stream, header_from) WHERE carrier IS NULL
			DO UPDATE SET "to" = excluded."to", header_to = excluded."to", cause = excluded.cause`,
			tx.stream, ns(g.From), optional(g.To), g.Cause, tx.boot, g.Clock)
	})
	return explain(err, "couldn't enter a gap of %s/%s", g.Camera, g.Stream)
}

// age bounds what a header may say of the time since the boot, so that sums of times stay times.
// Beyond is no footage, only a wrong or a hostile header, and that must not stop a rebuild.
func age(d time.Duration) time.Duration { return min(max(d, 0), 100*365*24*time.Hour) }

// put writes the row of s, there or not, and the gaps it carries, and dates them.
func (tx *tx) put(s Segment, gaps []segment.Gap) error {
	s.BootTime = age(s.BootTime)
	if err := tx.refer(s); err != nil {
		return err
	}
	if err := tx.putSegment(s); err != nil {
		return err
	}
	for _, g := range gaps {
		if err := tx.putGap(s.ID, g); err != nil {
			return err
		}
	}
	return tx.date(s)
}

// refer finds or makes the rows that the row of s refers to.
func (tx *tx) refer(s Segment) (err error) {
	if tx.stream, err = tx.streamRow(s.Camera, s.Stream); err != nil {
		return err
	}
	if tx.format, err = tx.rowOf(`SELECT id FROM formats WHERE text = ?`, `INSERT INTO formats (text) VALUES (?)`, s.Format); err != nil {
		return err
	}
	tx.boot, err = tx.bootRow(s.Boot)
	return err
}

func (tx *tx) streamRow(camera, stream string) (int64, error) {
	return tx.rowOf(`SELECT id FROM streams WHERE camera = ? AND stream = ?`,
		`INSERT INTO streams (camera, stream) VALUES (?, ?)`, camera, stream)
}

func (tx *tx) bootRow(boot [16]byte) (int64, error) {
	return tx.rowOf(`SELECT id FROM boots WHERE boot = ?`, `INSERT INTO boots (boot) VALUES (?)`, boot[:])
}

// rowOf returns the number of the row that find finds, after insert if it must be made.
func (tx *tx) rowOf(find, insert string, values ...any) (id int64, err error) {
	err = tx.QueryRow(find, values...).Scan(&id)
	if !errors.Is(err, sql.ErrNoRows) {
		return id, err
	}
	made, err := tx.Exec(insert, values...)
	if err != nil {
		return 0, err
	}
	return made.LastInsertId()
}

// putSegment writes the row with the time that the file has; date corrects it. What the header says
// never changes, so a row that is there keeps it.
func (tx *tx) putSegment(s Segment) error {
	start, length := ns(s.HeaderStart), int64(max(s.End.Sub(s.Start), 0))
	err := tx.exec(`
		INSERT INTO segments (id, store, slot, stream, run, start, "end", bytes, records, sealed, recovered, loss,
			format, boot, boot_time, header_start, clock, root)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6 + ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?6, ?16, ?17)
		ON CONFLICT (id) DO UPDATE SET start = excluded.start, "end" = excluded."end", bytes = excluded.bytes,
			records = excluded.records, sealed = excluded.sealed, recovered = excluded.recovered,
			loss = excluded.loss, root = excluded.root`,
		s.ID[:], s.Store[:], s.Slot, tx.stream, s.Run[:], start, length, s.Bytes, s.Records, s.Sealed, s.Recovered, s.Loss,
		tx.format, tx.boot, int64(s.BootTime), s.Clock, s.Root[:])
	if err != nil {
		return err
	}
	return tx.exec(`UPDATE streams SET longest_segment = ?2 WHERE id = ?1 AND longest_segment < ?2`, tx.stream, length)
}

// putGap writes a gap of a header, unless it is there.
func (tx *tx) putGap(carrier keyring.ID, g segment.Gap) error {
	err := tx.exec(`
		INSERT INTO gaps (stream, "from", "to", cause, header_from, header_to, carrier)
		SELECT ?1, ?2, ?3, ?4, ?2, ?3, ?5
		WHERE NOT EXISTS (SELECT 1 FROM gaps WHERE carrier = ?5 AND header_from = ?2)`,
		tx.stream, ns(g.From), ns(g.To), g.Cause, carrier[:])
	if err != nil {
		return err
	}
	return tx.exec(longestGap, tx.stream, int64(g.To.Sub(g.From)))
}

// longestGap keeps the bound that lets a query for a span look at few gaps.
const longestGap = `UPDATE streams SET longest_gap = ?2 WHERE id = ?1 AND longest_gap < ?2`

// ns is a time as the index has it. Times far from ours count as the far past or future, with room to
// add a length to them.
func ns(t time.Time) int64 {
	switch year := t.Year(); {
	case year < 1800:
		return math.MinInt64 / 2
	case year > 2100:
		return math.MaxInt64 / 2
	}
	return t.UnixNano()
}

// optional is ns, or NULL for the zero time.
func optional(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return ns(t)
}
