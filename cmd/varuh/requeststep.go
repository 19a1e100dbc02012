package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/disclosure"
)

// stepAsked is what a step with a request is asked for by.
type stepAsked = asking[requestOrder, requestDone]

// stepping does a step. It gets the request's register, and the order with the scan put by.
type stepping func(context.Context, *disclosure.Register, requestOrder) (diary.Receipt, error)

// asStep is a step by its path on the socket and its entry.
func asStep(path, op string, changes bool, do stepping) stepAsked {
	return stepAsked{path, op, changes, func(e *eraser, ctx context.Context, o requestOrder) (done requestDone, err error) {
		r, err := e.requests(ctx)
		if err == nil {
			err = e.putBy(ctx, &o)
		}
		if err != nil {
			return done, err
		}
		receipt, err := do(ctx, r, o)
		if err != nil {
			return done, forCommand(err, o.ID)
		}
		done = requestDone{Entry: receipt.Index, Zone: r.Zone.String()}
		if done.Request, err = r.Request(ctx, o.ID); err == nil {
			done.Restored, err = r.RestoredOver(ctx, done.Request)
		}
		return done, err
	}}
}

// The steps of persons, beside those of packages.
var (
	askScan = asStep("/request/scan", "request.scan", false, func(ctx context.Context, r *disclosure.Register, o requestOrder) (diary.Receipt, error) {
		return r.Scanned(ctx, o.session, o.ID, o.Text, o.scan)
	})
	askExtend = asStep("/request/extend", "request.extend", false, func(ctx context.Context, r *disclosure.Register, o requestOrder) (diary.Receipt, error) {
		day, err := dayOf(o.Day)
		if err != nil {
			return diary.Receipt{}, err
		}
		return r.Extend(ctx, o.session, o.ID, day, o.Text)
	})
	askOwnLaw = asStep("/request/own-law", "request.law", false, func(ctx context.Context, r *disclosure.Register, o requestOrder) (diary.Receipt, error) {
		var day time.Time
		if o.Day != "" {
			var err error
			if day, err = dayOf(o.Day); err != nil {
				return diary.Receipt{}, err
			}
		}
		return r.FollowLaw(ctx, o.session, o.ID, o.Text, day)
	})
	askApprove = asStep("/request/approve", "request.approve", false, func(ctx context.Context, r *disclosure.Register, o requestOrder) (diary.Receipt, error) {
		return r.Approve(ctx, o.session, o.ID, disclosure.Approval{Content: o.Content, Single: o.Text, Remark: o.Note})
	})
	askRefuse = asStep("/request/refuse", "request.refuse", false, func(ctx context.Context, r *disclosure.Register, o requestOrder) (diary.Receipt, error) {
		return r.Refuse(ctx, o.session, o.ID, o.Text)
	})
	askWithdraw = asStep("/request/withdraw", "request.withdraw", false, func(ctx context.Context, r *disclosure.Register, o requestOrder) (diary.Receipt, error) {
		return r.Withdraw(ctx, o.session, o.ID, o.Text)
	})
	askShown = asStep("/request/shown", "request.shown", false, func(ctx context.Context, r *disclosure.Register, o requestOrder) (diary.Receipt, error) {
		return r.Shown(ctx, o.session, o.ID, o.Showing)
	})
	askReceipt = asStep("/request/confirm", "request.confirm", false, func(ctx context.Context, r *disclosure.Register, o requestOrder) (diary.Receipt, error) {
		return r.Confirmed(ctx, o.session, o.ID, o.Text, o.scan)
	})
	askRelease = asStep("/request/release", "request.release", true, func(ctx context.Context, r *disclosure.Register, o requestOrder) (diary.Receipt, error) {
		return r.Release(ctx, o.session, o.ID, o.Text)
	})
)

var requestSteps = []stepAsked{askScan, askExtend, askOwnLaw, askApprove, askRefuse, askWithdraw, askShown, askReceipt, askRelease}

// errDay is returned for what is no day.
var errDay = errors.New("want a day such as 2026-12-15")

func dayOf(text string) (time.Time, error) {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		err = fmt.Errorf("%w: %q", errDay, text)
	}
	return day, err
}

// stepFlags are what the command of a step takes beside the request.
type stepFlags interface {
	step() (stepAsked, requestOrder, string) // with the file that is enclosed; "" for none
	example() string                         // behind the name of the command and the request
}

// requestStepCmd does a step with a request.
type requestStepCmd[F stepFlags] struct {
	ID    string `arg:"" help:"The request, as varuh request list shows it."`
	Flags F      `embed:""`
	who
}

// Help has an example.
func (c requestStepCmd[F]) Help() string { return example("request " + c.Flags.example()) }

// Run has the step done, and tells what has become of the request, and what comes next.
func (c requestStepCmd[F]) Run(ctx context.Context, cli *cli, term terminal) (err error) {
	q, o, file := c.Flags.step()
	o.who, o.ID = c.who, c.ID
	if o.enclosure, err = enclose(file); err != nil {
		return err
	}
	ask := q.askEnclosed
	if q.path == askShown.path { // what was seen only a running daemon can read
		ask = q.askDaemon
	}
	got, err := ask(ctx, cli, term, o)
	if err != nil {
		return err
	}
	_, err = io.WriteString(term.out, got.text(cli.typing(c.As)))
	return err
}

