package web

import (
	"testing"
	"time"

	"varuh/accesslog"
)

// Where a notice allowed no sound that is named by itself: the picture is there, so nothing is withheld.
func TestSilentIsNamed(t *testing.T) {
	t.Parallel()
	c := &call{language: "sl"}
	var r reach
	at := func(minutes int) time.Time { return dawn.Add(time.Duration(minutes) * time.Minute) }
	for _, list := range [][]accesslog.Withheld{
		{{From: at(1), To: at(2), Why: accesslog.ErrSound}},
		{{From: at(2), To: at(3), Why: accesslog.ErrSound}, {From: at(5), To: at(6), Why: accesslog.ErrSound}},
	} {
		r.add(c, accesslog.Timeline{Silent: list})
	}
	if len(r.Withheld) > 0 || r.err != nil {
		t.Errorf("withheld is %+v: %v", r.Withheld, r.err)
	}
	want := []withheld{{moment{at(1)}, moment{at(3)}, "sound", "Obvestilo takrat ni dovoljevalo zvoka"}, {moment{at(5)}, moment{at(6)}, "sound", "Obvestilo takrat ni dovoljevalo zvoka"}}
	if len(r.Silent) != 2 || r.Silent[0] != want[0] || r.Silent[1] != want[1] {
		t.Errorf("silent is %+v, want %+v", r.Silent, want)
	}
}
