package sealed

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"golang.org/x/crypto/chacha20poly1305"

	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// What can be wrong with an object. They are told apart with errors.Is.
var (
	ErrGone    = errors.New("the object was destroyed")
	ErrAway    = errors.New("the store of the object is not mounted")
	ErrDamaged = errors.New("the object is damaged")
	ErrVersion = errors.New("the object was written by a newer varuh: update this one")
	ErrFull    = errors.New("the disk is full")
	ErrLarge   = errors.New("it is larger than it may be")
)

// Place says where an object is: its id, its store, and the number of its key slot.
type Place struct {
	ID    keyring.ID
	Store keyring.ID
	Slot  uint32
}

func (p Place) ref() keyring.Ref { return keyring.Ref{ID: p.ID, Slot: p.Slot} }

// String is the form that [ParsePlace] reads: no name of a person or a case is in it.
func (p Place) String() string { return fmt.Sprintf("%v-%v-%d", p.ID, p.Store, p.Slot) }

// ParsePlace reads what Place.String wrote.
func ParsePlace(text string) (p Place, err error) {
	var id, store string
	if len(text) > 66 && text[32] == '-' && text[65] == '-' {
		id, store = text[:32], text[33:65]
		if n, err := fmt.Sscanf(text[66:], "%d", &p.Slot); err != nil || n != 1 {
			return Place{}, fmt.Errorf("%.100q is no place of an object", text)
		}
	}
	p.ID, err = keyring.ParseID(id)
	if err == nil {
		p.Store, err = keyring.ParseID(store)
	}
	if err != nil || p.String() != text {
		return Place{}, fmt.Errorf("%.100q is no place of an object", text)
	}
	return p, nil
}

// The sizes of the file, in bytes.
const (
	magic      = "varuhobj"
	version    = 1
	headerSize = 112
	tagSize    = 16
	chunkSize  = 1 << 20 // of plaintext; all but the last chunk have it
	nonceSize  = 12
	endSize    = 8 // the length of the list, at the end of the plaintext
	mostList   = 8 << 20
)

// The HKDF labels. What is derived under one of them says nothing about the others, or the key.
const (
	labelCommit = "varuh/1 object commit"
	labelCipher = "varuh/1 object cipher"
	labelRoot   = "varuh/1 object root"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// encodeHeader is the head of the file of an object.
func encodeHeader(p Place, c segment.Cipher, commit [32]byte) []byte {
	b := make([]byte, 0, headerSize)
	b = append(b, magic...)
	b = binary.BigEndian.AppendUint32(b, version)
	b = binary.BigEndian.AppendUint32(b, headerSize)
	b = append(b, p.ID[:]...)
	b = append(b, p.Store[:]...)
	b = binary.BigEndian.AppendUint32(b, p.Slot)
	b = binary.BigEndian.AppendUint32(b, chunkSize)
	b = append(b, byte(c), 0, 0, 0)
	b = append(b, commit[:]...)
	b = append(b, make([]byte, headerSize-4-len(b))...)
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// header is what the head of the file says.
type header struct {
	Place
	cipher segment.Cipher
	commit [32]byte
	hash   [32]byte // of its bytes: what the chunks are bound to
}

// parseHeader reads the head. It takes only bytes that encodeHeader would write.
func parseHeader(b []byte) (h header, err error) {
	if len(b) != headerSize || string(b[:8]) != magic {
		return h, fmt.Errorf("%w: it does not begin as one", ErrDamaged)
	}
	if v := binary.BigEndian.Uint32(b[8:]); v != version {
		return h, fmt.Errorf("%w: it has version %d", ErrVersion, v)
	}
	copy(h.ID[:], b[16:])
	copy(h.Store[:], b[32:])
	h.Slot, h.cipher = binary.BigEndian.Uint32(b[48:]), segment.Cipher(b[56])
	copy(h.commit[:], b[60:])
	h.hash = sha256.Sum256(b)
	if string(encodeHeader(h.Place, h.cipher, h.commit)) != string(b) {
		return h, fmt.Errorf("%w: its head is not as it was written", ErrDamaged)
	}
	return h, nil
}

// secrets is what follows from an object's key.
type secrets struct {
	commit [32]byte
	root   []byte // key of the hash that the slot has
	aead   cipher.AEAD
}

func newSecrets(k keyring.Key, c segment.Cipher) (s secrets, err error) {
	prk, err := hkdf.Extract(sha256.New, k[:], nil)
	if err != nil {
		return s, err
	}
	defer clear(prk)
	commit, err := hkdf.Expand(sha256.New, prk, labelCommit, 32)
	if err != nil {
		return s, err
	}
	copy(s.commit[:], commit)
	if s.root, err = hkdf.Expand(sha256.New, prk, labelRoot, 32); err != nil {
		return s, err
	}
	key, err := hkdf.Expand(sha256.New, prk, labelCipher+string([]byte{byte(c)}), 32)
	if err != nil {
		return s, err
	}
	defer clear(key)
	s.aead, err = aeadOf(c, key)
	return s, err
}

func aeadOf(c segment.Cipher, key []byte) (cipher.AEAD, error) {
	switch c {
	case segment.AES256GCM:
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		return cipher.NewGCM(block)
	case segment.ChaCha20Poly1305:
		return chacha20poly1305.New(key)
	}
	return nil, fmt.Errorf("%w: %v", ErrVersion, c)
}

// nonce is that of a chunk: its number, and whether it is the last. A key belongs to one object, so none comes twice.
func nonce(n int64, last bool) []byte {
	b := make([]byte, nonceSize)
	binary.BigEndian.PutUint64(b[3:], uint64(n))
	if last {
		b[nonceSize-1] = 1
	}
	return b
}

// rootOf is the keyed hash of the list: it says nothing once the key is gone.
func (s secrets) rootOf(list []byte) (root [32]byte) {
	h := hmac.New(sha256.New, s.root)
	h.Write(list)
	h.Sum(root[:0])
	return root
}
