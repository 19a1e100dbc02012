package main

import (
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"time"

	"varuh/configs"
)

// beganFile keeps since when each camera has been recorded, as JSON. The footage of that day goes some time, and only
// this tells a promise that is not kept from one that there was no time to keep yet. Without it that is told later.
func beganFile(state string) string { return filepath.Join(state, "began.json") }

// began is since when the cameras have been recorded. A camera that is given up begins anew when it comes back.
func (e *eraser) began(seen rates, cameras []configs.Camera) map[string]time.Time {
	var known map[string]time.Time
	if err := readJSON(beganFile(e.state), &known); err != nil && !errors.Is(err, fs.ErrNotExist) {
		e.log.Warn("since when the cameras have been recorded can't be read; what is there counts", "err", err)
	}
	next := map[string]time.Time{}
	for _, c := range cameras {
		first, old := seen.of[c.ID].dated, known[c.ID]
		if !old.IsZero() && (first.IsZero() || old.Before(first)) {
			first = old
		}
		if !first.IsZero() {
			next[c.ID] = first
		}
	}
	if !maps.EqualFunc(known, next, time.Time.Equal) {
		if err := writeJSON(beganFile(e.state), next); err != nil {
			e.log.Warn("since when the cameras have been recorded can't be noted", "err", err)
		}
	}
	return next
}
