package proof

import (
	"fmt"
	"maps"
	"slices"
)

// maxDepth bounds how deep canonical JSON may be nested.
const maxDepth = 16

// Encode returns the one form of a manifest or another JSON text: map[string]any, []any, string, int64
// and bool, nested in any way. It is RFC 8785, restricted to integers and to names in ASCII.
func Encode(v any) ([]byte, error) {
	var w writer
	w.value(v, 0)
	if w.err != nil {
		return nil, fmt.Errorf("canonical JSON: %w", w.err)
	}
	return w.b, nil
}

func (w *writer) value(v any, depth int) {
	if depth > maxDepth {
		w.fail(fmt.Errorf("more than %d levels", maxDepth))
		return
	}
	switch v := v.(type) {
	case map[string]any:
		w.raw("{")
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if !isASCII(name) {
				w.fail(fmt.Errorf("%q cannot be a name: want printable ASCII", name))
			}
			w.key(name)
			w.value(v[name], depth+1)
		}
		w.raw("}")
	case []any:
		w.raw("[")
		for _, e := range v {
			w.comma()
			w.value(e, depth+1)
		}
		w.raw("]")
	case string:
		w.str(v)
	case int64:
		w.int(v)
	case bool:
		w.raw(map[bool]string{true: "true", false: "false"}[v])
	default:
		w.fail(fmt.Errorf("a %T: want a map, a list, a string, an int64 or a bool", v))
	}
}

// Parse reads what [Encode] writes, and only that; other bytes are [ErrCanonical].
func Parse(b []byte) (any, error) {
	r := reader{b: b}
	v := r.value(0)
	if err := r.end(); err != nil {
		return nil, err
	}
	return v, nil
}

func (r *reader) value(depth int) any {
	if depth > maxDepth {
		r.fail("fewer levels")
	}
	switch {
	case r.peek() == '"':
		return r.str()
	case r.is("true"):
		return true
	case r.is("false"):
		return false
	case r.is("{"):
		return r.members(depth)
	case r.is("["):
		return r.elements(depth)
	}
	return r.int()
}

func (r *reader) members(depth int) map[string]any {
	m := map[string]any{}
	if r.is("}") {
		return m
	}
	for last, more := "", true; more && r.err == nil; more = r.is(",") {
		name := r.str()
		if !isASCII(name) || len(m) > 0 && name <= last {
			r.fail("names of printable ASCII, sorted, before this one")
		}
		last = name
		r.want(":")
		m[name] = r.value(depth + 1)
	}
	r.want("}")
	return m
}

func (r *reader) elements(depth int) []any {
	list := []any{}
	if r.is("]") {
		return list
	}
	for more := true; more && r.err == nil; more = r.is(",") {
		list = append(list, r.value(depth+1))
	}
	r.want("]")
	return list
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return s != ""
}
