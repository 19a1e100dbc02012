package evidence

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"time"

	"varuh/accesslog/diary/proof"
)

// b64 is the one base64: RFC 4648, section 4, padded, unused bits zero.
var b64 = base64.StdEncoding.Strict()

// timeForm is how times are written: UTC, all digits that the recorder has.
const timeForm = proof.PieceTime

func timeText(t time.Time) string { return t.UTC().Format(timeForm) }

// object is what stands between braces in canonical JSON.
type object = map[string]any

// put sets members whose value is not empty.
func put(o object, members ...any) {
	for i := 0; i < len(members); i += 2 {
		if v, ok := members[i+1].(string); !ok || v != "" {
			o[members[i].(string)] = members[i+1]
		}
	}
}

// listOf turns a list into one of canonical JSON.
func listOf[T any](list []T, f func(T) any) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = f(v)
	}
	return out
}

// fields reads the members of an object, and remembers the first that is not as it should be.
type fields struct {
	o    object
	seen int
	err  error
}

// in begins to read an object.
func in(v any) *fields {
	f := &fields{}
	if o, ok := v.(object); ok {
		f.o = o
	} else {
		f.fail("an object")
	}
	return f
}

func (f *fields) fail(want string) {
	if f.err == nil {
		f.err = fmt.Errorf("%w: want %s", ErrFormat, want)
	}
}

func (f *fields) has(name string) bool { _, ok := f.o[name]; return ok }

func member[T any](f *fields, name string) (v T) {
	v, ok := f.o[name].(T)
	if !ok {
		f.fail(fmt.Sprintf("%q as it should be", name))
	}
	f.seen++
	return v
}

func (f *fields) text(name string) string  { return member[string](f, name) }
func (f *fields) number(name string) int64 { return member[int64](f, name) }
func (f *fields) truth(name string) bool   { return member[bool](f, name) }
func (f *fields) list(name string) []any   { return member[[]any](f, name) }

// perhaps is a text that is not there if it is empty.
func (f *fields) perhaps(name string) string {
	if !f.has(name) {
		return ""
	}
	if s := f.text(name); s != "" {
		return s
	}
	f.fail(fmt.Sprintf("%q not to be empty", name))
	return ""
}

// whether is a truth that is not there if it is false.
func (f *fields) whether(name string) bool {
	if !f.has(name) {
		return false
	}
	if !f.truth(name) {
		f.fail(fmt.Sprintf("%q to be true or not there", name))
	}
	return true
}

func (f *fields) time(name string) time.Time {
	s := f.text(name)
	t, err := time.Parse(timeForm, s)
	if err != nil || timeText(t) != s {
		f.fail(fmt.Sprintf("%q to be a time", name))
	}
	return t
}

func (f *fields) hash(name string) (h proof.Hash) {
	f.fill(h[:], name, b64.DecodeString)
	return h
}

// fill decodes a text that must be just as long.
func (f *fields) fill(dst []byte, name string, decode func(string) ([]byte, error)) {
	b, err := decode(f.text(name))
	if err != nil || len(b) != len(dst) {
		f.fail(fmt.Sprintf("%q to be %d bytes", name, len(dst)))
		return
	}
	copy(dst, b)
}

// hexadecimal fills dst from lower-case digits, as sha256sum prints them.
func (f *fields) hexadecimal(dst []byte, name string) {
	s := f.text(name)
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(dst) || hex.EncodeToString(b) != s {
		f.fail(fmt.Sprintf("%q to be %d bytes in lower-case hexadecimal", name, len(dst)))
		return
	}
	copy(dst, b)
}

func (f *fields) id(name string) (id [16]byte) {
	f.hexadecimal(id[:], name)
	return id
}

// end is the error, also if there is a member that was not asked for.
func (f *fields) end() error {
	if f.err == nil && f.seen != len(f.o) {
		f.fail("no other members")
	}
	return f.err
}

// each reads the objects of a list.
func each[T any](f *fields, name string, read func(*fields) T) []T {
	list := f.list(name)
	if len(list) == 0 {
		return nil
	}
	out := make([]T, 0, len(list))
	for _, v := range list {
		g := in(v)
		out = append(out, read(g))
		if err := g.end(); err != nil && f.err == nil {
			f.err = fmt.Errorf("%q: %w", name, err)
		}
	}
	return out
}
