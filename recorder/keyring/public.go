package keyring

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// KeyID names a public key: the first 8 bytes of its SHA-256.
type KeyID [8]byte

// String is the id as 16 lower-case hexadecimal digits.
func (id KeyID) String() string { return hex.EncodeToString(id[:]) }

// MarshalText implements [encoding.TextMarshaler].
func (id KeyID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (id *KeyID) UnmarshalText(b []byte) error { return unhex(id[:], b, "key id") }

// PublicKey is an X25519 public key that slots are sealed to.
type PublicKey [32]byte

// ID names the key.
func (p PublicKey) ID() KeyID {
	sum := sha256.Sum256(p[:])
	return KeyID(sum[:])
}

// String is the key as 64 lower-case hexadecimal digits.
func (p PublicKey) String() string { return hex.EncodeToString(p[:]) }

// MarshalText implements [encoding.TextMarshaler].
func (p PublicKey) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (p *PublicKey) UnmarshalText(b []byte) error { return unhex(p[:], b, "public key") }

// unhex fills dst from exactly as many lower-case digits as it takes.
func unhex(dst, digits []byte, what string) error {
	b, err := hex.DecodeString(string(digits))
	if err != nil || len(b) != len(dst) || hex.EncodeToString(b) != string(digits) {
		return fmt.Errorf("%q is no %s: want %d lower-case hexadecimal digits", digits, what, 2*len(dst))
	}
	copy(dst, b)
	return nil
}
