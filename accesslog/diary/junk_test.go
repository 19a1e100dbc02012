package diary

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"varuh/accesslog/diary/proof"
)

// Rows of junk in what outside parties gave stop nothing: each is named and left out, and what is right stays.
func TestJunkRows(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	w := cosigner(t, d.o.Now)
	_, err := d.AddParty(t.Context(), Party{Name: w.Name(), Kind: "witness", Key: w.Key.String()}, proof.Body{Actor: ana()})
	must(t, err)
	appendAll(t, d, 4)
	anchor(t, d, w, noon) // entry 6, over 6 entries
	appendAll(t, d, 4)
	anchor(t, d, w, noon) // entry 11, over 11 entries
	anchor(t, d, w, noon) // entry 12, over 12 entries
	shut(t, d)
	r.tamper(t,
		`INSERT INTO diary_anchors VALUES (-1, 6, 'witness', 'junk', 0, x'00')`,
		`INSERT INTO diary_anchors VALUES (2, 6, 'tsa', 'junk', 0, x'00')`,
		`INSERT INTO diary_anchors VALUES (99, 77, 'print', 'junk', 0, x'')`,
		`UPDATE diary_anchors SET data = x'6a756e6b' WHERE i = 11`,
		`UPDATE diary_anchors SET kind = 'pigeon' WHERE i = 12`,
		`INSERT INTO diary_released VALUES (4, 'junk')`,
		`INSERT INTO diary_released VALUES (-4, '')`,
		`INSERT INTO diary_released SELECT 5, checkpoint FROM diary_released WHERE size = 6`,
		`INSERT INTO diary_signers (first, vkey) VALUES (3, 'sola.example+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW')`,
		`INSERT INTO diary_origins VALUES (4, 'other.example/varuh/1/dnevnik')`)
	d = r.open(t)
	if d.Fault() != nil {
		t.Error(d.Fault())
	}
	check := func(d *Diary) {
		t.Helper()
		for _, want := range []string{"entry -1 in diary_anchors", "entry 2 in diary_anchors", "entry 99 in diary_anchors", "entry 11 in diary_anchors",
			`"pigeon"`, "checkpoint of 4 entries", "checkpoint of -4 entries", "checkpoint of 5 entries", "is one of 6",
			"holds no key", "diary_signers is of entry 3", "diary_origins is of entry 4"} {
			if !complains(d, want) {
				t.Errorf("nothing says %q: %q", want, d.Complaints())
			}
		}
	}
	check(d)
	before := len(d.Complaints())
	report := r.verify(t, d)
	if report.Intact.State != proof.Yes || report.Origin == "" {
		t.Errorf("%+v", report)
	}
	if len(d.Complaints()) != before {
		t.Errorf("after an export: %q", d.Complaints())
	}
	shut(t, d)
	r.tamper(t, `DELETE FROM diary_anchors WHERE i >= 11`)
	if d = r.open(t); !complains(d, "entry 11 says that somebody outside anchored") || !complains(d, "entry 12") {
		t.Errorf("anchors that were deleted: %q", d.Complaints())
	}
}

// Rows of junk at the indexes of entries to come stand in the way of none.
func TestJunkAhead(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.wentBack(t)
	for i := 12; i < 20; i++ {
		r.tamper(t,
			fmt.Sprintf(`INSERT INTO diary_origins VALUES (%d, 'a%[1]d')`, i),
			fmt.Sprintf(`INSERT INTO diary_signers (first, vkey) VALUES (%d, 'a%[1]d')`, i),
			fmt.Sprintf(`INSERT INTO diary_bodies VALUES (%d, 1, x'', NULL, 0)`, i),
			fmt.Sprintf(`INSERT INTO diary_anchors VALUES (%d, 1, 'print', '', 0, x'')`, i))
	}
	r.tamper(t, fmt.Sprintf(`INSERT INTO diary_hashes VALUES (%d, x'00')`, tlog.StoredHashIndex(blockLevel, 0)))
	d := r.open(t)
	_, err := d.Accept(t.Context(), *ana(), proof.Actor{ID: "p2"}, "looked at it")
	must(t, err)
	_, err = d.RotateSigningKey(t.Context(), proof.Body{Actor: ana()}, "yearly")
	must(t, err)
	appendAll(t, d, 2)
	anchor(t, d, cosigner(t, d.o.Now), noon)
	appendAll(t, d, 260)
	shut(t, d)
	d = r.open(t)
	if d.Fault() != nil || len(r.readAll(t, d)) < 19 {
		t.Error(d.Fault())
	}
	if report := r.verify(t, d); report.Intact.State != proof.Yes {
		t.Errorf("%+v", report)
	}
}

// What can't be accepted for want of a row leaves nothing, and no checkpoint that nobody signed.
func TestAcceptFails(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	shut(t, d)
	other := newRig(t)
	shut(t, other.create(t))
	wrong, err := os.ReadFile(filepath.Join(other.dir, "keys", signingFile))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(r.dir, "keys", signingFile), wrong, 0o600))
	r.tamper(t, `DROP TABLE people`)
	o := r.options()
	o.Schema = nil // else it would be made again
	d, err = Open(t.Context(), o)
	must(t, err)
	if _, err := d.Append(t.Context(), Entry{Op: "collect"}, nil); !errors.Is(err, ErrKey) {
		t.Errorf("without a key: %v", err)
	}
	if _, err := d.Accept(t.Context(), *ana(), proof.Actor{ID: "p2"}, "x"); err == nil || !strings.Contains(err.Error(), "people") {
		t.Errorf("without a governed table: %v", err)
	}
	if f := d.Fault(); f == nil || f.Kind != FaultKey || d.Head().Size != 1 {
		t.Errorf("%v, %d entries", f, d.Head().Size)
	}
}

// A checkpoint of more entries than there are, signed by the diary, is named wherever it lies.
func TestReleasedIsAhead(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 4)
	shut(t, d)
	restore := r.backup(t)
	d = r.open(t)
	appendAll(t, d, 4)
	ahead, err := d.Checkpoint(t.Context())
	must(t, err)
	shut(t, d)
	restore()
	must(t, os.Remove(filepath.Join(r.dir, "keys", noteFile)))
	r.tamper(t, `INSERT INTO diary_released VALUES (9, '`+string(ahead)+`')`)
	d = r.open(t)
	if !complains(d, "a checkpoint of 9 entries that this diary signed, which has 5") {
		t.Errorf("%q", d.Complaints())
	}
	r.bundle(t, d)
}
