package retention

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"

	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

// newList makes the list of what is to go.
func newList(batch []Erasure) (*list, error) {
	m := manifest(lines(batch))
	b, err := m.Encode()
	if err != nil {
		return nil, err
	}
	l := &list{segments: m.Segments, manifest: b, index: -1, spared: map[keyring.ID]bool{}, firsts: map[keyring.ID]begin{}}
	for _, e := range batch {
		if at := e.first; at.any || at != (begin{}) && !at.from.Equal(e.Segment.Start) {
			l.firsts[e.Segment.ID] = at
		}
	}
	return l, nil
}

// enter makes a list known durably before anything in it is touched: in the diary or, while that cannot be written,
// in a file beside it. It returns nil if that fails, or if nothing is to go; what waits is counted.
func (r *run) enter(ctx context.Context, batch []Erasure) *list {
	if len(batch) == 0 {
		return nil
	}
	if !r.unsure {
		l, err := newList(batch)
		if err == nil {
			err = r.start(ctx, l)
		}
		if err == nil {
			r.open = append(r.open, l)
			return l
		}
		r.failed(err)
		if !r.unsure || ctx.Err() != nil {
			return nil
		}
	}
	var urgent []Erasure
	for _, e := range batch {
		if e.over(r.now.Certain.Add(lateDue)) {
			e.Reason = ByTerm // what a policy asked for before, the term asks for now
			urgent = append(urgent, e)
		}
	}
	r.report.Waiting += len(batch) - len(urgent)
	return r.keepLate(urgent)
}

// start enters the erase.start of a list. After an error the entry may be there all the same.
func (r *run) start(ctx context.Context, l *list) error {
	e := Entry{Op: OpStart, Manifest: l.manifest, Data: map[string]any{"count": int64(len(l.segments)), "bytes": Manifest{l.segments}.bytes()}}
	if len(l.late) > 0 {
		e.Data["late"] = "yes"
		e.Note = "erased while the diary took no entry or could not be trusted, and entered when it could be"
	}
	index, err := r.Journal.Enter(ctx, e)
	if err != nil {
		r.unsure = true
		return fmt.Errorf("couldn't enter into the diary what is to be erased: %w", err)
	}
	l.index = index
	return nil
}

// keepLate writes a list into a file, from which the diary gets it later.
func (r *run) keepLate(batch []Erasure) *list {
	if len(batch) == 0 {
		return nil
	}
	l, err := newList(batch)
	if err == nil {
		err = durable.MkdirAll(r.FS, r.Late, 0o700)
	}
	if err == nil {
		r.lastLate++
		name := filepath.Join(r.Late, fmt.Sprintf("%08d.json", r.lastLate))
		l.late = []string{name}
		err = durable.WriteFile(r.FS, name, l.manifest, 0o600)
	}
	if err != nil {
		r.failed(fmt.Errorf("the diary takes no entry, nor can %s be written in its place, so nothing is erased: %w", r.Late, err))
		r.report.Waiting += len(batch)
		return nil
	}
	r.open = append(r.open, l)
	return l
}

// readLate finds the lists that the diary does not have yet, or whose file outlived their entry.
func (r *run) readLate() {
	entries, err := r.FS.ReadDir(r.Late)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	r.failed(err)
	for _, e := range entries {
		name := filepath.Join(r.Late, e.Name())
		if strings.HasSuffix(name, ".new") {
			r.failed(r.FS.Remove(name)) // WriteFile had not finished it, so nobody has acted on it
			continue
		}
		digits, ok := strings.CutSuffix(e.Name(), ".json")
		if n, err := strconv.Atoi(digits); ok && err == nil {
			r.lastLate = max(r.lastLate, n)
			r.unread = append(r.unread, name)
		}
	}
}

// readLists reads the lists that are not read yet. One that can't be is told of by every run, until it can or a person
// has taken it away.
func (r *run) readLists() {
	var unread []string
	for _, name := range r.unread {
		if err := r.readList(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			unread = append(unread, name)
			r.failed(err)
		}
	}
	r.unread = unread
}

// readList reads one list. One that lies within another stems from a write that failed and was done all the same.
func (r *run) readList(name string) error {
	b, err := durable.ReadFile(r.FS, name, maxManifest)
	var m Manifest
	if err == nil {
		m, err = ParseManifest(b)
	}
	if err != nil {
		return fmt.Errorf("couldn't read %s, a list of what was erased while the diary could not be written, so it is not entered: bring it back from a backup, or note what was erased and move it away: %w", name, err)
	}
	for _, l := range r.open {
		if l.index < 0 && (Manifest{l.segments}).covers(m.Segments) {
			l.late = append(l.late, name)
			return nil
		}
	}
	r.open = append(r.open, &list{segments: m.Segments, manifest: b, index: -1, late: []string{name}, spared: map[keyring.ID]bool{}})
	return nil
}

// dropLate removes the files of a list that the diary has. They stay until its erase.end is due: so a crash before
// leaves both an open list in the diary and its file, and [run.adopt] knows them for one.
func (r *run) dropLate(l *list) error {
	if len(l.late) == 0 {
		return nil
	}
	for _, name := range l.late {
		if err := r.FS.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("couldn't remove a list that the diary has now: %w", err)
		}
	}
	if err := r.FS.SyncDir(r.Late); err != nil {
		return fmt.Errorf("couldn't remove a list that the diary has now: %w", err)
	}
	l.late = nil
	return nil
}
