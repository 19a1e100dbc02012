package certificate

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var wanted = []string{"varuh-box.sola.lan", "varuh-box", "varuh-box.local", "localhost", "127.0.0.1", "192.168.1.20", "193.2.1.66", "::1", "fd12::20", "2001:db8::20"}

// A browser that has the authority takes the certificate for each name and address, and for no other.
func TestEachName(t *testing.T) {
	t.Parallel()
	k := newRig(t).open(t)
	for _, name := range wanted {
		if err := verify(t, k, name, noon); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"sola.lan", "other.local", "192.168.1.21", "fe80::1", "2001:db8::9999"} {
		if err := verify(t, k, name, noon); err == nil {
			t.Errorf("it is good for %s", name)
		}
	}
}

// OpenSSL says the same, by the strict rules of RFC 5280, and keeps to the constraint of names.
func TestOpenSSL(t *testing.T) {
	t.Parallel()
	tool, err := exec.LookPath("openssl")
	if err != nil && os.Getenv("CI") != "" {
		t.Fatal("openssl is missing (apt-get install openssl)")
	}
	if err != nil {
		t.Skip("openssl is missing (apt-get install openssl)")
	}
	r := newRig(t)
	k := r.open(t)
	dir := t.TempDir()
	file := func(name string, der []byte) string {
		name = filepath.Join(dir, name)
		must(t, os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
		return name
	}
	root, leaf := file("root", k.Root()), file("leaf", k.served(t).Raw)
	check := func(leaf, name string) (string, error) {
		kind := "-verify_hostname"
		if isAddress(name) {
			kind = "-verify_ip"
		}
		out, err := exec.Command(tool, "verify", "-attime", "1795348800", "-x509_strict", "-purpose", "sslserver", "-CAfile", root, kind, name, leaf).CombinedOutput()
		return string(out), err
	}
	for _, name := range wanted {
		if out, err := check(leaf, name); err != nil {
			t.Errorf("%s: %v: %s", name, err, out)
		}
	}
	if out, err := check(file("bank", forged(t, k.authority, "bank.example")), "bank.example"); err == nil || !strings.Contains(out, "permitted subtree") {
		t.Errorf("a bank's certificate by the appliance's authority: %v: %s", err, out)
	}
}

// forged is a certificate for any name, signed by whoever took the authority's key.
func forged(t *testing.T, a *pair, name string) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: serial(), NotBefore: noon.AddDate(0, 0, -1), NotAfter: noon.AddDate(0, 0, 300),
		DNSNames: []string{name}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, a.cert, key.Public(), a.key)
	must(t, err)
	return der
}

