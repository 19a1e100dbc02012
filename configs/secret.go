package configs

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
)

const stars = "***"

// Secret is a value that prints as stars, whatever prints it. It holds a pointer because fmt does not
// call the methods of what lies in an unexported field: there it prints an address.
type Secret struct{ v *string }

// NewSecret hides a value.
func NewSecret(v string) Secret { return Secret{&v} }

// Reveal is the value itself.
func (s Secret) Reveal() string {
	if s.v == nil {
		return ""
	}
	return *s.v
}

// Format implements [fmt.Formatter] for every verb, so that %v, %+v, %#v and %q print stars.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, stars) }

// MarshalText implements [encoding.TextMarshaler], for JSON, YAML and slog.
func (s Secret) MarshalText() ([]byte, error) { return []byte(stars), nil }

// Address is the URL of a stream. It prints as scheme, host and port alone: many cameras take their
// password in the path or the query, and nobody can tell which part of those is one.
type Address struct{ u *url.URL }

// ParseAddress reads an rtsp or rtsps URL. The error does not quote it.
func ParseAddress(s string) (Address, error) {
	var a Address
	return a, a.UnmarshalText([]byte(s))
}

// UnmarshalText implements [encoding.TextUnmarshaler]. The error does not quote the text.
func (a *Address) UnmarshalText(text []byte) error {
	u, err := url.Parse(string(text))
	if err != nil {
		return errors.New("is not a URL; want rtsp://HOST/PATH (a password with special characters " +
			"goes into a file named by password_file)")
	}
	if u.Scheme != "rtsp" && u.Scheme != "rtsps" {
		return errors.New("has an unknown scheme; want rtsp://HOST/PATH or rtsps://HOST/PATH")
	}
	if u.Hostname() == "" {
		return errors.New("names no host; want rtsp://HOST/PATH or rtsps://HOST/PATH")
	}
	if p := u.Port(); p != "" {
		if n, err := strconv.Atoi(p); err != nil || n < 1 || n > 65535 {
			return errors.New("has a port out of range; want 1 to 65535")
		}
	}
	a.u = u
	return nil
}

// IsZero tells whether there is no address.
func (a Address) IsZero() bool { return a.u == nil }

// credentials tells whether the URL carries a user or a password.
func (a Address) credentials() bool { return a.u != nil && a.u.User != nil }

// String is the address for people: scheme, host and port.
func (a Address) String() string {
	if a.u == nil {
		return ""
	}
	return a.u.Scheme + "://" + a.u.Host
}

// Format implements [fmt.Formatter], so that %#v and %+v print what [Address.String] does.
func (a Address) Format(f fmt.State, _ rune) { fmt.Fprint(f, a.String()) }

// MarshalText implements [encoding.TextMarshaler].
func (a Address) MarshalText() ([]byte, error) { return []byte(a.String()), nil }
