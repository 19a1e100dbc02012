package proof

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// sampleBody has every field, and every character that needs care.
func sampleBody() Body {
	return Body{
		Salt: [32]byte{1, 2, 3}, Actor: &Actor{"7", "Živa \"Č\" \\ \u2028 <&>", "caretaker", "A-3/2026", "s1", "10.0.0.7", "password+totp"},
		Purpose: "poškodba\tvrat\n\b\f\r\x00\x1f\x7f", Basis: "76. člen ZVOP-2", Case: "123-4/2026", Recipient: "PP Ljubljana Center",
		Objects: []Object{{"gate", testStart, testStart.Add(time.Minute)}, {"", testStart, testStart}},
		Result:  "nothing found", Bytes: -maxInt, Software: "v1.2.3", Clock: "synchronised", Note: "😀",
		Data: map[string]any{"a": int64(0), "a_b": "", "b1": int64(maxInt), "segments": "x"},
	}
}

func sampleLeaf() Leaf {
	obj, ref := HashBody([]byte("manifest")), int64(41)
	return Leaf{Index: 42, Op: "view.start", Time: testStart.Add(999 * time.Microsecond), Body: HashBody([]byte("body")), Obj: &obj, Ref: &ref}
}

func TestLeafForm(t *testing.T) {
	t.Parallel()
	b, err := EncodeLeaf(sampleLeaf())
	must(t, err)
	if !json.Valid(b) || bytes.ContainsAny(b, " \n") || !bytes.HasSuffix(b, []byte(`,"op":"view.start","ref":41,"t":"2026-11-21T12:00:00.000Z","v":1}`)) {
		t.Errorf("it is %s", b)
	}
	l, err := ParseLeaf(b)
	must(t, err)
	if l.Time != testStart || *l.Ref != 41 || *l.Obj != *sampleLeaf().Obj || l.Op != "view.start" {
		t.Errorf("it reads as %+v", l)
	}
}

// Other forms of the same leaf: a JSON parser may well read the same out of them.
func TestLeafRefused(t *testing.T) {
	t.Parallel()
	b, err := EncodeLeaf(sampleLeaf())
	must(t, err)
	good := string(b)
	for what, change := range map[string][2]string{
		"a name twice":            {`"i":42`, `"i":42,"i":42`},
		"a name twice, apart":     {`,"v":1`, `,"v":1,"i":42`},
		"another case":            {`"op"`, `"OP"`},
		"another case beside":     {`"op":"view.start"`, `"Op":"view.end","op":"view.start"`},
		"another order":           {`"i":42,"obj"`, `"obj"`},
		"a fraction":              {`"i":42`, `"i":42.0`},
		"an exponent":             {`"i":42`, `"i":4.2e1`},
		"a leading zero":          {`"i":42`, `"i":042`},
		"a plus":                  {`"i":42`, `"i":+42`},
		"minus zero":              {`"i":42`, `"i":-0`},
		"below zero":              {`"i":42`, `"i":-1`},
		"too large":               {`"i":42`, `"i":9007199254740992`},
		"far too large":           {`"i":42`, `"i":99999999999999999999`},
		"a number as text":        {`"i":42`, `"i":"42"`},
		"null":                    {`"ref":41`, `"ref":null`},
		"a space":                 {`"i":42`, `"i": 42`},
		"a newline":               {`}`, "}\n"},
		"an escape":               {`view`, `\u0076iew`},
		"a capital":               {`view.start`, `View.start`},
		"an empty word":           {`view.start`, `view..start`},
		"no operation":            {`view.start`, ``},
		"a point at the end":      {`view.start`, `view.`},
		"a long operation":        {`view.start`, strings.Repeat("a", maxOp+1)},
		"a reference to itself":   {`"ref":41`, `"ref":42`},
		"a reference forward":     {`"ref":41`, `"ref":43`},
		"another zone":            {`000Z`, `000+00:00`},
		"microseconds":            {`.000Z`, `.000000Z`},
		"no milliseconds":         {`.000Z`, `Z`},
		"a comma for the point":   {`.000Z`, `,000Z`},
		"the 31st of November":    {`11-21`, `11-31`},
		"hour 24":                 {`T12`, `T24`},
		"a leap second":           {`12:00:00`, `12:00:60`},
		"no padding":              {`="`, `"`},
		"an unknown name":         {`,"v":1`, `,"u":1,"v":1`},
		"something behind":        {`}`, `}}`},
		"no version":              {`,"v":1`, ``},
		"an earlier version":      {`"v":1`, `"v":0`},
		"version 1 as a fraction": {`"v":1`, `"v":1.0`},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good {
			t.Errorf("%s: nothing changed", what)
		}
		if _, err := ParseLeaf([]byte(bad)); !errors.Is(err, ErrCanonical) {
			t.Errorf("%s: %v for %s", what, err, bad)
		}
	}
	for _, newer := range []string{strings.Replace(good, `"v":1`, `"v":2`, 1), `{"v":7,"zzz":[]}`} {
		if _, err := ParseLeaf([]byte(newer)); !errors.Is(err, ErrVersion) || errors.Is(err, ErrCanonical) {
			t.Errorf("a newer version: %v", err)
		}
	}
}

