package anchor

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"

	"varuh/accesslog/diary/anchor/timestamp"
	"varuh/accesslog/diary/proof"
)

// Authority is a time-stamping authority (RFC 3161 over HTTP). It says when a checkpoint was there; unlike
// a witness it remembers nothing, so it keeps nobody from rewriting what no other has seen.
type Authority struct {
	// HTTP sends the requests; nil is a client of the package's own. Redirects are not followed, whatever
	// it says.
	HTTP *http.Client

	url   *url.URL
	roots *x509.CertPool
}

// Timestamp is what a time-stamping authority said of a checkpoint, verified.
type Timestamp struct {
	Authority string // host of its address
	Size      int64  // of the checkpoint, in entries
	timestamp.Token
}

// NewAuthority takes the address of an authority, which may hold a name and a password, and the root
// certificates, as PEM, to which its certificates must lead.
func NewAuthority(address string, roots []byte) (*Authority, error) {
	u, err := parseURL(address)
	if err != nil {
		return nil, fmt.Errorf("address of a time-stamping authority: %w", err)
	}
	s := &Authority{url: u, roots: x509.NewCertPool()}
	if !s.roots.AppendCertsFromPEM(roots) {
		return nil, fmt.Errorf("root certificates of the time-stamping authority at %s: there is none in PEM", u.Host)
	}
	return s, nil
}

// Name is the host of the authority's address.
func (s *Authority) Name() string { return s.url.Host }

// Timestamp has the authority say that the checkpoint's text was there, and verifies what it says. The error
// is [*RefusedError], [*timestamp.RejectedError], or that of the network or of verifying.
func (s *Authority) Timestamp(ctx context.Context, c proof.Signed) (Timestamp, error) {
	r := timestamp.NewRequest(sha256.Sum256([]byte(c.Text())))
	got, err := ask(ctx, s.HTTP, s.url, "application/timestamp-query", r.DER())
	if err != nil {
		return Timestamp{}, fmt.Errorf("time-stamping authority: %w", err)
	}
	if got.status != http.StatusOK {
		return Timestamp{}, refused("time-stamping authority "+s.Name(), got.status)
	}
	kind, _, err := mime.ParseMediaType(got.contentType)
	if err == nil && kind != "application/timestamp-reply" {
		err = errors.New("its answer is no timestamp")
	}
	if err != nil {
		return Timestamp{}, fmt.Errorf("time-stamping authority %s: %w; is the address right?", s.Name(), err)
	}
	t, err := r.Accept(got.body, s.roots)
	if err != nil {
		return Timestamp{}, fmt.Errorf("time-stamping authority %s: %w", s.Name(), err)
	}
	return Timestamp{s.Name(), c.Size, t}, nil
}
