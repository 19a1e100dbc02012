package unseal

import (
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"

	"varuh/accesslog/people"
	"varuh/recorder/keyring"
)

// ErrWrap is returned for a wrap that does not open: it is another person's, another use's, was made
// under another password, or is damaged.
var ErrWrap = errors.New("the wrapped key does not open: an administrator must grant the access anew while the footage is unlocked")

// A wrap is one box for each private key, since there are two while keys are rotated. A box:
//
//	 8 bytes  id of the key
//	24 bytes  nonce, random
//	48 bytes  XChaCha20-Poly1305 of the key's 32 bytes; additional data: see bound
const (
	idSize  = len(keyring.KeyID{})
	keySize = 32
	boxSize = idSize + chacha20poly1305.NonceSizeX + keySize + chacha20poly1305.Overhead
)

// bound binds a box to its use, its person and its key.
func bound(which people.Which, person string, id keyring.KeyID) []byte {
	return keyring.Info([]byte("varuh/1 wrap"), []byte(which), []byte(person), id[:])
}

// sealWrap wraps an identity for a person.
func sealWrap(which people.Which, wrapKey [32]byte, person string, keys keyring.Identity) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(wrapKey[:])
	if err != nil {
		return nil, fmt.Errorf("couldn't wrap the %s key: %w", which, err)
	}
	var blob []byte
	for _, k := range keys {
		blob = sealBox(blob, aead, which, person, k)
	}
	return blob, nil
}

func sealBox(blob []byte, aead cipher.AEAD, which people.Which, person string, k keyring.PrivateKey) []byte {
	id, secret := k.Public().ID(), k.Bytes()
	defer clear(secret[:])
	nonce := make([]byte, chacha20poly1305.NonceSizeX)
	rand.Read(nonce) // it never fails, by its documentation
	blob = append(append(blob, id[:]...), nonce...)
	return aead.Seal(blob, nonce, secret[:], bound(which, person, id))
}

// openWrap opens what sealWrap gave. It opens all of it or nothing.
func openWrap(which people.Which, wrapKey [32]byte, person string, blob []byte) (keys keyring.Identity, err error) {
	if len(blob) == 0 || len(blob)%boxSize != 0 || len(blob) > keyring.MaxKeys*boxSize {
		return nil, fmt.Errorf("a wrap of %d bytes: %w", len(blob), ErrWrap)
	}
	aead, err := chacha20poly1305.NewX(wrapKey[:])
	if err != nil {
		return nil, fmt.Errorf("couldn't open the wrapped %s key: %w", which, err)
	}
	for ; len(blob) > 0; blob = blob[boxSize:] {
		k, err := openBox(aead, which, person, blob[:boxSize])
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	return keys, nil
}

func openBox(aead cipher.AEAD, which people.Which, person string, box []byte) (keyring.PrivateKey, error) {
	id := keyring.KeyID(box[:idSize])
	nonce, sealed := box[idSize:idSize+chacha20poly1305.NonceSizeX], box[idSize+chacha20poly1305.NonceSizeX:]
	var buf [keySize]byte
	defer clear(buf[:])
	secret, err := aead.Open(buf[:0], nonce, sealed, bound(which, person, id))
	if err != nil {
		return keyring.PrivateKey{}, fmt.Errorf("%s key %v: %w", which, id, ErrWrap)
	}
	k, err := keyring.ParsePrivate(secret)
	if err != nil || k.Public().ID() != id {
		return keyring.PrivateKey{}, fmt.Errorf("%s key %v: %w", which, id, errors.Join(ErrWrap, err))
	}
	return k, nil
}
