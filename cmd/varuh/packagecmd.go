package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
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
	list, err := askPackages.askDaemon(ctx, cli, term, packageOrder{Ended: c.Ended})
	if err != nil {
		return err
	}
	if c.JSON {
		enc := json.NewEncoder(term.out)
		enc.SetIndent("", "  ")
		return enc.Encode(list)
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(term.out, "There is no package. That of an approved request is built by varuh package build REQUEST --as LOGIN; --ended shows those that there were.")
		return err
	}
	w := tabwriter.NewWriter(term.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "REQUEST\tPACKAGE\tSTATE\tSIZE\tUNTIL (UTC)\tMANIFEST")
	for _, l := range list {
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%.16s\n", l.Request, l.ID, stateText(l), size(uint64(max(l.Bytes, l.Done))), orDash(l.Until.IsZero(), stamp(l.Until)), orDash(l.Manifest == "", l.Manifest))
	}
	return w.Flush()
}

// stateText says how far a package has come, in a few words.
func stateText(l packageLine) string {
	switch {
	case l.Step == packing.Locked:
		return "waits for a log-in: varuh unlock --as LOGIN"
	case l.Step == packing.Built && !l.Handed.IsZero():
		return "handed over"
	case l.Step == packing.Over && l.Failed != "":
		return fmt.Sprintf("ended: %s (entry %d): %s", l.Why, l.Ended, plain(l.Failed))
	case l.Step == packing.Over:
		return fmt.Sprintf("ended: %s (entry %d)", l.Why, l.Ended)
	case l.Failed != "":
		return string(l.Step) + ": " + plain(l.Failed)
	case l.Of > 0 && l.Step == packing.Writing:
		return fmt.Sprintf("%s, %d of about 100", l.Step, min(99, l.Done*100/l.Of))
	}
	return string(l.Step)
}

type packageBuildCmd struct {
	Request string `arg:"" help:"Id of the approved request, as varuh request list shows it."`
	Sound   bool   `help:"With sound, if the request asks for it and a notice allowed it."`
	Ground  string `help:"Ground of art. 18(2) GDPR on which restricted footage is taken; else it is left out." placeholder:"GROUND"`
	Remark  string `help:"A remark. It is entered." placeholder:"TEXT"`
	who
}

// Help has an example.
func (packageBuildCmd) Help() string { return example("package build 4be0a217") }

// Run has a package built.
func (c packageBuildCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	p, err := askBuild.askDaemon(ctx, cli, term, packageOrder{who: c.who, Request: c.Request, Sound: c.Sound, Ground: c.Ground, Remark: c.Remark})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(term.out, "The package of request %s is being built (entry %d). See how far it is:\n  varuh package list%s\nOnce it is built, hand it over:\n  varuh %s\n", c.Request, p.ID, cli.typing("").here(), deliverCommand(c.Request)+cli.typing(c.As).as(""))
	return err
}

// deliverCommand is the command by which a package is written onto a disk, whole but for what nobody knows yet, and by whom.
func deliverCommand(request string) string {
	return "package deliver " + request + " --to DIR --recipient 'ime, organ' --medium 'USB …' --warned"
}

// confirmCommand is the command by which a receipt is confirmed, alike.
func confirmCommand(request string) string {
	return "request confirm " + request + " --how TEXT --scan FILE"
}

type packageCancelCmd struct {
	Request string `arg:"" help:"Id of the request."`
	who
}

// Help has an example.
func (packageCancelCmd) Help() string { return example("package cancel 4be0a217") }

// Run ends the building of a package.
func (c packageCancelCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	if _, err := askCancel.askDaemon(ctx, cli, term, packageOrder{who: c.who, Request: c.Request}); err != nil {
		return err
	}
	_, err := fmt.Fprintf(term.out, "The package of request %s is not built; nothing of it is left. The request stays approved.\n", c.Request)
	return err
}

type packageDeliverCmd struct {
	Request   string `arg:"" help:"Id of the request."`
	To        string `help:"Folder on the disk that is handed over." required:"" type:"path" placeholder:"DIR"`
	Recipient string `help:"Who is to have it: name, and body. It is entered." required:"" placeholder:"TEXT"`
	Medium    string `help:"The disk, such as its mark. It is entered." placeholder:"TEXT"`
	Folder    bool   `help:"Write into a folder on a disk of this machine, too: it lies there unencrypted until somebody removes it."`
	Warned    bool   `help:"Say that the recipient is warned: he may use the footage only for the purpose for which he gets it."`
	Remark    string `help:"A remark. It is entered." placeholder:"TEXT"`
	who
}

// Help has an example.
func (packageDeliverCmd) Help() string {
	return example("package deliver 4be0a217 --to /media/usb --recipient 'ime, PP Primer' --medium 'USB 7' --warned")
}

