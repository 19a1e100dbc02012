package copies

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// OpMended is the operation of the entry that says that the list was not what the entries say.
const OpMended = "backup.mended"

// Entered is what the diary has of a copy.
type Entered struct {
	Index int64
	Op    string
	Ref   *int64
	Time  time.Time
	Row   map[string]any // of the list, nil in an entry from before these were entered
}

// row is a copy as its entry has it, for whoever puts the list right again. It names nobody.
func (c Copy) row() map[string]any {
	return map[string]any{"dir": c.Dir, "name": c.Name, "made": c.Made.UnixMilli(), "until": c.Until.UnixMilli(), "bytes": c.Bytes, "sha256": c.SHA256,
		"key": c.Key, "apart": bit(c.Apart), "cut": bit(c.Cut)}
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// copyOf is the copy of an entry. Of one that has no row only the time is known.
func copyOf(e Entered) Copy {
	if e.Row == nil {
		return Copy{ID: e.Index, Dir: "/", Name: "unknown", Made: e.Time.Truncate(time.Millisecond), Until: e.Time.Truncate(time.Millisecond).AddDate(1, 0, 0)}
	}
	text := func(name string) string { s, _ := e.Row[name].(string); return s }
	number := func(name string) int64 { n, _ := e.Row[name].(int64); return n }
	return Copy{ID: e.Index, Dir: text("dir"), Name: text("name"), Made: time.UnixMilli(number("made")).UTC(), Until: time.UnixMilli(number("until")).UTC(),
		Bytes: number("bytes"), SHA256: text("sha256"), Key: text("key"), Apart: number("apart") == 1, Cut: number("cut") == 1}
}

// Mend holds the list against the entries, which alone prove it, and puts it right: whoever takes a row out, or changes
// its date, would have a copy forgotten that opens what is erased. It returns a sentence for each row that was wrong. Rows
// of entries that are pruned nobody can tell anything of.
func (r *Register) Mend(ctx context.Context) (wrong []string, err error) {
	entered, cut, err := r.Diary.Entered(ctx, OpBackup, OpRestore, OpRemoved, OpDestroyed)
	if err != nil {
		return nil, err
	}
	list, err := r.List(ctx)
	if err != nil {
		return nil, err
	}
	var change []func(*sql.Tx) error
	want := stillThere(entered)
	for _, c := range list {
		e, ok := want[c.ID]
		delete(want, c.ID)
		switch {
		case !ok && c.ID >= cut:
			wrong = append(wrong, fmt.Sprintf("no entry says that there is a copy %d", c.ID))
			change = append(change, func(tx *sql.Tx) error { return drop(ctx, tx, c.ID) })
		case ok && e.Row != nil && c != copyOf(e):
			wrong = append(wrong, fmt.Sprintf("the copy %d is not in the list as entry %[1]d has it", c.ID))
			change = append(change, func(tx *sql.Tx) error { return put(ctx, tx, copyOf(e)) })
		}
	}
	for _, id := range slices.Sorted(maps.Keys(want)) {
		wrong = append(wrong, fmt.Sprintf("the copy %d was missing in the list, and no entry says that it is gone", id))
		change = append(change, func(tx *sql.Tx) error { return put(ctx, tx, copyOf(want[id])) })
	}
	if len(wrong) == 0 {
		return nil, nil
	}
	note := strings.Join(wrong[:min(len(wrong), mostMended)], "; ")
	err = r.Diary.Enter(ctx, Entry{Op: OpMended, Result: "mended", Note: note, Data: map[string]any{"rows": int64(len(wrong))}}, func(tx *sql.Tx, _ int64) error {
		for _, f := range change {
			if err := f(tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return wrong, fmt.Errorf("the list of copies could not be put right: %w", err)
	}
	return wrong, nil
}

// mostMended is how many rows the entry quotes.
const mostMended = 50

// stillThere are the entries of copies that no other entry ended.
func stillThere(entered []Entered) map[int64]Entered {
	want := map[int64]Entered{}
	for _, e := range entered {
		switch {
		case e.Op == OpBackup || e.Op == OpRestore:
			want[e.Index] = e
		case e.Ref != nil:
			delete(want, *e.Ref)
		}
	}
	return want
}

// put writes a row, in the place of one that is there.
func put(ctx context.Context, tx *sql.Tx, c Copy) error {
	_, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO copies (id, dir, name, made, until, bytes, sha256, key, apart, cut) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		c.ID, c.Dir, c.Name, c.Made.UnixMilli(), c.Until.UnixMilli(), c.Bytes, c.SHA256, c.Key, c.Apart, c.Cut)
	return err
}

func drop(ctx context.Context, tx *sql.Tx, id int64) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM copies WHERE id = ?`, id)
	return err
}
