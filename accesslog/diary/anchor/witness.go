package anchor

import (
	"context"
	"net/http"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// Log is the diary as anchoring needs it.
type Log interface {
	// Consistency proves that the tree of the first old entries is the beginning of the tree of the
	// first size entries (RFC 6962, section 2.1.2). 0 < old < size.
	Consistency(ctx context.Context, old, size int64) (tlog.TreeProof, error)
}

// Witness is a party that cosigns checkpoints which only ever grew.
type Witness struct {
	// HTTP sends the requests; nil is a client of the package's own. Redirects are not followed
	// whatever it says, and its Timeout bounds one request.
	HTTP *http.Client
}

// Cosignature is what a witness said of a checkpoint, verified.
type Cosignature struct {
	Name string    // of the witness's key
	Size int64     // of the checkpoint, in entries
	Time time.Time // when the witness says that it knew of no later checkpoint, to the second
	Line string    // the signature line of the note, with its newline
}

// NewWitness takes the submission prefix of a witness, http or https, and its key as a vkey of type
// 0x04 (C2SP tlog-cosignature).
func NewWitness(url, vkey string) (*Witness, error) { panic("unfinished") }

// Name is the name of the witness's key.
func (w *Witness) Name() string { panic("unfinished") }

// Cosign has the witness cosign a signed checkpoint. last is the size that it cosigned last as far as
// is known, 0 for none. Errors are [*AheadError], [*ConflictError], [*RefusedError], [*LieError], or
// those of the network.
func (w *Witness) Cosign(ctx context.Context, log Log, checkpoint []byte, last int64) (Cosignature, error) {
	panic("unfinished")
}
