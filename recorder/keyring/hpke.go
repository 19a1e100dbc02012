package keyring

import (
	"crypto/hpke"
	"encoding/binary"
	"errors"
	"fmt"
)

// Seal seals a secret to the public key, by HPKE in base mode. The box is 48 bytes longer than the
// secret and opens only with the same info, which says what the secret is for: see [Info].
func (p PublicKey) Seal(info, secret []byte) ([]byte, error) {
	to, err := kem.NewPublicKey(p[:])
	if err != nil {
		return nil, fmt.Errorf("public key %v cannot be used: %w", p.ID(), err)
	}
	box, err := hpke.Seal(to, kdf, aead, info, secret)
	if err != nil {
		return nil, fmt.Errorf("couldn't seal to public key %v: %w", p.ID(), err)
	}
	return box, nil
}

// Open opens a box that [PublicKey.Seal] made with the same info.
func (k PrivateKey) Open(info, box []byte) ([]byte, error) {
	secret, err := hpke.Open(k.key, kdf, aead, info, box)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the box does not open with key %v", k.Public().ID()), err)
	}
	return secret, nil
}

// Info joins the parts of an info, each preceded by its length in 2 bytes, big endian, so that no two
// lists of parts give the same bytes. A part is at most 65535 bytes long.
func Info(parts ...[]byte) []byte {
	var b []byte
	for _, part := range parts {
		b = binary.BigEndian.AppendUint16(b, uint16(len(part)))
		b = append(b, part...)
	}
	return b
}
