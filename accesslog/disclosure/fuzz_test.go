package disclosure

import (
	"strings"
	"testing"
)

// FuzzContent reads whatever comes: what is taken is in the one form, within its bounds, and complete or not without a panic.
func FuzzContent(f *testing.F) {
	seeds := 0
	for _, k := range Kinds {
		text, err := complete(k).normal().encode()
		must(f, err)
		f.Add(string(text))
		f.Add(strings.Replace(string(text), `"purpose"`, `"Purpose"`, 1))
		f.Add(strings.Replace(string(text), `Z"`, `.0000001Z"`, 1))
		f.Add(strings.Replace(string(text), `Z"`, `+01:00"`, 1))
		seeds++
	}
	if seeds == 0 {
		f.Fatal("there are no seeds")
	}
	f.Add(`{}`)
	f.Add(`{"applicant":{},"case":{}}`)
	f.Add(`{"applicant":{},"case":{},"wanted":[]}`)
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parseContent([]byte(text))
		if err != nil {
			return
		}
		again, err := c.encode()
		if err != nil || string(again) != text {
			t.Errorf("%q is taken and written as %q, %v", text, again, err)
		}
		if err := c.check(); err != nil {
			t.Errorf("%q is taken: %v", text, err)
		}
		for _, k := range Kinds {
			c.Missing(k, true)
		}
	})
}

// Only the one form is read: with another order, another case, a space, a name twice or another zone it is none of ours.
func TestOneForm(t *testing.T) {
	t.Parallel()
	good, err := complete(Authority).normal().encode()
	must(t, err)
	if _, err := parseContent(good); err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{{`"purpose"`, `"Purpose"`}, {`{"applicant"`, ` {"applicant"`}, {`"purpose"`, `"remark":"x","purpose"`}, {`Z"`, `+00:00"`},
		{`"form":"folder"`, `"form":"e-mail"`}, {`"case":{`, `"case":{"subject":"x",`}, {`"camera":"hall"`, `"camera":"hall","lens":1`}, {`}`, `}}`}} {
		text := strings.Replace(string(good), change[0], change[1], 1)
		if text == string(good) {
			t.Fatalf("%q is not there", change[0])
		}
		if _, err := parseContent([]byte(text)); err == nil {
			t.Errorf("%s is taken", text)
		}
	}
}
