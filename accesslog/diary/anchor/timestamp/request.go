package timestamp

import (
	"crypto/x509"
	"math/big"
)

// Request asks for a time stamp of a digest.
type Request struct {
	Digest [32]byte
	Nonce  *big.Int
}

// NewRequest makes a request with a fresh nonce.
func NewRequest(digest [32]byte) Request { panic("unfinished") }

// DER is the TimeStampReq of RFC 3161, section 2.4.1, which asks for the certificates, too.
func (r Request) DER() []byte { panic("unfinished") }

// Accept takes the authority's answer, a TimeStampResp, and verifies its token for this request.
func (r Request) Accept(answer []byte, roots *x509.CertPool) (Token, error) { panic("unfinished") }