// Run writes a package onto a disk, and verifies there what was written.
func (c packageDeliverCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	if !c.Warned {
		return unwarned()
	}
	list, err := askPackages.askDaemon(ctx, cli, term, packageOrder{Request: c.Request})
	if err != nil {
		return err
	}
	if len(list) != 1 {
		return forCommand(packing.ErrUnknown, c.Request)
	}
	if list[0].Step != packing.Built {
		return fmt.Errorf("the package of the request %s can't be handed over yet, it is in the state %s: see how far it is by varuh package list", c.Request, stateText(list[0]))
	}
	if info, err := os.Stat(c.To); err != nil || !info.IsDir() {
		return fmt.Errorf("%s is no folder that is there: mount the disk first, and name the folder where it is mounted", c.To)
	}
	if err := c.leaves(cli, term); err != nil {
		return err
	}
	to, err := newStick(c.To, list[0])
	if err != nil {
		return err
	}
	o := packageOrder{who: c.who, Request: c.Request, Recipient: c.Recipient, Medium: c.Medium, Warned: c.Warned, Remark: c.Remark}
	if err := c.fills(ctx, cli, term, to, &o); err != nil {
		return err
	}
	after := "Unmount the disk before you take it out."
	if c.Folder {
		after = "Remove it there once it is taken away: it is not encrypted, and nothing ends it."
	}
	_, err = fmt.Fprintf(term.out, "Wrote the package of request %s into %s, and verified it there.\n\nSHA-256 of its manifest:\n  %s\n"+
		"Fingerprint of the key:\n  %s\n\n%s Print the record that both sign:\n  varuh package record %[1]s zapisnik-%[1]s.pdf%[7]s\n"+
		"Then enter to whom it was handed over, and how his identity is known:\n  %[6]s\n",
		c.Request, to.dir, list[0].Manifest, list[0].Fingerprint, after, c.next(cli.typing(o.As)), cli.typing(o.As).as(""))
	return err
}

// leaves refuses a folder that stays with this machine, unless it is asked for.
func (c packageDeliverCmd) leaves(cli *cli, term terminal) error {
	if c.Folder {
		return nil
	}
	cfg, err := loadConfig(cli.dir(), term)
	if err != nil {
		return err
	}
	return foreign(c.To, append([]string{cfg.State, "/"}, cfg.Store...))
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
		return loggedIn(cli, term, deliverPath, o, func() error {
			return askOpen(ctx, cfg.State, deliverPath, o, func(r io.Reader) error {
				begun = true
				if err := take(r); err != nil {
					return err
				}
				_, err := io.Copy(io.Discard, r) // until the daemon is done with it, too
				return err
			})
		})
	})
	if !begun {
		return err
	}
	_, said := askDelivered.askDaemon(context.WithoutCancel(ctx), cli, term, packageOrder{Request: c.Request, Token: o.Token, Whole: err == nil})
	if said != nil {
		err = errors.Join(err, fmt.Errorf("couldn't enter how the delivery onto %s ended, so that it can't be handed over; deliver it once more: %w", to.dir, said))
	}
	return err
}

// next is the command by which a person enters the handover, whole but for what nobody knows yet.
func (c packageDeliverCmd) next(by typing) string {
	return strings.Join([]string{"varuh package handover", c.Request, "--recipient", shellWord(c.Recipient), "--known", shellWord("službena izkaznica št. …"),
		"--medium", shellWord(cmp.Or(c.Medium, "USB …")), "--warned"}, " ") + by.as("")
}

// shellWord is a text as a shell takes it for one word.
func shellWord(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

type packageHandoverCmd struct {
	Request   string `arg:"" help:"Id of the request."`
	Recipient string `help:"Who took it: name, and body." required:"" placeholder:"TEXT"`
	Known     string `help:"How his identity is known, such as by his service card." required:"" placeholder:"TEXT"`
	Medium    string `help:"The disk, such as its mark." required:"" placeholder:"TEXT"`
	Warned    bool   `help:"Say that he was warned: he may use the footage only for the purpose for which he got it."`
	Remark    string `help:"A remark." placeholder:"TEXT"`
	who
}

// Help has an example.
func (packageHandoverCmd) Help() string {
	return example("package handover 4be0a217 --recipient 'ime, PP Primer' --known 'službena izkaznica' --medium 'USB 7' --warned")
}

// Run enters that a package was handed over.
func (c packageHandoverCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	if !c.Warned {
		return unwarned()
	}
	o := packageOrder{who: c.who, Request: c.Request, Recipient: c.Recipient, Known: c.Known, Medium: c.Medium, Warned: c.Warned, Remark: c.Remark}
	if _, err := askHandover.askDaemon(ctx, cli, term, o); err != nil {
		return err
	}
	_, err := fmt.Fprintf(term.out, "It is entered that the package of request %s was handed over. It stays here for seven days, in case the disk turns out to be bad.\nOnce the recipient has confirmed that he has it:\n  varuh %s\n", c.Request, confirmCommand(c.Request)+cli.typing(c.As).as(""))
	return err
}

// unwarned is what is said where nobody says that the recipient was warned, with what he has to be told.
func unwarned() error {
	return fmt.Errorf("nothing is handed over before the recipient is warned. Tell him, and give --warned:\n  %s\n  %s", disclosure.Warning.Sl, disclosure.Warning.En)
}
