package collect

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// opMended is the operation of the entry that says that the table of how far the cameras have come was changed.
const opMended = "collect.mended"

// head is the last piece of a camera as the diary has it: its entry refers to the one before, and none to it.
type head struct {
	entry  int64
	camera string
	progress
}

// mend holds how far the cameras have come against the diary, once after the start: who forged that would have pieces
// signed that every checker takes for a fraud of the appliance's. A row that differs is put right by the last piece,
// with an entry. Pieces of before lists were kept readable say no more than that they are in the diary.
func (c *Collector) mend(ctx context.Context) error {
	if c.last != nil {
		return nil
	}
	rows, err := c.progress(ctx)
	if err != nil {
		return err
	}
	pieces, heads, wrong, err := c.heads(ctx)
	if err != nil {
		return err
	}
	var right []head
	last, owner := map[string]int64{}, map[proof.Hash]string{}
	for camera, h := range heads {
		owner[h.hash] = camera
	}
	for _, camera := range slices.Sorted(maps.Keys(rows)) {
		entry, there := pieces[rows[camera].hash]
		h, known := heads[camera]
		switch {
		case known && !rows[camera].equal(h.progress):
			wrong = append(wrong, fmt.Sprintf("how far %s has come is not what entry %d says", camera, h.entry))
			right = append(right, h)
			entry, there = h.entry, true
		case !known && owner[rows[camera].hash] != "":
			wrong = append(wrong, fmt.Sprintf("how far %s has come was what entry %d says of %s", camera, entry, owner[rows[camera].hash]))
			right, there = append(right, head{camera: camera}), false
		case !known && !there && c.Diary.Head().Cut == 0:
			wrong = append(wrong, fmt.Sprintf("how far %s has come is in no entry, and no piece that can be read says it", camera))
		}
		if there {
			last[camera] = entry
		}
	}
	for _, camera := range slices.Sorted(maps.Keys(heads)) {
		if _, there := rows[camera]; !there {
			wrong = append(wrong, fmt.Sprintf("how far %s has come was missing, and entry %d says it", camera, heads[camera].entry))
			right, last[camera] = append(right, heads[camera]), heads[camera].entry
		}
	}
	if err := c.putRight(ctx, wrong, right); err != nil {
		return err
	}
	c.last = last
	return nil
}

// equal tells whether two say the same of a camera.
func (p progress) equal(o progress) bool {
	return p.seq == o.seq && p.until.Equal(o.until) && p.hash == o.hash && slices.Equal(p.streams, o.streams)
}

// putRight writes the rows of heads, and tells what was wrong.
func (c *Collector) putRight(ctx context.Context, wrong []string, right []head) error {
	if len(wrong) == 0 {
		return nil
	}
	note := strings.Join(wrong, "; ")
	if len(right) > 0 {
		_, err := c.Diary.AppendKeeping(ctx, diary.Entry{Op: opMended, Body: proof.Body{Note: note[:min(len(note), 4096)], Data: map[string]any{"cameras": int64(len(right))}}},
			func(tx *sql.Tx) error {
				for _, h := range right {
					if err := h.put(tx); err != nil {
						return err
					}
				}
				return nil
			})
		if err != nil {
			return fmt.Errorf("how far the cameras have come was changed beside varuh, and could not be put right: %w", err)
		}
	}
	if c.Wrong != nil {
		c.Wrong("somebody changed beside varuh how far the diary has come with the cameras: " + note)
	}
	return nil
}

// put writes the row of a camera, or takes away that of one which has no piece.
func (h head) put(tx *sql.Tx) error {
	if !h.known {
		_, err := tx.Exec(`DELETE FROM collected WHERE camera = ?`, h.camera)
		return err
	}
	return put(tx, h.camera, h.progress)
}

func put(tx *sql.Tx, camera string, p progress) error {
	_, err := tx.Exec(`INSERT OR REPLACE INTO collected (camera, seq, until, hash, streams) VALUES (?, ?, ?, ?, ?)`,
		camera, p.seq, p.until.UnixNano(), p.hash[:], strings.Join(p.streams, ","))
	return err
}

// heads are the entries of all pieces by the hash of their list, and the last piece of each camera, as far as its list can
// be read without a key. A list that is damaged is told of.
func (c *Collector) heads(ctx context.Context) (pieces map[proof.Hash]int64, heads map[string]head, wrong []string, err error) {
	pieces = map[proof.Hash]int64{}
	followed := map[int64]bool{}
	err = c.each(ctx, `SELECT i, leaf, NULL FROM diary_leaves WHERE i >= (SELECT cut FROM diary_head) AND instr(leaf, '"op":"collect"')`,
		func(l proof.Leaf, _ []byte) error {
			if l.Obj != nil {
				pieces[*l.Obj] = l.Index
			}
			if l.Ref != nil {
				followed[*l.Ref] = true
			}
			return nil
		})
	if err != nil {
		return nil, nil, nil, err
	}
	heads = map[string]head{}
	for hash, i := range pieces {
		if followed[i] {
			continue
		}
		err := c.each(ctx, fmt.Sprintf(`SELECT l.i, leaf, manifest FROM diary_leaves AS l JOIN diary_bodies AS b ON b.i = l.i WHERE l.i = %d AND clear`, i),
			func(_ proof.Leaf, list []byte) error {
				h, err := parseHead(i, list, hash)
				switch {
				case err != nil:
					wrong = append(wrong, err.Error())
				case h.entry >= heads[h.camera].entry:
					heads[h.camera] = h
				}
				return nil
			})
		if err != nil {
			return nil, nil, nil, err
		}
	}
	return pieces, heads, wrong, nil
}

// parseHead reads how far a camera has come with a piece.
func parseHead(i int64, list []byte, want proof.Hash) (head, error) {
	var m struct {
		Camera         string
		Seq            int64
		To             time.Time
		Segments, Gaps []struct{ Stream, Cause string }
	}
	err := json.Unmarshal(list, &m)
	if err == nil && proof.HashBody(list) != want {
		err = errors.New("it is not the one that was written")
	}
	if err != nil {
		return head{}, fmt.Errorf("%w: the list of what entry %d collected: %w", diary.ErrDamaged, i, err)
	}
	h := head{i, m.Camera, progress{known: true, seq: m.Seq, until: m.To.UTC(), hash: want}}
	for _, s := range m.Segments {
		h.streams = append(h.streams, s.Stream)
	}
	for _, g := range m.Gaps {
		if g.Cause != CauseBefore {
			h.streams = append(h.streams, g.Stream)
		}
	}
	slices.Sort(h.streams)
	h.streams = slices.Compact(h.streams)
	return h, nil
}

// each reads leaves with lists.
func (c *Collector) each(ctx context.Context, query string, use func(proof.Leaf, []byte) error) (err error) {
	rows, err := c.Diary.Query(ctx, query)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var i int64
		var leaf, list []byte
		if err := rows.Scan(&i, &leaf, &list); err != nil {
			return fmt.Errorf("couldn't read what is collected: %w", err)
		}
		l, err := proof.ParseLeaf(leaf)
		if err != nil {
			return fmt.Errorf("%w: entry %d: %w", diary.ErrDamaged, i, err)
		}
		if err := use(l, list); err != nil {
			return err
		}
	}
	return rows.Err()
}
