package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"varuh/accesslog/diary/proof"
)

// The exit statuses.
const (
	exitGood        = 0
	exitBad         = 1
	exitUnchecked   = 2
	exitUnconfirmed = 3
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	if ownsConsole() {
		fmt.Print("\nZa konec pritisnite Enter. / Press Enter to close.")
		fmt.Scanln() // whatever is typed, and even if nothing can be, the program ends
	}
	os.Exit(code)
}

// program is one run.
type program struct {
	in             io.Reader
	out, err       io.Writer
	held, keys     list
	roots          list
	passphraseFile string
	compares       bool // checkpoints were given to compare with
	json           bool
	list           bool
}

// list is a flag that can be given more than once.
type list []string

func (l *list) String() string     { return strings.Join(*l, ", ") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

// run is the program without its process: it returns the exit status.
func run(ctx context.Context, args []string, in io.Reader, out, err io.Writer) int {
	p := &program{in: in, out: out, err: err}
	flags := flag.NewFlagSet("varuh-verify", flag.ContinueOnError)
	flags.SetOutput(err)
	flags.Usage = func() {
		fmt.Fprintln(err, "Uporaba / Usage: varuh-verify [--held FILE] [--key KEY] [--json] FILE …")
		flags.PrintDefaults()
	}
	flags.Var(&p.held, "held", "a checkpoint that somebody kept; `FILE`, may be given more than once")
	flags.Var(&p.keys, "key", "a `KEY` that is known: the key, its fingerprint, or a file of keys; may be given more than once")
	flags.Var(&p.roots, "tsa", "a `FILE` of certificates (PEM) of time-stamping authorities that are trusted")
	flags.StringVar(&p.passphraseFile, "passphrase-file", "", "a `FILE` with the passphrase of an encrypted bundle; else it is asked for")
	flags.BoolVar(&p.json, "json", false, "print the report as JSON")
	flags.BoolVar(&p.list, "list", false, "print the entries as they are verified, a line each")
	if flags.Parse(args) != nil {
		return exitUnchecked
	}
	if flags.NArg() == 0 {
		flags.Usage()
		return exitUnchecked
	}
	report, wrong := p.verify(ctx, flags.Args())
	if wrong != nil {
		p.explain(wrong)
		return exitUnchecked
	}
	if wrong := p.print(report); wrong != nil {
		fmt.Fprintln(err, "varuh-verify:", wrong)
		return exitUnchecked
	}
	return p.exitOf(report)
}

// exitOf takes a comparison that was asked for and could not be made for no good one.
func (p *program) exitOf(r *proof.Report) int {
	switch {
	case r.Bad():
		return exitBad
	case !r.Confirmed, r.Unsettled(), p.compares && r.Complete.State != proof.Yes:
		return exitUnconfirmed
	}
	return exitGood
}

// explain says why nothing could be checked.
func (p *program) explain(err error) {
	if errors.Is(err, proof.ErrVersion) {
		fmt.Fprintln(p.err, "To je zapisal novejši varuh: potrebujete novejši varuh-verify.")
	} else {
		fmt.Fprintln(p.err, "Ni bilo mogoče preveriti.")
	}
	fmt.Fprintln(p.err, "varuh-verify: it could not be checked:", proof.Printable(err.Error()))
}

func (p *program) print(r *proof.Report) error {
	if p.json {
		b, err := json.MarshalIndent(r, "", "  ")
		if err == nil {
			_, err = p.out.Write(append(printable(b), '\n'))
		}
		return err
	}
	_, err := io.WriteString(p.out, inWords(r))
	return err
}
