package people

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Token is 32 random bytes that open a session, or stand for an authority. No verb of package fmt prints them.
type Token [32]byte

// tokenPrefix begins the text of a token for an authority, so that whoever finds one knows what it is.
const tokenPrefix = "varuh_"

// newToken draws a token.
func newToken() (t Token) {
	rand.Read(t[:]) // it never fails, by its documentation
	return t
}

// Text is the token for a cookie: 43 characters of base64url.
func (t Token) Text() string { return base64.RawURLEncoding.EncodeToString(t[:]) }

// Format prints no secret.
func (Token) Format(s fmt.State, _ rune) { io.WriteString(s, "people.Token(secret)") }

// MarshalText implements [encoding.TextMarshaler] by refusing.
func (Token) MarshalText() ([]byte, error) {
	return nil, errors.New("a token is written out by its Text alone")
}

// ParseToken reads the text of a token, that of [Token.Text] alone.
func ParseToken(text string) (t Token, err error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) != len(t) || strings.ContainsAny(text, "\r\n") {
		return t, ErrNoSession
	}
	copy(t[:], b)
	return t, nil
}

// hash is what is kept of a token. A token has 256 random bits, so nobody finds it by its hash.
func (t Token) hash() [32]byte { return sha256.Sum256(append([]byte("varuh/1 token"), t[:]...)) }

// newID draws an id of eight hexadecimal digits.
func newID() string {
	b := make([]byte, 4)
	rand.Read(b) // it never fails, by its documentation
	return hex.EncodeToString(b)
}
