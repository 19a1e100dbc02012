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
	if c.route.handler.slow {
		c.patient()
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
