package certificate

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"varuh/recorder/durable"
)

// leafFile holds the leaf with its key, so that a browser that was told to trust just this one does so after a restart.
const leafFile = "tls-leaf.pem"

const (
	leafLasts   = 397 * 24 * time.Hour // of which the first week has passed when it is made
	backdate    = 7 * 24 * time.Hour   // for devices whose clocks are late
	renewBefore = 60 * 24 * time.Hour  // its end
)

// window is when a leaf that is made now is valid.
func (a *pair) window(now time.Time) (from, to time.Time) {
	to = later(now, written).Add(leafLasts - backdate)
	if end := a.cert.NotAfter; to.After(end) {
		to = end
	}
	return to.Add(-leafLasts), to
}

// currentLeaf is the leaf in a folder, or another one if that one does not do any more. Its names are those that
// the authority may sign for. A leaf that can't be kept is returned with the error: a full disk closes no page.
func (a *pair) currentLeaf(fsys durable.FS, dir string, names Names, now time.Time) (*pair, error) {
	name := filepath.Join(dir, leafFile)
	p, err := readPair(fsys, name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrReadable) {
		return nil, fmt.Errorf("couldn't read the appliance's certificate: %w", err)
	}
	if err == nil && a.does(p.cert, names, now) {
		return p, nil
	}
	return a.makeLeaf(fsys, name, names, now)
}

// does tells whether a leaf may go on being served. A clock that is certainly wrong is no reason to replace it.
func (a *pair) does(leaf *x509.Certificate, names Names, now time.Time) bool {
	if leaf.CheckSignatureFrom(a.cert) != nil || !covers(leaf, a.permitted(names)) {
		return false
	}
	if now.Before(written) || !now.Before(leaf.NotBefore) && now.Before(leaf.NotAfter.Add(-renewBefore)) {
		return true
	}
	_, to := a.window(now)
	return to.Equal(leaf.NotAfter) // another one would not last longer: the authority is old
}

func (a *pair) makeLeaf(fsys durable.FS, name string, names Names, now time.Time) (*pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	names = a.permitted(names)
	from, to := a.window(now)
	template := &x509.Certificate{
		SerialNumber:          serial(),
		Subject:               pkix.Name{CommonName: a.cert.Subject.CommonName + " https"},
		NotBefore:             from,
		NotAfter:              to,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		DNSNames:              names.DNS,
	}
	for _, ip := range names.Addresses {
		template.IPAddresses = append(template.IPAddresses, net.IP(ip.AsSlice()))
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		return nil, fmt.Errorf("couldn't make the appliance's certificate: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("couldn't read a certificate that was just made: %w", err)
	}
	p := &pair{cert, key}
	return p, p.write(fsys, name)
}

// permitted are the names that the authority may sign for. A host that got another name than it had when the
// authority was made is reached by its name with .local, and by its addresses.
func (a *pair) permitted(names Names) Names {
	names.DNS = slices.DeleteFunc(slices.Clone(names.DNS), func(name string) bool {
		return !slices.ContainsFunc(a.cert.PermittedDNSDomains, func(domain string) bool {
			return name == domain || strings.HasSuffix(name, "."+domain)
		})
	})
	return names
}

// covers tells whether a certificate has all of the names. More do no harm: an address comes back with its cable.
func covers(cert *x509.Certificate, names Names) bool {
	for _, name := range names.DNS {
		if !slices.Contains(cert.DNSNames, name) {
			return false
		}
	}
	for _, ip := range names.Addresses {
		if !slices.ContainsFunc(cert.IPAddresses, net.IP(ip.AsSlice()).Equal) {
			return false
		}
	}
	return true
}
