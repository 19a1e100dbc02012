package packing

import (
	"errors"
	"strings"
	"testing"

	"varuh/accesslog/disclosure"
)

// No package is built for a copy in which other persons are masked: nothing here masks them. Nothing is entered, and whoever
// asked is told why.
func TestBuildsNothingMasked(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	request := r.approvedFor(t, disclosure.Subject, disclosure.Masked)
	size := r.d.Head().Size
	_, err := r.Order(t.Context(), clerk(), request, Asked{})
	if !errors.Is(err, disclosure.ErrStep) || !strings.Contains(err.Error(), "masks nobody") {
		t.Errorf("%v", err)
	}
	if _, err := r.Job(t.Context(), request); !errors.Is(err, ErrUnknown) || r.d.Head().Size != size {
		t.Errorf("there is a package (%v), and %d entries more", err, r.d.Head().Size-size)
	}
	r.check(t)
}
