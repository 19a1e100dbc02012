package certificate

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"path/filepath"
	"strings"
	"time"

	"varuh/recorder/durable"
)

// authorityFile holds certificate and key in one: so they fit each other after every crash.
const authorityFile = "tls-ca.pem"

// authorityYears is how long an authority lasts.
const authorityYears = 10

// ErrReadable says that others than its owner can read a file with a private key.
var ErrReadable = errors.New("others can read the private key")

// ErrDamaged says that a file that this package wrote is not what it wrote.
var ErrDamaged = errors.New("the file is damaged")

// written is the day on which this package was written: a clock that shows less is wrong.
var written = time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC)

// localDomains are where names of local networks end.
var localDomains = []string{"local", "localhost", "localdomain", "lan", "home.arpa", "internal", "intranet", "home"}

// anyAddress constrains nothing: it is for verifiers that want to be told about each kind of name, as that of Windows
// does.
var anyAddress = []*net.IPNet{{IP: net.IPv4zero.To4(), Mask: net.CIDRMask(0, 32)}, {IP: net.IPv6zero, Mask: net.CIDRMask(0, 128)}}

// openAuthority reads the authority in a folder, or makes it with the names that it may sign for beside local ones.
func openAuthority(fsys durable.FS, dir string, names []string, now time.Time) (*pair, error) {
	name := filepath.Join(dir, authorityFile)
	p, err := readPair(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		if p, err = makeAuthority(names, now); err == nil {
			err = p.write(fsys, name)
		}
		return p, err // nobody is given an authority that the next start would not have
	}
	if err == nil && !p.cert.IsCA {
		err = fmt.Errorf("%w: %s holds no authority", ErrDamaged, name)
	}
	if err != nil {
		return nil, fmt.Errorf("couldn't read the authority that signs the appliance's certificate: %w; without it, remove the file to have another one made, which people then have to install", err)
	}
	return p, nil
}

func makeAuthority(names []string, now time.Time) (*pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	title := "varuh"
	if len(names) > 0 {
		label, _, _ := strings.Cut(names[0], ".")
		title += " " + label[:min(len(label), 40)] // with what is added, a common name has room for 64
	}
	mark := serial()
	template := &x509.Certificate{
		SerialNumber:          mark,
		Subject:               pkix.Name{CommonName: title + " " + hex.EncodeToString(mark.Bytes()[:3])}, // the mark tells boxes of one name apart
		NotBefore:             written,
		NotAfter:              later(now, written).AddDate(authorityYears, 0, 0),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLenZero:        true,
		PermittedIPRanges:     anyAddress,
		PermittedDNSDomains:   unique(append(append([]string{}, localDomains...), names...)),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("couldn't make an authority: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("couldn't read an authority that was just made: %w", err)
	}
	return &pair{cert, key}, nil
}

// serial draws a serial number of a certificate: positive, and of at least seven bytes.
func serial() *big.Int {
	b := make([]byte, 16)
	rand.Read(b) // it never fails, by its documentation
	b[0] = b[0]&0x3f | 0x40
	return new(big.Int).SetBytes(b)
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// warnBefore is how long before its end an authority is called old: by then a new one has to be on all devices.
const warnBefore = 400 * 24 * time.Hour

// aged says that an authority is about to end.
func (p *pair) aged(now time.Time) error {
	if p.cert.NotAfter.Sub(now) > warnBefore {
		return nil
	}
	return fmt.Errorf("the authority that signs the appliance's certificate ends on %s: remove %s, restart, and install the new one in all devices", p.cert.NotAfter.Format(time.DateOnly), authorityFile)
}
