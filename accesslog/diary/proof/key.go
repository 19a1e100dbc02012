package proof

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
)

// The kinds of key, by the byte in front of their public key (C2SP signed-note, tlog-cosignature).
const (
	algorithmLog     = 1 // Ed25519 over the text
	algorithmWitness = 4 // Ed25519 over cosignature/v1, a time, and the text
)

// Key verifies signatures: of a log, or of a witness. It implements [note.Verifier].
type Key struct {
	name      string
	hash      uint32
	algorithm byte
	public    [ed25519.PublicKeySize]byte
}

// ParseKey reads a verifier key: <name>+<8 hexadecimal digits>+<base64 of algorithm and public key>
// (C2SP signed-note, Verifier keys).
func ParseKey(s string) (Key, error) {
	name, rest, _ := strings.Cut(s, "+")
	_, encoded, _ := strings.Cut(rest, "+")
	b, err := b64.DecodeString(encoded)
	if err != nil || len(b) != 1+ed25519.PublicKeySize || !isKeyName(name) {
		return Key{}, fmt.Errorf("%.100q is no verifier key: %w", s, ErrFormat)
	}
	k := newKey(name, b[0], b[1:])
	if k.algorithm != algorithmLog && k.algorithm != algorithmWitness {
		return Key{}, fmt.Errorf("%.100q is a key for signatures of kind %d, which are not known here: %w", s, k.algorithm, ErrFormat)
	}
	if k.String() != s {
		return Key{}, fmt.Errorf("%.100q is no verifier key, or a digit of it is wrong: %w", s, ErrFormat)
	}
	return k, nil
}

func newKey(name string, algorithm byte, public []byte) Key {
	sum := sha256.Sum256(append(append([]byte(name+"\n"), algorithm), public...))
	return Key{name, binary.BigEndian.Uint32(sum[:]), algorithm, [ed25519.PublicKeySize]byte(public)}
}

// isKeyName tells whether a name can stand in a signature line.
func isKeyName(s string) bool {
	return s != "" && utf8.ValidString(s) && !strings.ContainsFunc(s, func(c rune) bool { return unicode.IsSpace(c) || c == '+' })
}

// String is the key as [ParseKey] reads it.
func (k Key) String() string {
	return fmt.Sprintf("%s+%08x+%s", k.name, k.hash, base64.StdEncoding.EncodeToString(append([]byte{k.algorithm}, k.public[:]...)))
}

// Name is the name of the log or witness.
func (k Key) Name() string { return k.name }

// KeyHash is the short hash in signature lines.
func (k Key) KeyHash() uint32 { return k.hash }

// Witness tells whether the key is one of a witness.
func (k Key) Witness() bool { return k.algorithm == algorithmWitness }

// Fingerprint is for comparing with one on paper: the first 16 bytes of the SHA-256 of the key's text,
// in groups of four hexadecimal digits.
func (k Key) Fingerprint() string {
	sum := sha256.Sum256([]byte(k.String()))
	return groups(hex.EncodeToString(sum[:16]))
}

// groups parts digits into fours.
func groups(digits string) string {
	var list []string
	for four := range slices.Chunk([]byte(digits), 4) {
		list = append(list, string(four))
	}
	return strings.Join(list, " ")
}

// Verify tells whether sig is the key's signature of a checkpoint's text.
func (k Key) Verify(text, sig []byte) bool {
	if !k.Witness() {
		return len(sig) == ed25519.SignatureSize && ed25519.Verify(k.public[:], text, sig)
	}
	if len(sig) != 8+ed25519.SignatureSize || sig[0] > 0x7f {
		return false
	}
	return ed25519.Verify(k.public[:], cosigned(binary.BigEndian.Uint64(sig), text), sig[8:])
}

// cosigned is what a witness signs (C2SP tlog-cosignature, Ed25519 signed message).
func cosigned(seconds uint64, text []byte) []byte {
	return append([]byte("cosignature/v1\ntime "+strconv.FormatUint(seconds, 10)+"\n"), text...)
}

// timeOf is when a cosignature that was verified says it was made.
func timeOf(sig note.Signature) time.Time {
	b, err := base64.StdEncoding.DecodeString(sig.Base64)
	if err != nil || len(b) < 12 {
		panic("proof: a signature was verified that is none")
	}
	return time.Unix(int64(binary.BigEndian.Uint64(b[4:])), 0).UTC()
}

// Cosigner signs as a witness does. It implements [note.Signer].
type Cosigner struct {
	Key
	private ed25519.PrivateKey
	now     func() time.Time
}

// NewCosigner makes a witness of that name out of a private key.
func NewCosigner(name string, private ed25519.PrivateKey, now func() time.Time) (*Cosigner, error) {
	if !isKeyName(name) {
		return nil, fmt.Errorf("%q cannot be the name of a witness: %w", name, ErrFormat)
	}
	return &Cosigner{newKey(name, algorithmWitness, private.Public().(ed25519.PublicKey)), private, now}, nil
}

// Sign implements [note.Signer].
func (c *Cosigner) Sign(text []byte) ([]byte, error) {
	seconds := uint64(c.now().Unix())
	return append(binary.BigEndian.AppendUint64(nil, seconds), ed25519.Sign(c.private, cosigned(seconds, text))...), nil
}
