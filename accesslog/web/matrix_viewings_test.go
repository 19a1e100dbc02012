package web

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/people"
	"varuh/testdata/clips"
)

// openers are who may open a viewing.
var openers = []string{string(people.Approver), string(people.Caretaker), string(people.Guard), string(people.Inspector), "inspector token"}

// ofViewing are the routes into an open viewing. That of live pictures is tried by the tests of those: it goes on.
func ofViewing() (list []route) {
	for _, r := range viewingRoutes {
		if strings.Contains(r.pattern, "{viewing}") && r.name != "live" {
			list = append(list, r)
		}
	}
	return list
}

// opened is a viewing of somebody, with what its routes take.
func (c *client) opened() (o openedViewing, with request) {
	c.t.Helper()
	c.from = office
	from := noon.Add(-5 * time.Minute)
	c.api("POST", "/viewings", askedViewing{Purpose: "property", place: place{Camera: "hall", From: moment{from}, To: moment{from.Add(time.Minute)}}}, &o)
	w := c.do("GET", o.Windows[0].Playlist, nil)
	var part, init string
	for _, path := range addresses(o.Windows[0].Playlist, w.Body.Bytes()) {
		if name := path[strings.LastIndex(path, "/")+1:]; strings.Contains(path, "/part/") {
			part = name
		} else {
			init = name
		}
	}
	return o, request{Path: map[string]string{"viewing": o.ID, "camera": "hall", "stream": "main", "part": part, "init": init},
		Query: "from=2026-11-21T11:55:00Z&to=2026-11-21T11:56:00Z"}
}

// into is what a route is asked with.
func (q request) into(r route) request {
	q.Path = maps.Clone(q.Path)
	q.Path["name"] = q.Path["part"]
	switch r.name {
	case "initSegment":
		q.Path["name"], q.Query = q.Path["init"], ""
	case "part":
		q.Query = ""
	case "keyFrame":
		q.Query = "at=2026-11-21T11:55:10Z"
	case "extendViewing":
		q.Query, q.Body = "", []byte(`{"camera": "hall", "from": "2026-11-21T11:55:00Z", "to": "2026-11-21T11:56:00Z"}`)
	case "endViewing":
		q.Query, q.Body = "", []byte(`{"outcome": "not stated"}`)
	}
	return q
}

// The table in testdata says of every route into a viewing that is open whether its owner may use it, in the scope of his
// authorisation and out of it, from outside the premises, after his time; and that nobody else may. What is refused has not
// a byte of footage.
func TestViewingMatrix(t *testing.T) {
	t.Parallel()
	s := newStageOn(t, newRigFor(t, 60*24*time.Hour))
	film := s.entrance(noon.Add(-5 * time.Minute))
	s.record(t, reel{Camera: "yard", Stream: "main", Film: load(t, clips.YardSub, 1), Start: noon.Add(-5 * time.Minute), Segment: time.Minute})
	all := visitors(t, s.rig)
	var table strings.Builder
	table.WriteString("# Who may use which route into an open viewing: its owner, by where he stands, then everybody else, with a viewing of the approver's.\n# " +
		strings.Join(openers, " | ") + "\n# " + strings.Join(columns(), " | ") + "\n")
	judge := func(c *client, r route, q request, at standing) string {
		w := c.answered(r, q, at)
		if w.Code/100 != 2 && slices.ContainsFunc(film, func(f stored) bool { return bytes.Contains(w.Body.Bytes(), f.Data) }) {
			t.Errorf("%s, %s: refused with footage: %d", r.name, at.name, w.Code)
		}
		return judged(w)
	}
	ended := func() { // all that is open, for nobody asks for anything
		now := s.clock()
		s.set(now.Add(time.Hour))
		must(t, s.o.Door.Sweep(t.Context()))
		s.set(now)
	}
	for _, one := range ofViewing() {
		fmt.Fprintf(&table, "\n%s %s %s\n", one.method, one.pattern, one.name)
		for _, at := range standings[:4] {
			var row []string
			for _, who := range openers {
				_, q := all[who].opened()
				row = append(row, fmt.Sprintf("%-8s", judge(all[who], one, q.into(one), at)))
				all[who].again(who)
			}
			fmt.Fprintf(&table, "  %-12s %s\n", at.name, strings.TrimSpace(strings.Join(row, " ")))
			ended()
		}
		var row []string
		_, q := all[openers[0]].opened()
		for _, who := range columns() {
			verdict := "owner"
			if who != openers[0] {
				verdict = judge(all[who], one, q.into(one), standings[0])
				all[who].again(who)
			}
			row = append(row, fmt.Sprintf("%-8s", verdict))
		}
		fmt.Fprintf(&table, "  %-12s %s\n", "another's", strings.TrimSpace(strings.Join(row, " ")))
	}
	const name = "testdata/viewings.txt"
	if *update {
		must(t, os.WriteFile(name, []byte(table.String()), 0o644))
		return
	}
	want, err := os.ReadFile(name)
	must(t, err)
	if got := table.String(); got != string(want) {
		t.Errorf("%s is not what is so: run this test with -update, and look through the change\n%s", name, got)
	}
}
