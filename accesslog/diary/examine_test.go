package diary

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

// Without a private key it is told what is missing behind the leaves, or can't be; what only looks right is not
// called so, for nothing was opened.
func TestParts(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	for i := range 12 {
		if _, err := d.Append(t.Context(), Entry{Op: "collect", Body: proof.Body{Note: fmt.Sprint(i)}, Manifest: []byte(`{"n":1}`), Clear: i%2 == 0}, nil); err != nil {
			t.Fatal(err)
		}
	}
	appendAll(t, d, 1) // has no manifest
	look := func() (bad map[int64]string, n int64) {
		bad = map[int64]string{}
		for p, err := range d.Parts(t.Context(), 0, d.Head().Size+5) {
			must(t, err)
			if p.Index != n {
				t.Errorf("entry %d came for %d", p.Index, n)
			}
			if n++; p.Err != nil {
				bad[p.Index] = p.Err.Error()
				if !errors.Is(p.Err, ErrDamaged) {
					t.Error(p.Err)
				}
			}
		}
		return bad, n
	}
	if bad, n := look(); len(bad) != 0 || n != 14 || d.Strays(t.Context()) != nil {
		t.Errorf("%d entries: %v, %v", n, bad, d.Strays(t.Context()))
	}
	r.tamper(t,
		`UPDATE diary_bodies SET body = (SELECT body FROM diary_bodies WHERE i = 2) WHERE i = 1`, // only a key tells
		`DELETE FROM diary_bodies WHERE i = 3`,
		`UPDATE diary_bodies SET key = 99 WHERE i = 4`,
		`UPDATE diary_bodies SET body = x'' WHERE i = 5`,
		`UPDATE diary_bodies SET body = zeroblob(70000) WHERE i = 6`,
		`UPDATE diary_bodies SET manifest = NULL WHERE i = 7`,
		`UPDATE diary_bodies SET manifest = zeroblob(17000000) WHERE i = 8`,
		`UPDATE diary_bodies SET manifest = x'00' WHERE i = 13`,
		`INSERT INTO diary_bodies (i, key, body, clear) VALUES (77, 1, x'00', 0)`)
	bad, _ := look()
	for i, want := range map[int64]string{3: "has no body", 4: "content key 99, which is not there", 5: "a body of 0 bytes", 6: "a body of 70000 bytes",
		7: "has no manifest", 8: "a manifest of 17000000 bytes", 13: "a manifest that its leaf does not know"} {
		if !strings.Contains(bad[i], want) || !strings.Contains(bad[i], fmt.Sprintf("entry %d ", i)) {
			t.Errorf("entry %d: %q", i, bad[i])
		}
	}
	if len(bad) != 7 {
		t.Errorf("%v", bad)
	}
	if err := d.Strays(t.Context()); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "are not there: 77") {
		t.Error(err)
	}
}

// An export goes on past what can't be opened where its caller wants to know of it, and else ends there.
func TestExportPastDamage(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 5)
	r.tamper(t, `DELETE FROM diary_bodies WHERE i = 3`, `UPDATE diary_bodies SET key = 99 WHERE i = 4`)
	e := Export{Opener: d.Opener(keyring.Identity{r.reading})}
	if err := d.Export(t.Context(), dropped{}, e); !errors.Is(err, ErrDamaged) {
		t.Error(err)
	}
	closed := map[int64]error{}
	bodies := 0
	e.Closed = func(i int64, err error) { closed[i] = err }
	e.Each = func(_ proof.Leaf, body []byte) {
		if body != nil {
			bodies++
		}
	}
	must(t, d.Export(t.Context(), dropped{}, e))
	if len(closed) != 2 || !Unreadable(closed[3]) || !Unreadable(closed[4]) || bodies != 4 {
		t.Errorf("%v, %d bodies", closed, bodies)
	}
}

// dropped is an archive that keeps nothing.
type dropped struct{}

// Create implements [proof.Archive].
func (dropped) Create(string) (io.Writer, error) { return io.Discard, nil }

// What a pin keeps before the cut is looked at, too, and held against the tree; what was pruned leaves nothing
// behind that could be called stray.
func TestPartsOfPruned(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	appendAll(t, d, 8)
	if _, err := d.Pin(t.Context(), "hold 1", []int64{3, 5}, keyring.Identity{r.reading}, proof.Body{Actor: ana()}, nil); err != nil {
		t.Fatal(err)
	}
	r.years(t, d, 9)
	r.confirm(t, d)
	if _, err := d.Prune(t.Context(), Pruning{Years: 2}); err != nil {
		t.Fatal(err)
	}
	look := func() (all []int64, bad []int64) {
		for p, err := range d.Parts(t.Context(), 0, d.Head().Size) {
			must(t, err)
			if all = append(all, p.Index); p.Err != nil {
				bad = append(bad, p.Index)
			}
		}
		return all, bad
	}
	h := d.Head()
	all, bad := look()
	if h.Cut == 0 || int64(len(all)) != 2+h.Size-h.Cut || all[0] != 3 || all[1] != 5 || all[2] != h.Cut || bad != nil {
		t.Errorf("of %+v: %v, bad %v", h, all, bad)
	}
	must(t, d.Strays(t.Context()))
	r.tamper(t, `UPDATE diary_leaves SET leaf = replace(leaf, '2026', '2025') WHERE i = 5`,
		`INSERT INTO diary_bodies (i, key, body, clear) VALUES (4, 1, x'00', 0)`)
	if _, bad = look(); len(bad) != 1 || bad[0] != 5 {
		t.Errorf("a held entry that was changed: %v", bad)
	}
	if err := d.Strays(t.Context()); err == nil || !strings.Contains(err.Error(), "are not there: 4") {
		t.Errorf("the body of a pruned entry: %v", err)
	}
}
