package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/hold"
	"varuh/accesslog/people"
)

// A second factor is asked for through the socket of a running daemon as well, and a code is good once.
func TestCodeThroughTheDaemon(t *testing.T) {
	t.Parallel()
	b := newShelfBox(t)
	type_ := func(text string, args ...string) (code int, said string) {
		var out strings.Builder
		code = run(t.Context(), append([]string{"--dir", b.dir}, args...), terminal{strings.NewReader(text), &out, &out})
		return code, out.String()
	}
	typed := goodPassword + "\n"
	if code, said := type_(typed+typed, "person", "first", "ravnatelj", "--name", "Ana Novak", "--paper", "2026-01-02"); code != 0 {
		t.Fatal(said)
	}
	codes := b.enrol(t)
	b.serve(t)
	defer b.end(t)
	list := []string{"diary", "list", "--as", "ravnatelj", "--reason", "check"}
	if code, said := type_(typed, list...); code == 0 || !strings.Contains(said, "Code of ravnatelj") || !strings.Contains(said, "the input ended before one came") {
		t.Errorf("without a code: %d, %s", code, said)
	}
	if code, said := type_(typed+"wrong\n", list...); code == 0 || !strings.Contains(said, people.ErrRefused.Error()) {
		t.Errorf("with a wrong code: %d, %s", code, said)
	}
	if code, said := type_(typed+codes[0]+"\n", list...); code != 0 || !strings.Contains(said, " login ") {
		t.Errorf("with a code: %d, %s", code, said)
	}
	if code, said := type_(typed, append(list, "--code", codes[0])...); code == 0 || !strings.Contains(said, people.ErrRefused.Error()) {
		t.Errorf("with the same code: %d, %s", code, said)
	}
	if code, said := type_(typed, append(list, "--code", codes[1])...); code != 0 || strings.Contains(said, "Code of") {
		t.Errorf("with a code on the command line: %d, %s", code, said)
	}
}

// enrol sets up a second factor for the head of an appliance that no daemon holds, and returns the one-time codes.
func (b *shelfBox) enrol(t *testing.T) (codes []string) {
	t.Helper()
	cfg, err := loadConfig(b.dir, terminal{nil, io.Discard, io.Discard})
	must(t, err)
	s, err := openSite(cfg)
	must(t, err)
	must(t, s.withOffice(t.Context(), io.Discard, func(o *office) error {
		in, err := o.signedIn(t.Context(), signIn{As: "ravnatelj", Password: goodPassword}, "", "")
		if err != nil {
			return err
		}
		secret := people.NewSecond()
		codes, _, err = in.people.EnrolSecond(t.Context(), in.Session, goodPassword, secret, secret.Code(time.Now()))
		return errors.Join(err, in.close(t.Context()))
	}))
	must(t, s.Close())
	return codes
}

// What an order is about has to be in the scope of whoever orders it, by whatever name it is called.
func TestCameraOfAnOrder(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	row := s.record(t, s.stores[0])
	e, _, _ := s.eraser(t, later(t, 7, 0))
	got, err := e.setHold(t.Context(), orderOver(row, time.Now().AddDate(0, 1, 0).Format(time.DateOnly)))
	must(t, err)
	all := orderOver(row, time.Now().AddDate(0, 1, 0).Format(time.DateOnly))
	all.Camera, all.Kind = everyCamera, string(hold.Claims)
	restricted, err := e.restrict(t.Context(), all)
	must(t, err)
	for want, o := range map[string]holdOrder{row.Camera: {ID: got.ID}, everyCamera: {ID: restricted.ID}, "yard": {span: span{Camera: "yard"}}} {
		if camera, err := o.camera(t.Context(), e); err != nil || camera != want {
			t.Errorf("%+v is about %q, %v, want %q", o, camera, err, want)
		}
	}
	if camera, err := (holdOrder{ID: "00000000"}).camera(t.Context(), e); !errors.Is(err, hold.ErrUnknown) {
		t.Errorf("what is not there is about %q, %v", camera, err)
	}
}

// What the daemon refuses is told apart by the one who asks: to ask for a code, or another person in a demo.
func TestRefusalsAreToldApart(t *testing.T) {
	t.Parallel()
	for word, is := range refusals {
		h := http.Header{}
		if markRefusal(h, fmt.Errorf("dpo: %w", is)); h.Get(refusalHeader) != word {
			t.Errorf("%v is marked %q", is, h.Get(refusalHeader))
		}
		got := error(refusedThere{"as it was said", refusals[word]})
		for other, err := range refusals {
			if errors.Is(got, err) != (other == word) {
				t.Errorf("%s is taken for %s", word, other)
			}
		}
	}
	h := http.Header{}
	if markRefusal(h, people.ErrRefused); len(h) > 0 || errors.Is(refusedThere{text: "x"}, people.ErrCodeMissing) {
		t.Errorf("what nobody has to tell apart is %v", h)
	}
}

// Before anybody is there, the list of persons says so to everybody.
func TestNobodyIsHereYet(t *testing.T) {
	t.Parallel()
	b := newShelfBox(t)
	if code, said := b.run(t, "person", "list"); code != 0 || !strings.Contains(said, "Nobody is here yet") {
		t.Errorf("%d, %s", code, said)
	}
}
