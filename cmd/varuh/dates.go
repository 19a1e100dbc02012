package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/retention"
)

// undatedSays says what a person is to do about footage that nothing dates.
func undatedSays(c cameraRetention) string {
	goes := "It stays until it is certain how late it is (varuh clock confirm)"
	if !c.Goes.IsZero() {
		goes = fmt.Sprintf("Its term counts from when this was noticed, so that it goes on %s at the latest", c.Goes.Format("2006-01-02"))
	}
	return fmt.Sprintf("%s: nobody can tell when %s recorded, for the machine's clock was not set. %s. Look at it (varuh footage list), hold what is "+
		"needed (varuh hold set), and see to it that the clock is set after a power cut: by a time server, or a battery", c.Camera, count(c.Undated, "segment was", "segments were"), goes)
}

// astraySays does so of footage whose date cannot be right.
func astraySays(c cameraRetention) string {
	return fmt.Sprintf("%s: the date of %s contradicts what is certain, for the machine's clock was wrong then. Its term counts from the earliest moment that it "+
		"can be of, and it goes by itself; do not rely on the times that are shown of it, and put the clock right", c.Camera, count(c.Astray-c.Undated, "segment", "segments"))
}

// enterDates enters footage whose date is missing or wrong: once for each camera, until it is gone.
func (e *eraser) enterDates(ctx context.Context) {
	e.mu.Lock()
	all, failed := e.stand.Cameras, e.stand.Err
	e.mu.Unlock()
	if failed != nil {
		return // nobody knows
	}
	for part, says := range map[string]struct {
		result string
		is     func(retention.Standing) bool
		text   func(cameraRetention) string
	}{
		partUndated: {"footage without a date", func(s retention.Standing) bool { return s.Undated > 0 }, undatedSays},
		partAstray:  {"footage of a wrong date", func(s retention.Standing) bool { return s.Astray > s.Undated }, astraySays},
	} {
		var cameras []string
		for _, id := range slices.Sorted(maps.Keys(all)) {
			if says.is(all[id]) {
				cameras = append(cameras, id)
			}
		}
		e.enterOnce(ctx, part, cameras, true, func(fresh []string) diary.Entry {
			var text []string
			for _, id := range fresh {
				text = append(text, says.text(cameraRetention{retention.Depth{Camera: id}, all[id]}))
			}
			return diary.Entry{Op: "incident.open", Body: proof.Body{Result: says.result, Note: atMost(strings.Join(text, "\n"), maxNote),
				Data: map[string]any{"cameras": strings.Join(fresh, " ")}}}
		})
	}
}
