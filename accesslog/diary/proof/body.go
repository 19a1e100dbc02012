package proof

import (
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"time"
)

// MaxBody bounds a body, in bytes; what is longer belongs in a manifest.
const MaxBody = 64 << 10

// MaxManifest bounds a manifest, in bytes.
const MaxManifest = 16 << 20

// Body is the part of an entry that tells who and why. The tree holds only its hash, and the salt
// in it keeps anybody from guessing the rest by that hash once the body is destroyed. An empty field
// is not written, the salt always is.
type Body struct {
	Salt      [32]byte
	Actor     *Actor
	Purpose   string
	Basis     string // legal basis
	Case      string // number of the case
	Recipient string
	Objects   []Object
	Result    string
	Bytes     int64
	Software  string // version of varuh
	Clock     string // state of the clock, such as synchronised
	Note      string
	Data      map[string]any // what only this operation has: each value a string or an int64; names of a to z, 0 to 9 and _
}

// Actor is who did it, and how that is known.
type Actor struct {
	ID            string
	Name          string
	Role          string
	Authorisation string
	Session       string
	Address       string
	Proof         string // such as password, password+totp, token, recovery key, claimed on the console
}

// Object is footage that an entry is about: of one camera, from a moment until before another. From
// is written rounded down to a millisecond and To rounded up: what is logged is never less.
type Object struct {
	Camera   string
	From, To time.Time
}

// NewSalt draws the salt of a new body.
func NewSalt() (salt [32]byte) {
	rand.Read(salt[:]) // it never fails, by its documentation
	return salt
}

// EncodeBody returns the one form of a body.
func EncodeBody(b Body) ([]byte, error) {
	w := writer{b: make([]byte, 0, 512)}
	w.body(&b)
	if w.err != nil {
		return nil, fmt.Errorf("body of an entry: %w", w.err)
	}
	if len(w.b) > MaxBody {
		return nil, fmt.Errorf("body of an entry: %d bytes, at most %d are allowed", len(w.b), MaxBody)
	}
	return w.b, nil
}

func (w *writer) body(b *Body) {
	w.raw("{")
	if b.Actor != nil {
		w.key("actor")
		w.actor(b.Actor)
	}
	w.text("basis", b.Basis)
	if b.Bytes != 0 {
		w.key("bytes")
		w.int(b.Bytes)
	}
	w.text("case", b.Case)
	w.text("clock", b.Clock)
	if len(b.Data) > 0 {
		w.key("data")
		w.data(b.Data)
	}
	w.text("note", b.Note)
	if len(b.Objects) > 0 {
		w.key("objects")
		w.objects(b.Objects)
	}
	w.text("purpose", b.Purpose)
	w.text("recipient", b.Recipient)
	w.text("result", b.Result)
	w.key("salt")
	w.bytes(b.Salt[:])
	w.text("software", b.Software)
	w.raw("}")
}

func (w *writer) actor(a *Actor) {
	w.raw("{")
	w.text("address", a.Address)
	w.text("authorisation", a.Authorisation)
	w.text("id", a.ID)
	w.text("name", a.Name)
	w.text("proof", a.Proof)
	w.text("role", a.Role)
	w.text("session", a.Session)
	w.raw("}")
}

func (w *writer) objects(list []Object) {
	w.raw("[")
	for _, o := range list {
		w.comma()
		w.raw("{")
		w.text("camera", o.Camera)
		w.key("from")
		w.time(o.From)
		w.key("to")
		w.time(o.To.Add(time.Millisecond - 1))
		w.raw("}")
	}
	w.raw("]")
}

func (w *writer) data(m map[string]any) {
	w.raw("{")
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if !isName(name) {
			w.fail(fmt.Errorf("%q cannot be a name in data: want a to z, 0 to 9 and _", name))
		}
		w.key(name)
		switch v := m[name].(type) {
		case string:
			w.str(v)
		case int64:
			w.int(v)
		default:
			w.fail(fmt.Errorf("%s in data is a %T: want a string or an int64", name, v))
		}
	}
	w.raw("}")
}

// isName tells whether s can name a member of data.
func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

// ParseBody reads a body. It takes only bytes that [EncodeBody] would write; others are [ErrCanonical].
// So a body says the same to every parser: no name twice, none in another case, no other number forms.
func ParseBody(b []byte) (Body, error) {
	if len(b) > MaxBody {
		return Body{}, fmt.Errorf("a body of %d bytes, at most %d are allowed: %w", len(b), MaxBody, ErrCanonical)
	}
	r := reader{b: b}
	body := r.body()
	if err := r.end(); err != nil {
		return Body{}, fmt.Errorf("a body: %w", err)
	}
	return body, nil
}

func (r *reader) body() (b Body) {
	r.want("{")
	if r.key("actor") {
		b.Actor = r.actor()
	}
	b.Basis = r.text("basis")
	if r.key("bytes") {
		if b.Bytes = r.int(); b.Bytes == 0 {
			r.fail("another number, or no bytes")
		}
	}
	b.Case = r.text("case")
	b.Clock = r.text("clock")
	if r.key("data") {
		b.Data = r.data()
	}
	b.Note = r.text("note")
	if r.key("objects") {
		b.Objects = r.objects()
	}
	b.Purpose = r.text("purpose")
	b.Recipient = r.text("recipient")
	b.Result = r.text("result")
	r.wantKey("salt")
	r.base64(b.Salt[:])
	b.Software = r.text("software")
	r.want("}")
	return b
}

func (r *reader) actor() *Actor {
	var a Actor
	r.want("{")
	a.Address = r.text("address")
	a.Authorisation = r.text("authorisation")
	a.ID = r.text("id")
	a.Name = r.text("name")
	a.Proof = r.text("proof")
	a.Role = r.text("role")
	a.Session = r.text("session")
	r.want("}")
	return &a
}

func (r *reader) objects() (list []Object) {
	r.want("[")
	for more := true; more && r.err == nil; more = r.is(",") {
		var o Object
		r.want("{")
		o.Camera = r.text("camera")
		r.wantKey("from")
		o.From = r.time()
		r.wantKey("to")
		o.To = r.time()
		r.want("}")
		list = append(list, o)
	}
	r.want("]")
	return list
}

func (r *reader) data() map[string]any {
	m := map[string]any{}
	r.want("{")
	for last, more := "", true; more && r.err == nil; more = r.is(",") {
		name := r.str()
		if !isName(name) || name <= last {
			r.fail("names of a to z, 0 to 9 and _, sorted, before this one")
		}
		last = name
		r.want(":")
		if r.peek() == '"' {
			m[name] = r.str()
		} else {
			m[name] = r.int()
		}
	}
	r.want("}")
	return m
}
