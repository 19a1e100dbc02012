package certificate

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"varuh/recorder/durable"
)

// noon is when the tests play.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// rig is what a keeper works with.
type rig struct {
	Options
	now   time.Time
	names Names
	lost  error // the machine can't tell its names
}

func newRig(t testing.TB) *rig {
	r := &rig{now: noon, names: school()}
	r.Options = Options{Dir: t.TempDir(), FS: durable.OS, Now: func() time.Time { return r.now }, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Names: func() (Names, error) { return r.names, r.lost }}
	return r
}

// school are the names of a box in a school's LAN.
func school() Names {
	var list []netip.Prefix
	for _, s := range []string{"127.0.0.1/8", "192.168.1.20/24", "193.2.1.66/24", "::1/128", "fe80::1/64", "fd12::20/64", "2001:db8::20/64", "2001:db8::9999/64"} {
		list = append(list, netip.MustParsePrefix(s))
	}
	return NamesOf("Varuh-Box.sola.lan", nil, list, []netip.Addr{netip.MustParseAddr("2001:db8::9999")})
}

func (r *rig) open(t testing.TB) *Keeper {
	t.Helper()
	k, err := Open(r.Options)
	must(t, err)
	return k
}

// leaf is what is served.
func (k *Keeper) served(t testing.TB) *x509.Certificate {
	t.Helper()
	c, err := k.TLS().GetCertificate(nil)
	must(t, err)
	return c.Leaf
}

// verify verifies what is served as a browser does that has the authority, for a name and at a time.
func verify(t testing.TB, k *Keeper, name string, at time.Time) error {
	t.Helper()
	root, err := x509.ParseCertificate(k.Root())
	must(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(root)
	_, err = k.served(t).Verify(x509.VerifyOptions{Roots: roots, DNSName: name, CurrentTime: at})
	return err
}

// controller is somebody else's authority, which signs certificates of the controller's own.
type controller struct {
	*pair
	dir string
	t   testing.TB
}

func newController(t testing.TB) *controller {
	t.Helper()
	a, err := makeAuthority([]string{"sola.example"}, noon)
	must(t, err)
	return &controller{a, t.TempDir(), t}
}

// issue signs a certificate for a name.
func (c *controller) issue(name string, at time.Time) *pair {
	c.t.Helper()
	p, err := c.makeLeaf(durable.OS, filepath.Join(c.t.TempDir(), "leaf"), Names{DNS: []string{name}}, at)
	must(c.t, err)
	return p
}

// files are where the controller keeps what is served.
func (c *controller) files() *Files {
	return &Files{Certificate: filepath.Join(c.dir, "fullchain.pem"), Key: filepath.Join(c.dir, "privkey.pem")}
}

// put puts certificate and key there, each as a whole.
func (c *controller) put(cert, key *pair) {
	c.t.Helper()
	secret, err := x509.MarshalPKCS8PrivateKey(key.key)
	must(c.t, err)
	f := c.files()
	must(c.t, errors.Join(
		durable.WriteFile(durable.OS, f.Certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.cert.Raw}), 0o644),
		durable.WriteFile(durable.OS, f.Key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600)))
}

// link puts links to a pair there, which lies elsewhere.
func (c *controller) link(p *pair) {
	c.t.Helper()
	elsewhere := &controller{c.pair, c.t.TempDir(), c.t}
	elsewhere.put(p, p)
	for from, to := range map[string]string{c.files().Certificate: elsewhere.files().Certificate, c.files().Key: elsewhere.files().Key} {
		must(c.t, errors.Join(os.Symlink(to, from+".new"), os.Rename(from+".new", from)))
	}
}

// perm is the mode of a file.
func perm(t testing.TB, name string) os.FileMode {
	t.Helper()
	info, err := os.Stat(name)
	must(t, err)
	return info.Mode().Perm()
}
