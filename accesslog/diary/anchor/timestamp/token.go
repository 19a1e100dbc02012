package timestamp

import (
	"crypto/x509"
	"math/big"
	"time"
)

// Token is a time stamp that was verified.
type Token struct {
	DER      []byte        // the token itself, as openssl ts -verify -token_in takes it
	Time     time.Time     // when the authority says that it saw the digest, UTC
	Accuracy time.Duration // by how much Time may be off, 0 if not said
	Policy   string        // the authority's policy, an object identifier with dots
	Serial   *big.Int
	Nonce    *big.Int          // nil if there is none
	Signer   *x509.Certificate // of the authority
}

// Digest is what stands for a signed checkpoint before a time-stamping authority: the SHA-256 of its
// body, the lines before the empty one.
func Digest(checkpoint []byte) ([32]byte, error) { panic("unfinished") }

// Verify checks a token in DER for a digest, without a network: imprint, signature, the certificate's
// purpose, and its chain to one of the roots at the time of the stamp.
func Verify(der []byte, digest [32]byte, roots *x509.CertPool) (Token, error) { panic("unfinished") }