// Every flipped bit is refused or hashes to something else; none reads as the same leaf.
func TestEveryBit(t *testing.T) {
	t.Parallel()
	leaf, err := EncodeLeaf(sampleLeaf())
	must(t, err)
	body, err := EncodeBody(sampleBody())
	must(t, err)
	first, err := ParseLeaf(leaf)
	must(t, err)
	firstBody, err := ParseBody(body)
	must(t, err)
	for bit := range 8 * len(leaf) {
		b := flip(leaf, bit)
		if l, err := ParseLeaf(b); err == nil && (HashLeaf(b) == HashLeaf(leaf) || reflect.DeepEqual(l, first)) {
			t.Errorf("bit %d: %s is as good as %s", bit, b, leaf)
		}
	}
	for bit := range 8 * len(body) {
		b := flip(body, bit)
		if l, err := ParseBody(b); err == nil && (HashBody(b) == HashBody(body) || reflect.DeepEqual(l, firstBody)) {
			t.Errorf("bit %d: %s is as good as %s", bit, b, body)
		}
	}
}

func flip(b []byte, bit int) []byte {
	b = bytes.Clone(b)
	b[bit/8] ^= 1 << (bit % 8)
	return b
}

func TestBodyForm(t *testing.T) {
	t.Parallel()
	want := sampleBody()
	b, err := EncodeBody(want)
	must(t, err)
	got, err := ParseBody(b)
	must(t, err)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\ncomes back as\n%+v", want, got)
	}
	// Other parsers read the same, and find the names sorted.
	var other map[string]any
	must(t, json.Unmarshal(b, &other))
	if other["purpose"] != want.Purpose || other["actor"].(map[string]any)["name"] != want.Actor.Name {
		t.Errorf("another parser reads %v", other)
	}
	names := slices.Sorted(maps.Keys(other))
	at := 0
	for _, name := range names {
		next := strings.Index(string(b[at:]), `"`+name+`":`)
		if next < 0 {
			t.Errorf("%s is out of order", name)
			continue
		}
		at += next
	}
}

// What is logged of footage is never less than what was asked.
func TestObjectRounding(t *testing.T) {
	t.Parallel()
	b, err := EncodeBody(Body{Objects: []Object{{"gate", testStart.Add(1999 * time.Microsecond), testStart.Add(5001 * time.Microsecond)}}})
	must(t, err)
	got, err := ParseBody(b)
	must(t, err)
	if o := got.Objects[0]; o.From != testStart.Add(time.Millisecond) || o.To != testStart.Add(6*time.Millisecond) {
		t.Errorf("%v", o)
	}
}

