package diary

import (
	"errors"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary/proof"
)

// ahead is a diary whose clock is more than two years ahead, with a confirmation that counts by it, and with a witness
// that said since what day it is.
func (r *rig) ahead(t *testing.T) *Diary {
	t.Helper()
	d := r.create(t)
	right := noon
	w := cosigner(t, func() time.Time { return right })
	_, err := d.AddParty(t.Context(), Party{Name: w.Name(), Kind: "witness", Key: w.Key.String()}, proof.Body{Actor: ana()})
	must(t, err)
	appendAll(t, d, 6)
	anchor(t, d, w, right)
	r.at(2029, time.January, 2)
	appendAll(t, d, 1)
	r.confirm(t, d)
	right = noon.Add(time.Hour)
	anchor(t, d, w, right)
	return d
}

// Whoever sets the clock ahead takes away what a witness said against it, or changes it: it stops the prune still.
func TestContradictionIsHidden(t *testing.T) {
	t.Parallel()
	for name, statement := range map[string]string{
		"nothing":              `SELECT 1`,
		"all anchors":          `DELETE FROM diary_anchors`,
		"the last anchor":      `DELETE FROM diary_anchors WHERE i = (SELECT max(i) FROM diary_anchors)`,
		"by another":           `UPDATE diary_anchors SET party = 'x'`,
		"by a sheet of paper":  `UPDATE diary_anchors SET party = 'paper', kind = 'print', data = x''`,
		"junk":                 `UPDATE diary_anchors SET data = x'00'`,
		"no checkpoints":       `DELETE FROM diary_released`,
		"moved":                `UPDATE diary_anchors SET i = i + 1000`,
		"many rows behind it":  `WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM n WHERE x<150) INSERT INTO diary_anchors SELECT 1000000+x, (SELECT max(size) FROM diary_anchors), 'witness', 'witness.example/w', 0, x'00' FROM n`,
		"an entry's other row": `UPDATE diary_anchors SET data = (SELECT data FROM diary_anchors ORDER BY i LIMIT 1), size = (SELECT min(size) FROM diary_anchors)`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			shut(t, r.ahead(t))
			r.tamper(t, statement)
			d := r.open(t)
			if err := r.refuses(t, d, name, Pruning{Years: 2}); !errors.Is(err, ErrNotDue) {
				t.Error(err)
			}
		})
	}
}

// An anchor that was lost while the clock was shown to be right an hour before stops no prune, and neither does one
// behind which others verify.
func TestLostAnchorStopsNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	w := cosigner(t, func() time.Time { return d.o.Now() })
	_, err := d.AddParty(t.Context(), Party{Name: w.Name(), Kind: "witness", Key: w.Key.String()}, proof.Body{Actor: ana()})
	must(t, err)
	r.years(t, d, 5)
	anchor(t, d, w, d.o.Now())
	r.clock.Add(int64(time.Hour))
	anchor(t, d, w, d.o.Now())
	r.tamper(t, `DELETE FROM diary_anchors WHERE i = (SELECT max(i) FROM diary_anchors)`)
	r.confirm(t, d)
	_, err = d.Prune(t.Context(), Pruning{Years: 2})
	must(t, err)
}

// A witness spoke once while the clock was years ahead, and never again. The clock was set right: what it said stops
// nothing, but a confirmation from before does not count either.
func TestWitnessIsGone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.at(2029, time.March, 1)
	d := r.create(t)
	w := cosigner(t, func() time.Time { return noon })
	_, err := d.AddParty(t.Context(), Party{Name: w.Name(), Kind: "witness", Key: w.Key.String()}, proof.Body{Actor: ana()})
	must(t, err)
	appendAll(t, d, 2)
	anchor(t, d, w, noon)
	r.at(2032, time.January, 2)
	_, err = d.ConfirmPrune(t.Context(), proof.Body{Actor: ana()})
	must(t, err)
	r.at(2032, time.March, 1)
	appendAll(t, d, 1)
	if err := r.refuses(t, d, "while the clock is ahead", Pruning{Years: 2}); !errors.Is(err, ErrNotDue) || !strings.Contains(err.Error(), w.Name()+" said") {
		t.Error(err)
	}
	r.clock.Store(0)
	appendAll(t, d, 5)
	r.at(2032, time.March, 1)
	appendAll(t, d, 1)
	if err := r.refuses(t, d, "by a confirmation from before it was set right", Pruning{Years: 2}); !errors.Is(err, ErrNotDue) || strings.Contains(err.Error(), w.Name()) {
		t.Error(err)
	}
	r.confirm(t, d)
	_, err = d.Prune(t.Context(), Pruning{Years: 2})
	must(t, err)
}