// Whoever takes the authority's key can't pass for a bank.
func TestConstrained(t *testing.T) {
	t.Parallel()
	k := newRig(t).open(t)
	roots := x509.NewCertPool()
	roots.AddCert(k.authority.cert)
	for name, good := range map[string]bool{"bank.example": false, "varuh-box.sola.lan": true, "any.local": true, "xlocal": false} {
		leaf, err := x509.ParseCertificate(forged(t, k.authority, name))
		must(t, err)
		if _, err = leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: name, CurrentTime: noon}); (err == nil) != good {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is on disk: readable by the owner alone, the same after a restart, and never an authority made anew by itself.
func TestFiles(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	k := r.open(t)
	ca, leaf := filepath.Join(r.Dir, authorityFile), filepath.Join(r.Dir, leafFile)
	if perm(t, ca) != 0o600 || perm(t, leaf) != 0o600 {
		t.Errorf("modes %v and %v", perm(t, ca), perm(t, leaf))
	}
	again := r.open(t)
	if !slices.Equal(again.Root(), k.Root()) || !again.served(t).Equal(k.served(t)) {
		t.Error("after a restart it is another authority, or another certificate")
	}
	must(t, os.WriteFile(leaf, []byte("torn"), 0o600))
	if after := r.open(t); after.served(t).Equal(k.served(t)) || !slices.Equal(after.Root(), k.Root()) || verify(t, after, "varuh-box", noon) != nil {
		t.Error("a damaged leaf was not replaced")
	}
	must(t, os.Chmod(ca, 0o640))
	if _, err := Open(r.Options); !errors.Is(err, ErrReadable) {
		t.Errorf("a private key that others can read: %v", err)
	}
	must(t, os.Chmod(ca, 0o600))
	good, err := os.ReadFile(ca)
	must(t, err)
	of, err := os.ReadFile(leaf)
	must(t, err)
	for name, text := range map[string][]byte{"torn": good[:len(good)/2], "empty": nil, "more behind it": append(slices.Clone(good), "x"...), "no authority": of} {
		must(t, os.WriteFile(ca, text, 0o600))
		if _, err := Open(r.Options); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
		if now, err := os.ReadFile(ca); err != nil || !slices.Equal(now, text) {
			t.Errorf("%s: the file was replaced", name)
		}
	}
}

// What browsers ask of certificates.
func TestLimits(t *testing.T) {
	t.Parallel()
	k := newRig(t).open(t)
	root, leaf := k.authority.cert, k.served(t)
	if d := leaf.NotAfter.Sub(leaf.NotBefore); d > 398*24*time.Hour || leaf.NotAfter.Sub(noon) < 380*24*time.Hour || noon.Sub(leaf.NotBefore) < 6*24*time.Hour {
		t.Errorf("a leaf from %v to %v", leaf.NotBefore, leaf.NotAfter)
	}
	if !root.NotAfter.Equal(noon.AddDate(10, 0, 0)) || !root.IsCA || !root.MaxPathLenZero || root.KeyUsage&x509.KeyUsageDigitalSignature != 0 {
		t.Errorf("an authority until %v", root.NotAfter)
	}
	if key, ok := leaf.PublicKey.(*ecdsa.PublicKey); !ok || key.Curve != elliptic.P256() || leaf.SignatureAlgorithm != x509.ECDSAWithSHA256 || leaf.IsCA ||
		!slices.Equal(leaf.ExtKeyUsage, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}) {
		t.Errorf("a leaf of %v, for %v", leaf.SignatureAlgorithm, leaf.ExtKeyUsage)
	}
	r := newRig(t)
	r.names = NamesOf(strings.Repeat("x", 63)+".sola.example", nil, nil, nil)
	if name := r.open(t).served(t).Subject.CommonName; len(name) > 64 {
		t.Errorf("a common name of %d characters", len(name))
	}
	if f := Fingerprint(k.Root()); len(f) != 95 || strings.Count(f, ":") != 31 || f != strings.ToUpper(f) {
		t.Errorf("fingerprint %s", f)
	}
}

func TestNamesOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		host string
		more []string
		want []string
	}{
		{"box", nil, []string{"box", "box.local", "localhost"}},
		{"Box.sola.LAN.", []string{"varuh.sola.example"}, []string{"varuh.sola.example", "box.sola.lan", "box", "box.local", "localhost"}},
		{"bad_name", nil, []string{"localhost"}},
		{"", nil, []string{"localhost"}},
		{"localhost", []string{"*", "10.0.0.1", "a..b", strings.Repeat("a", 64)}, []string{"localhost", "localhost.local"}},
	} {
		if got := NamesOf(tt.host, tt.more, nil, nil).DNS; !slices.Equal(got, tt.want) {
			t.Errorf("%q: %q, want %q", tt.host, got, tt.want)
		}
	}
	list := "20010db8000000000000000000009999 02 40 00 01     eth0\n20010db8000000000000000000000020 02 40 00 80     eth0\nfd120000000000000000000000000020 02 40 00 60 eth0\nnonsense\n"
	if got := temporary(list); !slices.Equal(got, []netip.Addr{netip.MustParseAddr("2001:db8::9999"), netip.MustParseAddr("fd12::20")}) {
		t.Errorf("temporary: %v", got)
	}
	n, err := LocalNames([]string{"varuh.example"})
	must(t, err)
	if n.DNS[0] != "varuh.example" || !slices.Contains(n.DNS, "localhost") {
		t.Errorf("this machine is %v", n)
	}
	for _, ip := range n.Addresses {
		if p := net.IP(ip.AsSlice()); p.IsUnspecified() || p.To4() == nil && p.IsLinkLocalUnicast() {
			t.Errorf("this machine has %v", ip)
		}
	}
}

// A file is a pair of this program as a whole, or refused, wherever it was cut or changed.
func TestDamagedPair(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.open(t)
	text, err := os.ReadFile(filepath.Join(r.Dir, leafFile))
	must(t, err)
	whole, err := parsePair(text)
	must(t, err)
	for i := range len(text) - 1 { // without the last line break it is still whole
		if _, err := parsePair(text[:i]); err == nil {
			t.Errorf("cut after %d bytes it was taken", i)
		}
		changed := slices.Clone(text)
		changed[i] ^= 1
		if p, err := parsePair(changed); err == nil && !(p.key.Equal(whole.key) && p.key.PublicKey.Equal(p.cert.PublicKey)) {
			t.Errorf("changed at %d it was taken", i)
		}
	}
}
