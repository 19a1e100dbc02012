package collect

import (
	"encoding/base64"
	"fmt"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// Manifest is one piece of a camera's time: what was recorded in it, and why the rest was not.
type Manifest struct {
	Camera   string
	Seq      int64       // 0 for the camera's first
	Prev     *proof.Hash // of the manifest of Seq-1; nil for the first
	From, To time.Time
	Segments []Segment // by stream, then start
	Gaps     []Gap     // likewise; no two of a stream overlap
	Late     []Segment // by start: sealed, or known, only after their time was told; they lie outside the piece
}

// Segment is a segment in a manifest, with its whole length.
type Segment struct {
	Stream     string
	ID         keyring.ID
	Start, End time.Time // End is zero while it is open
	Records    uint32
	Root       [32]byte
	Recovered  bool
	Open       bool  // not sealed: it has neither end nor root
	Known      bool  // its root is in an earlier piece, not in this one
	In         int64 // the number of that piece
}

// Gap is a span in which a stream was not recorded, cut at the ends of its manifest.
type Gap struct {
	Stream   string
	From, To time.Time
	Cause    string
}

const (
	version  = 1
	timeForm = proof.PieceTime
)

func text(t time.Time) string { return t.UTC().Format(timeForm) }

// Encode is the one form of a manifest.
func (m Manifest) Encode() ([]byte, error) {
	segments, gaps, late := []any{}, []any{}, []any{}
	for _, s := range m.Segments {
		segments = append(segments, s.members())
	}
	for _, s := range m.Late {
		late = append(late, s.members())
	}
	for _, g := range m.Gaps {
		gaps = append(gaps, map[string]any{"cause": g.Cause, "from": text(g.From), "stream": g.Stream, "to": text(g.To)})
	}
	whole := map[string]any{"camera": m.Camera, "from": text(m.From), "gaps": gaps, "segments": segments, "seq": m.Seq,
		"to": text(m.To), "v": int64(version)}
	if len(late) > 0 {
		whole["late"] = late
	}
	if m.Prev != nil {
		whole["prev"] = base64.StdEncoding.EncodeToString(m.Prev[:])
	}
	b, err := proof.Encode(whole)
	if err != nil {
		return nil, fmt.Errorf("couldn't write down what %s recorded from %s: %w", m.Camera, text(m.From), err)
	}
	return b, nil
}

// members are those of the segment's object.
func (s Segment) members() map[string]any {
	row := map[string]any{"id": s.ID.String(), "start": text(s.Start), "stream": s.Stream}
	switch {
	case s.Open:
		row["open"] = true
		return row
	case s.Known:
		row["in"] = s.In
	default:
		row["records"], row["root"] = int64(s.Records), base64.StdEncoding.EncodeToString(s.Root[:])
	}
	row["end"] = text(s.End)
	if s.Recovered {
		row["recovered"] = true
	}
	return row
}

// row is the index's row as the manifest has it.
func row(s footage.Segment) Segment {
	out := Segment{Stream: s.Stream, ID: s.ID, Start: s.Start, Open: !s.Sealed, Recovered: s.Recovered}
	if s.Sealed {
		out.End, out.Records, out.Root = s.End, s.Records, s.Root
	}
	return out
}
