package anchor

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary/anchor/timestamp"
	"varuh/accesslog/diary/anchor/timestamp/timestamptest"
)

func authority(t testing.TB, a *timestamptest.Authority, url string) *Authority {
	t.Helper()
	roots, err := os.ReadFile(a.RootsFile)
	must(t, err)
	s, err := NewAuthority(url, roots)
	must(t, err)
	return s
}

// openssl timestamps a checkpoint over HTTP, and checks the timestamp by the checkpoint's text, as the
// package comment of timestamp tells people to.
func TestTimestamp(t *testing.T) {
	t.Parallel()
	a := timestamptest.New(t, timestamptest.Options{})
	d := newDiary(t).grow(t, 7)
	c := d.now(t)
	got, err := authority(t, a, a.Serve(t)).Timestamp(t.Context(), c)
	must(t, err)
	if got.Size != 7 || time.Since(got.Time) > time.Minute {
		t.Errorf("got %+v", got)
	}
	text, _, _ := bytes.Cut(c.Note, []byte("\n\n"))
	must(t, a.Check(t, got.DER, append(text, '\n')))
	at, _, err := timestamp.Checker(a.Roots)(got.DER, []byte(c.Text()))
	if err != nil || !at.Equal(got.Time) {
		t.Errorf("the verifier says %v, %v", at, err)
	}
	if _, _, err := timestamp.Checker(a.Roots)(got.DER, []byte(d.at(t, 6).Text())); err == nil {
		t.Error("the timestamp fits another checkpoint")
	}
}

func TestAuthorityThatLies(t *testing.T) {
	t.Parallel()
	a, other := timestamptest.New(t, timestamptest.Options{}), timestamptest.New(t, timestamptest.Options{})
	d := newDiary(t).grow(t, 7)
	var first []byte
	replay := func(w http.ResponseWriter, r *http.Request) {
		query, err := io.ReadAll(r.Body)
		if err == nil && first == nil {
			first, err = a.Answer(query)
		}
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/timestamp-reply")
		_, _ = w.Write(first)
	}
	srv := httptest.NewServer(http.HandlerFunc(replay))
	t.Cleanup(srv.Close)
	s := authority(t, a, srv.URL)
	if _, err := s.Timestamp(t.Context(), d.now(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Timestamp(t.Context(), d.now(t)); err == nil {
		t.Error("an old answer was taken, played again")
	}
	if _, err := authority(t, other, a.Serve(t)).Timestamp(t.Context(), d.now(t)); err == nil {
		t.Error("an authority was taken that nobody configured")
	}
	for name, tt := range map[string]struct {
		h   http.HandlerFunc
		why string
	}{
		"a page":                     {says(200, "text/html", "welcome"), "is the address right?"},
		"a page, said a timestamp":   {says(200, "application/timestamp-reply", "welcome"), "not as RFC 3161 has it"},
		"a timestamp without a type": {says(200, "", string(first)), "is the address right?"},
		"a refusal":                  {says(503, "", ""), "status 503"},
		"more than can be read":      {says(200, "application/timestamp-reply", strings.Repeat("0", maxAnswer+1)), "more than 65536 bytes"},
	} {
		srv := httptest.NewServer(tt.h)
		t.Cleanup(srv.Close)
		if _, err := authority(t, a, srv.URL).Timestamp(t.Context(), d.now(t)); err == nil || !strings.Contains(err.Error(), tt.why) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Some authorities want a password. It is sent, and in no error.
func TestAuthorityPassword(t *testing.T) {
	t.Parallel()
	a := timestamptest.New(t, timestamptest.Options{})
	d := newDiary(t).grow(t, 7)
	var user, password string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ = r.BasicAuth()
		w.Header().Set("Location", "http://me:dragons@127.0.0.1:1/")
		w.WriteHeader(http.StatusFound)
	}))
	url := strings.Replace(srv.URL, "http://", "http://me:dragons@", 1)
	s := authority(t, a, url)
	_, err := s.Timestamp(t.Context(), d.now(t))
	if user != "me" || password != "dragons" {
		t.Errorf("%q %q arrived", user, password)
	}
	if _, ok := errors.AsType[*RefusedError](err); !ok {
		t.Errorf("a redirect: %v", err)
	}
	errs := []error{err}
	srv.Close()
	_, err = s.Timestamp(t.Context(), d.now(t))
	errs = append(errs, err)
	for _, bad := range []string{url + "/?a=b", url + "/\x7f", strings.Replace(url, "http:", "gopher:", 1)} {
		_, err := NewAuthority(bad, nil)
		errs = append(errs, err)
	}
	_, err = NewAuthority(url, []byte("no certificate"))
	for _, err := range append(errs, err) {
		if err == nil || strings.Contains(err.Error(), "dragons") {
			t.Errorf("got %v", err)
		}
	}
}

// A round wants a timestamp where an authority is configured, but a timestamp keeps nothing.
func TestAnchorTimestamps(t *testing.T) {
	t.Parallel()
	a := timestamptest.New(t, timestamptest.Options{})
	d := newDiary(t).grow(t, 7)
	k := newKeeper(t, "a.example", d.key)
	srv := httptest.NewServer(http.HandlerFunc(says(503, "", "")))
	t.Cleanup(srv.Close)
	up, down, witness := authority(t, a, a.Serve(t)), authority(t, a, srv.URL), serve(t, k.Key, k)
	for name, tt := range map[string]struct {
		witnesses    []*Witness
		authorities  []*Authority
		kept, enough bool
	}{
		"timestamp alone":           {nil, []*Authority{up}, false, true},
		"no timestamp":              {nil, []*Authority{down}, false, false},
		"one of two timestamps":     {nil, []*Authority{down, up}, false, true},
		"witness and timestamp":     {[]*Witness{witness}, []*Authority{up}, true, true},
		"witness, but no timestamp": {[]*Witness{witness}, []*Authority{down}, true, false},
		"nobody is to be asked":     {nil, nil, false, true},
	} {
		p, err := NewPolicy(tt.witnesses, len(tt.witnesses), tt.authorities)
		must(t, err)
		r := p.Anchor(t.Context(), d, d.now(t), none)
		if r.Kept != tt.kept || r.Enough != tt.enough {
			t.Errorf("%s: %+v", name, r)
		}
	}
}
