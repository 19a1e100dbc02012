package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"varuh/accesslog/diary"
)

// lasting remembers, over restarts, what was entered as an incident and lasts: what is found again, hourly or daily, is
// no news. What is over is forgotten, so that it is entered again should it come back.
type lasting struct {
	file     string
	entering sync.Mutex // held by who enters something

	mu    sync.Mutex
	since map[string]map[string]time.Time // by part and sentence, replaced as a whole; guarded by mu
}

// What is looked for again and again.
const (
	partWalk    = "walk"
	partUndated = "undated"
	partAstray  = "astray"
	partCopies  = "copies"
)

// maxLasting is how many of one part are remembered; more are not told apart.
const maxLasting = 1000

func lastingFile(state string) string { return filepath.Join(state, "lasting.json") }

// openLasting reads what was remembered. What can't be read is entered again, which is no harm.
func openLasting(state string, log *slog.Logger) *lasting {
	l := &lasting{file: lastingFile(state)}
	if err := readJSON(l.file, &l.since); err != nil && !errors.Is(err, fs.ErrNotExist) {
		l.since = nil
		log.Warn("what was entered as an incident before can't be read; what lasts is entered again", "err", err)
	}
	return l
}

// of tells how much of a part lasts, and since when.
func (l *lasting) of(part string) (n int, since time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, at := range l.since[part] {
		if n++; since.IsZero() || at.Before(since) {
			since = at
		}
	}
	return n, since
}

// put replaces a part, and writes all down.
func (l *lasting) put(part string, next map[string]time.Time) error {
	l.mu.Lock()
	all := maps.Clone(l.since)
	if all == nil {
		all = map[string]map[string]time.Time{}
	}
	all[part] = next
	l.since = all
	l.mu.Unlock()
	return writeJSON(l.file, all)
}

// compare tells what of found is fresh and what of a part is over, and what lasts from now on.
func (l *lasting) compare(part string, found []string, now time.Time) (fresh, over []string, next map[string]time.Time) {
	l.mu.Lock()
	old := l.since[part]
	l.mu.Unlock()
	next = map[string]time.Time{}
	for _, text := range found {
		since, known := old[text]
		if !known {
			fresh, since = append(fresh, text), now
		}
		next[text] = since
	}
	for text := range old {
		if _, still := next[text]; !still {
			over = append(over, text)
		}
	}
	return fresh, over, next
}

// enterOnce enters what was found of a part and is not remembered, and forgets what was not found any more where whole
// says that all was looked at. What could not be entered is tried again when it is next found.
func (e *eraser) enterOnce(ctx context.Context, part string, found []string, whole bool, entry func(fresh []string) diary.Entry) {
	_, d, err := e.books()
	if err != nil {
		return // nothing is looked at without a diary
	}
	l := e.lasting
	l.entering.Lock()
	defer l.entering.Unlock()
	slices.Sort(found)
	found = slices.Compact(found)
	now := e.time.boot.Now().UTC()
	fresh, over, next := l.compare(part, found[:min(len(found), maxLasting)], now)
	if !whole {
		l.mu.Lock()
		for _, text := range over {
			next[text] = l.since[part][text]
		}
		l.mu.Unlock()
		over = nil
	}
	if len(fresh)+len(over) == 0 {
		return
	}
	if len(fresh) > 0 {
		if _, err := d.Append(ctx, entry(fresh), nil); err != nil {
			e.log.Error("an incident could not be entered in the diary; it is tried again", "err", err)
			return
		}
	}
	for _, text := range over {
		e.log.Info("an incident is over", "found by", part, "what", text)
	}
	if err := l.put(part, next); err != nil {
		e.log.Warn("what was entered as an incident can't be noted; it is entered again after a restart", "err", err)
	}
}

// atMost cuts a text to so many bytes, between characters.
func atMost(text string, n int) string {
	return strings.ToValidUTF8(text[:min(len(text), n)], "")
}
