package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/disclosure"
	"varuh/accesslog/packing"
	"varuh/accesslog/people"
)

// Links are listed for whoever sees the request, as on the page of it: not for a caretaker of other cameras.
func TestLinksAreForWhoSeesTheRequest(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	got, err := c.by("hisnik", askAddRequest, requestOrder{Form: c.form(disclosure.Oral)})
	must(t, err)
	c.joins(t, "vratar", people.Authorisation{Role: people.Caretaker, Cameras: []string{"hall"}, From: c.boot.Now(), Paper: c.boot.Now().Add(-time.Hour)})
	_, d, err := c.e.books()
	must(t, err)
	c.e.entrance = &entrance{}
	c.e.entrance.packages.Store(packing.New(packing.Options{Diary: d, Register: c.e.requested, Now: c.boot.Now, Log: c.e.log}))
	for login, want := range map[string]error{"hisnik": nil, "vratar": people.ErrScope} {
		if _, err := askLinks.by(t.Context(), c.o, c.e, packageOrder{who: as(login), Request: got.Request.ID}); !errors.Is(err, want) {
			t.Errorf("for %s: %v, want %v", login, err, want)
		}
	}
	if _, err := askLinks.by(t.Context(), c.o, c.e, packageOrder{who: as("hisnik"), Request: "00000000"}); !errors.Is(err, disclosure.ErrUnknown) {
		t.Errorf("of a request that there is not: %v", err)
	}
}

// A link of before a restore is listed as one that opens nothing.
func TestLinksOfBeforeARestore(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	must(t, writeLinks(&b, []packing.Link{{ID: 17, Until: time.Unix(0, 0), Uses: 2}, {ID: 18, Until: time.Unix(0, 0), Uses: 3, Restored: true}}))
	if lines := strings.Split(b.String(), "\n"); len(lines) != 4 || !strings.HasSuffix(lines[1], " 2") || !strings.Contains(lines[2], "none: the appliance was put back") {
		t.Error(b.String())
	}
}

// joins adds a person, who chooses the password that all have.
func (c *counter) joins(t *testing.T, login string, a people.Authorisation) {
	t.Helper()
	r, err := c.o.persons(t.Context())
	must(t, err)
	head, err := r.Login(t.Context(), people.Attempt{Login: "ravnatelj", Password: goodPassword})
	must(t, err)
	_, err = r.Add(t.Context(), head, people.Person{Login: login, Name: login}, "prvo geslo za novo osebo", a)
	must(t, err)
	own, err := r.Login(t.Context(), people.Attempt{Login: login, Password: "prvo geslo za novo osebo"})
	must(t, err)
	own, err = r.ChangePassword(t.Context(), own, "prvo geslo za novo osebo", goodPassword)
	must(t, errors.Join(err, r.Logout(t.Context(), own), r.Logout(t.Context(), head)))
}
