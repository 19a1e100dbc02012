package timestamp

import (
	"crypto"
	_ "crypto/sha1" // names certificates in RFC 2634, see the package comment
	_ "crypto/sha256"
	_ "crypto/sha512"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
)

var (
	oidSignedData    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}         // RFC 5652, section 5.1
	oidTSTInfo       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}  // RFC 3161, section 2.4.2
	oidContentType   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}         // RFC 5652, section 11.1
	oidMessageDigest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}         // RFC 5652, section 11.2
	oidSigner        = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12} // RFC 2634, section 5.4
	oidSignerV2      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47} // RFC 5035, section 3
	oidExtKeyUsage   = asn1.ObjectIdentifier{2, 5, 29, 37}                       // RFC 5280, section 4.2.1.12
	oidSHA256        = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}     // RFC 5754, section 2.2
	oidRSA           = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}         // RFC 5754, section 3.2: the digest stands apart
)

// hashes are those that an authority may use.
var hashes = map[string]crypto.Hash{
	oidSHA256.String():       crypto.SHA256,
	"2.16.840.1.101.3.4.2.2": crypto.SHA384,
	"2.16.840.1.101.3.4.2.3": crypto.SHA512,
}

// signatures are those that an authority may make.
var signatures = map[string]x509.SignatureAlgorithm{
	"1.2.840.113549.1.1.11": x509.SHA256WithRSA,
	"1.2.840.113549.1.1.12": x509.SHA384WithRSA,
	"1.2.840.113549.1.1.13": x509.SHA512WithRSA,
	"1.2.840.10045.4.3.2":   x509.ECDSAWithSHA256,
	"1.2.840.10045.4.3.3":   x509.ECDSAWithSHA384,
	"1.2.840.10045.4.3.4":   x509.ECDSAWithSHA512,
	"1.3.101.112":           x509.PureEd25519,
}

var rsaWith = map[crypto.Hash]x509.SignatureAlgorithm{
	crypto.SHA256: x509.SHA256WithRSA,
	crypto.SHA384: x509.SHA384WithRSA,
	crypto.SHA512: x509.SHA512WithRSA,
}

func hashOf(oid asn1.ObjectIdentifier) (crypto.Hash, error) {
	h, ok := hashes[oid.String()]
	if !ok {
		return 0, fmt.Errorf("hash algorithm %v is none of SHA-256, SHA-384 and SHA-512", oid)
	}
	return h, nil
}

func signatureOf(oid asn1.ObjectIdentifier, digest crypto.Hash) (x509.SignatureAlgorithm, error) {
	if oid.Equal(oidRSA) {
		return rsaWith[digest], nil
	}
	a, ok := signatures[oid.String()]
	if !ok {
		return 0, fmt.Errorf("signature algorithm %v is not known here; choose an authority that signs with RSA (PKCS #1 v1.5), ECDSA or Ed25519", oid)
	}
	return a, nil
}

func sum(h crypto.Hash, b []byte) []byte {
	d := h.New()
	d.Write(b)
	return d.Sum(nil)
}
