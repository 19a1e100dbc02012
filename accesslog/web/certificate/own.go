package certificate

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"varuh/recorder/durable"
)

// Files are the controller's own certificate: its chain, leaf first, and its private key, in PEM.
type Files struct{ Certificate, Key string }

// ErrWrong says that a pair of files is not to be served.
var ErrWrong = errors.New("the certificate is not to be used")

// read reads a pair and refuses one that no browser would take.
func (f Files) read(fsys durable.FS, now time.Time) (*tls.Certificate, error) {
	chain, err := durable.ReadFile(fsys, f.Certificate, maxFile)
	if err != nil {
		return nil, fmt.Errorf("%w: couldn't read it: %w", ErrWrong, err)
	}
	info, err := fsys.Stat(f.Key)
	if err != nil {
		return nil, fmt.Errorf("%w: couldn't read its private key: %w", ErrWrong, err)
	}
	if info.Mode().Perm()&0o007 != 0 {
		return nil, fmt.Errorf("%w: %s: %w: chmod o= takes that from them; if it may be known, get another one", ErrWrong, f.Key, ErrReadable)
	}
	key, err := durable.ReadFile(fsys, f.Key, maxFile)
	if err != nil {
		return nil, fmt.Errorf("%w: couldn't read its private key: %w", ErrWrong, err)
	}
	cert, err := tls.X509KeyPair(chain, key)
	if err != nil {
		return nil, fmt.Errorf("%w: %s and %s: %w", ErrWrong, f.Certificate, f.Key, err)
	}
	if err := usableLeaf(cert.Leaf, now); err != nil {
		return nil, fmt.Errorf("%w: %s %w", ErrWrong, f.Certificate, err)
	}
	return &cert, nil
}

// usableLeaf refuses what a browser refuses, as far as the certificate tells. A clock that is certainly wrong tells
// nothing about when it is valid.
func usableLeaf(leaf *x509.Certificate, now time.Time) error {
	switch {
	case len(leaf.DNSNames) == 0 && len(leaf.IPAddresses) == 0:
		return errors.New("has no names")
	case leaf.IsCA:
		return errors.New("begins with an authority; the appliance's certificate comes first")
	case len(leaf.ExtKeyUsage) > 0 && !slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageServerAuth) && !slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageAny):
		return errors.New("is not for servers")
	case now.Before(written):
		return nil
	case now.Before(leaf.NotBefore):
		return fmt.Errorf("is valid from %s on", leaf.NotBefore.Format(time.RFC3339))
	case now.After(leaf.NotAfter):
		return fmt.Errorf("ended on %s", leaf.NotAfter.Format(time.DateOnly))
	}
	return nil
}
