package aeszip

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"hash"
	"strings"
)

// Sizes of AES-256 in the format, in bytes.
const (
	saltSize   = 16
	keySize    = 32
	checkSize  = 2
	macSize    = 10
	iterations = 1000
)

// keys are derived from the passphrase for one file.
type keys struct {
	stream *stream
	mac    hash.Hash
	check  [checkSize]byte // lets a reader tell a wrong passphrase early, wrongly once in 65,536
}

func derive(passphrase string, salt []byte) (keys, error) {
	b, err := pbkdf2.Key(sha1.New, passphrase, salt, iterations, 2*keySize+checkSize)
	if err != nil {
		return keys{}, fmt.Errorf("couldn't derive a key: %w", err)
	}
	block, err := aes.NewCipher(b[:keySize])
	if err != nil {
		return keys{}, fmt.Errorf("couldn't use a key: %w", err)
	}
	return keys{&stream{block: block, used: aes.BlockSize}, hmac.New(sha1.New, b[keySize:2*keySize]), [checkSize]byte(b[2*keySize:])}, nil
}

// sum is the authentication code: HMAC-SHA-1, cut to 80 bits.
func (k keys) sum() []byte { return k.mac.Sum(nil)[:macSize] }

func (k keys) authentic(code []byte) bool { return subtle.ConstantTimeCompare(k.sum(), code) == 1 }

// stream is AES in counter mode with a little-endian counter from 1; [cipher.NewCTR] counts in the other order.
type stream struct {
	block   cipher.Block
	counter uint64
	pad     [aes.BlockSize]byte
	used    int // bytes of pad
}

func (s *stream) xor(dst, src []byte) {
	for len(src) > 0 {
		if s.used == len(s.pad) {
			s.counter++
			s.pad = [aes.BlockSize]byte{}
			binary.LittleEndian.PutUint64(s.pad[:], s.counter)
			s.block.Encrypt(s.pad[:], s.pad[:])
			s.used = 0
		}
		n := subtle.XORBytes(dst, src, s.pad[s.used:])
		dst, src, s.used = dst[n:], src[n:], s.used+n
	}
}

// NewPassphrase draws 125 bits as five groups of five letters and digits that are hard to confuse
// (Crockford's base 32, without i, l, o and u).
func NewPassphrase() string {
	const letters = "0123456789abcdefghjkmnpqrstvwxyz"
	var b [25]byte
	rand.Read(b[:]) // it never fails, by its documentation
	var groups []string
	for i := range b {
		b[i] = letters[b[i]%32]
	}
	for i := 0; i < len(b); i += 5 {
		groups = append(groups, string(b[i:i+5]))
	}
	return strings.Join(groups, "-")
}
