package proof

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/tlog"
)

// ErrCanonical is wrapped by every refusal of JSON that is not in the one form that this package
// writes, however well another parser may read it.
var ErrCanonical = errors.New("not canonical JSON")

// maxInt is the largest number of canonical JSON: beyond it, parsers that read all numbers as
// floating point (RFC 8785, section 3.2.2.3) no longer agree.
const maxInt = 1<<53 - 1

// timeForm is how a time is written: UTC, whole milliseconds, always three digits of them.
const timeForm = "2006-01-02T15:04:05.000Z"

// b64 is the one base64 of this package: RFC 4648, section 4, padded, unused bits zero.
var b64 = base64.StdEncoding.Strict()

// writer builds one JSON text. Its methods are called in the order of the text; the first error stays.
type writer struct {
	b   []byte
	err error
}

func (w *writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// key begins a member. The caller sees to the order.
func (w *writer) key(name string) {
	w.comma()
	w.str(name)
	w.b = append(w.b, ':')
}

// comma separates from what is before, if anything.
func (w *writer) comma() {
	if n := len(w.b); n > 0 && w.b[n-1] != '{' && w.b[n-1] != '[' {
		w.b = append(w.b, ',')
	}
}

func (w *writer) raw(s string) { w.b = append(w.b, s...) }

// str writes a string as RFC 8785, section 3.2.2.2, does: only what must be escaped is.
func (w *writer) str(s string) {
	if !utf8.ValidString(s) {
		w.fail(fmt.Errorf("%q is no UTF-8 text", s))
		return
	}
	w.b = append(w.b, '"')
	for i := range len(s) {
		if e := escape(s[i]); e != "" {
			w.b = append(w.b, e...)
			continue
		}
		w.b = append(w.b, s[i])
	}
	w.b = append(w.b, '"')
}

// escape is how a byte of a string is written, or nothing if it stands for itself.
func escape(c byte) string {
	switch c {
	case '"':
		return `\"`
	case '\\':
		return `\\`
	case '\b':
		return `\b`
	case '\t':
		return `\t`
	case '\n':
		return `\n`
	case '\f':
		return `\f`
	case '\r':
		return `\r`
	}
	if c < 0x20 {
		const digits = "0123456789abcdef"
		return string([]byte{'\\', 'u', '0', '0', digits[c>>4], digits[c&15]})
	}
	return ""
}

func (w *writer) int(n int64) {
	if n > maxInt || n < -maxInt {
		w.fail(fmt.Errorf("%d is beyond the numbers of canonical JSON", n))
		return
	}
	w.b = strconv.AppendInt(w.b, n, 10)
}

func (w *writer) bytes(b []byte) {
	w.b = append(w.b, '"')
	w.b = b64.AppendEncode(w.b, b)
	w.b = append(w.b, '"')
}

func (w *writer) time(t time.Time) {
	t = t.UTC()
	if y := t.Year(); y < 0 || y > 9999 {
		w.fail(fmt.Errorf("the year %d has no four digits", y))
		return
	}
	w.b = append(w.b, '"')
	w.b = t.AppendFormat(w.b, timeForm)
	w.b = append(w.b, '"')
}

// text writes a member with a string, unless that is empty.
func (w *writer) text(name, s string) {
	if s != "" {
		w.key(name)
		w.str(s)
	}
}

// reader reads one JSON text front to back. It takes only what writer writes, so what it has read
// without an error encodes to the same bytes. The first error stays; what is read after it is zero.
type reader struct {
	b   []byte
	at  int
	err error
}

func (r *reader) fail(want string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: want %s at byte %d", ErrCanonical, want, r.at)
	}
}

// peek is the next byte, or 0 at the end and after an error.
func (r *reader) peek() byte {
	if r.err != nil || r.at >= len(r.b) {
		return 0
	}
	return r.b[r.at]
}

