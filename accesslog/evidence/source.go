package evidence

import (
	"context"
	"io"
	"iter"
	"time"

	"varuh/accesslog/diary/proof"
)

// Package is what [Write] makes a package of.
type Package struct {
	About
	Footage  Footage
	Enclosed []Enclosure // that the manifest lists
	Key      proof.Key   // of the diary, by which Sign signs

	// Derive, if any, makes of a clip that was just written a copy for viewing, where one is needed. It is no evidence.
	Derive func(Clip, Film) (Enclosure, bool)

	// Guide, if any, is a further file that the manifest lists, made when the clips and what is enclosed are known: the page
	// for reading.
	Guide func(Manifest) (Enclosure, error)

	// Sign signs exact bytes with the private key of Key (Ed25519): first the manifest, in the end the sums of all files.
	Sign func(text []byte) ([]byte, error)

	// Disclose makes the entry disclose durable, with the SHA-256 of the manifest as its obj, and gives what proves it.
	Disclose func(ctx context.Context, manifest []byte) (Disclosed, error)
}

// Footage is what goes into the clips: stretch by stretch, in the order in which the clips are to be numbered. An error
// ends the package.
type Footage iter.Seq2[Stretch, error]

// Stretch is footage of one stream of one camera: parts of segments that follow each other. Where the recording does
// not go on from one fragment to the next without a break, a new clip begins by itself; why there is a gap the caller
// says in [About].
type Stretch []Part

// Part is what of one sealed segment goes into the package. All records between From and To do, of picture and sound.
type Part struct {
	Camera, Stream string
	Segment        [16]byte
	Collect        int64 // index of the entry collect that states its root
	From, To       int   // records, From ≥ 1; To is behind the last

	// Correction is to be added to the times of the segment, if the clock was set only after it was recorded (clock.step).
	Correction time.Duration

	// Open opens the segment for reading. It is called twice for each clip that the segment is in, and once more for its copy.
	Open func(context.Context) (Records, error)
}

// Records are those of an open segment, decrypted and held against their leaves.
type Records interface {
	Leaves() ([]proof.Hash, error)          // of all records of the segment, from 0 on
	Salt(n int) ([32]byte, error)           // of a record's leaf
	Read(n int, buf []byte) (Record, error) // in buf, if that has room for it; valid until the next call
	io.Closer
}

// Record is one of a segment: the init record 0, or a fragment. Of sound that stays behind, what proves that it was recorded
// goes along, and not the sound.
type Record struct {
	Data     []byte    // prft + moof + mdat; of record 0 ftyp + moov; of what stays behind prft + moof
	Lost     bool      // packets were missing inside it
	Withheld *[32]byte // SHA-256 of the samples, of sound that stays behind; else nil
}

// Film writes a clip's bytes once more, as they are in the package: its footage is read for it, a record at a time. It
// may be called only while the clip's copy is written. The error is one of reading, or that of to.
type Film func(to io.Writer) error

// Enclosure is a file beside the footage. One whose Write writes nothing is not in the package.
type Enclosure struct {
	Path  string
	Kind  Kind   // reading, program or derived
	Of    string // of what it is derived: the path of a clip
	Write func(ctx context.Context, to io.Writer) error
}

// Disclosed is what proves the disclosure.
type Disclosed struct {
	// Diary is a bundle of no entries (From = To = Size): the checkpoint that has the entry disclose, the keys and
	// their changes, the frontier of its Size, and as Past, for each entry collect, the first checkpoint behind it that an
	// outside party saw, with its consistency.
	Diary proof.BundleOptions

	// Entries are disclose with no manifest, the entries that its ref leads to (export, the request), and each collect
	// with its manifest. Bodies are handed out as far as they are here.
	Entries []Proven

	// Enclosed is the handover record ([RecordFile]), which only now can be made. The manifest doesn't list it; the sums, which are
	// signed, do.
	Enclosed []Enclosure
}

// Proven is an entry with its hashes up to the checkpoint of the bundle.
type Proven struct {
	proof.Entry
	Hashes []proof.Hash
}
