package main

import (
	"errors"
	"io/fs"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/recorder"
)

// lost opens an incident about a segment of which the disk has nothing any more, or nothing whole. After a power
// cut that may be one that had just begun; nobody here can tell that from one that was taken away.
func (c *clerk) lost(e recorder.Event) {
	if e.Kind == recorder.EventVanished && e.Segment == nil {
		return // it was erased, which is an entry of its own
	}
	b := proof.Body{Result: "segment damaged", Note: e.Sentence, Data: map[string]any{"camera": e.Camera, "stream": e.Stream}}
	if e.Kind == recorder.EventVanished || errors.Is(e.Err, fs.ErrNotExist) {
		b.Result = "segment missing"
	}
	if s := e.Segment; s != nil {
		b.Objects = []proof.Object{{Camera: s.Camera, From: s.Start, To: s.End}}
		b.Data["segment"] = s.ID.String()
	}
	c.note(diary.Entry{Op: "incident.open", Body: b})
}
