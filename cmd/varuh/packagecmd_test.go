package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

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
