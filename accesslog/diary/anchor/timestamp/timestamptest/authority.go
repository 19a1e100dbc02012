// Package timestamptest is a time-stamping authority for tests: openssl's ts, with certificates of its
// own, so that somebody else's code makes and checks the timestamps.
package timestamptest

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// Options say what the authority is like; the zero value is a common one.
type Options struct {
	Key        crypto.Signer // ECDSA P-256 if nil
	CertIDHash string        // by which the signer's certificate is named: "sha256" if empty, or "sha1"
	NotAfter   time.Time     // of the signer's certificate, in a day if zero
}

// Authority stamps with openssl. Its certificate is signed by an intermediate one, as is common.
type Authority struct {
	Roots     *x509.CertPool
	RootsFile string // the same as PEM, for openssl

	dir string
	mu  sync.Mutex // openssl counts its serial numbers in a file
}

// openssl gives the program's path, skipping the test where it is missing.
func openssl(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("openssl")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("openssl is missing: apt-get install openssl")
		}
		t.Skip("openssl is missing: apt-get install openssl")
	}
	return path
}

// New makes an authority with fresh keys.
func New(t testing.TB, o Options) *Authority {
	t.Helper()
	openssl(t)
	if o.Key == nil {
		o.Key = newKey(t)
	}
	if o.NotAfter.IsZero() {
		o.NotAfter = time.Now().Add(24 * time.Hour)
	}
	if o.CertIDHash == "" {
		o.CertIDHash = "sha256"
	}
	rootKey, middleKey := newKey(t), newKey(t)
	root := newCert(t, &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, "root", nil, rootKey, rootKey)
	middle := newCert(t, &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, "intermediate", root, middleKey, rootKey)
	signer := newCert(t, &x509.Certificate{
		KeyUsage: x509.KeyUsageDigitalSignature,
		NotAfter: o.NotAfter,
		// x509 itself doesn't mark the usage as critical.
		ExtraExtensions: []pkix.Extension{StampingUsage(t, true)},
	}, "authority", middle, o.Key, middleKey)

	a := &Authority{Roots: x509.NewCertPool(), dir: t.TempDir()}
	a.Roots.AddCert(root)
	a.RootsFile = a.path("root.pem")
	key, err := x509.MarshalPKCS8PrivateKey(o.Key)
	must(t, err)
	a.write(t, "root.pem", pemOf("CERTIFICATE", root.Raw))
	a.write(t, "chain.pem", pemOf("CERTIFICATE", middle.Raw))
	a.write(t, "signer.pem", pemOf("CERTIFICATE", signer.Raw))
	a.write(t, "signer.key", pemOf("PRIVATE KEY", key))
	a.write(t, "serial", []byte("01\n"))
	a.write(t, "ts.cnf", fmt.Appendf(nil, `[tsa]
serial = %s
signer_digest = sha256
default_policy = 1.3.6.1.4.1.99999.1
digests = sha256
accuracy = secs:1, millisecs:500, microsecs:100
clock_precision_digits = 3
ess_cert_id_alg = %s
`, a.path("serial"), o.CertIDHash))
	return a
}

// StampingUsage is the extended key usage for timestamps.
func StampingUsage(t testing.TB, critical bool) pkix.Extension {
	t.Helper()
	usage, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
	must(t, err)
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: critical, Value: usage}
}

// Answer is the TimeStampResp to a TimeStampReq, both in DER.
func (a *Authority) Answer(query []byte) ([]byte, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := os.WriteFile(a.path("query.der"), query, 0o600); err != nil {
		return nil, err
	}
	cmd := exec.Command("openssl", "ts", "-reply", "-config", a.path("ts.cnf"), "-section", "tsa", "-queryfile", a.path("query.der"),
		"-signer", a.path("signer.pem"), "-inkey", a.path("signer.key"), "-chain", a.path("chain.pem"))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("openssl ts -reply: %w: %s", err, stderr.Bytes())
	}
	return out, nil
}

// Serve answers over HTTP on loopback as RFC 3161, section 3.4, has it, and returns the address.
func (a *Authority) Serve(t testing.TB) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var query bytes.Buffer
		if _, err := query.ReadFrom(http.MaxBytesReader(w, r.Body, 1<<16)); err != nil || r.Header.Get("Content-Type") != "application/timestamp-query" {
			http.Error(w, "not a query", http.StatusBadRequest)
			return
		}
		answer, err := a.Answer(query.Bytes())
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/timestamp-reply")
		if _, err := w.Write(answer); err != nil {
			t.Logf("the answer was not taken: %v", err)
		}
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// Check has openssl verify a token for the data that it stands for.
func (a *Authority) Check(t testing.TB, token, data []byte) error {
	t.Helper()
	dir := t.TempDir()
	for name, b := range map[string][]byte{"token.der": token, "body": data} {
		must(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
	out, err := exec.Command(openssl(t), "ts", "-verify", "-data", filepath.Join(dir, "body"), "-in", filepath.Join(dir, "token.der"),
		"-token_in", "-CAfile", a.RootsFile).CombinedOutput()
	if err != nil {
		return fmt.Errorf("openssl ts -verify: %w: %s", err, out)
	}
	return nil
}

func (a *Authority) path(name string) string { return filepath.Join(a.dir, name) }

func (a *Authority) write(t testing.TB, name string, b []byte) {
	t.Helper()
	must(t, os.WriteFile(a.path(name), b, 0o600))
}

func pemOf(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func newKey(t testing.TB) crypto.Signer {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	return k
}

// newCert signs a certificate; without a parent by itself.
func newCert(t testing.TB, c *x509.Certificate, name string, parent *x509.Certificate, key, by crypto.Signer) *x509.Certificate {
	t.Helper()
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 64))
	must(t, err)
	c.SerialNumber, c.Subject = serial, pkix.Name{CommonName: name}
	c.NotBefore = time.Now().Add(-24 * time.Hour)
	if c.NotAfter.IsZero() {
		c.NotAfter = time.Now().Add(48 * time.Hour)
	}
	if parent == nil {
		parent = c
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), by)
	must(t, err)
	cert, err := x509.ParseCertificate(der)
	must(t, err)
	return cert
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
