package certificate

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/recorder/durable"
)

// Over nine years, looked at each day: what is served is always good for weeks, and is replaced about once in eleven
// months.
func TestRenewal(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	k := r.open(t)
	renewed, before := 0, k.served(t)
	for day := 0; day < 9*365; day += 5 {
		r.now = noon.AddDate(0, 0, day)
		k.Look()
		if leaf := k.served(t); !leaf.Equal(before) {
			renewed, before = renewed+1, leaf
		}
		for _, at := range []time.Time{r.now.AddDate(0, 0, -6), r.now, r.now.AddDate(0, 0, 58)} {
			if err := verify(t, k, "varuh-box.local", at); err != nil && day > 0 {
				t.Fatalf("day %d, seen on %v: %v", day, at, err)
			}
		}
	}
	if renewed < 9 || renewed > 10 {
		t.Errorf("renewed %d times", renewed)
	}
	if p := k.Problem(); p == nil || !strings.Contains(p.Error(), "ends on 2036-11-22") {
		t.Errorf("in the authority's last year: %v", p)
	}
	for day := 9 * 365; day < 10*365; day += 5 { // its end is the leaf's: no renewal would help
		r.now = noon.AddDate(0, 0, day)
		k.Look()
		if leaf := k.served(t); !leaf.Equal(before) {
			renewed, before = renewed+1, leaf
		}
		if err := verify(t, k, "varuh-box.local", r.now); err != nil {
			t.Fatalf("day %d: %v", day, err)
		}
	}
	if renewed > 12 {
		t.Errorf("renewed %d times, in the last year again and again", renewed)
	}
}

// A name or an address that comes is taken up; one that goes does no harm.
func TestNamesChange(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	k := r.open(t)
	first, root := k.served(t), k.Root()
	r.names.Addresses = append(slices.Clone(r.names.Addresses), netip.MustParseAddr("10.0.0.7"))
	k.Look()
	if err := verify(t, k, "10.0.0.7", noon); err != nil || k.served(t).Equal(first) {
		t.Errorf("a new address: %v", err)
	}
	second := k.served(t)
	r.names.Addresses = nil
	k.Look()
	r.now = r.now.AddDate(0, 1, 0)
	k.Look()
	if !k.served(t).Equal(second) {
		t.Error("an address went, and there is another certificate")
	}
	r.names = NamesOf("newname", nil, nil, nil) // the authority may not sign for it
	k.Look()
	if err := verify(t, k, "newname.local", r.now); err != nil || verify(t, k, "newname", r.now) == nil || !slices.Equal(k.Root(), root) || k.Problem() != nil {
		t.Errorf("a new name of the machine: %v, %v", err, k.Problem())
	}
	third := k.served(t)
	r.lost = errors.New("no interfaces")
	k.Look()
	if !k.served(t).Equal(third) || !errors.Is(k.Problem(), r.lost) {
		t.Errorf("the machine can't tell its names: %v", k.Problem())
	}
	r.lost = nil
	if k.Look(); k.Problem() != nil {
		t.Errorf("it can again: %v", k.Problem())
	}
}

// A box without a battery, whose clock comes right later, or goes wrong in between.
func TestWrongClock(t *testing.T) {
	t.Parallel()
	for name, times := range map[string][]time.Time{
		"1970, then right":         {time.Unix(40, 0), noon},
		"1970, right, 1970, right": {time.Unix(40, 0), noon.AddDate(1, 0, 0), time.Unix(90, 0), noon.AddDate(1, 0, 1)},
		"2040, then right":         {time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC), noon},
		"right, 2040, right":       {noon, time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC), noon.AddDate(0, 2, 0)},
		"right, half a year back":  {noon.AddDate(1, 0, 0), noon.AddDate(0, 6, 0), noon.AddDate(1, 0, 0)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			var root []byte
			for _, r.now = range times {
				k := r.open(t)
				if root == nil {
					root = k.Root()
				}
				if !slices.Equal(root, k.Root()) {
					t.Error("another authority")
				}
			}
			k := r.open(t)
			if err := verify(t, k, "varuh-box.local", r.now); err != nil {
				t.Errorf("with the clock right: %v", err)
			}
			if d := k.served(t).NotAfter.Sub(k.served(t).NotBefore); d > 398*24*time.Hour {
				t.Errorf("valid for %v", d)
			}
		})
	}
	r := newRig(t)
	r.now = noon.AddDate(0, 8, 0)
	k := r.open(t)
	r.now = time.Unix(90, 0) // the machine has started anew; browsers have the right time
	again := r.open(t)
	if !again.served(t).Equal(k.served(t)) || verify(t, again, "varuh-box", noon.AddDate(0, 8, 0)) != nil {
		t.Error("a clock that is certainly wrong took a good certificate away")
	}
	r = newRig(t)
	r.now = time.Unix(40, 0) // the first start; browsers have the right time, whatever day of the first year it is
	k = r.open(t)
	for _, at := range []time.Time{noon, noon.AddDate(0, 11, 0)} {
		if err := verify(t, k, "varuh-box.local", at); err != nil {
			t.Errorf("made in 1970, seen on %v: %v", at, err)
		}
	}
}

// full is a disk on which no new file fits.
type full struct{ durable.FS }

func (full) Create(string, os.FileMode) (durable.File, error) {
	return nil, errors.New("no space left")
}

// A full disk closes no page that there is an authority for.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.FS = full{durable.OS}
	if _, err := Open(r.Options); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("an authority that is not kept: %v", err)
	}
	r.FS = durable.OS
	root := r.open(t).Root()
	must(t, os.Remove(filepath.Join(r.Dir, leafFile)))
	r.FS = full{durable.OS}
	k := r.open(t)
	if verify(t, k, "varuh-box", noon) != nil || !slices.Equal(root, k.Root()) || k.Problem() == nil {
		t.Errorf("with a full disk: %v", k.Problem())
	}
	leaf := k.served(t)
	k.Look()
	if !k.served(t).Equal(leaf) {
		t.Error("each look makes another certificate")
	}
}
