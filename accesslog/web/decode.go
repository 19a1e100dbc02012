package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"
)

// wrong is what is wrong with a request, an errRequest: which field, and why.
type wrong struct {
	field string
	why   text
}

func (w *wrong) Error() string { return fmt.Sprintf("%v: %s: %s", errRequest, w.field, w.why.en) }

// Is makes it an errRequest.
func (w *wrong) Is(target error) bool { return target == errRequest }

// What is wrong with requests.
var (
	notJSON    = text{"Vsebina ni veljaven JSON.", "The body is not valid JSON."}
	oneValue   = text{"Vsebina je en sam objekt JSON.", "The body is one JSON object."}
	notText    = text{"Vsebina ni UTF-8.", "The body is not UTF-8."}
	tooDeep    = text{"Vsebina je pregloboko gnezdena.", "The body is nested too deep."}
	isNull     = text{"Vrednosti null tu ni; ime, ki nima vrednosti, se izpusti.", "There is no null here: a name without a value is left out."}
	twice      = text{"To ime je v vsebini dvakrat.", "This name is given twice."}
	unknown    = text{"Tega imena tukaj ni.", "There is no such name here."}
	otherType  = text{"Vrednost ni prave vrste.", "The value is of another type."}
	noBody     = text{"Tu se vsebine ne pošilja.", "Nothing is to be sent here."}
	noZone     = text{"Čas se zapiše po RFC 3339 z odmikom od UTC, npr. 2026-09-01T07:30:00+02:00, med letoma 2000 in 2200.", "A time is written as in RFC 3339 with the offset from UTC, such as 2026-09-01T07:30:00+02:00, between the years 2000 and 2200."}
	notADay    = text{"Dan se zapiše kot 2026-09-01.", "A day is written as 2026-09-01."}
	missing    = text{"To manjka.", "This is missing."}
	notANumber = text{"To ni celo število od 0 naprej.", "This is no whole number from 0 on."}
)

// mostDepth is how deep objects and lists may lie in each other.
const mostDepth = 8

// read reads the body of a call, or its query where the method is GET, into a struct.
func (c *call) read(in any) error {
	if c.Method == http.MethodGet {
		if err := c.noBody(); err != nil {
			return err
		}
		return readQuery(c.URL.RawQuery, in)
	}
	if c.URL.RawQuery != "" {
		return &wrong{"?", unknown}
	}
	kind, _, err := mime.ParseMediaType(c.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return errMedia
	}
	b, err := io.ReadAll(c.Body)
	if err != nil {
		return unread(err)
	}
	return readJSON(b, in)
}

// unread says why a body could not be read.
func unread(err error) error {
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return errLarge
	}
	return fmt.Errorf("%w: couldn't read the body: %w", errRequest, err)
}

// empty refuses a body and a query where nothing is taken.
func (c *call) empty() error {
	if c.URL.RawQuery != "" {
		return &wrong{"?", unknown}
	}
	return c.noBody()
}

func (c *call) noBody() error {
	switch n, err := c.Body.Read(make([]byte, 1)); {
	case n > 0:
		return &wrong{"", noBody}
	case err == nil || err == io.EOF:
		return nil
	default:
		return unread(err)
	}
}

// readJSON reads one JSON object into a struct, strictly: no unknown name, none twice, none in another case, nothing
// behind it.
func readJSON(b []byte, in any) error {
	if err := checkShape(b); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	err := d.Decode(in)
	var other *json.UnmarshalTypeError
	var own *wrong
	switch {
	case err == nil:
		return checkGiven(b, reflect.TypeOf(in).Elem(), "")
	case errors.As(err, &own):
		return own
	case errors.As(err, &other):
		return &wrong{other.Field, otherType}
	case errors.As(err, new(*time.ParseError)):
		return &wrong{"", noZone}
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return &wrong{strings.Trim(name, `"`), unknown}
	}
	return &wrong{"", notJSON}
}

// checkShape refuses what no struct is read from: what is no single object, is nested too deep, or has a name twice.
// A name with a capital is none: package encoding/json would take it for another.
func checkShape(b []byte) error {
	if !utf8.Valid(b) {
		return &wrong{"", notText}
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	first, err := d.Token()
	if err != nil {
		return &wrong{"", notJSON}
	}
	if first != json.Delim('{') {
		return &wrong{"", oneValue}
	}
	if err := checkObject(d, 1); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return &wrong{"", oneValue}
	}
	return nil
}

// checkObject checks an object whose beginning was read.
func checkObject(d *json.Decoder, depth int) error {
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return &wrong{"", notJSON}
		}
		if seen[name] {
			return &wrong{name, twice}
		}
		if name != strings.ToLower(name) {
			return &wrong{name, unknown}
		}
		seen[name] = true
		if err := checkValue(d, depth); err != nil {
			return err
		}
	}
	return checkEnd(d)
}

// checkValue checks the next value, which lies depth deep.
func checkValue(d *json.Decoder, depth int) error {
	t, err := d.Token()
	if err != nil {
		return &wrong{"", notJSON}
	}
	if t == nil {
		return &wrong{"", isNull}
	}
	if t != json.Delim('{') && t != json.Delim('[') {
		return nil
	}
	if depth == mostDepth {
		return &wrong{"", tooDeep}
	}
	if t == json.Delim('{') {
		return checkObject(d, depth+1)
	}
	for d.More() {
		if err := checkValue(d, depth+1); err != nil {
			return err
		}
	}
	return checkEnd(d)
}

func checkEnd(d *json.Decoder) error {
	if _, err := d.Token(); err != nil {
		return &wrong{"", notJSON}
	}
	return nil
}

// checkGiven refuses an object of a type that lacks a name which may not be missing: one without omitempty or omitzero.
// The object has been read into the type, so that what is there is of the right form.
func checkGiven(raw json.RawMessage, t reflect.Type, path string) error {
	switch t.Kind() {
	case reflect.Slice:
		var list []json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil {
			return &wrong{path, otherType}
		}
		for _, one := range list {
			if err := checkGiven(one, t.Elem(), path); err != nil {
				return err
			}
		}
	case reflect.Struct:
		var given map[string]json.RawMessage
		if json.Unmarshal(raw, &given) != nil { // a time, which is a text
			return nil
		}
		return checkFields(given, t, path)
	}
	return nil
}

func checkFields(given map[string]json.RawMessage, t reflect.Type, path string) error {
	for i := range t.NumField() {
		f := t.Field(i)
		if hidden(f) {
			continue
		}
		name := nameOf(f)
		raw, there := given[name]
		var err error
		switch {
		case name == "":
			err = checkFields(given, f.Type, path)
		case there:
			err = checkGiven(raw, f.Type, path+name+".")
		case !optional(f):
			err = &wrong{path + name, missing}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// optional tells whether a field may be missing.
func optional(f reflect.StructField) bool {
	_, options, _ := strings.Cut(f.Tag.Get("json"), ",")
	return options == "omitempty" || options == "omitzero"
}

// hidden tells whether package encoding/json does not see a field.
func hidden(f reflect.StructField) bool { return !f.IsExported() && !f.Anonymous }
