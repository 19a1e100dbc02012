package people

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" // RFC 6238's default, which every authenticator knows; HMAC does not need its collision resistance
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"
)

// Second is the secret of a second factor: of time-based codes of 6 digits (RFC 6238, SHA-1, 30 s). No verb of package
// fmt prints it.
type Second [20]byte

// period is how long a code is shown.
const period = 30 * time.Second

// errSecond is returned for what is no secret.
var errSecond = errors.New("this is no secret of a second factor")

// NewSecond draws a secret.
func NewSecond() (s Second) {
	rand.Read(s[:]) // it never fails, by its documentation
	return s
}

// Format prints no secret.
func (Second) Format(s fmt.State, _ rune) { io.WriteString(s, "people.Second(secret)") }

// MarshalText implements [encoding.TextMarshaler] by refusing.
func (Second) MarshalText() ([]byte, error) {
	return nil, errors.New("the secret of a second factor is written out by its URI alone")
}

// step counts the periods until a time. Before 1970 there were none.
func step(at time.Time) int64 { return max(0, at.Unix()) / int64(period/time.Second) }

// Code is what an authenticator shows at a time.
func (s Second) Code(at time.Time) string { return s.code(step(at)) }

// code is HOTP (RFC 4226, section 5.3) of a step.
func (s Second) code(step int64) string {
	mac := hmac.New(sha1.New, s[:])
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at:])&(1<<31-1)%1_000_000)
}

// match finds the step whose code it is: the present one or a neighbour, for clocks differ. All are tried, whichever
// fits.
func (s Second) match(code string, at time.Time) (found int64, ok bool) {
	now := step(at)
	for i := max(0, now-1); i <= now+1; i++ {
		if subtle.ConstantTimeCompare([]byte(s.code(i)), []byte(code)) == 1 {
			found, ok = i, true
		}
	}
	return found, ok
}

// base32Text is base32 without padding, as authenticators read it.
var base32Text = base32.StdEncoding.WithPadding(base32.NoPadding)

// URI is what the QR code for an authenticator says.
func (s Second) URI(issuer, login string) string {
	return "otpauth://totp/" + url.PathEscape(issuer) + ":" + url.PathEscape(login) + "?" +
		url.Values{"secret": {base32Text.EncodeToString(s[:])}, "issuer": {issuer}}.Encode()
}

// ParseURI reads the secret in a URI of [Second.URI], such as a file for a script keeps.
func ParseURI(text string) (s Second, err error) {
	u, err := url.Parse(text)
	if err != nil || len(text) > 1024 || u.Scheme != "otpauth" || u.Host != "totp" {
		return s, fmt.Errorf("%w: want otpauth://totp/…?secret=…", errSecond) // without the text, which may be the secret
	}
	values := u.Query()
	for name, usual := range map[string]string{"algorithm": "SHA1", "digits": "6", "period": "30"} {
		if v := values.Get(name); v != "" && !strings.EqualFold(v, usual) {
			return s, fmt.Errorf("%w that varuh makes: %s is not %s", errSecond, name, usual)
		}
	}
	return ParseSecond(values.Get("secret"))
}

// ParseSecond reads a secret as people type it: in base32, in small letters and with spaces too.
func ParseSecond(text string) (s Second, err error) {
	b, err := base32Text.DecodeString(strings.ToUpper(strings.ReplaceAll(text, " ", "")))
	if err != nil || len(b) != len(s) {
		return s, fmt.Errorf("%w: it has 32 letters and digits", errSecond)
	}
	copy(s[:], b)
	return s, nil
}
