package rtsp

import (
	"log/slog"

	"github.com/bluenviron/gortsplib/v5/pkg/base"
)

// Host is the camera's host and port, "" if the URL cannot be read.
func (s Source) Host() string {
	u, err := base.ParseURL(s.URL)
	if err != nil {
		return ""
	}
	return address(u)
}

// String is the source without its credentials and without the path, which may carry some too.
func (s Source) String() string {
	if h := s.Host(); h != "" {
		return h
	}
	return "a camera whose address cannot be read"
}

// GoString keeps %#v from printing the URL.
func (s Source) GoString() string { return s.String() }

// LogValue keeps slog from printing the URL.
func (s Source) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText keeps encoders from writing the URL. There is no way back: configurations have types
// of their own.
func (s Source) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// address is host and port of u, the port as RFC 2326 section 3.2 and RFC 7826 section 4.2 have it
// if it is left out.
func address(u *base.URL) string {
	host, port := u.Hostname(), u.Port()
	if port == "" {
		port = "554"
		if u.Scheme == "rtsps" {
			port = "322"
		}
	}
	return joinHostPort(host, port)
}
