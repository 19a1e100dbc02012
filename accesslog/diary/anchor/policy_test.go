package anchor

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"varuh/accesslog/diary/proof"
)

func none(string) int64 { return 0 }

func TestNewPolicy(t *testing.T) {
	t.Parallel()
	d := newDiary(t)
	a, b := newKeeper(t, "a.example", d.key), newKeeper(t, "b.example", d.key)
	wa, wb, alias := serveInMemory(t, a), serveInMemory(t, b), serveInMemory(t, &keeper{Cosigner: renamed(t, a, "c.example")})
	sameName := serveInMemory(t, newKeeper(t, "a.example", d.key))
	for name, tt := range map[string]struct {
		witnesses []*Witness
		quorum    int
		ok        bool
	}{
		"nobody":                {nil, 0, true},
		"one of one":            {[]*Witness{wa}, 1, true},
		"one of two":            {[]*Witness{wa, wb}, 1, true},
		"two of two":            {[]*Witness{wa, wb}, 2, true},
		"one of nobody":         {nil, 1, false},
		"none of one":           {[]*Witness{wa}, 0, false},
		"three of two":          {[]*Witness{wa, wb}, 3, false},
		"fewer than none":       {[]*Witness{wa, wb}, -1, false},
		"one twice":             {[]*Witness{wa, wa}, 1, false},
		"one name, two keys":    {[]*Witness{wa, sameName}, 1, false},
		"one key under another": {[]*Witness{wa, alias}, 1, false},
	} {
		if _, err := NewPolicy(tt.witnesses, tt.quorum, nil); (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The quorum decides whether a checkpoint is kept; one witness's word is enough for an incident.
func TestQuorum(t *testing.T) {
	t.Parallel()
	d := newDiary(t).grow(t, 7)
	down := func() *Witness {
		k := newKeeper(t, "down.example", d.key)
		return serve(t, k.Key, http.HandlerFunc(says(503, "", "")))
	}
	ahead := func() *Witness {
		k := newKeeper(t, "ahead.example", d.key)
		return serve(t, k.Key, http.HandlerFunc(says(409, "text/x.tlog.size", "8\n")))
	}
	up := func(name string) *Witness {
		k := newKeeper(t, name, d.key)
		return serve(t, k.Key, k)
	}
	for name, tt := range map[string]struct {
		witnesses      []*Witness
		quorum         int
		kept, rollback bool
		cosignatures   int
	}{
		"nobody":                {nil, 0, false, false, 0},
		"all":                   {[]*Witness{up("a"), up("b")}, 2, true, false, 2},
		"one is down":           {[]*Witness{up("a"), down()}, 2, false, false, 1},
		"one may be down":       {[]*Witness{up("a"), down()}, 1, true, false, 1},
		"one of three is ahead": {[]*Witness{up("a"), up("b"), ahead()}, 2, true, true, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := NewPolicy(tt.witnesses, tt.quorum, nil)
			must(t, err)
			r := p.Anchor(t.Context(), d, d.now(t), none)
			if r.Kept != tt.kept || (r.Rollback() != nil) != tt.rollback || len(r.Cosignatures) != tt.cosignatures || r.Size != 7 {
				t.Errorf("got %+v", r)
			}
			if _, err := proof.OpenCheckpoint(r.Checkpoint, d.key); err != nil {
				t.Errorf("the round's checkpoint: %v", err)
			}
			if len(r.Failures) == 0 != (r.Err() == nil) {
				t.Errorf("%d failures, %v", len(r.Failures), r.Err())
			}
		})
	}
}

// brokenLog can't prove anything, as one whose disk fails.
type brokenLog struct{}

var errDisk = errors.New("input/output error")

func (brokenLog) Consistency(context.Context, int64, int64) (tlog.TreeProof, error) {
	return nil, errDisk
}

// What fails here is not put on the witness.
func TestLogThatFails(t *testing.T) {
	t.Parallel()
	d := newDiary(t).grow(t, 7)
	k := newKeeper(t, "a.example", d.key)
	_, err := serve(t, k.Key, k).Cosign(t.Context(), brokenLog{}, d.now(t), 3)
	if !errors.Is(err, errDisk) || k.asked != 0 {
		t.Errorf("got %v", err)
	}
}

// renamed is a witness's key under another name.
func renamed(t *testing.T, k *keeper, name string) *proof.Cosigner {
	t.Helper()
	c, err := proof.NewCosigner(name, k.private, nil)
	must(t, err)
	return c
}
