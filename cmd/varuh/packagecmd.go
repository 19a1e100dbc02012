package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"varuh/accesslog/disclosure"
	"varuh/accesslog/packing"
)

type packageListCmd struct {
	Ended bool `help:"Those that ended, too."`
	JSON  bool `help:"Print JSON."`
}

// Run lists packages.
func (c packageListCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	list, err := packages(ctx, cli, term, packageOrder{Ended: c.Ended})
	if err != nil {
		return err
	}
	if c.JSON {
		enc := json.NewEncoder(term.out)
		enc.SetIndent("", "  ")
		return enc.Encode(list)
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(term.out, "There is no package.")
		return err
	}
	w := tabwriter.NewWriter(term.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "REQUEST\tPACKAGE\tSTATE\tSIZE\tUNTIL (UTC)\tMANIFEST")
	for _, l := range list {
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%.16s\n", l.Request, l.ID, stateText(l), size(uint64(max(l.Bytes, l.Done))), stamp(l.Until), l.Manifest)
	}
	return w.Flush()
}

// stateText says how far a package has come, in a few words.
func stateText(l packageLine) string {
	switch {
	case l.Step == packing.Locked:
		return "waits for a log-in: varuh unlock"
	case l.Step == packing.Over && l.Failed != "":
		return "ended: " + string(l.Why) + ": " + plain(l.Failed)
	case l.Step == packing.Over:
		return "ended: " + string(l.Why)
	case l.Of > 0 && l.Step == packing.Writing:
		return fmt.Sprintf("%s, %d of about 100", l.Step, min(99, l.Done*100/l.Of))
	}
	return string(l.Step)
}

// packages are those that the daemon tells of.
func packages(ctx context.Context, cli *cli, term terminal, o packageOrder) (list []packageLine, err error) {
	cfg, err := loadConfig(cli.dir(), term)
	if err != nil {
		return nil, err
	}
	return list, askFor(ctx, cfg.State, "/package/list", o, &list)
}

// onPackage asks the daemon to do something about a package, as a person who logs in.
func onPackage(ctx context.Context, cli *cli, term terminal, path string, o *packageOrder, read func(io.Reader) error) error {
	cfg, err := loadConfig(cli.dir(), term)
	if err != nil {
		return err
	}
	return loggedIn(cli, term, path, o, func() (err error) {
		body, err := json.Marshal(o)
		if err != nil {
			return err
		}
		r, err := ask(ctx, cfg.State, "POST", path, bytes.NewReader(body))
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, r.Close()) }()
		return read(r)
	})
}

type packageBuildCmd struct {
	Request string `arg:"" help:"Id of the approved request."`
	Sound   bool   `help:"With sound, if the request asks for it and a notice allowed it."`
	Ground  string `help:"Ground of art. 18(2) GDPR on which restricted footage is taken; else it is left out." placeholder:"GROUND"`
	Remark  string `help:"A remark. It is entered." placeholder:"TEXT"`
	who
}

// Run has a package built.
func (c packageBuildCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	o := packageOrder{who: c.who, Request: c.Request, Sound: c.Sound, Ground: c.Ground, Remark: c.Remark}
	var p packing.Package
	if err := onPackage(ctx, cli, term, "/package/build", &o, func(r io.Reader) error { return decodeAnswer(r, &p) }); err != nil {
		return err
	}
	_, err := fmt.Fprintf(term.out, "The package of request %s is being built (entry %d). See how far it is: varuh package list\n", c.Request, p.ID)
	return err
}

type packageCancelCmd struct {
	Request string `arg:"" help:"Id of the request."`
	who
}

// Run ends the building of a package.
func (c packageCancelCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	o := packageOrder{who: c.who, Request: c.Request}
	var p packing.Package
	if err := onPackage(ctx, cli, term, "/package/cancel", &o, func(r io.Reader) error { return decodeAnswer(r, &p) }); err != nil {
		return err
	}
	_, err := fmt.Fprintf(term.out, "The package of request %s is not built; nothing of it is left.\n", c.Request)
	return err
}

type packageDeliverCmd struct {
	Request   string `arg:"" help:"Id of the request."`
	To        string `help:"Folder on the disk that is handed over." required:"" type:"existingdir" placeholder:"DIR"`
	Recipient string `help:"Who is to have it: name, and body. It is entered." required:"" placeholder:"TEXT"`
	Medium    string `help:"The disk, such as its mark. It is entered." placeholder:"TEXT"`
	Warned    bool   `help:"Say that the recipient is warned: he may use the footage only for the purpose for which he gets it."`
	Remark    string `help:"A remark. It is entered." placeholder:"TEXT"`
	who
}

