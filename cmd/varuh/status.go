package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"varuh/configs"
	"varuh/recorder"
)

// status is what the daemon tells of itself. It is the answer of the socket.
type status struct {
	recorder.Status
	Version  string            `json:"version"`
	Started  time.Time         `json:"started"`
	Now      time.Time         `json:"now"`
	Names    map[string]string `json:"names"`    // of the cameras, by id
	Warnings []string          `json:"warnings"` // about state and stores, since the start
	Problems []string          `json:"problems"` // of a configuration that is not in force
	mistakes configs.Problems  // the same by file and line, for the pages
	Restart  []string          `json:"restart"` // keys that were changed and wait for a restart
	Diary    diaryStatus       `json:"diary"`
	State    stateStatus       `json:"state"`    // the disk of the state folder
	Terms    retentionStatus   `json:"terms"`    // of footage
	Packages packagesStatus    `json:"packages"` // for requests
	Backup   backupStatus      `json:"backup"`
	Keys     keysStatus        `json:"keys"`
	Pages    string            `json:"pages"` // where they are; "" for nowhere
}

// status is the daemon's state now.
func (d *Daemon) status() status {
	st := status{Status: d.rec.Status(), Version: version(), Started: d.started, Now: time.Now(),
		Names: map[string]string{}, Warnings: slices.Concat(d.site.warnings, d.clerk.complaints(), d.entrance.sentences()), Diary: d.clerk.status(), State: d.room.status(), Terms: d.eraser.status(),
		Packages: d.packagesNow(), Backup: d.backups.status(), Keys: d.office.keysStatus(context.Background()), Pages: d.entrance.pages()}
	d.mu.Lock()
	defer d.mu.Unlock()
	st.mistakes, st.Restart = d.mistakes, d.restart
	for _, p := range d.mistakes {
		st.Problems = append(st.Problems, p.Error())
	}
	for _, c := range d.cfg.Cameras {
		st.Names[c.ID] = c.Name
	}
	return st
}

// summary is the status in a few words.
func (st status) summary() string {
	recording, troubled := 0, 0
	for _, s := range st.Streams {
		switch {
		case s.State == "recording" && s.Sentence == "":
			recording++
		case s.Sentence != "":
			troubled++
		}
	}
	text := fmt.Sprintf("recording %s", count(recording, "stream", "streams"))
	if troubled > 0 {
		text += fmt.Sprintf(", %d in trouble", troubled)
	}
	for _, s := range st.Stores {
		if s.Sentence != "" {
			text += ", a store in trouble"
			break
		}
	}
	if st.State.Sentence != "" {
		text += ", little room for the state"
	}
	if st.Diary.Sentence != "" || st.Diary.Alarm {
		text += ", the diary in trouble"
	}
	if len(st.Terms.Troubles) > 0 {
		text += ", the terms of footage ask for a person"
	}
	if len(st.Packages.troubles()) > 0 {
		text += ", a package for a request asks for a person"
	}
	if len(st.Backup.Sentences) > 0 {
		text += ", the backups in trouble"
	}
	if st.Keys.nobody() {
		text += ", only the envelope opens footage or diary"
	}
	if len(st.Problems) > 0 {
		text += ", the configuration is wrong"
	}
	if len(st.Restart) > 0 {
		text += ", a change waits for a restart"
	}
	return text
}

// table is one line a stream, then everything that asks for an operator.
func (st status) table() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "CAMERA\tSTREAM\tSTATE\tBITRATE\tLAST FRAGMENT\tSEGMENTS\tGAPS\tFORMAT")
	for _, s := range st.Streams {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%d\t%s\n", s.Camera, s.Stream, s.State, bitrate(s.Bitrate),
			ago(st.Now, s.LastFragment), s.Segments, s.Gaps, s.Format)
	}
	if err := w.Flush(); err != nil {
		return err.Error() // a strings.Builder takes everything
	}
	for _, s := range st.Stores {
		fmt.Fprintf(&b, "store %s: %s free\n", s.Dir, size(s.Free))
	}
	fmt.Fprintf(&b, "state %s: %s free\n", st.State.Dir, size(st.State.Free))
	b.WriteString(st.Diary.line())
	b.WriteString(st.Terms.table(st.Now))
	b.WriteString(st.Packages.table())
	b.WriteString(st.Backup.line())
	b.WriteString(st.Keys.line())
	if st.Pages != "" {
		b.WriteString(fold("pages: "+st.Pages, 80))
	}
	for _, line := range st.troubles() {
		fmt.Fprintf(&b, "! %s\n", plain(line))
	}
	return b.String()
}

// line says how long the diary is, and what its administrator could rewrite.
func (st diaryStatus) line() string {
	if st.Origin == "" {
		return "diary: not open\n"
	}
	text := "diary: " + count(int(st.Size), "entry", "entries")
	if st.Waiting > 0 {
		text += fmt.Sprintf(", %d more wait for it", st.Waiting)
	}
	if st.Incidents > 0 {
		text += fmt.Sprintf(", %s since the start", count(st.Incidents, "incident", "incidents"))
	}
	text += "."
	if st.Standing != "" && !st.Alarm {
		text += " " + st.Standing
	}
	return fold(text, 80)
}

