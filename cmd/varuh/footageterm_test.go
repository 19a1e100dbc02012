package main

import (
	"testing"
	"time"

	"varuh/recorder/keyring"
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
		due, err := packedFootage{c.e}.Due(t.Context(), list)
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