func TestBodyRefused(t *testing.T) {
	t.Parallel()
	b, err := EncodeBody(sampleBody())
	must(t, err)
	good := string(b)
	for what, change := range map[string][2]string{
		"no salt":                   {`"salt":"AQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",`, ``},
		"a short salt":              {`"salt":"AQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="`, `"salt":"AQID"`},
		"other unused bits":         {`AAA="`, `AAB="`},
		"a name twice":              {`"case":`, `"case":"9","case":`},
		"another case":              {`"case":`, `"Case":`},
		"an actor's name twice":     {`"id":"7"`, `"id":"7","id":"8"`},
		"an unknown name":           {`"salt":`, `"salary":"1","salt":`},
		"an empty text":             {`"note":"😀"`, `"note":""`},
		"no bytes":                  {`"bytes":-9007199254740991`, `"bytes":0`},
		"a slash escaped":           {`76. `, `\/76. `},
		"a letter escaped":          {`76. `, `\u0037`},
		"a capital in an escape":    {`\u001f`, `\u001F`},
		"a long escape":             {`\t`, `\u0009`},
		"half a character":          {`😀`, "\xf0\x9f"},
		"a raw control character":   {`😀`, "\x1f"},
		"a raw newline":             {`😀`, "\n"},
		"a surrogate":               {`😀`, `\ud83d\ude00`},
		"names of data unsorted":    {`"data":{"a":0,"a_b":""`, `"data":{"a_b":"","a":0`},
		"a name of data twice":      {`"data":{"a":0`, `"data":{"a":0,"a":1`},
		"a capital in data":         {`"data":{"a":0`, `"data":{"A":0`},
		"a fraction in data":        {`"data":{"a":0`, `"data":{"a":0.0`},
		"true in data":              {`"data":{"a":0`, `"data":{"a":true`},
		"an object in data":         {`"data":{"a":0`, `"data":{"a":{}`},
		"empty data":                {`"data":{"a":0,"a_b":"","b1":9007199254740991,"segments":"x"}`, `"data":{}`},
		"no objects":                {`"objects":[`, `"objects":[],"objects":[`},
		"a comma too many":          {`"objects":[`, `"objects":[,`},
		"an object without its end": {`"to":`, `"too":`},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good {
			t.Errorf("%s: nothing changed in %s", what, good)
		}
		if _, err := ParseBody([]byte(bad)); !errors.Is(err, ErrCanonical) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// What cannot be written is an error, not something else.
func TestNotEncoded(t *testing.T) {
	t.Parallel()
	for what, b := range map[string]Body{
		"no UTF-8":      {Note: "\xff"},
		"a large count": {Bytes: maxInt + 1},
		"a float":       {Data: map[string]any{"a": 1.5}},
		"an int":        {Data: map[string]any{"a": 1}},
		"a name":        {Data: map[string]any{"Č": "x"}},
		"too long":      {Note: strings.Repeat("a", MaxBody)},
		"year 10000":    {Objects: []Object{{"c", testStart, testStart.AddDate(8000, 0, 0)}}},
	} {
		if b, err := EncodeBody(b); err == nil {
			t.Errorf("%s: %s", what, b)
		}
	}
	for what, l := range map[string]Leaf{
		"no operation": {}, "capitals": {Op: "View"}, "below 0": {Index: -1, Op: "a"}, "forward": {Op: "a", Ref: new(int64)},
		"too many": {Index: maxInt + 1, Op: "a"},
	} {
		if b, err := EncodeLeaf(l); err == nil {
			t.Errorf("%s: %s", what, b)
		}
	}
	for what, v := range map[string]any{"float": 1.0, "nil": nil, "a name": map[string]any{"č": "x"}, "no name": map[string]any{"": "x"}} {
		if b, err := Encode(v); err == nil {
			t.Errorf("%s: %s", what, b)
		}
	}
}

func TestValueForm(t *testing.T) {
	t.Parallel()
	want := map[string]any{"a b": []any{true, false, int64(-7), "č\n", map[string]any{}, []any{}}, "z": "", "~": map[string]any{"A": int64(0), "a": int64(1)}}
	b, err := Encode(want)
	must(t, err)
	if string(b) != `{"a b":[true,false,-7,"č\n",{},[]],"z":"","~":{"A":0,"a":1}}` {
		t.Errorf("it is %s", b)
	}
	got, err := Parse(b)
	must(t, err)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("it comes back as %v", got)
	}
	for _, bad := range []string{``, `null`, `1.0`, `-0`, `01`, `[1, 2]`, `[1,]`, `{"a":1,"a":1}`, `{"b":1,"a":1}`, `{"":1}`, `{"č":1}`,
		`"\u0041"`, `true `, `{`, `[`, strings.Repeat("[", 30) + strings.Repeat("]", 30)} {
		if v, err := Parse([]byte(bad)); !errors.Is(err, ErrCanonical) {
			t.Errorf("%s reads as %v, %v", bad, v, err)
		}
	}
}

// A manifest that was hashed and signed in another form than the one is refused all the same.
func TestManifestForm(t *testing.T) {
	t.Parallel()
	for _, m := range []string{`{"b":1,"a":2}`, `{"a":1,"a":2}`, `{"a": 1}`, `{"a":1.0}`, `{"a":null}`, `{"a":1}x`} {
		l := newLog(t, 2)
		i := l.add("erase.end", []byte(m))
		r := verify(t, l.bundle(l.options()), VerifyOptions{Keys: l.keys})
		if f := has(t, r, CodeBody, true); r.Intact.State != No || *f.Index != i {
			t.Errorf("%s: %+v", m, r)
		}
		r, err := VerifyInclusion(l.proofFile(i, 3), [][]byte{[]byte(m)}, VerifyOptions{Keys: l.keys})
		must(t, err)
		has(t, r, CodeBody, true)
	}
}
