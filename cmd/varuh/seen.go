package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// marks have others than the diary remember how far it was: the key slots of every store, in both copies, and
// the index of footage. What they keep is the diary's last signed checkpoint, and those of its last changes of
// key, which the key before signed as well: an older diary knows at least one of the keys. So
//
//  1. a diary that was put back from an older copy is found out by a store that was not, see hold, and
//  2. a store or an index that was put back can be told what was erased since, see hold.
//
// A mark is written only over a diary that was held against all marks and has no fault: else it would
// overwrite what shows that. A mark that none of the diary's keys signed, or that is damaged, proves nothing;
// it is told of, and entered, before it is overwritten.
type marks struct {
	places []place
	log    *slog.Logger
	note   func(diary.Entry) // enters what was wrong with a mark; nil: it is only told
	turn   chan struct{}     // holds one token: whoever has it writes

	mu    sync.Mutex
	told  []string // what is wrong with marks that were found; guarded by mu
	stuck error    // why the last mark could not be written; guarded by mu
	late  error    // what was erased may be there again: no mark says more until a start has ended that; guarded by mu
}

// place is somewhere that keeps marks.
type place struct {
	name string // for people, such as "the key slots of /srv/varuh"
	read func() ([]copied, error)
	keep func(context.Context, []byte) error
}

// copied is one copy of a mark.
type copied struct {
	where string // behind the place's name, "" for its only copy
	mark  []byte
}

// diaryMark is the name of the marks beside the key slots.
const diaryMark = "diary"

// markEach is how often marks are written.
const markEach = time.Hour

// newMarks are those of stores and, if it is given, the index.
func newMarks(stores []footage.Store, index *footage.Index, log *slog.Logger) *marks {
	m := &marks{log: log, turn: make(chan struct{}, 1)}
	for _, s := range stores {
		m.places = append(m.places, place{"the key slots of " + s.Dir, func() ([]copied, error) { return ringMarks(s.Ring) },
			func(ctx context.Context, b []byte) error { return s.Ring.SetMark(ctx, diaryMark, b) }})
	}
	if index != nil {
		m.places = append(m.places, place{"the index of footage", func() ([]copied, error) {
			b, err := index.Mark()
			if err != nil || b == nil {
				return nil, err
			}
			return []copied{{"", b}}, nil
		}, index.SetMark})
	}
	return m
}

func ringMarks(r *keyring.Ring) (list []copied, err error) {
	found, err := r.Marks(diaryMark)
	for _, f := range found {
		list = append(list, copied{map[string]string{"state": " (copy in the state folder)", "store": " (copy on the store)"}[f.Twin], f.Data})
	}
	return list, err
}

// hold holds the diary against what is remembered of it. What is ahead of it, or remembers other entries,
// becomes a fault of the diary's.
//
// Everybody who keeps marks knows the entries before from. An erasure that was entered behind it may be unknown
// to one that was put back from a copy, and is to be done again there. Of the copies of one place the
// newest counts, for a tombstone in either copy of the key slots is one in both. Whoever has no mark, or one
// of a diary that two persons have ended, knows nothing: then from is the first entry that is left.
func (m *marks) hold(ctx context.Context, d *diary.Diary) (from int64, err error) {
	keys, err := d.Keys(ctx)
	if err != nil {
		return 0, err
	}
	from = d.Head().Size
	for _, p := range m.places {
		found, err := p.read()
		if err != nil {
			m.tell(fmt.Sprintf("what %s remember of the diary can't be read: %v", p.name, err))
		}
		newest := d.Head().Cut // what is pruned can't be told any more
		for _, c := range found {
			known, err := m.holdCopy(ctx, d, keys, p.name+c.where, c.mark)
			if err != nil {
				return 0, err
			}
			newest = max(newest, known)
		}
		from = min(from, newest)
	}
	return from, nil
}

// holdCopy holds the diary against one copy of a mark. It returns how many entries that copy knows of this diary.
func (m *marks) holdCopy(ctx context.Context, d *diary.Diary, keys []proof.Key, by string, mark []byte) (known int64, err error) {
	var notes []string
	wrong := json.Unmarshal(mark, &notes)
	for i, note := range notes {
		signed, err := proof.OpenCheckpoint([]byte(note), keys...)
		if err != nil {
			wrong = errors.Join(wrong, err)
			continue
		}
		fault, err := d.Saw(ctx, diary.Seen{By: by, Origin: signed.Origin, Size: signed.Size, Root: &signed.Root})
		switch h := d.Head(); {
		case err != nil:
			return 0, err
		case fault != nil:
			return 0, nil // it is told
		case i == 0 && signed.Origin == h.Origin && signed.Size <= h.Size:
			known = signed.Size
		}
	}
	if wrong != nil || len(notes) == 0 {
		m.tell(fmt.Sprintf("%s remember no checkpoint that a key of this diary signed: it is of another appliance, or was damaged (%v)", by, wrong))
		return 0, nil
	}
	return known, nil
}

