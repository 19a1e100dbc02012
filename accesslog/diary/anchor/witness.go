package anchor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"varuh/accesslog/diary/proof"
)

// Log is the diary as anchoring needs it.
type Log interface {
	// Consistency proves that the tree of the first old entries is the beginning of the tree of the
	// first size entries (RFC 6962, section 2.1.2). 0 < old < size.
	Consistency(ctx context.Context, old, size int64) (tlog.TreeProof, error)
}

// Witness is a party that cosigns checkpoints of a log which only ever grew.
type Witness struct {
	// HTTP sends the requests; nil is a client of the package's own. Redirects are not followed, whatever
	// it says.
	HTTP *http.Client

	url *url.URL // where checkpoints go to
	key proof.Key
}

// Cosignature is what a witness said of a checkpoint, verified.
type Cosignature struct {
	Witness string    // name of its key
	Size    int64     // of the checkpoint, in entries
	Time    time.Time // when it says that it knew of no longer diary, to the second
	Line    string    // the signature line, with its newline
}

// NewWitness takes the submission prefix of a witness, http or https, and its verifier key, which is one
// for cosignatures (C2SP tlog-witness, tlog-cosignature).
func NewWitness(prefix, vkey string) (*Witness, error) {
	u, err := parseURL(prefix)
	if err != nil {
		return nil, fmt.Errorf("address of a witness: %w", err)
	}
	if u.User != nil {
		return nil, fmt.Errorf("address of a witness: %s holds a password, and witnesses ask for none", u.Redacted())
	}
	key, err := proof.ParseKey(vkey)
	if err != nil {
		return nil, fmt.Errorf("key of the witness at %s: %w", u.Host, err)
	}
	if !key.Witness() {
		return nil, fmt.Errorf("key of the witness at %s: it is one for signing logs, not for cosigning; ask its keeper for the other", u.Host)
	}
	return &Witness{url: u.JoinPath("add-checkpoint"), key: key}, nil
}

// Name is the name of the witness's key.
func (w *Witness) Name() string { return w.key.Name() }

// Key verifies the witness's cosignatures.
func (w *Witness) Key() proof.Key { return w.key }

// Cosign has the witness cosign a checkpoint, which must be durable in the diary. last is the size that
// the witness cosigned last, as far as is known, 0 for none.
//
// The error is [*AheadError] or [*ConflictError] if the witness knows another diary, [*LieError] or
// [*RefusedError] for other answers, or that of the network or of log.
func (w *Witness) Cosign(ctx context.Context, log Log, c proof.Signed, last int64) (Cosignature, error) {
	if last > c.Size {
		return Cosignature{}, &AheadError{w.Name(), last, c.Size}
	}
	got, err := w.extend(ctx, log, c, last)
	if err != nil {
		return Cosignature{}, err
	}
	if size, ok := w.size(got); ok {
		switch {
		case size > c.Size:
			return Cosignature{}, &AheadError{w.Name(), size, c.Size}
		case size == last:
			return Cosignature{}, w.lie("it refuses a proof from size %d and asks for one from there", last)
		}
		last = size
		if got, err = w.extend(ctx, log, c, last); err != nil {
			return Cosignature{}, err
		}
	}
	return w.judge(c, last, got)
}

// extend sends the checkpoint with the proof that it begins with the first old entries.
func (w *Witness) extend(ctx context.Context, log Log, c proof.Signed, old int64) (answer, error) {
	p := proof.Consistency{Old: old, Checkpoint: ownNote(c)}
	if 0 < old && old < c.Size {
		hashes, err := log.Consistency(ctx, old, c.Size)
		if err != nil {
			return answer{}, fmt.Errorf("couldn't prove to witness %s how the diary grew from %d to %d entries: %w", w.Name(), old, c.Size, err)
		}
		p.Hashes = hashes
	}
	got, err := ask(ctx, w.HTTP, w.url, "text/plain; charset=utf-8", p.Text())
	if errors.Is(err, errLong) {
		return answer{}, w.lie("%v", err)
	}
	if err != nil {
		return answer{}, fmt.Errorf("witness %s: %w", w.Name(), err)
	}
	return got, nil
}

// size is what a witness that was asked from a wrong size has cosigned last. Another 409 says that the
// roots of one size differ; whatever number stands in it means nothing.
func (w *Witness) size(a answer) (int64, bool) {
	if a.status != http.StatusConflict {
		return 0, false
	}
	kind, _, err := mime.ParseMediaType(a.contentType)
	if err != nil || kind != "text/x.tlog.size" {
		return 0, false
	}
	digits, ok := strings.CutSuffix(string(a.body), "\n")
	n, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil || n < 0 || strconv.FormatInt(n, 10) != digits {
		return 0, false
	}
	return n, true
}

// judge reads the witness's last word on a checkpoint whose proof began at old.
func (w *Witness) judge(c proof.Signed, old int64, a answer) (Cosignature, error) {
	switch a.status {
	case http.StatusOK:
		return w.accept(c, a.body)
	case http.StatusUnprocessableEntity:
		if old == 0 {
			return Cosignature{}, w.lie("it refuses a proof where none is needed")
		}
		return Cosignature{}, &ConflictError{w.Name(), old, c.Size}
	case http.StatusConflict:
		if size, ok := w.size(a); ok {
			return Cosignature{}, w.lie("first it had cosigned %d entries, then %d; do two appliances use the diary's key?", old, size)
		}
		if old == c.Size {
			return Cosignature{}, &ConflictError{w.Name(), old, c.Size}
		}
		return Cosignature{}, w.lie("it speaks of a conflict, but not of which")
	}
	return Cosignature{}, refused("witness "+w.Name(), a.status)
}

// accept takes the witness's own cosignature of the checkpoint out of its answer. Those of other keys
// are passed over.
func (w *Witness) accept(c proof.Signed, body []byte) (Cosignature, error) {
	var found *Cosignature
	for line := range strings.Lines(string(body)) {
		if !strings.HasPrefix(line, "— ") || !strings.HasSuffix(line, "\n") {
			return Cosignature{}, w.lie("there is more in its answer than signatures")
		}
		if found != nil || !strings.HasPrefix(line, "— "+w.Name()+" ") {
			continue
		}
		one, err := proof.OpenCheckpoint(append(ownNote(c), line...), append(slices.Clone(c.Signers), w.key)...)
		if err != nil {
			return Cosignature{}, w.lie("its cosignature is wrong, or was made of another checkpoint")
		}
		if len(one.Cosignatures) == 1 {
			found = &Cosignature{w.Name(), c.Size, one.Cosignatures[0].Time, line}
		}
	}
	if found == nil {
		return Cosignature{}, w.lie("it did not sign with the key that was configured for it; compare the key with its keeper")
	}
	return *found, nil
}

// ownNote is a checkpoint with the signatures of the diary alone: what others added to it is neither
// theirs to see nor to answer with.
func ownNote(c proof.Signed) []byte {
	b := []byte(c.Text() + "\n")
	_, signatures, _ := bytes.Cut(c.Note, []byte("\n\n"))
	for line := range bytes.Lines(signatures) {
		if bytes.HasPrefix(line, []byte("— "+c.Origin+" ")) {
			b = append(b, line...)
		}
	}
	return b
}

func (w *Witness) lie(format string, args ...any) error {
	return &LieError{w.Name(), fmt.Sprintf(format, args...)}
}
