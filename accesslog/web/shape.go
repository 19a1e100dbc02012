package web

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"strings"
	"unicode/utf8"
)

// checkShape refuses what no struct is read from: what is no single object, is nested too deep, or has a name twice.
// A name with a capital is none, nor is one with a letter that is not ASCII: package encoding/json would take it for
// another.
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
		if name != strings.ToLower(name) || strings.ContainsFunc(name, func(r rune) bool { return r >= utf8.RuneSelf }) {
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
