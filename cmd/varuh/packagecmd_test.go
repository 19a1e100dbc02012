package main

import (
	"encoding/json"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"varuh/accesslog/disclosure"
	"varuh/accesslog/packing"
)

// Packages are listed without a log-in: a line has what tells them apart and how far they are, and neither who ordered one, nor on
// what ground, nor what footage is in it.
func TestPackageLineSaysNoMore(t *testing.T) {
	t.Parallel()
	job := packing.Job{Error: packing.ErrFootage, Package: packing.Package{ID: 1707, Request: "4be0a217", Person: "oseba", Ground: "art. 18(2)",
		Delivered: []disclosure.Wanted{{Camera: "kamera"}}}}
	text, err := json.Marshal(lineOf(job, disclosure.Request{}, "prstni odtis"))
	if err != nil {
		t.Fatal(err)
	}
	var line map[string]any
	if err := json.Unmarshal(text, &line); err != nil {
		t.Fatal(err)
	}
	names := slices.Sorted(maps.Keys(line))
	if want := []string{"Bytes", "Done", "Ended", "Failed", "Fingerprint", "Handed", "ID", "Manifest", "Of", "Request", "Step", "Until", "Why"}; !slices.Equal(names, want) {
		t.Errorf("it has %q", names)
	}
	for _, private := range []string{"oseba", "art. 18", "kamera"} {
		if strings.Contains(string(text), private) {
			t.Errorf("%q is in %s", private, text)
		}
	}
}

// What lies in a package is not told as delivered before something may have left.
func TestPackedIsNotDelivered(t *testing.T) {
	t.Parallel()
	q := disclosure.Request{State: disclosure.Built, Delivered: []disclosure.Wanted{{Camera: "hall"}}}
	a := requestsAnswer{Zone: "UTC"}
	if text := a.text(q, typing{}); !strings.Contains(text, "In the package: ") || strings.Contains(text, "Delivered: ") {
		t.Errorf("before: %s", text)
	}
	q.Left.Delivery = 1707
	if text := a.text(q, typing{}); !strings.Contains(text, "Delivered: ") || strings.Contains(text, "In the package: ") {
		t.Errorf("once it has left: %s", text)
	}
}

// The command that the delivery ends with is taken as it is, by a shell and by the program, whatever name the recipient has.
func TestDeliveryTellsWholeCommand(t *testing.T) {
	t.Parallel()
	c := packageDeliverCmd{Request: "z-2026-0004", Recipient: "Matej 'Mate' Hren, PP \"Breg\" $HOME"}
	out, err := exec.CommandContext(t.Context(), "sh", "-c", "set -- "+c.next(typing{"ana.novak", "/srv/the box"})+`; for one; do printf '%s\n' "$one"; done`).Output()
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if !slices.Equal(words[:3], []string{"varuh", "package", "handover"}) {
		t.Fatalf("it is %q", words)
	}
	var cmd struct {
		packageHandoverCmd
		Dir string
	}
	p, err := kong.New(&cmd)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Parse(words[3:]); err != nil || cmd.Request != c.Request || cmd.Recipient != c.Recipient || !cmd.Warned || cmd.As != "ana.novak" || cmd.Dir != "/srv/the box" {
		t.Errorf("%+v, %v", cmd, err)
	}
}