type scanFlags struct {
	File string `arg:"" help:"The scan: PDF, JPEG or PNG." type:"path"`
	Note string `help:"A remark." placeholder:"TEXT"`
}

func (f scanFlags) step() (stepAsked, requestOrder, string) {
	return askScan, requestOrder{Text: f.Note}, f.File
}
func (scanFlags) example() string { return "scan 4be0a217 listina.pdf" }

type extendFlags struct {
	Day    string `help:"Until when it is decided." required:"" placeholder:"DAY"`
	Agreed string `help:"With whom it was agreed, and how." required:"" placeholder:"TEXT"`
}

func (f extendFlags) step() (stepAsked, requestOrder, string) {
	return askExtend, requestOrder{Day: f.Day, Text: f.Agreed}, ""
}
func (extendFlags) example() string {
	return "extend 4be0a217 --day 2026-12-15 --agreed 'z vlagateljem, po telefonu'"
}

type ownLawFlags struct {
	Law string `help:"Which law, with its article." required:"" placeholder:"TEXT"`
	Day string `help:"Day that it gives." placeholder:"DAY"`
}

func (f ownLawFlags) step() (stepAsked, requestOrder, string) {
	return askOwnLaw, requestOrder{Day: f.Day, Text: f.Law}, ""
}
func (ownLawFlags) example() string {
	return "own-law 4be0a217 --law 'ZKP, 164. člen' --day 2026-12-01"
}

type approveFlags struct {
	Content int64  `help:"The entry that says what you approve, as varuh request show names it. Read it before (varuh request read)." required:"" placeholder:"ENTRY"`
	Alone   string `help:"Why you alone decide though you entered it: nobody else is authorised, or it is urgent. It is entered as single-handed." placeholder:"TEXT"`
	Note    string `help:"A remark." placeholder:"TEXT"`
}

func (f approveFlags) step() (stepAsked, requestOrder, string) {
	return askApprove, requestOrder{Content: f.Content, Text: f.Alone, Note: f.Note}, ""
}
func (approveFlags) example() string { return "approve 4be0a217 --content 1707" }

type refuseFlags struct {
	Reasons string `help:"The reasons, which the applicant is told." required:"" placeholder:"TEXT"`
}

func (f refuseFlags) step() (stepAsked, requestOrder, string) {
	return askRefuse, requestOrder{Text: f.Reasons}, ""
}
func (refuseFlags) example() string { return "refuse 4be0a217 --reasons 'Pravne podlage ni.'" }

type withdrawFlags struct {
	Said string `help:"Who withdrew it, and how." required:"" placeholder:"TEXT"`
}

func (f withdrawFlags) step() (stepAsked, requestOrder, string) {
	return askWithdraw, requestOrder{Text: f.Said}, ""
}
func (withdrawFlags) example() string { return "withdraw 4be0a217 --said 'vlagatelj, po telefonu'" }

type shownFlags struct {
	Viewing   int64  `help:"The entry of the viewing by which you showed it, as varuh request viewings names it." required:"" placeholder:"ENTRY"`
	Recipient string `help:"Who looked at it." required:"" placeholder:"TEXT"`
	Known     string `help:"How his identity is known, such as by his identity card." required:"" placeholder:"TEXT"`
	Warned    bool   `help:"Say that he was warned: he may use what he saw only for the purpose for which he saw it." required:""`
	Note      string `help:"A remark." placeholder:"TEXT"`
}

func (f shownFlags) step() (stepAsked, requestOrder, string) {
	return askShown, requestOrder{Showing: disclosure.Showing{Recipient: f.Recipient, Known: f.Known, Viewing: f.Viewing, Warned: f.Warned, Remark: f.Note}}, ""
}
func (shownFlags) example() string {
	return "shown 4be0a217 --viewing 1707 --recipient 'ime in priimek' --known 'osebna izkaznica' --warned"
}

type confirmFlags struct {
	How  string `help:"How the recipient confirmed it." required:"" placeholder:"TEXT"`
	Scan string `help:"Scan of what he signed: PDF, JPEG or PNG." type:"path" placeholder:"FILE"`
}

func (f confirmFlags) step() (stepAsked, requestOrder, string) {
	return askReceipt, requestOrder{Text: f.How}, f.Scan
}
func (confirmFlags) example() string {
	return "confirm 4be0a217 --how 'podpisal je zapisnik o predaji' --scan zapisnik.pdf"
}

type releaseFlags struct {
	Reason string `help:"Why. It is entered." required:"" placeholder:"TEXT"`
}

func (f releaseFlags) step() (stepAsked, requestOrder, string) {
	return askRelease, requestOrder{Text: f.Reason}, ""
}
func (releaseFlags) example() string { return "release 4be0a217 --reason 'postopek je končan'" }
