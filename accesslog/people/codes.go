package people

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
)

// oneTimeCodes is how many codes a person gets beside a second factor.
const oneTimeCodes = 10

// newCodes draws one-time codes, each of 80 random bits, so that their hashes may lie on a disk: 16 letters and digits
// in groups of four.
func newCodes() (codes []string) {
	for range oneTimeCodes {
		b := make([]byte, 10)
		rand.Read(b) // it never fails, by its documentation
		t := strings.ToLower(base32Text.EncodeToString(b))
		codes = append(codes, t[:4]+"-"+t[4:8]+"-"+t[8:12]+"-"+t[12:])
	}
	return codes
}

// hashCode is what is kept of a one-time code, however it was typed.
func hashCode(code string) [32]byte {
	plain := strings.NewReplacer("-", "", " ", "").Replace(strings.ToLower(code))
	return sha256.Sum256([]byte("varuh/1 one-time code" + plain))
}

// code finds a one-time code among those of a person, in a time that does not tell which.
func (a *account) code(code string) (hash [32]byte, ok bool) {
	hash = hashCode(code)
	for _, c := range a.codes {
		ok = subtle.ConstantTimeCompare(c[:], hash[:]) == 1 || ok
	}
	return hash, ok
}

// sealSecond encrypts the secret of a second factor for the database.
func sealSecond(s Second, key [32]byte, person string) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(key[:])
	if err != nil {
		return nil, fmt.Errorf("couldn't encrypt a second factor: %w", err)
	}
	nonce := make([]byte, aead.NonceSize())
	rand.Read(nonce) // it never fails, by its documentation
	return aead.Seal(nonce, nonce, s[:], []byte("varuh/1 second factor "+person)), nil
}

// openSecond is the way back.
func openSecond(box []byte, key [32]byte, person string) (s Second, err error) {
	aead, err := chacha20poly1305.NewX(key[:])
	if err != nil || len(box) < aead.NonceSize() {
		return s, fmt.Errorf("the second factor of person %s is damaged: an administrator must reset it (%w)", person, errSecond)
	}
	b, err := aead.Open(nil, box[:aead.NonceSize()], box[aead.NonceSize():], []byte("varuh/1 second factor "+person))
	if err != nil || len(b) != len(s) {
		return s, fmt.Errorf("the second factor of person %s is damaged: an administrator must reset it (%w)", person, errSecond)
	}
	copy(s[:], b)
	return s, nil
}
