package anchor

import (
	"context"
	"crypto/x509"
	"net/http"

	"varuh/accesslog/diary/anchor/timestamp"
)

// Stamper is a time-stamping authority (RFC 3161 over HTTP).
type Stamper struct {
	URL   string
	Roots *x509.CertPool // to which the authority's certificate must lead
	HTTP  *http.Client   // nil is a client of the package's own
}

// Stamp has the authority say when the checkpoint's body was there. The token is verified; it
// stands for [timestamp.Digest] of the signed checkpoint.
func (s *Stamper) Stamp(ctx context.Context, checkpoint []byte) (timestamp.Token, error) {
	panic("unfinished")
}
