package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
)

// The exit statuses.
const (
	exitGood        = 0
	exitBad         = 1
	exitUnchecked   = 2
	exitUnconfirmed = 3
	exitNewer       = 4
)

func main() {
	giveBack := speakUTF8()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	p := &program{in: os.Stdin, out: os.Stdout, err: os.Stderr, now: time.Now, clicked: ownsConsole()}
	if name, err := os.Executable(); err == nil && p.clicked {
		p.home = filepath.Dir(name)
	}
	code := p.start(ctx, os.Args[1:])
	stop()
	giveBack()
	os.Exit(code)
}

// program is one run.
type program struct {
	in             io.Reader
	out, err       io.Writer
	held, keys     list
	roots          list
	passphraseFile string
	compares       bool               // checkpoints were given to compare with
	kept           int                // as many, with a package
	clicked        bool               // it was started with the mouse: somebody sits there who can be asked
	home           string             // the folder that it was started in like that; "" elsewhere
	unpack         string             // folder to unpack the package into; "" for not at all
	unpacked       bool               // it was
	report         string             // file for the report as a page; "" for none
	looked         string             // what was given that the package or the bundle lies in
	checked        string             // the folder that was checked, where it is not that; "" where it is
	left           evidence.Leftovers // of operating systems, around that folder
	typed          list               // fingerprints that whoever sits there typed
	now            func() time.Time
	json           bool
	list           bool
	listed         int // entries that were printed
}

// list is a flag that can be given more than once.
type list []string

func (l *list) String() string     { return strings.Join(*l, ", ") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

// run is the program on a command line.
func run(ctx context.Context, args []string, in io.Reader, out, err io.Writer) int {
	return (&program{in: in, out: out, err: err, now: time.Now}).run(ctx, args)
}

// run is the program without its process: it returns the exit status.
func (p *program) run(ctx context.Context, args []string) int {
	flags := flag.NewFlagSet("varuh-verify", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Var(&p.held, "held", "")
	flags.Var(&p.keys, "key", "")
	flags.Var(&p.roots, "tsa", "")
	flags.StringVar(&p.passphraseFile, "passphrase-file", "", "")
	flags.StringVar(&p.unpack, "unpack", "", "")
	flags.StringVar(&p.report, "report", "", "")
	flags.BoolVar(&p.json, "json", false, "")
	flags.BoolVar(&p.list, "list", false, "") // what they do is in the usage
	files, wrong := parse(flags, args)
	if p.home != "" && len(args) == 0 {
		files, wrong = p.beside()
		p.checked = strings.Join(files, "") // nobody has named it
	}
	var said refusal
	switch {
	case errors.As(wrong, &said):
		return p.fail(wrong)
	case errors.Is(wrong, flag.ErrHelp):
		printUsage(p.out)
		return exitGood
	case wrong != nil:
		p.json = p.json || slices.ContainsFunc(args, func(a string) bool { return a == "--json" || a == "-json" })
		return p.fail(refuse(wrong, "Tega ukaza varuh-verify ne razume; kako se uporablja, pove varuh-verify --help.", "This is no command of varuh-verify; varuh-verify --help says how to use it."))
	case len(files) == 0 && p.json:
		return p.fail((&inputs{}).tooFew(0))
	case len(files) == 0:
		printUsage(p.err)
		return exitUnchecked
	}
	r, wrong := p.verify(ctx, files)
	if wrong != nil {
		return p.fail(wrong)
	}
	if r.pkg != nil {
		return p.sayPackage(r.pkg)
	}
	if err := p.print(r.diary); err != nil {
		return p.unprinted(err)
	}
	return p.exitOf(r.diary)
}

// result is what verifying came to: one of the two.
type result struct {
	diary *proof.Report
	pkg   *evidence.Report
}

// unprinted says that the report could not be written, and returns the exit status.
func (p *program) unprinted(err error) int {
	fmt.Fprintln(p.err, "varuh-verify:", err)
	return exitUnchecked
}

// parse takes flags wherever they stand among the files.
func parse(flags *flag.FlagSet, args []string) (files []string, err error) {
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		if flags.NArg() == 0 {
			return files, nil
		}
		files, args = append(files, flags.Arg(0)), flags.Args()[1:]
	}
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

func (p *program) print(r *proof.Report) error {
	if p.json {
		return p.reportJSON(r)
	}
	_, err := io.WriteString(p.out, p.where(slovenian)+slovenian.report(r, p.exitOf(r))+between+p.where(english)+english.report(r, p.exitOf(r)))
	return err
}
