package packing

import (
	"errors"
	"testing"

	"varuh/accesslog/people"
)

// The record to be printed is the one in the package, for whoever may take that out, and as long as it is there.
func TestPaper(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if _, err := r.Paper(t.Context(), clerk(), r.request); !errors.Is(err, ErrUnknown) {
		t.Errorf("before it was ordered: %v", err)
	}
	r.built(t)
	paper, err := r.Paper(t.Context(), clerk(), r.request)
	must(t, err)
	if sum := r.job(t).Manifest; sum == "" || string(paper) != "%PDF- "+sum+"\n" {
		t.Errorf("%q, of %s", paper, sum)
	}
	if len(r.ops(t, opHandover)) != 0 {
		t.Error("to print the record counts as handing over")
	}
	if _, err := r.Paper(t.Context(), session("vid", people.Guard), r.request); !errors.Is(err, people.ErrNotAllowed) {
		t.Errorf("by a guard: %v", err)
	}
	r.lock(true)
	if paper, err := r.Paper(t.Context(), clerk(), r.request); !errors.Is(err, people.ErrLocked) || paper != nil {
		t.Errorf("while all is locked: %v", err)
	}
}