// Run writes a package onto a disk, and verifies there what was written.
func (c packageDeliverCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	if !c.Warned {
		return fmt.Errorf("nothing is handed over before the recipient is warned. Tell him, and give --warned:\n  %s\n  %s", disclosure.Warning.Sl, disclosure.Warning.En)
	}
	list, err := packages(ctx, cli, term, packageOrder{Request: c.Request})
	if err != nil {
		return err
	}
	if len(list) != 1 || list[0].Step != packing.Built {
		return fmt.Errorf("there is no package for the request %s that can be handed over: varuh package list", c.Request)
	}
	to, err := newStick(c.To, list[0])
	if err != nil {
		return err
	}
	o := packageOrder{who: c.who, Request: c.Request, Recipient: c.Recipient, Medium: c.Medium, Warned: c.Warned, Remark: c.Remark}
	if err := c.fills(ctx, cli, term, to, &o); err != nil {
		return err
	}
	_, err = fmt.Fprintf(term.out, "Wrote the package of request %s into %s, and verified it there.\n\nSHA-256 of its manifest:\n  %s\nFingerprint of the key:\n  %s\n\nUnmount the disk before you take it out. Then enter to whom it was handed over, and how his identity is known:\n%[5]s\n",
		c.Request, to.dir, list[0].Manifest, list[0].Fingerprint, c.next(o.As))
	return err
}

// fills has the package written, and tells the daemon whether it is whole there: only then can the handover be entered.
func (c packageDeliverCmd) fills(ctx context.Context, cli *cli, term terminal, to *stick, o *packageOrder) error {
	cfg, err := loadConfig(cli.dir(), term)
	if err != nil {
		return err
	}
	begun := false
	o.Token = rand.Text()
	err = to.fill(ctx, func(take func(io.Reader) error) error {
		return onPackage(ctx, cli, term, "/package/deliver", o, func(r io.Reader) error {
			begun = true
			return take(r)
		})
	})
	if !begun {
		return err
	}
	told := packageOrder{Request: c.Request, Token: o.Token, Whole: err == nil}
	if said := askFor(context.WithoutCancel(ctx), cfg.State, "/package/delivered", told, new(struct{})); said != nil {
		err = errors.Join(err, fmt.Errorf("couldn't enter how the delivery onto %s ended, so that it can't be handed over; deliver it once more: %w", to.dir, said))
	}
	return err
}

// next is the command by which a person enters the handover, whole but for what nobody knows yet.
func (c packageDeliverCmd) next(login string) string {
	return strings.Join([]string{"varuh package handover", c.Request, "--recipient", inShell(c.Recipient), "--known", inShell("službena izkaznica št. …"),
		"--medium", inShell(cmp.Or(c.Medium, "USB …")), "--warned --as", inShell(cmp.Or(login, "LOGIN"))}, " ")
}

// inShell is a text as a shell takes it for one word.
func inShell(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

type packageHandoverCmd struct {
	Request   string `arg:"" help:"Id of the request."`
	Recipient string `help:"Who took it: name, and body." required:"" placeholder:"TEXT"`
	Known     string `help:"How his identity is known, such as by his service card." required:"" placeholder:"TEXT"`
	Medium    string `help:"The disk, such as its mark." required:"" placeholder:"TEXT"`
	Warned    bool   `help:"Say that he was warned: he may use the footage only for the purpose for which he got it." required:""`
	Remark    string `help:"A remark." placeholder:"TEXT"`
	who
}

// Run enters that a package was handed over.
func (c packageHandoverCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	o := packageOrder{who: c.who, Request: c.Request, Recipient: c.Recipient, Known: c.Known, Medium: c.Medium, Warned: c.Warned, Remark: c.Remark}
	if err := onPackage(ctx, cli, term, "/package/handover", &o, func(r io.Reader) error { return decodeAnswer(r, new(struct{ Index int64 })) }); err != nil {
		return err
	}
	_, err := fmt.Fprintf(term.out, "It is entered that the package of request %s was handed over. It stays here for seven days, in case the disk turns out to be bad.\n", c.Request)
	return err
}
