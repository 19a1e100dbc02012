package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"

	"varuh/accesslog/packing"
)

type linkIssueCmd struct {
	Request   string `arg:"" help:"Id of the request."`
	Recipient string `help:"Who is to have the package: name, and body. Each use names him." required:"" placeholder:"TEXT"`
	Until     string `help:"Until when it is good, by the clock of the site: a day, or a time such as \"2026-11-21 14:30\"; seven days from now at most, of the last day as much as is within them." required:"" placeholder:"TIME"`
	Uses      int    `help:"For how many downloads it is good, one to five." default:"1" placeholder:"N"`
	Warned    bool   `help:"Say that the recipient is warned: he may use the footage only for the purpose for which he gets it."`
	Remark    string `help:"A remark. It is entered." placeholder:"TEXT"`
	who
}

// Help has an example.
func (linkIssueCmd) Help() string {
	return example("package link issue 4be0a217 --recipient 'ime, zavarovalnica' --until 2026-11-25 --uses 2 --warned")
}

// Run makes a secret address, and shows it once.
func (c linkIssueCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	if !c.Warned {
		return unwarned()
	}
	o := packageOrder{who: c.who, Request: c.Request, Recipient: c.Recipient, Until: c.Until, Uses: c.Uses, Warned: c.Warned, Remark: c.Remark}
	l, err := askIssueLink.askDaemon(ctx, cli, term, o)
	if err != nil {
		return err
	}
	cut := ""
	if l.Cut {
		cut = "Seven days from now are the most, so it ends then, and not with the end of " + c.Until + ". "
	}
	_, err = fmt.Fprintf(term.out, "By this address the package of request %s can be fetched until %s UTC, %s. %sIt is shown once:\n  %s\nPassphrase, also shown once, to go by another way than the address (by telephone, not by the same mail):\n  %s\nEnd it sooner:\n  varuh package link end %[1]s %[7]d%[8]s\n",
		c.Request, stamp(l.Until), count(l.Uses, "time", "times"), cut, l.Address, l.Passphrase, l.ID, cli.typing(c.As).as(""))
	return err
}

type linkListCmd struct {
	Request string `arg:"" help:"Id of the request."`
	who
}

// Help has an example.
func (linkListCmd) Help() string { return example("package link list 4be0a217") }

// Run lists the secret addresses in force, without what is secret.
func (c linkListCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	list, err := askLinks.askDaemon(ctx, cli, term, packageOrder{who: c.who, Request: c.Request})
	if err != nil {
		return err
	}
	if len(list) == 0 {
		_, err := fmt.Fprintf(term.out, "There is no link to the package of request %s. One is made by varuh package link issue.\n", c.Request)
		return err
	}
	return writeLinks(term.out, list)
}

// writeLinks writes a line for each link, also for those that open nothing since a restore.
func writeLinks(out io.Writer, list []packing.Link) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "LINK\tUNTIL (UTC)\tDOWNLOADS LEFT")
	for _, l := range list {
		left := strconv.Itoa(l.Uses)
		if l.Restored {
			left = "none: the appliance was put back from a copy since; issue another one"
		}
		fmt.Fprintf(w, "%d\t%s\t%s\n", l.ID, orDash(l.Restored, stamp(l.Until)), left)
	}
	return w.Flush()
}

type linkEndCmd struct {
	Request string `arg:"" help:"Id of the request."`
	Link    int64  `arg:"" help:"The link, as varuh package link list shows it."`
	who
}

// Help has an example.
func (linkEndCmd) Help() string { return example("package link end 4be0a217 1707") }

// Run ends a secret address.
func (c linkEndCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	if _, err := askEndLink.askDaemon(ctx, cli, term, packageOrder{who: c.who, Request: c.Request, Link: c.Link}); err != nil {
		return err
	}
	_, err := fmt.Fprintf(term.out, "The link %d is ended: nothing can be fetched by it any more.\n", c.Link)
	return err
}
