package certificate

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"

	"varuh/recorder/durable"
)

// maxFile bounds a file with certificates, in bytes.
const maxFile = 256 << 10

// pair is a certificate with its private key.
type pair struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// served is what TLS needs of it.
func (p *pair) served() *tls.Certificate {
	return &tls.Certificate{Certificate: [][]byte{p.cert.Raw}, PrivateKey: p.key, Leaf: p.cert}
}

// write writes both into one file, durably, for the owner alone.
func (p *pair) write(fsys durable.FS, name string) error {
	secret, err := x509.MarshalPKCS8PrivateKey(p.key)
	if err != nil {
		return err
	}
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.cert.Raw}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})...)
	if err := durable.WriteFile(fsys, name, text, 0o600); err != nil {
		return fmt.Errorf("couldn't keep a certificate: %w", err)
	}
	return nil
}

// readPair reads what write wrote, and nothing else.
func readPair(fsys durable.FS, name string) (*pair, error) {
	info, err := fsys.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s: %w: it may be known; if it is not, chmod 600", name, ErrReadable)
	}
	text, err := durable.ReadFile(fsys, name, maxFile)
	if err != nil {
		return nil, err
	}
	p, err := parsePair(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", name, ErrDamaged, err)
	}
	return p, nil
}

func parsePair(text []byte) (*pair, error) {
	first, rest := pem.Decode(text)
	second, rest := pem.Decode(rest)
	if first == nil || second == nil || len(bytes.TrimSpace(rest)) > 0 || first.Type != "CERTIFICATE" || second.Type != "PRIVATE KEY" {
		return nil, fmt.Errorf("want a certificate and a private key")
	}
	cert, err := x509.ParseCertificate(first.Bytes)
	if err != nil {
		return nil, err
	}
	secret, err := x509.ParsePKCS8PrivateKey(second.Bytes)
	if err != nil {
		return nil, err
	}
	key, ok := secret.(*ecdsa.PrivateKey)
	if !ok || !key.PublicKey.Equal(cert.PublicKey) {
		return nil, fmt.Errorf("the private key is not the certificate's")
	}
	return &pair{cert, key}, nil
}