// fold breaks a text into lines; those after the first are indented.
func fold(text string, width int) string {
	var b strings.Builder
	col := 0
	for _, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case col == 0:
		case col+1+n > width:
			b.WriteString("\n  ")
			col = 2
		default:
			b.WriteByte(' ')
			col++
		}
		b.WriteString(word)
		col += n
	}
	return b.String() + "\n"
}

// troubles are the sentences of all parts.
func (st status) troubles() []string {
	var lines []string
	for _, s := range st.Streams {
		if s.Sentence != "" {
			lines = append(lines, fmt.Sprintf("%s/%s: %s", s.Camera, s.Stream, s.Sentence))
		}
	}
	for _, s := range st.Stores {
		if s.Sentence != "" {
			lines = append(lines, s.Sentence)
		}
	}
	if st.State.Sentence != "" {
		lines = append(lines, st.State.Sentence)
	}
	if st.Diary.Sentence != "" {
		lines = append(lines, st.Diary.Sentence)
	}
	if st.Diary.Alarm {
		lines = append(lines, st.Diary.Standing)
	}
	lines = append(lines, st.Terms.Troubles...)
	lines = append(lines, st.Packages.troubles()...)
	lines = append(lines, st.Backup.Sentences...)
	if text := st.Keys.trouble(); text != "" {
		lines = append(lines, text)
	}
	lines = append(lines, st.Warnings...)
	for _, p := range st.Problems {
		lines = append(lines, "the configuration is not in force: "+p)
	}
	if len(st.Restart) > 0 {
		lines = append(lines, takesRestart(st.Restart))
	}
	return lines
}

func bitrate(bps float64) string {
	switch {
	case bps <= 0:
		return "-"
	case bps < 1e6:
		return fmt.Sprintf("%.0f kbit/s", bps/1e3)
	}
	return fmt.Sprintf("%.1f Mbit/s", bps/1e6)
}

// size is a number of bytes with two or three digits that count.
func size(n uint64) string {
	v, unit := float64(n), "B"
	for _, unit = range []string{"B", "KiB", "MiB", "GiB", "TiB"} {
		if v < 1000 || unit == "TiB" {
			break
		}
		v /= 1024
	}
	if unit == "B" || v >= 100 {
		return fmt.Sprintf("%.0f %s", v, unit)
	}
	return fmt.Sprintf("%.1f %s", v, unit)
}

// footageSize is how much segments take. Of what is only being written the index has no size yet, and that is not nothing.
func footageSize(segments int, bytes int64) string {
	if segments > 0 && bytes == 0 {
		return "being written"
	}
	return size(uint64(bytes))
}

// ago is how long before now something was.
func ago(now, t time.Time) string {
	d := now.Sub(t)
	switch {
	case t.IsZero():
		return "never"
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s ago", max(d.Seconds(), 0))
	case d < 2*time.Minute:
		return fmt.Sprintf("%.0f s ago", d.Seconds())
	case d < 2*time.Hour:
		return fmt.Sprintf("%.0f min ago", d.Minutes())
	}
	return fmt.Sprintf("%.0f h ago", d.Hours())
}

// clip cuts the lines of a text to a width in characters, so that a terminal does not wrap them.
func clip(text string, width int) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if width > 1 && utf8.RuneCountInString(l) > width {
			lines[i] = string([]rune(l)[:width-1]) + "…"
		}
	}
	return strings.Join(lines, "\n")
}

// askStatus asks at the socket before it looks at the configuration, which may have been spoilt meanwhile.
// Only where nobody answers does it look there for another state folder.
func askStatus(ctx context.Context, dir string) (io.ReadCloser, error) {
	answer, askErr := ask(ctx, dir, "GET", "/status", nil)
	if !errors.Is(askErr, errNotRunning) {
		return answer, askErr
	}
	cfg, err := configs.Load(dir)
	if err != nil || filepath.Clean(dir) == cfg.State {
		return nil, errors.Join(askErr, err)
	}
	return ask(ctx, cfg.State, "GET", "/status", nil)
}

type statusCmd struct {
	JSON bool `name:"json" help:"Print the socket's answer."`
}

// Run asks the daemon.
func (c statusCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	answer, err := askStatus(ctx, cli.dir())
	if err != nil {
		return err
	}
	defer answer.Close() // only read
	if c.JSON {
		_, err := io.Copy(term.out, answer)
		return err
	}
	var st status
	if err := decodeAnswer(answer, &st); err != nil {
		return err
	}
	_, err = fmt.Fprintf(term.out, "varuh %s, since %s: %s\n\n%s", st.Version, st.Started.Local().Format("2006-01-02 15:04:05"), st.summary(), st.table())
	return err
}
