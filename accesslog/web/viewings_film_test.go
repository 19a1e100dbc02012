package web

import (
	"testing"

	"varuh/recorder/recordertest"
)

// What cameras of the tests send, and how it is stored.
type (
	film    = recordertest.Film
	reel    = recordertest.Reel
	stored  = recordertest.Fragment
	writing = recordertest.Writing
)

var (
	load    = recordertest.Load
	samples = recordertest.Samples
)

// record stores a film as one run.
func (r *rig) record(t testing.TB, p reel) []stored {
	t.Helper()
	return recordertest.Record(t, r.store, r.index, p)
}

func (r *rig) writing(t testing.TB, p reel) *writing {
	t.Helper()
	return recordertest.NewWriting(t, r.store, r.index, p)
}
