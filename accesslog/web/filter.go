package web

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"
	"unicode"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// Filter is which entries are wanted. What is left out wants all. Person, camera, case and request take opening the entries.
type Filter struct {
	Op     string `json:"op,omitempty"`     // this operation alone; with a dot at the end, those that begin so
	Since  moment `json:"since,omitzero"`   // entered then or later
	Until  moment `json:"until,omitzero"`   // entered before
	Person string `json:"person,omitempty"` // who did it: an id, or a part of the name
	Camera string `json:"camera,omitempty"` // of which footage it is
	Case   string `json:"case,omitempty"`   // number of the case, or a part of it

	Request string `json:"request,omitempty"` // id of a request for footage: its steps, viewings, package and deliveries
}

// check refuses what can't be looked for.
func (f Filter) check() error {
	for name, text := range f.texts() {
		if len(text) > mostName || strings.ContainsFunc(text, func(r rune) bool { return r == unicode.ReplacementChar || !unicode.IsGraphic(r) }) {
			return &wrong{name, otherType}
		}
	}
	return nil
}

// texts are what of it is text, by name.
func (f Filter) texts() map[string]string {
	return map[string]string{"op": f.Op, "person": f.Person, "camera": f.Camera, "case": f.Case, "request": f.Request}
}

// inside tells whether it takes opening entries.
func (f Filter) inside() bool {
	return f.Person != "" || f.Camera != "" || f.Case != "" || f.Request != ""
}

// note puts it into the entry that says who reads.
func (f Filter) note(data map[string]any) {
	for name, text := range f.texts() {
		if text != "" {
			data[name] = text
		}
	}
	for name, at := range map[string]moment{"since": f.Since, "until": f.Until} {
		if !at.IsZero() {
			data[name] = at.Format(time.RFC3339)
		}
	}
}

// of tells whether an entry is wanted, as far as its leaf says.
func (f Filter) of(l proof.Leaf) bool {
	if f.Op != "" && l.Op != f.Op && !(strings.HasSuffix(f.Op, ".") && strings.HasPrefix(l.Op, f.Op)) {
		return false
	}
	return !l.Time.Before(f.Since.Time) && (f.Until.IsZero() || l.Time.Before(f.Until.Time))
}

// in tells whether an opened entry is wanted. One that can't be opened is: nobody knows that it is not.
func (f Filter) in(e Entry) bool {
	if e.Unreadable != "" {
		return true
	}
	b, err := proof.ParseBody([]byte(e.Body))
	if err != nil {
		return true
	}
	if f.Person != "" && (b.Actor == nil || b.Actor.ID != f.Person && !folded(b.Actor.Name, f.Person)) {
		return false
	}
	if f.Camera != "" && !slices.ContainsFunc(b.Objects, func(o proof.Object) bool { return o.Camera == f.Camera || o.Camera == everyCamera }) {
		return false
	}
	if f.Request != "" && b.Data["request"] != f.Request {
		return false
	}
	return f.Case == "" || folded(b.Case, f.Case)
}

// folded tells whether a text has a part, in capitals or not.
func folded(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

// blockOf is how many leaves are held in memory to read them from the last one on.
const blockOf = 1000

// ordered are the entries that there are, the first ones first, or the last ones.
func ordered(ctx context.Context, d Diary, from, to int64, newest bool) iter.Seq2[diary.Stored, error] {
	if !newest {
		return kept(ctx, d, from, to)
	}
	return func(yield func(diary.Stored, error) bool) {
		for end := to; end > from; end -= blockOf {
			var block []diary.Stored
			for e, err := range kept(ctx, d, max(from, end-blockOf), end) {
				if err != nil {
					yield(diary.Stored{}, err)
					return
				}
				block = append(block, e)
			}
			for _, e := range slices.Backward(block) {
				if !yield(e, nil) {
					return
				}
			}
		}
	}
}
