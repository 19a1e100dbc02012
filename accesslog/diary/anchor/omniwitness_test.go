package anchor

import (
	"errors"
	"testing"
	"time"

	"varuh/accesslog/diary/anchor/witnesstest"
	"varuh/accesslog/diary/proof"
)

func witnessOf(t *testing.T, o *witnesstest.Witness) *Witness {
	t.Helper()
	w, err := NewWitness(o.URL, o.Key.String())
	must(t, err)
	return w
}

func TestOmniwitness(t *testing.T) {
	t.Parallel()
	binary := witnesstest.Build(t)
	t.Run("history", func(t *testing.T) { t.Parallel(); testHistory(t, binary) })
	t.Run("down and back", func(t *testing.T) { t.Parallel(); testDownAndBack(t, binary) })
}

// Somebody else's witness follows the diary, and catches one that was rewritten and re-signed with the
// diary's own key.
func testHistory(t *testing.T, binary string) {
	d := newDiary(t).grow(t, 5)
	o := witnesstest.Start(t, binary, "witness.example/omni", origin, d.key)
	w := witnessOf(t, o)
	cosigned := func(size, last int64) {
		t.Helper()
		before := time.Now().Add(-2 * time.Second)
		got, err := w.Cosign(t.Context(), d.grow(t, size), d.at(t, size), last)
		must(t, err)
		if got.Size != size || got.Time.Before(before) || got.Time.After(time.Now().Add(time.Second)) {
			t.Errorf("got %+v", got)
		}
	}
	cosigned(5, 0)   // the first checkpoint
	cosigned(12, 5)  // an extension
	cosigned(12, 12) // the same again, for its time
	cosigned(20, 7)  // a stale size
	cosigned(33, 0)  // none remembered

	bad := d.rewritten(t, 3)
	_, err := w.Cosign(t.Context(), bad, bad.now(t), 33)
	if c, ok := errors.AsType[*ConflictError](err); !ok || c.Old != 33 {
		t.Errorf("an entry rewritten: %v", err)
	}
	_, err = w.Cosign(t.Context(), bad.grow(t, 50), bad.now(t), 33)
	if c, ok := errors.AsType[*ConflictError](err); !ok || c.Old != 33 || c.Size != 50 {
		t.Errorf("an entry rewritten, and the diary grown: %v", err)
	}
	_, err = w.Cosign(t.Context(), d, d.at(t, 20), 20)
	if a, ok := errors.AsType[*AheadError](err); !ok || a.Size != 33 || a.Ours != 20 {
		t.Errorf("a diary that went back: %v", err)
	}
	stranger := newDiary(t).grow(t, 5)
	_, err = w.Cosign(t.Context(), stranger, stranger.now(t), 0)
	if _, ok := errors.AsType[*ConflictError](err); ok || err == nil {
		t.Errorf("another key for the same diary: %v", err)
	}
	cosigned(40, 33) // none of this hindered the true diary
}

// A witness that is down is waited for, and remembers when it is back.
func testDownAndBack(t *testing.T, binary string) {
	d := newDiary(t).grow(t, 5)
	o := witnesstest.Start(t, binary, "witness.example/omni", origin, d.key)
	k := newKeeper(t, "witness.example/w2", d.key)
	p, err := NewPolicy([]*Witness{witnessOf(t, o), serve(t, k.Key, k)}, 2, nil)
	must(t, err)
	round := func() Round {
		t.Helper()
		return p.Anchor(t.Context(), d, d.now(t), func(string) int64 { return 0 })
	}
	if r := round(); !r.Kept || !r.Enough || r.Err() != nil {
		t.Fatalf("both are up: %v", r.Err())
	}

	o.Stop(t)
	d.grow(t, 9)
	r := round()
	if r.Kept || r.Enough || len(r.Cosignatures) != 1 || len(r.Failures) != 1 || r.Failures[0].Party != "witness.example/omni" || r.Rollback() != nil {
		t.Errorf("one is down: %+v", r)
	}

	o.Run(t)
	d.grow(t, 11)
	r = round()
	if !r.Kept || r.Err() != nil {
		t.Fatalf("it is back: %v", r.Err())
	}
	signed, err := proof.OpenCheckpoint(r.Checkpoint, d.key, o.Key, k.Key)
	must(t, err)
	if len(signed.Cosignatures) != 2 || signed.Size != 11 {
		t.Errorf("the checkpoint carries %d cosignatures", len(signed.Cosignatures))
	}
	bad := d.rewritten(t, 2).grow(t, 20)
	r = p.Anchor(t.Context(), bad, bad.now(t), func(string) int64 { return 11 })
	if r.Rollback() == nil || len(r.Failures) != 2 {
		t.Errorf("it is back and has forgotten what it cosigned: %v", r.Err())
	}
}