// mark is what is to be remembered of a diary, as a list of signed notes in JSON: its last checkpoint, then those of
// its changes of key, the last one first, as many as fit.
func mark(ctx context.Context, d *diary.Diary) (b []byte, err error) {
	notes := []string{string(d.LastCheckpoint())}
	rows, err := d.Query(ctx, `SELECT checkpoint FROM diary_signers WHERE checkpoint IS NOT NULL ORDER BY first DESC`)
	if err != nil {
		return nil, err
	}
	for err == nil && rows.Next() {
		var note string
		err = rows.Scan(&note)
		notes = append(notes, note)
	}
	if err = errors.Join(err, rows.Err(), rows.Close()); err != nil {
		return nil, fmt.Errorf("couldn't read the keys of the diary: %w", err)
	}
	for {
		b, err := json.Marshal(notes)
		if err != nil || len(b) <= footage.MaxMark || len(notes) == 1 {
			return b, err
		}
		notes = notes[:len(notes)-1]
	}
}

// tell makes a sentence known, and enters it as an incident: once, however often the diary is opened anew.
func (m *marks) tell(sentence string) {
	m.mu.Lock()
	known := slices.Contains(m.told, sentence)
	if !known {
		m.told = append(m.told, sentence)
	}
	m.mu.Unlock()
	if known {
		return
	}
	m.log.Warn(sentence)
	if m.note != nil {
		m.note(diary.Entry{Op: "incident.open", Body: proof.Body{Result: "mark not the diary's", Note: sentence}})
	}
}

// sentence says what is wrong, or nothing.
func (m *marks) sentence() string {
	if m == nil {
		return ""
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	list := m.told
	if m.late != nil {
		list = append(list[:len(list):len(list)], fmt.Sprintf("not all that was erased could be erased again where an older copy may have been put back; the next start tries it anew: %v", m.late))
	}
	if m.stuck != nil {
		list = append(list[:len(list):len(list)], fmt.Sprintf("how far the diary is can't be noted elsewhere, so that an older copy of it would not be noticed: %v", m.stuck))
	}
	return strings.Join(list, "; ")
}

// write has everybody remember the diary as it is.
func (m *marks) write(ctx context.Context, d *diary.Diary) error {
	select {
	case m.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-m.turn }()
	note, err := mark(ctx, d)
	if err != nil {
		return err
	}
	m.mu.Lock()
	late := m.late
	m.mu.Unlock()
	if d.Fault() != nil || late != nil {
		return nil // what is remembered is evidence, or says from where erasures are to be done again
	}
	var errs []error
	for _, p := range m.places {
		if err := p.keep(ctx, note); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", p.name, err))
		}
	}
	return errors.Join(errs...)
}

// remember is write at the start, hourly, after each erasure and at the end. A mark that could not be written
// is told of, and makes nothing wrong but that an older copy would not be noticed: the next time is soon enough.
func (m *marks) remember(ctx context.Context, d *diary.Diary) {
	err := m.write(ctx, d)
	if err != nil && ctx.Err() != nil {
		return // it was cut off
	}
	m.mu.Lock()
	was := m.stuck
	m.stuck = err
	m.mu.Unlock()
	switch {
	case err != nil && was == nil:
		m.log.Error("how far the diary is could not be noted everywhere; it is tried again", "err", err)
	case err == nil && was != nil:
		m.log.Info("how far the diary is was noted everywhere again")
	}
}

// run has the diary remembered until ctx ends: at once, then hourly.
func (m *marks) run(ctx context.Context, d *diary.Diary) {
	tick := time.NewTicker(markEach)
	defer tick.Stop()
	for {
		m.remember(ctx, d)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// seen holds the diary that the clerk has opened against all marks, and has done again what was erased since the
// oldest. While the diary has a fault nothing is erased by what it says, and nothing is shown either.
func (c *clerk) seen(ctx context.Context, d *diary.Diary) (*diary.Diary, error) {
	if c.marks == nil {
		return d, nil
	}
	c.marks.note = c.note
	from, err := c.marks.hold(ctx, d)
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	c.log.Debug("the diary was held against what is remembered of it", "entries", d.Head().Size, "known to all before", from)
	if c.replay != nil && d.Fault() == nil {
		err := c.replay(ctx, d, from)
		c.marks.mu.Lock()
		c.marks.late = err
		c.marks.mu.Unlock()
	}
	return d, nil
}

// openDiary opens the diary of a site that no daemon holds, and holds it against what the stores remember. What
// is wrong with that is written to out.
func (s *site) openDiary(ctx context.Context, out io.Writer) (*diary.Diary, error) {
	d, err := openDiary(ctx, s.cfg.State, s.appliance)
	if err != nil {
		return nil, err
	}
	m := newMarks(s.stores, nil, slog.New(slog.DiscardHandler))
	if _, err := m.hold(ctx, d); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	if w := m.sentence(); w != "" {
		fmt.Fprintln(out, "warning:", w)
	}
	return d, nil
}
