package segment

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"

	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/mod/sumdb/tlog"
	"golang.org/x/sys/cpu"

	"varuh/recorder/keyring"
)

// Cipher names the AEAD that encrypts a segment's records. It stands in the header.
type Cipher uint8

// The ciphers. Every varuh reads both.
const (
	AES256GCM        Cipher = 1 // NIST SP 800-38D
	ChaCha20Poly1305 Cipher = 2 // RFC 8439
)

func (c Cipher) String() string {
	switch c {
	case AES256GCM:
		return "AES-256-GCM"
	case ChaCha20Poly1305:
		return "ChaCha20-Poly1305"
	}
	return fmt.Sprintf("cipher %d", uint8(c))
}

// PreferredCipher is the faster one on this machine: AES-256-GCM where the processor has
// instructions for it, ChaCha20-Poly1305 elsewhere (a Raspberry Pi 4 and older), where AES in
// software costs sixteen times as much.
func PreferredCipher() Cipher {
	if cpu.X86.HasAES && cpu.X86.HasPCLMULQDQ || cpu.ARM64.HasAES && cpu.ARM64.HasPMULL || cpu.S390X.HasAESGCM {
		return AES256GCM
	}
	return ChaCha20Poly1305
}

func (c Cipher) aead(key []byte) (cipher.AEAD, error) {
	switch c {
	case AES256GCM:
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		return cipher.NewGCM(block)
	case ChaCha20Poly1305:
		return chacha20poly1305.New(key)
	}
	return nil, fmt.Errorf("%s is unknown", c)
}

// The HKDF labels. What is derived under one of them says nothing about the others, or the key.
const (
	labelCommit = "varuh/1 segment commit"
	labelCipher = "varuh/1 segment cipher"
	labelLeaf   = "varuh/1 segment leaf"
)

const (
	tagSize   = 16 // of either cipher
	nonceSize = 12
	hashSize  = sha256.Size
)

// secrets is everything that follows from a segment's key. Its arrays are scratch space, so that
// no record allocates; one goroutine at a time uses it.
type secrets struct {
	commit [hashSize]byte // stands in the header, so that no second key fits the file
	aead   cipher.AEAD
	salts  hash.Hash // HMAC under the key's HKDF extract: one block of HKDF expand

	nonce    [nonceSize]byte
	extra    [hashSize + clearSize]byte // additional data: header hash, clear part
	saltInfo [len(labelLeaf) + 5]byte
	leafData [3 * hashSize]byte // salt, hash of the boxes, hash of the payload
}

func newSecrets(k keyring.Key, c Cipher) (*secrets, error) {
	prk, err := hkdf.Extract(sha256.New, k[:], nil)
	if err != nil {
		return nil, err
	}
	commit, err := hkdf.Expand(sha256.New, prk, labelCommit, hashSize)
	if err != nil {
		return nil, err
	}
	key, err := hkdf.Expand(sha256.New, prk, labelCipher+string([]byte{byte(c)}), 32)
	if err != nil {
		return nil, err
	}
	s := &secrets{salts: hmac.New(sha256.New, prk)}
	copy(s.commit[:], commit)
	copy(s.saltInfo[:], labelLeaf)
	s.aead, err = c.aead(key)
	return s, err
}

// bind ties everything encrypted from here on to one header.
func (s *secrets) bind(headerHash [hashSize]byte) { copy(s.extra[:], headerHash[:]) }

// salt writes HKDF-Expand(labelLeaf ‖ sequence, 32) to the head of leafData. The output is one block,
// so the expansion is one HMAC over the label, the number and the block's counter.
func (s *secrets) salt(sequence uint32) {
	binary.BigEndian.PutUint32(s.saltInfo[len(labelLeaf):], sequence)
	s.saltInfo[len(s.saltInfo)-1] = 1
	s.salts.Reset()
	s.salts.Write(s.saltInfo[:])
	s.salts.Sum(s.leafData[:0])
}

// leaf is the record's hash in the Merkle tree. The boxes and the payload are hashed apart, so that
// a payload in other boxes can still be proven.
func (s *secrets) leaf(sequence uint32, boxes, payload []byte) tlog.Hash {
	s.salt(sequence)
	b, p := sha256.Sum256(boxes), sha256.Sum256(payload)
	copy(s.leafData[hashSize:], b[:])
	copy(s.leafData[2*hashSize:], p[:])
	return tlog.RecordHash(s.leafData[:])
}

// prepare sets nonce and additional data for the record whose clear part this is.
func (s *secrets) prepare(clear []byte) {
	s.nonce[0] = clear[0] // kind
	copy(s.nonce[nonceSize-4:], clear[2:6])
	copy(s.extra[hashSize:], clear)
}

// encrypt appends the ciphertext of plain to dst.
func (s *secrets) encrypt(dst, clear, plain []byte) []byte {
	s.prepare(clear)
	return s.aead.Seal(dst, s.nonce[:], plain, s.extra[:])
}

// decrypt opens the ciphertext in its place.
func (s *secrets) decrypt(clear, ciphertext []byte) ([]byte, error) {
	s.prepare(clear)
	plain, err := s.aead.Open(ciphertext[:0], s.nonce[:], ciphertext, s.extra[:])
	if err != nil {
		return nil, damaged("it does not decrypt: changed, or from another place")
	}
	return plain, nil
}
