package main

import (
	"errors"
	"slices"
	"testing"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/packing"
	"varuh/configs"
	"varuh/recorder/keyring"
	"varuh/retention"
)

// What the door asks about a term is what the purge goes by: a hold that may pass the term keeps it. Where the present is not
// certain, a clock that says the term is over is enough to show nothing, and one that was put back since is not enough to show it.
func TestTermOfFootage(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	requests, err := c.e.requests(t.Context())
	must(t, err)
	row, terms := c.row, &footageTerms{e: c.e, requests: requests}
	is := func(what string, request string, want bool) {
		t.Helper()
		got, err := terms.Over(t.Context(), request, row)
		if err != nil || len(got) != 1 || got[0] != want {
			t.Errorf("%s: over is %v, not %v: %v", what, got, want, err)
		}
	}
	list, err := packedFootage{c.e}.Find(t.Context(), []keyring.ID{row.ID})
	must(t, err)
	packaged := func(what string, over bool) {
		t.Helper()
		due, err := packedFootage{c.e}.Due(t.Context(), disclosure.Request{}, list)
		if err != nil || due.After(c.boot.Now()) == over {
			t.Errorf("%s: a package is due at %v: %v", what, due, err)
		}
	}
	is("in its term", "", false)
	packaged("in its term", false)
	c.boot.ahead += 400 * 24 * time.Hour
	is("by a clock that nobody confirmed", "", true)
	c.e.time.told("person", c.boot.Now())
	is("by what is certain", "", true)
	c.boot.ahead -= 400 * 24 * time.Hour
	is("with the clock put back", "", true)
	packaged("with the clock put back", true)
	_, err = askHold.done(t.Context(), c.e, holdOrder{who: herself, ground: ground{Basis: "order", Review: c.e.time.latest().AddDate(0, 1, 0).Format(time.DateOnly)}, Kind: "order",
		span: span{row.Camera, row.Start.Format(time.RFC3339Nano), row.End.Format(time.RFC3339Nano)}})
	must(t, err)
	is("held", "", false)
	packaged("held for another", true)
}

// A request whose own hold keeps footage from a term that was made shorter since gets it, until the hold ends or the old term comes;
// another gets nothing of it. Its package and the purge go by the same.
func TestTermMadeShorter(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	requests, err := c.e.requests(t.Context())
	must(t, err)
	terms := &footageTerms{e: c.e, requests: requests}
	list, err := packedFootage{c.e}.Find(t.Context(), []keyring.ID{c.row.ID})
	must(t, err)
	lost := slices.Clone(list)
	lost[0].ID[0]++ // whose row is gone
	own, err := c.by("hisnik", askAddRequest, requestOrder{Form: c.form(disclosure.Oral)})
	must(t, err)
	other := c.form(disclosure.Oral)
	other.Content.Wanted[0].From, other.Content.Wanted[0].To = c.row.Start.Add(-48*time.Hour), c.row.Start.Add(-47*time.Hour)
	another, err := c.by("hisnik", askAddRequest, requestOrder{Form: other})
	must(t, err)
	c.e.config = func() ([]configs.Camera, *time.Location) {
		return []configs.Camera{{ID: "yard", Limit: retention.Term{Days: 7}}}, time.UTC
	}
	c.e.time.told("person", c.boot.Now())
	_, err = c.e.confirmPolicy(t.Context(), policyOrder{herself, "yard", "a week is enough"})
	must(t, err)
	c.boot.ahead += 30 * 24 * time.Hour
	c.e.time.told("person", c.boot.Now())
	is := func(what string, q disclosure.Request, want bool) {
		t.Helper()
		over, err := terms.Over(t.Context(), q.ID, c.row)
		if err != nil || over[0] != want {
			t.Errorf("%s: over is %v, not %v: %v", what, over, want, err)
		}
		for _, list := range [][]packing.Segment{list, lost} {
			due, err := packedFootage{c.e}.Due(t.Context(), q, list)
			if err != nil || due.After(c.boot.Now()) == want {
				t.Errorf("%s: its package is due %v: %v", what, due, err)
			}
		}
	}
	goes := func(want int) {
		t.Helper()
		if plan, err := c.e.plan(t.Context(), c.e.time.observe()); err != nil || len(plan) != want {
			t.Errorf("%d segments go, not %d: %v", len(plan), want, err)
		}
	}
	is("held by the request", own.Request, false)
	is("held by another", another.Request, true)
	goes(0)
	_, err = requests.Holds.Clear(t.Context(), own.Request.Holds[0].Hold, proof.Actor{ID: "head", Name: "head"}, "over")
	must(t, err)
	is("held by nobody", own.Request, true)
	goes(1)
}

// A package is made of what its own request keeps past the term, and of nothing that another does: it would go at once.
func TestTermOfPackaged(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	requests, err := c.e.requests(t.Context())
	must(t, err)
	terms := &footageTerms{e: c.e, requests: requests}
	ordered := c.form(disclosure.Oral)
	ordered.Content.Basis, ordered.Content.BasisText = "court-order", "I Kpd 123/2026"
	own, err := c.by("hisnik", askAddRequest, requestOrder{Form: ordered})
	must(t, err)
	other := ordered
	other.Content.Wanted = slices.Clone(ordered.Content.Wanted)
	other.Content.Wanted[0].From, other.Content.Wanted[0].To = c.row.Start.Add(-48*time.Hour), c.row.Start.Add(-47*time.Hour)
	another, err := c.by("hisnik", askAddRequest, requestOrder{Form: other})
	must(t, err)
	c.boot.ahead += 400 * 24 * time.Hour
	for request, want := range map[string]bool{"": false, own.Request.ID: false, another.Request.ID: true} {
		over, err := terms.Over(t.Context(), request, c.row)
		if err != nil || over[0] != want {
			t.Errorf("for the request %q, over is %v, not %v: %v", request, over, want, err)
		}
	}
	list, err := packedFootage{c.e}.Find(t.Context(), []keyring.ID{c.row.ID})
	must(t, err)
	if due, err := (packedFootage{c.e}).Due(t.Context(), own.Request, list); err != nil || !due.IsZero() {
		t.Errorf("while its request keeps it past the term, a package is due %v: %v", due, err)
	}
	if _, err := terms.Over(t.Context(), "none", c.row); !errors.Is(err, disclosure.ErrUnknown) {
		t.Errorf("for no request: %v", err)
	}
}