// is takes a token if it comes next.
func (r *reader) is(token string) bool {
	if r.err == nil && len(r.b)-r.at >= len(token) && string(r.b[r.at:r.at+len(token)]) == token {
		r.at += len(token)
		return true
	}
	return false
}

func (r *reader) want(token string) {
	if !r.is(token) {
		r.fail(token)
	}
}

// key takes a member's name if it comes next. Since callers ask in sorted order and all names must
// be asked for, a name twice, in other case, out of order or unknown is never taken.
func (r *reader) key(name string) bool {
	at := r.at
	if at > 0 && r.b[at-1] != '{' && !r.is(",") {
		return false
	}
	if r.is(`"`) && r.is(name) && r.is(`":`) {
		return true
	}
	r.at = at
	return false
}

func (r *reader) wantKey(name string) {
	if !r.key(name) {
		r.fail(strconv.Quote(name))
	}
}

// end wants the end of the text.
func (r *reader) end() error {
	if r.err == nil && r.at != len(r.b) {
		r.fail("the end")
	}
	return r.err
}

func (r *reader) str() string {
	r.want(`"`)
	var text []byte
	for start := r.at; r.err == nil; {
		switch c := r.peek(); {
		case c == '"':
			text = append(text, r.b[start:r.at]...)
			r.at++
			if !utf8.Valid(text) {
				r.fail("UTF-8")
				return ""
			}
			return string(text)
		case c == '\\':
			text = append(append(text, r.b[start:r.at]...), r.escaped())
			start = r.at
		case c < 0x20:
			r.fail("a string's end")
		default:
			r.at++
		}
	}
	return ""
}

// escaped reads one escape and refuses those that writer does not write.
func (r *reader) escaped() byte {
	for c := range byte(0x5d) {
		if e := escape(c); e != "" && r.is(e) {
			return c
		}
	}
	r.fail("another form of this character")
	return 0
}

func (r *reader) int() int64 {
	start := r.at
	r.is("-")
	for c := r.peek(); c >= '0' && c <= '9'; c = r.peek() {
		r.at++
	}
	if r.err != nil {
		return 0
	}
	n, err := strconv.ParseInt(string(r.b[start:r.at]), 10, 64)
	if err != nil || n > maxInt || n < -maxInt || strconv.FormatInt(n, 10) != string(r.b[start:r.at]) {
		r.at = start
		r.fail("an integer without leading zeros")
		return 0
	}
	return n
}

// base64 reads bytes into dst, which they must fill.
func (r *reader) base64(dst []byte) {
	r.want(`"`)
	n := b64.EncodedLen(len(dst))
	if r.err != nil || len(r.b)-r.at < n {
		r.fail("base64")
		return
	}
	var buf [48]byte // Decode asks for room for the padding, too
	if got, err := b64.Decode(buf[:], r.b[r.at:r.at+n]); err != nil || got != len(dst) {
		r.fail(fmt.Sprintf("base64 of %d bytes", len(dst)))
		return
	}
	copy(dst, buf[:])
	r.at += n
	r.want(`"`)
}

func (r *reader) hash() (h tlog.Hash) {
	r.base64(h[:])
	return h
}

func (r *reader) time() time.Time {
	r.want(`"`)
	end := r.at + len(timeForm)
	if r.err != nil || len(r.b) < end {
		r.fail("a time")
		return time.Time{}
	}
	t, err := time.Parse(timeForm, string(r.b[r.at:end]))
	if err != nil || t.Format(timeForm) != string(r.b[r.at:end]) {
		r.fail("a time such as " + timeForm)
		return time.Time{}
	}
	r.at = end
	r.want(`"`)
	return t
}

// text reads a member with a string that is not empty, or leaves nothing if it is not there.
func (r *reader) text(name string) string {
	if !r.key(name) {
		return ""
	}
	s := r.str()
	if s == "" {
		r.fail("a text, or no " + strconv.Quote(name))
	}
	return s
}
