package timestamp

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
)

// Request asks for a timestamp of a digest.
type Request struct {
	Digest [32]byte
	Nonce  *big.Int // more than 0
}

// NewRequest makes a request with a fresh nonce.
func NewRequest(digest [32]byte) Request {
	b := make([]byte, 16)
	rand.Read(b)
	b[0] |= 1 // never shorter, and never 0
	return Request{digest, new(big.Int).SetBytes(b)}
}

// DER is the TimeStampReq of RFC 3161, section 2.4.1, which asks for the certificates, too.
func (r Request) DER() []byte {
	der, err := asn1.Marshal(timeStampReq{
		Version:        1,
		MessageImprint: messageImprint{pkix.AlgorithmIdentifier{Algorithm: oidSHA256, Parameters: asn1.NullRawValue}, r.Digest[:]},
		Nonce:          r.Nonce,
		CertReq:        true,
	})
	if err != nil {
		panic("timestamp: a request that cannot be written: " + err.Error())
	}
	return der
}

// Accept takes the authority's answer, a TimeStampResp, and verifies its token for this request.
// [*RejectedError] is the authority's refusal.
func (r Request) Accept(answer []byte, roots *x509.CertPool) (Token, error) {
	der, err := unwrap(answer)
	if err != nil {
		return Token{}, err
	}
	t, err := Verify(der, r.Digest, roots)
	if err != nil {
		return Token{}, err
	}
	if t.Nonce == nil || t.Nonce.Cmp(r.Nonce) != 0 {
		return Token{}, errors.New("the timestamp does not carry the nonce of the request: it may be an old one, played again")
	}
	return t, nil
}

// unwrap takes the token out of an answer.
func unwrap(answer []byte) (token []byte, err error) {
	var resp timeStampResp
	if err := unmarshal(answer, "the answer", &resp); err != nil {
		return nil, err
	}
	// 0 is granted, 1 granted with changes; all others mean that there is no token.
	if s := resp.Status; s.Status != 0 && s.Status != 1 {
		return nil, rejected(s)
	}
	return resp.Token.FullBytes, nil
}

// RejectedError is a time-stamping authority that gave no stamp.
type RejectedError struct {
	Status int      // RFC 3161, section 2.4.2
	Fails  []string // the reasons that it gave, by their names there
}

// failures are the bits of PKIFailureInfo that RFC 3161, section 2.4.2, allows.
var failures = []struct {
	bit  int
	name string
}{
	{0, "badAlg"}, {2, "badRequest"}, {5, "badDataFormat"}, {14, "timeNotAvailable"}, {15, "unacceptedPolicy"},
	{16, "unacceptedExtension"}, {17, "addInfoNotAvailable"}, {25, "systemFailure"},
}

// rejected leaves out the authority's own words: they may be anything.
func rejected(s pkiStatusInfo) *RejectedError {
	e := &RejectedError{Status: s.Status}
	for _, f := range failures {
		if s.FailInfo.At(f.bit) == 1 {
			e.Fails = append(e.Fails, f.name)
		}
	}
	return e
}

func (e *RejectedError) Error() string {
	return fmt.Sprintf("the time-stamping authority gave no stamp: status %d %v", e.Status, e.Fails)
}
