package proof

import (
	"fmt"
	"io"
	"time"
)

// BundleVersion is the version of bundles that this package writes and reads.
const BundleVersion = 1

// Names of the files in a bundle, see FORMAT.md.
const (
	aboutFile      = "bundle.json"
	checkpointFile = "checkpoint.txt"
	keysFile       = "keys.txt"
	frontierFile   = "frontier.txt"
	onwardFile     = "onward.txt"
	leavesDir      = "leaves"
	bodiesDir      = "bodies"
	manifestsDir   = "manifests"
	checkpointsDir = "checkpoints"
	rotationsDir   = "rotations"
	pinnedDir      = "pinned"
)

// A chunk is closed when it has that many entries, or when its bytes reach that many. So what is held
// in memory is bounded by them and one entry.
const (
	chunkEntries = 4096
	chunkBytes   = 4 << 20
)

// chunkName is the file of a chunk of leaves, bodies or manifests: named by its first entry.
func chunkName(dir string, first int64) string { return fmt.Sprintf("%s/%016d.txt", dir, first) }

// maxPast bounds the earlier checkpoints of a bundle: their names have six digits.
const maxPast = 1_000_000

// pastName is a file that belongs to the nth earlier checkpoint.
func pastName(n int, ending string) string {
	return fmt.Sprintf("%s/%06d%s", checkpointsDir, n, ending)
}

// rotationName is a file that belongs to the key.rotate entry of that index.
func rotationName(index int64, ending string) string {
	return fmt.Sprintf("%s/%016d%s", rotationsDir, index, ending)
}

// pinnedName is a file that belongs to an entry from before the bundle, by its index.
func pinnedName(index int64, ending string) string {
	return fmt.Sprintf("%s/%016d%s", pinnedDir, index, ending)
}

// About says which part of which log a bundle holds.
type About struct {
	Origin string
	Size   int64     // entries of the log at the bundle's checkpoint
	From   int64     // index of the first entry in the bundle; below it all was pruned, or not asked for
	To     int64     // index behind the last one
	Made   time.Time // by the appliance's clock
}

// Encode returns the one form of a bundle's bundle.json.
func (a About) Encode() ([]byte, error) {
	if a.From < 0 || a.From > a.To || a.To > a.Size {
		return nil, fmt.Errorf("a bundle from entry %d to %d of %d: %w", a.From, a.To, a.Size, ErrFormat)
	}
	w := writer{b: []byte(`{"format":"varuh diary bundle"`)}
	w.key("from")
	w.int(a.From)
	w.key("made")
	w.time(a.Made)
	w.key("origin")
	w.str(a.Origin)
	w.key("size")
	w.int(a.Size)
	w.key("to")
	w.int(a.To)
	w.key("v")
	w.int(BundleVersion)
	w.raw("}")
	return w.b, w.err
}

// ParseAbout reads a bundle's bundle.json.
func ParseAbout(b []byte) (a About, err error) {
	r := reader{b: b}
	r.want(`{"format":"varuh diary bundle"`)
	r.wantKey("from")
	a.From = r.int()
	r.wantKey("made")
	a.Made = r.time()
	r.wantKey("origin")
	a.Origin = r.str()
	r.wantKey("size")
	a.Size = r.int()
	r.wantKey("to")
	a.To = r.int()
	r.wantKey("v")
	r.want("1")
	r.want("}")
	err = r.end()
	if err == nil && (a.From < 0 || a.From > a.To || a.To > a.Size) {
		err = fmt.Errorf("entries %d to %d of %d: %w", a.From, a.To, a.Size, ErrFormat)
	}
	if err != nil {
		if v := versionOf(b); v > BundleVersion {
			return About{}, fmt.Errorf("a bundle of version %d: %w", v, ErrVersion)
		}
		return About{}, fmt.Errorf("%s: %w", aboutFile, err)
	}
	return a, nil
}

// Archive takes the files of a bundle, one after the other: a file ends where the next is created.
// [archive/zip.Writer] is one. Closing it is up to whoever made it.
type Archive interface {
	Create(name string) (io.Writer, error)
}

// Entry is one entry in the bytes that are hashed.
type Entry struct {
	Leaf     []byte
	Body     []byte // nil if it is not handed out, or is destroyed
	Manifest []byte // nil if there is none, it is not handed out, or is destroyed
}

// Past is an earlier checkpoint of the same log, with whatever outside parties said of it.
type Past struct {
	Note        []byte   // the signed note, cosignatures included
	Consistency []Hash   // from it to the bundle's checkpoint; needed if its size is below From or above To
	Timestamps  [][]byte // RFC 3161 timestamp tokens (DER) of its text
}

// RotationProof is a change of the signing key, which a bundle carries even where its entry lies
// outside of it.
type RotationProof struct {
	Leaf        []byte // of key.rotate
	Manifest    []byte // see [Rotation]
	Inclusion   []Hash // of the leaf in Checkpoint
	Checkpoint  []byte // of the log up to this entry, signed by both keys
	Consistency []Hash // from it to the bundle's checkpoint
}
