package diary

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"varuh/accesslog/diary/proof"
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

// Rows of keys and origins below the cut, where no entry is left to say what began, are not believed for that: the
// diary opens, names them, and hands them to nobody.
func TestKeyBelowCut(t *testing.T) {
	t.Parallel()
	for _, first := range []int64{-1, 3} {
		r := newRig(t)
		d := r.create(t)
		appendAll(t, d, 6)
		_, err := d.RotateSigningKey(t.Context(), proof.Body{Actor: ana()}, "yearly")
		must(t, err)
		r.years(t, d, 5)
		r.confirm(t, d)
		_, err = d.Prune(t.Context(), Pruning{Years: 2})
		must(t, err)
		keys, err := d.Keys(t.Context())
		must(t, err)
		name := d.Head().Origin
		shut(t, d)
		if d = r.open(t); d.Fault() != nil || len(d.Complaints()) > 0 || len(keys) != 2 {
			t.Fatalf("%v, %q, %v", d.Fault(), d.Complaints(), keys)
		}
		shut(t, d)
		_, forged, err := proof.NewSigningKey(name)
		must(t, err)
		r.tamper(t, fmt.Sprintf(`INSERT INTO diary_signers (first, vkey) VALUES (%d, '%s')`, first, forged),
			fmt.Sprintf(`INSERT INTO diary_origins VALUES (%d, 'other.example')`, 2*first)) // not together
		d = r.open(t)
		if now, err := d.Keys(t.Context()); err != nil || !slices.Equal(now, keys) {
			t.Errorf("%v, %v", now, err)
		}
		for _, want := range []string{fmt.Sprintf("diary_signers is of entry %d,", first), fmt.Sprintf("diary_origins is of entry %d,", 2*first)} {
			if !complains(d, want) {
				t.Errorf("%q is not in %q", want, d.Complaints())
			}
		}
		if _, _, err := d.Opener(r.identity()).Open(t.Context(), d.Head().Size-1); err != nil {
			t.Error(err)
		}
		if report := r.verify(t, d); report.Intact.State != proof.Yes || report.Bad() {
			t.Errorf("%+v", report)
		}
		shut(t, d)
		_, forged, err = proof.NewSigningKey(name)
		must(t, err)
		r.tamper(t, fmt.Sprintf(`INSERT INTO diary_signers (first, vkey, leaf) VALUES (9, '%s', '{}')`, forged)) // behind the one in force
		d = r.open(t)
		if !complains(d, "diary_signers is of entry 9, but the key that signs is older") {
			t.Errorf("%q", d.Complaints())
		}
		appendAll(t, d, 1)
	}
}
