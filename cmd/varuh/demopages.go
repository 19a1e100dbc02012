package main

import (
	_ "embed"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"varuh/accesslog/web/certificate"
	"varuh/configs"
	"varuh/recorder/durable"
)

// Files in the folder of a demo with which people look at its pages and its API.
const (
	demoAuthority = "varuh-demo-ca.pem" // what signs the certificate of its pages, for curl and browsers
	demoLook      = "look.sh"
)

//go:embed demolook.sh
var lookScript string

// httpsLine is where varuh.yml says on what pages are served.
var httpsLine = regexp.MustCompile(`(?m)^https: .*$`)

// portsTried is how many ports may be taken by others.
const portsTried = 20

// freePort is an address from one on whose port is free. Another program can take it before the pages do: then the status
// says so.
func freePort(address string) (string, error) {
	host, text, err := net.SplitHostPort(address)
	first, bad := strconv.Atoi(text)
	if err != nil || bad != nil || first < 1 || first > 65535 {
		return "", fmt.Errorf("--pages is %q; want an address of this machine and a port, such as 127.0.0.1:8443", address)
	}
	for port := first; port < first+portsTried && port <= 65535; port++ {
		address = net.JoinHostPort(host, strconv.Itoa(port))
		l, err := net.Listen("tcp", address)
		if err == nil {
			return address, l.Close()
		}
		if !errors.Is(err, syscall.EADDRINUSE) {
			return "", fmt.Errorf("no pages can be served on %s: %w", address, err)
		}
	}
	return "", fmt.Errorf("the ports %d to %d are all taken: name another one with --pages", first, first+portsTried-1)
}

// servePages has the configuration serve the pages on a port that is free, over HTTPS; and without it, nowhere: a browser
// would send the session's cookie over plain HTTP as little in a demo as elsewhere.
func (d *demo) servePages(address string) (err error) {
	if d.https, err = freePort(address); err != nil {
		return err
	}
	name := filepath.Join(d.dir, configs.File)
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if !httpsLine.Match(text) {
		return fmt.Errorf("%s has no line https: any more: add one", name)
	}
	return durable.WriteFile(durable.OS, name, httpsLine.ReplaceAll(text, []byte("https: "+d.https)), 0o600)
}

// certify makes the authority of the pages unless there is one, and lays its certificate where people find it.
func (d *demo) certify(cfg *configs.Config) error {
	dir := certificateDir(cfg.State)
	if err := durable.MkdirAll(durable.OS, dir, 0o700); err != nil {
		return err
	}
	keeper, err := certificate.Open(certificate.Options{Dir: dir, FS: durable.OS, Now: time.Now, Log: quietLog,
		Names: func() (certificate.Names, error) { return certificate.LocalNames(cfg.Certificate.Names) }})
	if err != nil {
		return err
	}
	d.authority = keeper.Root()
	root := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: d.authority})
	if err := durable.WriteFile(durable.OS, filepath.Join(d.dir, demoAuthority), root, 0o600); err != nil {
		return err
	}
	return nil
}

// showHow writes the script that shows how to look, once the notices are in force.
func (d *demo) showHow() error {
	text := strings.NewReplacer("@SITE@", d.site(), "@SINCE@", strconv.FormatInt(time.Now().Unix()+1, 10)).Replace(lookScript)
	return durable.WriteFile(durable.OS, filepath.Join(d.dir, demoLook), []byte(text), 0o700)
}

// site is the address of the pages, as browsers on this machine take it.
func (d *demo) site() string {
	_, port, err := net.SplitHostPort(d.https)
	if err != nil {
		return ""
	}
	return "https://" + net.JoinHostPort("localhost", port)
}

// pagesText says where the pages are and how to look, for people to copy.
func (d *demo) pagesText() string {
	var b strings.Builder
	sum := strings.Split(certificate.Fingerprint(d.authority), ":")
	fmt.Fprintf(&b, "Pages and their API, once recording has begun:\n\n  %s\n\n", d.site())
	fmt.Fprintf(&b, "signed by the demo's own authority, %s, whose fingerprint is\n\n", demoAuthority)
	fmt.Fprintf(&b, "  %s\n  %s\n\n", strings.Join(sum[:16], ":"), strings.Join(sum[16:], ":"))
	fmt.Fprintf(&b, "To see a picture of what was recorded, with curl, or the last half minute:\n\n")
	look := d.near(demoLook)
	fmt.Fprintf(&b, "  sh %s entrance\n  sh %s entrance play\n\n", look, look)
	fmt.Fprintf(&b, "What else can be asked for:\n\n  curl --cacert %s %s/api/v1/openapi.json\n", d.near(demoAuthority), d.site())
	return b.String()
}

// near is the shortest way to a file of the demo from the folder where it was started.
func (d *demo) near(name string) string {
	name = filepath.Join(d.dir, name)
	here, err := os.Getwd()
	if err != nil {
		return name
	}
	if short, err := filepath.Rel(here, name); err == nil && len(short) < len(name) && !strings.HasPrefix(short, "../..") {
		return short
	}
	return name
}
