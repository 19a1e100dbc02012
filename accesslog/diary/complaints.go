package diary

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"varuh/accesslog/diary/proof"
)

// Complaints are what does not fit in the database and stops nothing, each as a sentence, since whoever can
// write to the disk could otherwise stop what finds him out; and all faults but the first. What Export leaves
// out is among them.
func (d *Diary) Complaints() []string {
	return slices.Concat(d.moreFaults(), d.complained())
}

// moreFaults are the faults behind the first.
func (d *Diary) moreFaults() (list []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, o := range d.faults[min(1, len(d.faults)):] {
		list = append(list, o.String())
	}
	return list
}

func (d *Diary) complained() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.wrong)
}

// maxComplaints bounds how many are kept: a table full of junk is not to fill the memory, too.
const maxComplaints = 100

// complain adds a complaint, once.
func (d *Diary) complain(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.wrong) < maxComplaints && !slices.Contains(d.wrong, text) {
		d.wrong = append(d.wrong, text)
	}
}

// findComplaints holds the tables that are no governed state against the log.
func (d *Diary) findComplaints(ctx context.Context, v verified, rec record) error {
	for _, f := range rec.faults {
		if !slices.Contains(v.open, f.index) {
			d.complain("a row of diary_faults is of entry %d, which is no open incident: somebody put it there", f.index)
		}
	}
	if err := d.findStrangeKeys(ctx); err != nil {
		return err
	}
	parties, err := indexes(ctx, d.w.db, `SELECT first FROM diary_parties ORDER BY first`)
	if err != nil {
		return err
	}
	for _, i := range strangers(parties, v.parties, d.head.Cut) {
		d.complain("a row of diary_parties is of entry %d, which added no party: somebody put it there", i)
	}
	rows, err := indexes(ctx, d.w.db, `SELECT i FROM diary_anchors ORDER BY i`)
	if err != nil {
		return err
	}
	for _, i := range strangers(v.anchors, rows, d.head.Cut) {
		d.complain("entry %d says that somebody outside anchored the diary, and what he gave is gone: it was deleted", i)
	}
	o, err := outsideOf(ctx, d.w.db, d.head.Size, d.head.Cut)
	if err != nil {
		return err
	}
	for _, text := range o.check() {
		d.complain("%s", text)
	}
	return nil
}

// findStrangeKeys holds what the database says of origins and keys against the log.
func (d *Diary) findStrangeKeys(ctx context.Context) error {
	for table, begun := range map[string]string{"diary_origins": begunOrigins, "diary_signers": begunSigners} {
		rows, err := indexes(ctx, d.w.db, `SELECT first FROM `+table+` WHERE first NOT IN (SELECT first FROM `+begun+`) ORDER BY first`)
		if err != nil {
			return err
		}
		for _, i := range rows {
			d.complain("a row of %s is of entry %d, which began no key: somebody put it there", table, i)
		}
	}
	later, err := indexes(ctx, d.w.db, `SELECT first FROM `+begunSigners+`
		WHERE first < (SELECT cut FROM diary_head) AND first > (SELECT first FROM diary_signers WHERE vkey = ?) ORDER BY first`, d.head.VKey)
	if err != nil {
		return err
	}
	for _, i := range later {
		d.complain("a row of diary_signers is of entry %d, but the key that signs is older: somebody put it there", i)
	}
	list, err := collect(ctx, d.w.db, func(rows *sql.Rows) (s string, err error) { return s, rows.Scan(&s) }, `SELECT vkey FROM diary_signers`)
	for _, text := range list {
		if _, err := proof.ParseKey(text); err != nil {
			d.complain("a row of diary_signers holds no key: %v", err)
		}
	}
	return explain(err, "couldn't read the keys of the diary")
}

// indexes runs a query for numbers of entries, which it orders.
func indexes(ctx context.Context, db querier, query string, args ...any) ([]int64, error) {
	list, err := collect(ctx, db, func(rows *sql.Rows) (i int64, err error) { return i, rows.Scan(&i) }, query, args...)
	return list, explain(err, "couldn't read the tables of the diary")
}

// strangers are the numbers from the cut on that are not among those known. Both are ordered.
func strangers(list, known []int64, cut int64) (strange []int64) {
	for _, i := range list {
		if _, ok := slices.BinarySearch(known, i); !ok && i >= cut {
			strange = append(strange, i)
		}
	}
	return strange
}
