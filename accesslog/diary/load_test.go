package diary

import (
	"errors"
	"strings"
	"testing"
)

// A name that somebody put into the database breaks no line of what is said of it.
func TestOriginOfTwoLines(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	shut(t, r.create(t))
	r.tamper(t, `UPDATE diary_origins SET origin = 'sola.example' || char(10) || 'all is well'`)
	if _, err := Open(t.Context(), r.options()); !errors.Is(err, ErrDamaged) || strings.Contains(err.Error(), "\n") {
		t.Errorf("%q", err)
	}
}
