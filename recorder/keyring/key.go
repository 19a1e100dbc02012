package keyring

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
)

// Key is the secret of one object. It exists only in memory and, sealed, in the object's slot.
type Key [32]byte

// newKey draws a key from the operating system.
func newKey() Key {
	var k Key
	rand.Read(k[:])
	return k
}

// Format implements [fmt.Formatter], so that no verb prints the secret.
func (Key) Format(s fmt.State, _ rune) { io.WriteString(s, "keyring.Key(secret)") }

// MarshalText implements [encoding.TextMarshaler] by refusing.
func (Key) MarshalText() ([]byte, error) {
	return nil, errors.New("a key is never written out unsealed")
}
