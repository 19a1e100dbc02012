package timestamp

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// Token is a timestamp that was verified.
type Token struct {
	DER      []byte        // the token itself, as openssl ts -verify -token_in takes it
	Time     time.Time     // when the authority says that it saw the digest, UTC
	Accuracy time.Duration // by how much Time may be off, 0 if not said
	Policy   string        // the authority's policy, an object identifier with dots
	Serial   *big.Int
	Nonce    *big.Int          // nil if there is none
	Signer   *x509.Certificate // of the authority
}

// Verify checks a token in DER for a digest, without a network: imprint, signature, the certificate's
// purpose, and its chain to one of the roots at the time of the stamp.
func Verify(der []byte, digest [32]byte, roots *x509.CertPool) (Token, error) {
	t, err := verify(der, digest, roots)
	if err != nil {
		return Token{}, fmt.Errorf("couldn't verify the timestamp: %w", err)
	}
	return t, nil
}

func verify(der []byte, digest [32]byte, roots *x509.CertPool) (Token, error) {
	if roots == nil {
		return Token{}, errors.New("no root certificate is given, and those of the operating system are not meant for this")
	}
	signed, err := parse(der)
	if err != nil {
		return Token{}, err
	}
	info, err := signed.info()
	if err != nil {
		return Token{}, err
	}
	if !bytes.Equal(info.MessageImprint.HashedMessage, digest[:]) {
		return Token{}, errors.New("it stamps something else: the imprint differs")
	}
	certs, err := signed.certificates()
	if err != nil {
		return Token{}, err
	}
	signer, err := signed.SignerInfos[0].check(signed.Content.Value, certs)
	if err != nil {
		return Token{}, err
	}
	if err := chain(signer, certs, roots, info.GenTime); err != nil {
		return Token{}, err
	}
	return Token{
		DER:      bytes.Clone(der),
		Time:     info.GenTime.UTC(),
		Accuracy: info.Accuracy.duration(),
		Policy:   info.Policy.String(),
		Serial:   info.SerialNumber,
		Nonce:    info.Nonce,
		Signer:   signer,
	}, nil
}

// Checker makes what a verifier of the diary takes for timestamps: it checks a token, or a whole answer
// that holds one, for the text of a checkpoint, and returns its time and the authority's name.
func Checker(roots *x509.CertPool) func(der, text []byte) (time.Time, string, error) {
	return func(der, text []byte) (time.Time, string, error) {
		if token, err := unwrap(der); err == nil {
			der = token
		}
		t, err := Verify(der, sha256.Sum256(text), roots)
		if err != nil {
			return time.Time{}, "", err
		}
		return t.Time, t.Signer.Subject.String(), nil
	}
}

// parse takes a token apart without believing it.
func parse(der []byte) (*signedData, error) {
	var outer contentInfo
	if err := unmarshal(der, "the token", &outer); err != nil {
		return nil, err
	}
	if !outer.ContentType.Equal(oidSignedData) {
		return nil, fmt.Errorf("it is not signed data but %v", outer.ContentType)
	}
	var signed signedData
	if err := unmarshal(outer.Content.Bytes, "the signed data", &signed); err != nil {
		return nil, err
	}
	if !signed.Content.Type.Equal(oidTSTInfo) {
		return nil, fmt.Errorf("what is signed is no timestamp but %v", signed.Content.Type)
	}
	if n := len(signed.SignerInfos); n != 1 {
		return nil, fmt.Errorf("%d signers where one must be", n)
	}
	return &signed, nil
}

// info is what the authority said.
func (s *signedData) info() (tstInfo, error) {
	var info tstInfo
	if err := unmarshal(s.Content.Value, "the timestamp", &info); err != nil {
		return tstInfo{}, err
	}
	if info.Version != 1 {
		return tstInfo{}, fmt.Errorf("version %d of timestamps is not known here", info.Version)
	}
	if !info.MessageImprint.HashAlgorithm.Algorithm.Equal(oidSHA256) {
		return tstInfo{}, fmt.Errorf("its imprint is not a SHA-256 but %v", info.MessageImprint.HashAlgorithm.Algorithm)
	}
	if a := info.Accuracy; a.Seconds < 0 || a.Seconds > 86_400 || a.Millis < 0 || a.Millis > 999 || a.Micros < 0 || a.Micros > 999 {
		return tstInfo{}, fmt.Errorf("its accuracy of %d s, %d ms, %d µs says nothing", a.Seconds, a.Millis, a.Micros)
	}
	for _, e := range info.Extensions {
		if e.Critical {
			return tstInfo{}, fmt.Errorf("its critical extension %v is not known here", e.Id)
		}
	}
	return info, nil
}

func (a accuracy) duration() time.Duration {
	return time.Duration(a.Seconds)*time.Second + time.Duration(a.Millis)*time.Millisecond + time.Duration(a.Micros)*time.Microsecond
}

// certificates are those that the token brings along; attribute certificates are passed over.
func (s *signedData) certificates() ([]*x509.Certificate, error) {
	var certs []*x509.Certificate
	for rest := s.Certificates.Bytes; len(rest) > 0; {
		var one asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &one); err != nil {
			return nil, fmt.Errorf("its certificates are damaged: %w", err)
		}
		if one.Class != asn1.ClassUniversal || one.Tag != asn1.TagSequence {
			continue
		}
		c, err := x509.ParseCertificate(one.FullBytes)
		if err != nil {
			return nil, fmt.Errorf("one of its certificates is damaged: %w", err)
		}
		certs = append(certs, c)
	}
	return certs, nil
}
