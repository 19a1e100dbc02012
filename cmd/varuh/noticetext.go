package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"varuh/accesslog/notice"
)

// write lists the notices for people, and below them what is missing now.
func (a noticesAnswer) write(out io.Writer) error {
	if len(a.Cameras) == 0 {
		_, err := fmt.Fprintln(out, "No camera is configured, and there is no footage of any.")
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if slices.ContainsFunc(a.Cameras, func(c cameraNotices) bool { return len(c.Versions) > 0 }) {
		fmt.Fprintln(w, "CAMERA\tNOTICE\tFROM\tTO\tCOMPLETE\tENTERED LATER\tDECISION\tINFORMED\tENTRY")
	}
	var below strings.Builder
	for _, c := range a.Cameras {
		for _, n := range c.Versions {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\n", c.Camera, n.ID, stamp(n.From), endOf(n), yesNo(n.Complete()), yesNo(n.EnteredLater),
				decisionOf(n), informedOf(n), n.Entry)
		}
		below.WriteString(c.wants(a.Now))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(out, below.String())
	return err
}

// wants says what a camera lacks now.
func (c cameraNotices) wants(now time.Time) string {
	for _, n := range c.Versions {
		if !n.From.After(now) && (n.To.IsZero() || now.Before(n.To)) {
			return wants(c.Camera, n)
		}
	}
	return fmt.Sprintf("! %s has no notice in force: it is recorded, and what is recorded now may be looked at only where a law obliges you to (varuh notice add)\n", c.Camera)
}

// wants says what is missing from a notice of some cameras, and beside it.
func wants(cameras string, n notice.Notice) string {
	var b strings.Builder
	for _, m := range n.Missing() {
		fmt.Fprintf(&b, "! %s: missing from notice %s: %s\n", cameras, n.ID, m.In("en"))
	}
	if !n.Complete() {
		fmt.Fprintf(&b, "! %s: until the notice is complete footage may be looked at only where a law obliges you to: enter another one (varuh notice add)\n", cameras)
	}
	for _, m := range n.Pending() {
		switch m.Field {
		case notice.NoDecision:
			fmt.Fprintf(&b, "! %s: not there yet: %s (varuh notice decide)\n", cameras, m.In("en"))
		default:
			fmt.Fprintf(&b, "! %s: not there yet: %s (varuh notice inform %s)\n", cameras, m.In("en"), n.ID)
		}
	}
	return b.String()
}

// text says what came of a notice that was entered.
func (a noticeEntered) text(cameras string) string {
	text := fmt.Sprintf("Notice %s is in force for %s from %s UTC on; entry %d says so.\n", a.Notice.ID, cameras, stamp(a.Notice.From), a.Receipt.Index)
	if a.Notice.EnteredLater {
		text += "It says of itself that it was entered later.\n"
	}
	return text + wants(cameras, a.Notice)
}

// endOf is when a notice ends.
func endOf(n notice.Notice) string {
	if n.To.IsZero() {
		return "-"
	}
	return stamp(n.To)
}

// decisionOf is the head's decision on a notice's camera.
func decisionOf(n notice.Notice) string {
	if n.Decision == nil {
		return "-"
	}
	return n.Decision.Number
}

// informedOf says how many employees were informed of a notice.
func informedOf(n notice.Notice) string {
	sum, all := 0, false
	for _, s := range n.Informed {
		sum, all = sum+s.Count, all || s.All
	}
	if all {
		return fmt.Sprintf("all (%d)", sum)
	}
	return fmt.Sprint(sum)
}
