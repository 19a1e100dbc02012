package proof

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// maxSize bounds the size of a log, so that indexes are numbers of canonical JSON.
const maxSize = maxInt

// ErrFormat is wrapped by every refusal of a checkpoint, a key, a proof or a bundle that is not in its format.
var ErrFormat = errors.New("not in the right format")

// Checkpoint says what a log held when it had a certain size (C2SP tlog-checkpoint).
type Checkpoint struct {
	Origin string // which log, such as sola.example/varuh/4f2a9c31d07be856/dnevnik
	Size   int64  // entries
	Root   Hash   // Merkle root over them
}

// Text is what is signed: three lines. It is also what an outside timestamp (RFC 3161) is of.
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, b64.EncodeToString(c.Root[:]))
}

// ParseCheckpoint reads the three lines. Extension lines, which C2SP allows, are refused.
func ParseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" || lines[0] == "" {
		return Checkpoint{}, fmt.Errorf("a checkpoint has three lines: %w", ErrFormat)
	}
	size, err := parseSize(lines[1])
	if err != nil {
		return Checkpoint{}, fmt.Errorf("size of a checkpoint: %w", err)
	}
	root, err := parseHash(lines[2])
	if err != nil {
		return Checkpoint{}, fmt.Errorf("root of a checkpoint: %w", err)
	}
	return Checkpoint{lines[0], size, root}, nil
}

// parseSize reads a decimal number without sign and leading zeros.
func parseSize(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > maxSize || strconv.FormatInt(n, 10) != s {
		return 0, fmt.Errorf("%.40q is no number of entries: %w", s, ErrFormat)
	}
	return n, nil
}

func parseHash(s string) (h Hash, err error) {
	b, err := b64.DecodeString(s)
	if err != nil || len(b) != len(h) || b64.EncodeToString(b) != s {
		return Hash{}, fmt.Errorf("%.60q is no hash in base64: %w", s, ErrFormat)
	}
	return Hash(b), nil
}

// Signed is a checkpoint whose signatures were checked.
type Signed struct {
	Checkpoint
	Note         []byte        // the whole signed note, as it was given
	Signers      []Key         // whose signatures of the log are right, as asked for
	Cosignatures []Cosignature // of witnesses, as asked for
}

// Cosignature is a witness's word that the checkpoint extends every earlier one it has seen.
type Cosignature struct {
	Witness Key
	Time    time.Time // by the witness's clock, in seconds
}

// SignCheckpoint signs a checkpoint, by more than one key where a new one follows an old one.
func SignCheckpoint(c Checkpoint, signers ...note.Signer) ([]byte, error) {
	if _, err := ParseCheckpoint(c.Text()); err != nil {
		return nil, err
	}
	msg, err := note.Sign(&note.Note{Text: c.Text()}, signers...)
	if err != nil {
		return nil, fmt.Errorf("couldn't sign the checkpoint of %d entries: %w", c.Size, err)
	}
	return msg, nil
}

// ErrSignature is returned for a checkpoint without a right signature of a key asked for.
var ErrSignature = errors.New("not signed by a key that is known")

// OpenCheckpoint reads a signed note and checks the signatures of the keys given. It wants one of the
// log's own among them, by a key whose name is the checkpoint's origin; else the error is
// [ErrSignature]. A wrong signature of any of the keys is an error, too; those of others are let be.
func OpenCheckpoint(msg []byte, keys ...Key) (Signed, error) {
	verifiers := make([]note.Verifier, len(keys))
	for i, k := range keys {
		verifiers[i] = k
	}
	n, err := note.Open(msg, note.VerifierList(verifiers...))
	if err != nil {
		return Signed{}, fmt.Errorf("a checkpoint: %w: %w", ErrSignature, err)
	}
	c, err := ParseCheckpoint(n.Text)
	if err != nil {
		return Signed{}, err
	}
	s := Signed{Checkpoint: c, Note: bytes.Clone(msg)}
	for _, sig := range slices.Concat(n.Sigs, n.UnverifiedSigs) {
		if _, err := b64.DecodeString(sig.Base64); err != nil { // note.Open takes unused bits as they come
			return Signed{}, fmt.Errorf("signature of %q: %w: %w", sig.Name, ErrFormat, err)
		}
	}
	for _, sig := range n.Sigs {
		k := keys[indexOf(keys, sig)]
		switch {
		case k.Witness():
			s.Cosignatures = append(s.Cosignatures, Cosignature{k, timeOf(sig)})
		case k.Name() == c.Origin:
			s.Signers = append(s.Signers, k)
		}
	}
	if len(s.Signers) == 0 {
		return Signed{}, fmt.Errorf("a checkpoint of %q: %w", c.Origin, ErrSignature)
	}
	return s, nil
}

// indexOf finds the key of a signature that note.Open has verified.
func indexOf(keys []Key, sig note.Signature) int {
	for i, k := range keys {
		if k.Name() == sig.Name && k.KeyHash() == sig.Hash {
			return i
		}
	}
	panic("proof: a signature was verified by no key")
}

// ReadCheckpoint reads a signed note without checking any signature: what it claims to be.
func ReadCheckpoint(msg []byte) (Checkpoint, error) {
	_, err := note.Open(msg, note.VerifierList())
	var unverified *note.UnverifiedNoteError
	if !errors.As(err, &unverified) {
		return Checkpoint{}, fmt.Errorf("a checkpoint: %w: %w", ErrFormat, err)
	}
	return ParseCheckpoint(unverified.Note.Text)
}

// NewSigningKey draws a key for the log of that origin: the secret, as [note.NewSigner] takes it, and
// the key to verify with.
func NewSigningKey(origin string) (secret string, k Key, err error) {
	secret, public, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return "", Key{}, fmt.Errorf("couldn't make a signing key: %w", err)
	}
	k, err = ParseKey(public)
	return secret, k, err
}
