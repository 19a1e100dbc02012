package packing

import (
	"strings"
	"testing"
)

// The schema names the words by which a package ends.
func TestSchemaSaysWhy(t *testing.T) {
	t.Parallel()
	_, why, _ := strings.Cut(Schema, "-- why it ended: ")
	why, _, ok := strings.Cut(why, "; '' while")
	var words []string
	for _, w := range []Why{Cancelled, Failed, Delivered, Term, Undone, Lost} {
		words = append(words, string(w))
	}
	if want := strings.Join(words, ", "); !ok || why != want {
		t.Errorf("it says %q, not %q", why, want)
	}
}
