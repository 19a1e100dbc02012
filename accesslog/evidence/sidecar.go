package evidence

import (
	"fmt"
	"time"

	"varuh/accesslog/diary/proof"
)

// line is one of a sidecar: a recorded fragment, or the init record that begins a segment.
type line struct {
	Segment [16]byte // of an init record; zero elsewhere
	Record  int64    // number in the segment; 0 is the init record
	Boxes   []byte   // prft and moof; of an init record all of it
	Salt    [32]byte
	Path    []proof.Hash // from the leaf's sibling up to the segment's root (RFC 6962, section 2.1.1)
	Time    time.Time    // of a fragment: when its first sample was there
	Lost    bool         // packets were missing inside it

	Withheld *[32]byte // SHA-256 of the samples, of sound that stayed behind
}

// maxLine bounds a line: an init record, or a fragment of 512 samples with a path of 20 hashes.
const maxLine = 128 << 10

// maxPath is the most hashes of a path: a segment has at most 2^20 records.
const maxPath = 20

// encode is the one form of a line, with its newline.
func (l *line) encode() ([]byte, error) {
	o := object{"boxes": b64.EncodeToString(l.Boxes), "n": l.Record, "path": listOf(l.Path, func(h proof.Hash) any { return b64.EncodeToString(h[:]) }),
		"salt": b64.EncodeToString(l.Salt[:])}
	if l.Record == 0 {
		o["segment"] = fmt.Sprintf("%x", l.Segment)
	} else {
		o["t"] = timeText(l.Time)
	}
	if l.Lost {
		o["lost"] = true
	}
	if l.Withheld != nil {
		o["withheld"] = b64.EncodeToString(l.Withheld[:])
	}
	b, err := proof.Encode(o)
	return append(b, '\n'), err
}

// readLine reads a line without its newline.
func readLine(b []byte) (l line, err error) {
	v, err := proof.Parse(b)
	if err != nil {
		return l, err
	}
	f := in(v)
	l.Record = f.number("n")
	boxes, err := b64.DecodeString(f.text("boxes"))
	if err != nil {
		f.fail("boxes in base64")
	}
	l.Boxes = boxes
	f.fill(l.Salt[:], "salt", b64.DecodeString)
	for _, v := range f.list("path") {
		h, ok := v.(string)
		b, err := b64.DecodeString(h)
		if !ok || err != nil || len(b) != len(proof.Hash{}) || len(l.Path) == maxPath {
			f.fail("a path of hashes")
			break
		}
		l.Path = append(l.Path, proof.Hash(b))
	}
	if l.Record == 0 {
		l.Segment = f.id("segment")
	} else {
		l.Time = f.time("t")
	}
	if f.has("withheld") {
		l.Withheld = new([32]byte)
		f.fill(l.Withheld[:], "withheld", b64.DecodeString)
	}
	if l.Lost = f.whether("lost"); l.Record < 0 || l.Record == 0 && (l.Lost || l.Withheld != nil) {
		f.fail("a record")
	}
	return l, f.end()
}
