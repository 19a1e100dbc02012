package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"varuh/retention"
)

type policyShowCmd struct{}

// Run shows the terms in force, and what waits to be confirmed.
func (policyShowCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	a, err := askPolicies.ask(ctx, cli, term, struct{}{})
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(term.out, a.text())
	return err
}

// text is the answer for people.
func (a policiesAnswer) text() string {
	var b strings.Builder
	for _, camera := range slices.Sorted(maps.Keys(a.Policies)) {
		now := a.Policies.At(camera, a.Present.Certain)
		fmt.Fprintf(&b, "%s: %s\n", camera, says(now))
		for _, v := range a.Policies[camera] {
			if v.From.After(a.Present.Certain) {
				fmt.Fprintf(&b, "  from %s UTC: %s\n", stamp(v.From), says(v.Policy))
			}
		}
	}
	for _, p := range a.Pending {
		fmt.Fprintf(&b, "! %s waits: %s\n", p.Camera, says(p.New))
		switch {
		case !p.Confirm:
			b.WriteString("  It takes no footage away, and begins once it is certain how late it is (varuh clock confirm).\n")
		case p.Segments > 0:
			fmt.Fprintf(&b, "  It would erase %s (%s) from %s to %s UTC.\n", count(p.Segments, "segment", "segments"), size(uint64(p.Bytes)), stamp(p.From), stamp(p.To))
		default:
			b.WriteString("  It would erase nothing of this camera yet.\n")
		}
		if p.New.Keep != p.Old.Keep && !p.New.Keep.IsZero() {
			b.WriteString("  On a full disk footage of others would go sooner for its promise.\n")
		}
		if p.Confirm {
			fmt.Fprintf(&b, "  An approver confirms it with varuh policy confirm %s; it is in force %d hours later.\n", p.Camera, int(retention.Notice.Hours()))
		}
	}
	if a.Present.Held {
		fmt.Fprintf(&b, "! %s\n", a.Present.Why)
	}
	if b.Len() == 0 {
		return "No camera is configured, and none has footage.\n"
	}
	return b.String()
}

// says is a policy in words.
func says(p retention.Policy) string {
	text := "at most " + cmpTerm(p.Limit)
	if !p.Keep.IsZero() {
		text += ", at least " + p.Keep.String() + " promised"
	}
	if p.Gone {
		text = "given up: what was recorded goes"
	}
	return text
}

func cmpTerm(t retention.Term) string {
	if t.IsZero() {
		return retention.Law.String()
	}
	return t.String()
}

type policyConfirmCmd struct {
	Camera string `arg:"" help:"Id of the camera."`
	Reason string `help:"Why. It is entered." required:"" placeholder:"TEXT"`
	who
}

// Run confirms, as an approver, a change by which footage goes earlier.
func (c policyConfirmCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	got, err := askConfirmPolicy.ask(ctx, cli, term, policyOrder{who: c.who, Camera: c.Camera, Reason: c.Reason})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(term.out, "%s: %s, in force from %s UTC on. Until then the old line in the configuration takes it back.\n", got.Camera, says(got.New), stamp(got.Begins))
	return err
}
