package keyring

import (
	"reflect"
	"strings"
	"testing"

	"varuh/recorder/durable"
	"varuh/recorder/durable/durabletest"
)

func TestPublicFile(t *testing.T) {
	t.Parallel()
	d := durabletest.New()
	a, b := generate(t).Public(), generate(t).Public()
	first := NewPublic(a, b, noon)
	must(t, WritePublic(d, "/public.json", first))
	got, err := ReadPublic(d, "/public.json")
	if err != nil || !reflect.DeepEqual(got, first) {
		t.Fatalf("read back %+v, %v", got, err)
	}
	c, e := generate(t).Public(), generate(t).Public()
	during := first.succeed(NewPublic(c, e, noon))
	if !during.Rotating() || !reflect.DeepEqual(during.Current(), []PublicKey{c, e}) {
		t.Errorf("during a rotation: %+v", during)
	}
	if after := during.settled(); !reflect.DeepEqual(after, NewPublic(c, e, noon)) {
		t.Errorf("after a rotation: %+v", after)
	}
}

func TestPublicFileRefused(t *testing.T) {
	t.Parallel()
	d := durabletest.New()
	p := NewPublic(generate(t).Public(), generate(t).Public(), noon)
	must(t, WritePublic(d, "/good", p))
	good := string(files(t, d, "/")["/good"])
	for name, c := range map[string]struct{ text, want string }{
		"newer":       {strings.Replace(good, `"version": 1`, `"version": 2`, 1), "update varuh"},
		"no recovery": {strings.Replace(good, `"recovery"`, `"reading"`, 1), "one of them is missing"},
		"other use":   {strings.Replace(good, `"recovery"`, `"other"`, 1), `"other"`},
		"unknown key": {strings.Replace(good, `"use"`, `"usage"`, 1), "usage"},
		"damaged":     {strings.Replace(good, p.Keys[0].ID.String(), p.Keys[1].ID.String(), 1), "damaged"},
		"two":         {good + good, "follows"},
		"cut off":     {good[:len(good)/2], "EOF"},
	} {
		must(t, durable.WriteFile(d, "/bad", []byte(c.text), 0o644))
		if _, err := ReadPublic(d, "/bad"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
