package timestamp

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"time"
)

// check verifies the signature over content and returns the certificate that made it.
func (s *signerInfo) check(content []byte, certs []*x509.Certificate) (*x509.Certificate, error) {
	digest, err := hashOf(s.DigestAlgorithm.Algorithm)
	if err != nil {
		return nil, err
	}
	algorithm, err := signatureOf(s.SignatureAlgorithm.Algorithm, digest)
	if err != nil {
		return nil, err
	}
	attributes, err := s.attributes()
	if err != nil {
		return nil, err
	}
	if err := attributes.describe(content, digest); err != nil {
		return nil, err
	}
	signer, err := attributes.signer(certs)
	if err != nil {
		return nil, err
	}
	if err := signer.CheckSignature(algorithm, s.signed(), s.Signature); err != nil {
		return nil, fmt.Errorf("its signature is not by the certificate of %q: %w", signer.Subject, err)
	}
	return signer, nil
}

// signed is what the signature covers: the attributes under the tag of a SET instead of their own
// (RFC 5652, section 5.4).
func (s *signerInfo) signed() []byte {
	b := bytes.Clone(s.SignedAttrs.FullBytes)
	b[0] = asn1.TagSet | 0x20
	return b
}

// attributes are the signed ones, by type.
type attributes map[string]asn1.RawValue

func (s *signerInfo) attributes() (attributes, error) {
	if len(s.SignedAttrs.FullBytes) == 0 {
		return nil, errors.New("nothing is signed but the content: a timestamp has signed attributes")
	}
	all := attributes{}
	for rest := s.SignedAttrs.Bytes; len(rest) > 0; {
		var a attribute
		var err error
		if rest, err = asn1.Unmarshal(rest, &a); err != nil {
			return nil, fmt.Errorf("its signed attributes are damaged: %w", err)
		}
		key := a.Type.String()
		if _, twice := all[key]; twice || len(a.Values) != 1 {
			return nil, fmt.Errorf("its signed attribute %v is not there exactly once", a.Type)
		}
		all[key] = a.Values[0]
	}
	return all, nil
}

func (a attributes) get(oid asn1.ObjectIdentifier, what string, v any) error {
	raw, ok := a[oid.String()]
	if !ok {
		return fmt.Errorf("%s is not among its signed attributes", what)
	}
	return unmarshal(raw.FullBytes, what, v)
}

// describe checks that the attributes are those of content.
func (a attributes) describe(content []byte, digest crypto.Hash) error {
	var kind asn1.ObjectIdentifier
	if err := a.get(oidContentType, "the content type", &kind); err != nil {
		return err
	}
	if !kind.Equal(oidTSTInfo) {
		return fmt.Errorf("what is signed is no timestamp but %v", kind)
	}
	var want []byte
	if err := a.get(oidMessageDigest, "the digest", &want); err != nil {
		return err
	}
	if !bytes.Equal(want, sum(digest, content)) {
		return errors.New("the content is not what was signed")
	}
	return nil
}

// signer is the certificate that the attributes name by its hash.
func (a attributes) signer(certs []*x509.Certificate) (*x509.Certificate, error) {
	oid, hash := oidSignerV2, crypto.SHA256
	if _, ok := a[oidSignerV2.String()]; !ok {
		oid, hash = oidSigner, crypto.SHA1
	}
	var named signingCertificate
	if err := a.get(oid, "the signer's certificate", &named); err != nil {
		return nil, err
	}
	if len(named.Certs) == 0 {
		return nil, errors.New("it names no certificate")
	}
	first := named.Certs[0] // the signer's (RFC 5035, section 3); others are its chain
	if oid.Equal(oidSignerV2) && len(first.Hash.Algorithm) > 0 {
		var err error
		if hash, err = hashOf(first.Hash.Algorithm); err != nil {
			return nil, err
		}
	}
	for _, c := range certs {
		if bytes.Equal(first.CertHash, sum(hash, c.Raw)) {
			return c, nil
		}
	}
	return nil, errors.New("the signer's certificate is not in it")
}

// chain checks that the signer may stamp, and leads to a root at the time of the stamp.
func chain(signer *x509.Certificate, certs []*x509.Certificate, roots *x509.CertPool, at time.Time) error {
	if !timestampsOnly(signer) {
		return fmt.Errorf("the certificate of %q is not one for timestamps alone (RFC 3161, section 2.3)", signer.Subject)
	}
	between := x509.NewCertPool()
	for _, c := range certs {
		between.AddCert(c)
	}
	_, err := signer.Verify(x509.VerifyOptions{
		Roots:         roots,
		Intermediates: between,
		CurrentTime:   at,
		KeyUsages:     []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping},
	})
	if err != nil {
		return fmt.Errorf("the certificate of %q does not lead to a root that is trusted here: %w", signer.Subject, err)
	}
	return nil
}

// timestampsOnly tells whether a certificate is for timestamps, for nothing else, and says so in a way
// that nobody may pass over.
func timestampsOnly(c *x509.Certificate) bool {
	if len(c.UnknownExtKeyUsage) > 0 || len(c.ExtKeyUsage) != 1 || c.ExtKeyUsage[0] != x509.ExtKeyUsageTimeStamping {
		return false
	}
	for _, e := range c.Extensions {
		if e.Id.Equal(oidExtKeyUsage) {
			return e.Critical
		}
	}
	return false
}
