package keyring

import (
	"crypto/ecdh"
	"crypto/hpke"
	"errors"
	"fmt"
	"io"
)

// ErrNoKey is returned where no private key at hand opens a slot.
var ErrNoKey = errors.New("no private key here opens this slot")

// The cipher suite of RFC 9180 that seals keys: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305.
var (
	kem  = hpke.DHKEM(ecdh.X25519())
	kdf  = hpke.HKDFSHA256()
	aead = hpke.ChaCha20Poly1305()
)

// PrivateKey opens what was sealed to its public key. No verb of package fmt prints the secret.
type PrivateKey struct{ key hpke.PrivateKey }

// GenerateKey draws a new private key from the operating system.
func GenerateKey() (PrivateKey, error) {
	k, err := kem.GenerateKey()
	if err != nil {
		return PrivateKey{}, fmt.Errorf("couldn't make a key pair: %w", err)
	}
	return PrivateKey{k}, nil
}

// ParsePrivate takes the 32 bytes of [PrivateKey.Bytes], which are those of RFC 9180's SerializePrivateKey.
func ParsePrivate(b []byte) (PrivateKey, error) {
	k, err := kem.NewPrivateKey(b)
	if err != nil {
		return PrivateKey{}, fmt.Errorf("these bytes are no private key: %w", err)
	}
	return PrivateKey{k}, nil
}

// secret is the private key as RFC 9180's SerializePrivateKey writes it.
func (k PrivateKey) secret() [32]byte {
	b, err := k.key.Bytes()
	if err != nil || len(b) != 32 {
		panic("keyring: an X25519 private key that is not 32 bytes")
	}
	return [32]byte(b)
}

// Bytes is the secret itself, for whoever opens with it what is not a slot. It goes into no log and no file.
func (k PrivateKey) Bytes() [32]byte { return k.secret() }

// Public is the public half.
func (k PrivateKey) Public() PublicKey { return PublicKey(k.key.PublicKey().Bytes()) }

// Format implements [fmt.Formatter]: it names the key by its public half.
func (k PrivateKey) Format(s fmt.State, _ rune) {
	if k.key == nil {
		io.WriteString(s, "keyring.PrivateKey(none)")
		return
	}
	fmt.Fprintf(s, "keyring.PrivateKey(%v)", k.Public().ID())
}

// MarshalText implements [encoding.TextMarshaler] by refusing.
func (PrivateKey) MarshalText() ([]byte, error) {
	return nil, errors.New("a private key is written only to its key file or on paper")
}

// Identity is the private keys at hand.
type Identity []PrivateKey

// Open takes the object's key out of its slot in the ring of store. It returns [ErrErased] for a
// tombstone and [ErrNoKey] if the slot is sealed to other keys.
func (i Identity) Open(store ID, s Slot) (Key, error) {
	if s.State >= StateErased {
		return Key{}, fmt.Errorf("%v: %w", s.Ref, ErrErased)
	}
	for _, private := range i {
		to := private.Public().ID()
		for _, sealed := range s.Keys {
			if sealed.To == to {
				return private.open(store, s, sealed)
			}
		}
	}
	return Key{}, fmt.Errorf("%v: %w", s.Ref, ErrNoKey)
}

func (k PrivateKey) open(store ID, s Slot, sealed SealedKey) (Key, error) {
	b, err := k.Open(slotInfo(s.Kind, sealed.To, store, s.ID), sealed.Box[:])
	if err != nil || len(b) != len(Key{}) {
		return Key{}, fmt.Errorf("couldn't open %v with key %v: %w", s.Ref, sealed.To, errors.Join(ErrDamaged, err))
	}
	return Key(b), nil
}

// sealTo seals an object's key to each of the public keys.
func sealTo(pubs []PublicKey, key Key, kind Kind, store, id ID) ([]SealedKey, error) {
	keys := make([]SealedKey, len(pubs))
	for i, pub := range pubs {
		keys[i].To = pub.ID()
		box, err := pub.Seal(slotInfo(kind, keys[i].To, store, id), key[:])
		if err != nil {
			return nil, err
		}
		keys[i].Box = [80]byte(box)
	}
	return keys, nil
}

// slotInfo binds a sealed key to its place: moved to another object, store or recipient it does not
// open.
func slotInfo(kind Kind, to KeyID, store, id ID) []byte {
	return Info([]byte("varuh/1 slot"), []byte{byte(kind)}, to[:], store[:], id[:])
}
