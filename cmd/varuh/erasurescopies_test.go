package main

import (
	"testing"
	"time"

	"varuh/accesslog/diary/print"
	"varuh/retention/copies"
)

// A record counts the copies that can hold a key of what was erased, and the day by which the last is to be gone.
func TestCopiesOfAnErasure(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	x := print.Erasure{Start: 4, End: 5, Ended: at, Segments: []print.Segment{
		{From: at.AddDate(0, 0, -9), Kept: true}, {From: at.AddDate(0, 0, -7)}, {From: at.AddDate(0, 0, -8)}}}
	made := func(days int) copies.Copy {
		return copies.Copy{Made: at.AddDate(0, 0, days), Until: at.AddDate(0, 0, days+35)}
	}
	list := []copies.Copy{made(-9), made(-8), made(-1), made(1)} // before any of them was there, twice in time, after it
	if n, until := copiesOf(x, list); n != 2 || !until.Equal(at.AddDate(0, 0, 34)) {
		t.Errorf("%d copies until %s", n, until)
	}
	x.End = -1 // it goes on: each copy made by now may have a key
	if n, until := copiesOf(x, list); n != 3 || !until.Equal(at.AddDate(0, 0, 36)) {
		t.Errorf("%d copies until %s while it is open", n, until)
	}
	x.Segments = x.Segments[:1]
	if n, _ := copiesOf(x, list); n != 0 {
		t.Errorf("%d copies of nothing", n)
	}
}
