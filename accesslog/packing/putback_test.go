package packing

import (
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/packing/sealed"
)

// tamper changes rows without an entry, as whoever has the disk can.
func (r *rig) tamper(t *testing.T, statement string, args ...any) {
	t.Helper()
	db, err := sql.Open("sqlite3", filepath.Join(r.dir, "varuh.db"))
	must(t, err)
	_, err = db.Exec(statement, args...)
	must(t, errors.Join(err, db.Close()))
}

// Rows of packages and links that were changed or put back without an entry open nothing, be the program running meanwhile or
// not: it is found before anything leaves by them.
func TestRowsArePutBack(t *testing.T) {
	t.Parallel()
	uses := func(t *testing.T, r *rig, secret, passphrase string) error {
		_, err := r.Use(t.Context(), secret, passphrase, office, true)
		return err
	}
	for name, tt := range map[string]struct {
		before func(t *testing.T, r *rig) Issued
		tamper func(t *testing.T, r *rig)
		leaves func(t *testing.T, r *rig, l Issued) error
	}{
		"a link that was used up": {func(t *testing.T, r *rig) Issued {
			l := r.issued(t, 1)
			must(t, uses(t, r, l.Secret, l.Passphrase))
			return l
		}, func(t *testing.T, r *rig) { r.tamper(t, `UPDATE package_links SET uses = 5`) },
			func(t *testing.T, r *rig, l Issued) error { return uses(t, r, l.Secret, l.Passphrase) }},
		"a link that was ended": {func(t *testing.T, r *rig) Issued {
			l := r.issued(t, 1)
			must(t, r.EndLink(t.Context(), clerk(), r.request, l.ID))
			return l
		}, func(t *testing.T, r *rig) { r.tamper(t, `UPDATE package_links SET ended = 0`) },
			func(t *testing.T, r *rig, l Issued) error { return uses(t, r, l.Secret, l.Passphrase) }},
		"a link that is over": {func(t *testing.T, r *rig) Issued {
			l := r.issued(t, 1)
			r.pass(25 * time.Hour)
			return l
		}, func(t *testing.T, r *rig) {
			r.tamper(t, `UPDATE package_links SET until = ?`, noon.AddDate(1, 0, 0).UnixNano())
		},
			func(t *testing.T, r *rig, l Issued) error { return uses(t, r, l.Secret, l.Passphrase) }},
		"an address of his own": {func(t *testing.T, r *rig) Issued { return r.issued(t, 1) },
			func(t *testing.T, r *rig) {
				r.tamper(t, `UPDATE package_links SET secret = ?, passphrase = ?`, hashed("mine"), hashed("also mine"))
			},
			func(t *testing.T, r *rig, _ Issued) error { return uses(t, r, "mine", "also mine") }},
		"other footage, so that it dies later": {func(*testing.T, *rig) Issued { return Issued{} },
			func(t *testing.T, r *rig) {
				r.tamper(t, `UPDATE packages SET segments = replace(segments, '2026', '2036')`)
			},
			func(t *testing.T, r *rig, _ Issued) error {
				_, err := r.Prepare(t.Context(), clerk(), r.request, Taking{Way: Download, Recipient: "Janez Novak", Warned: true})
				return err
			}},
	} {
		for _, running := range []bool{true, false} {
			t.Run(name+map[bool]string{true: ", while it runs"}[running], func(t *testing.T) {
				t.Parallel()
				r := newRig(t)
				r.built(t)
				l := tt.before(t, r)
				if !running {
					must(t, r.d.Close())
				}
				tt.tamper(t, r)
				if !running {
					r.starts(t, r.disk)
				}
				had := len(r.ops(t, opHandover))
				if err := tt.leaves(t, r, l); !errors.Is(err, diary.ErrFault) {
					t.Errorf("it leaves: %v", err)
				}
				if n := len(r.ops(t, opHandover)); n != had {
					t.Errorf("%d entries handover more", n-had)
				}
				if f := r.d.Fault(); f == nil || f.Kind != diary.FaultState {
					t.Errorf("the fault is %v", f)
				}
			})
		}
	}
}

// A package that somebody exchanges for that of another request does not leave in the place of that, be it before or after its
// delivery is entered.
func TestExchangedOnItsWay(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	first := r.request
	r.request = r.approved(t)
	r.built(t)
	r.request = first
	r.built(t)
	ready, err := r.Prepare(t.Context(), clerk(), r.request, Taking{Way: Download, Recipient: "Janez Novak", Warned: true})
	must(t, err)
	r.tamper(t, `UPDATE packages SET object = (SELECT object FROM packages WHERE request != ?1) WHERE request = ?1`, r.request)
	if _, err := r.Fetch(t.Context(), clerk(), r.request, ready.ID); !errors.Is(err, sealed.ErrDamaged) {
		t.Errorf("it leaves: %v", err)
	}
	if _, err := r.Prepare(t.Context(), clerk(), r.request, Taking{Way: Download, Recipient: "Janez Novak", Warned: true}); !errors.Is(err, sealed.ErrDamaged) {
		t.Errorf("it is prepared: %v", err)
	}
}

// A package that ended and is there again by its row has no key and no file: it counts as lost, is entered so in spite of the
// fault, and can't leave.
func TestEndIsPutBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.terms["hall"] = noon.Add(48 * time.Hour)
	r.built(t)
	r.pass(48 * time.Hour)
	must(t, r.tendAll(t.Context()))
	r.terms["hall"] = noon.AddDate(1, 0, 0)
	r.tamper(t, `UPDATE packages SET ended = 0, why = '', segments = '[]'`)
	if _, err := r.Prepare(t.Context(), clerk(), r.request, Taking{Way: Download, Recipient: "Janez Novak", Warned: true}); err == nil {
		t.Error("it leaves")
	}
	must(t, r.tendAll(t.Context()))
	if job := r.job(t); job.Why != Lost || len(r.ops(t, opErase)) != 2 || r.d.Fault() == nil {
		t.Errorf("it is %s, %s, with %d entries that it was erased and the fault %v", job.Step, job.Why, len(r.ops(t, opErase)), r.d.Fault())
	}
}

// While the diary has a fault a package still dies on time, with its entry.
func TestDiesInSpiteOfFault(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.built(t)
	_, err := r.requests.Refuse(t.Context(), head(), r.request, "ni podlage")
	must(t, err)
	r.tamper(t, `UPDATE request_entrants SET account = 'nobody'`)
	must(t, r.tendAll(t.Context()))
	if keys, files := r.left(t); keys+files > 0 || r.job(t).Why != Undone || len(r.ops(t, opErase)) != 1 || r.d.Fault() == nil {
		t.Errorf("%d keys and %d files are left; it is %s, the fault %v", keys, files, r.job(t).Why, r.d.Fault())
	}
}
