package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
	"golang.org/x/sys/unix"

	"varuh/accesslog/diary/proof"
)

// cli is the command line. The help texts are what "varuh --help" prints.
type cli struct {
	Dir string `help:"State folder, with varuh.yml in it." type:"path" env:"VARUH_DIR" placeholder:"DIR"`

	Demo   demoCmd   `cmd:"" help:"Start test cameras and record them, to see what varuh does."`
	Init   initCmd   `cmd:"" help:"Make a state folder, its keys and its stores; print the recovery words."`
	Serve  serveCmd  `cmd:"" help:"Record the cameras of the configuration until stopped."`
	Status statusCmd `cmd:"" help:"Show what the running daemon records."`
	Unlock unlockCmd `cmd:"" help:"Open footage and diary of the running daemon by logging in, or with the recovery words."`
	Lock   lockCmd   `cmd:"" help:"Take the keys of the running daemon out of memory: nobody looks at anything until somebody logs in who may."`
	Config struct {
		Check configCheckCmd `cmd:"" help:"Say what is wrong in the configuration, or what it means."`
	} `cmd:"" help:"Look at the configuration."`
	Camera struct {
		Try cameraTryCmd `cmd:"" help:"Watch a stream for some seconds and tell whether it is fit to record."`
	} `cmd:"" help:"Look at a camera."`
	Footage struct {
		List    footageListCmd    `cmd:"" help:"List segments and gaps."`
		Check   footageCheckCmd   `cmd:"" help:"Hold index, files and key slots against each other."`
		Rebuild footageRebuildCmd `cmd:"" help:"Make the index anew from the segment files."`
	} `cmd:"" help:"Look at the stored footage."`
	Diary struct {
		List       diaryListCmd       `cmd:"" help:"List entries. That you did so is entered, too."`
		Show       diaryShowCmd       `cmd:"" help:"Show one entry whole. That you did so is entered, too."`
		Verify     diaryVerifyCmd     `cmd:"" help:"Check every entry, and hold the diary against checkpoints that were kept outside."`
		Export     diaryExportCmd     `cmd:"" help:"Write the diary, or a part, into a file that varuh-verify checks anywhere. That you did so is entered, too."`
		Checkpoint diaryCheckpointCmd `cmd:"" help:"Print the last checkpoint, to be kept outside."`
		Prune      diaryPruneCmd      `cmd:"" help:"Show which entries are past their term, or confirm that the date is right."`
		Accept     diaryAcceptCmd     `cmd:"" help:"Go on with a diary that went back, under a new name, when two persons say so."`
	} `cmd:"" help:"Read the diary, check it, take it out."`
	Hold struct {
		Set     holdSetCmd     `cmd:"" help:"Keep footage from being erased."`
		Confirm holdConfirmCmd `cmd:"" help:"Make a provisional hold one that lasts."`
		Clear   holdClearCmd   `cmd:"" help:"End a hold."`
		List    holdListCmd    `cmd:"" help:"List the holds in force."`
		Pin     holdPinCmd     `cmd:"" help:"Keep entries of the diary about held footage past their term."`
	} `cmd:"" help:"Keep footage from being erased."`
	Restrict struct {
		Set   restrictSetCmd   `cmd:"" help:"Restrict the processing of footage: it is only stored."`
		Clear restrictClearCmd `cmd:"" help:"End a restriction."`
		List  restrictListCmd  `cmd:"" help:"List the restrictions in force."`
	} `cmd:"" help:"Restrict the processing of footage (GDPR art. 18)."`
	Policy struct {
		Show    policyShowCmd    `cmd:"" help:"Show how long footage is kept, and what waits to be confirmed."`
		Confirm policyConfirmCmd `cmd:"" help:"As an approver: let a change begin by which footage goes earlier."`
	} `cmd:"" help:"Look at the terms of footage."`
	Notice struct {
		List    noticeListCmd    `cmd:"" help:"List the notices, and what is missing."`
		Example noticeExampleCmd `cmd:"" help:"Print a notice to fill in."`
		Add     noticeAddCmd     `cmd:"" help:"Enter the notice that hangs on the wall."`
		End     noticeEndCmd     `cmd:"" help:"End a notice."`
		Inform  noticeInformCmd  `cmd:"" help:"Enter which employees were informed in writing."`
		Decide  noticeDecideCmd  `cmd:"" help:"Enter the head's written decision to introduce video surveillance."`
		Print   noticePrintCmd   `cmd:"" help:"Write the sign, the text for the web site, or what is signed: the list, the decision."`
	} `cmd:"" help:"Look after the notices on video surveillance."`
	Person struct {
		List     personListCmd     `cmd:"" help:"List the persons and what they may."`
		Sets     personSetsCmd     `cmd:"" help:"Show ready-made divisions of the work to begin from."`
		First    personFirstCmd    `cmd:"" help:"Add the first person, an administrator."`
		Add      personAddCmd      `cmd:"" help:"Add a person; print the first password, which its owner changes."`
		Password personPasswordCmd `cmd:"" help:"Change your own password."`
		Second   personSecondCmd   `cmd:"" help:"Set up your own second factor, or take it away."`
		Grant    personGrantCmd    `cmd:"" help:"Authorise a person."`
		Paper    personPaperCmd    `cmd:"" help:"Write the authorisation and the statement of confidentiality, to be signed."`
		Sign     personSignCmd     `cmd:"" help:"Say on what day an authorisation was signed, from which it is in force."`
		End      personEndCmd      `cmd:"" help:"End an authorisation."`
		Reset    personResetCmd    `cmd:"" help:"Give a person another first password; its owner is told who did it."`
		Remove   personRemoveCmd   `cmd:"" help:"Remove a person."`
		Token    struct {
			Issue tokenIssueCmd `cmd:"" help:"Issue a token by which an authority's program asks varuh; it is shown once."`
			List  tokenListCmd  `cmd:"" help:"List the tokens."`
			End   tokenEndCmd   `cmd:"" help:"End a token."`
		} `cmd:"" help:"Look after the tokens of authorities."`
	} `cmd:"" help:"Look after the persons who may log in."`
	Clock struct {
		Confirm clockConfirmCmd `cmd:"" help:"Say that the date and time of this machine are right."`
		SetBack clockSetBackCmd `cmd:"" help:"As an approver, with a second person: take back a date that was believed and is yet to come."`
	} `cmd:"" help:"Look after the clock that terms are counted by."`
	Store struct {
		Lost storeLostCmd `cmd:"" help:"Give a disk up that is stolen or broken for good."`
	} `cmd:"" help:"Look after the disks."`
	Request struct {
		List       requestListCmd       `cmd:"" help:"List the requests for footage, and what is due of them."`
		Show       requestShowCmd       `cmd:"" help:"Show how far a request has come."`
		Example    requestExampleCmd    `cmd:"" help:"Print a request to fill in."`
		Add        requestAddCmd        `cmd:"" help:"Enter a request; what it asks for is held from then on."`
		Read       requestReadCmd       `cmd:"" help:"Print what a request says, as it is entered and supplemented. That you read it is entered, too."`
		Supplement requestSupplementCmd `cmd:"" help:"Enter what was missing in a request."`
		Viewings   requestViewingsCmd   `cmd:"" help:"List your own viewings by which you showed the footage of a request on the premises."`

		Scan     requestStepCmd[scanFlags]     `cmd:"" help:"Enter the paper of a request that was made orally, with its scan."`
		Extend   requestStepCmd[extendFlags]   `cmd:"" help:"As an approver: give it another day, as agreed with the applicant."`
		OwnLaw   requestStepCmd[ownLawFlags]   `cmd:"" help:"As an approver: state that another law says how and until when it is decided."`
		Approve  requestStepCmd[approveFlags]  `cmd:"" help:"As an approver: approve it."`
		Refuse   requestStepCmd[refuseFlags]   `cmd:"" help:"As an approver: refuse it, or take an approval back."`
		Withdraw requestStepCmd[withdrawFlags] `cmd:"" help:"Enter that the applicant withdrew it."`
		Shown    requestStepCmd[shownFlags]    `cmd:"" help:"Enter that you showed its footage on the premises, by a viewing on the pages."`
		Confirm  requestStepCmd[confirmFlags]  `cmd:"" help:"Enter that the recipient confirmed the receipt."`
		Release  requestStepCmd[releaseFlags]  `cmd:"" help:"As an approver: close a request that is over, and end what it holds."`
	} `cmd:"" help:"Look after requests for footage: of the police, of others, and of persons concerned."`
	Package struct {
		List     packageListCmd     `cmd:"" help:"List the packages that are there or being built."`
		Build    packageBuildCmd    `cmd:"" help:"Have the package of an approved request built."`
		Cancel   packageCancelCmd   `cmd:"" help:"End the building of a package."`
		Deliver  packageDeliverCmd  `cmd:"" help:"Write a package onto a disk for whoever is to have it, and verify it there. That you do is an entry."`
		Record   packageRecordCmd   `cmd:"" help:"Write the handover record, to be printed and signed. That you do is an entry."`
		Handover packageHandoverCmd `cmd:"" help:"Enter that a package was handed over."`
		Link     struct {
			Issue linkIssueCmd `cmd:"" help:"Make a secret address by which somebody outside fetches a package; it is shown once."`
			List  linkListCmd  `cmd:"" help:"List the secret addresses in force."`
			End   linkEndCmd   `cmd:"" help:"End a secret address."`
		} `cmd:"" help:"Hand a package to somebody who can't come, where published: in varuh.yml names an address."`
	} `cmd:"" help:"Build packages for requests, and hand them over."`
	Erasures erasuresCmd `cmd:"" help:"List what was erased, or write the record of it. That you did is an entry."`
	Keys     struct {
		Show   keysShowCmd   `cmd:"" help:"Show the public keys that footage is sealed to."`
		Rotate keysRotateCmd `cmd:"" help:"Replace reading and recovery key, and seal every segment's key anew; or the key that signs the diary."`
	} `cmd:"" help:"Look at the keys, or replace them."`
	Backup struct {
		Make      backupMakeCmd      `cmd:"" default:"withargs" help:"Make a copy of keys, diary and configuration, which the recovery words open."`
		List      backupListCmd      `cmd:"" help:"List the copies, and until when they hold keys of erased footage."`
		Destroyed backupDestroyedCmd `cmd:"" help:"Say that you have destroyed a copy; it deletes nothing."`
	} `cmd:"" help:"Make a copy for the case that the machine is lost."`
	Restore restoreCmd `cmd:"" help:"Make a lost machine again from a backup."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

// defaultDir is where the systemd unit keeps the state.
const defaultDir = "/var/lib/varuh"

// terminal is where a command reads from and writes to.
type terminal struct {
	in       io.Reader
	out, err io.Writer
}

// line reads a line without its end. It takes not a byte more, so that the next question finds its
// answer. At the end of the input the error is io.EOF.
func (t terminal) line() (string, error) {
	var text []byte
	for b := make([]byte, 1); ; {
		n, err := t.in.Read(b)
		if n == 1 && b[0] == '\n' {
			return strings.TrimSuffix(string(text), "\r"), nil
		}
		text = append(text, b[:n]...)
		if errors.Is(err, io.EOF) && len(text) > 0 {
			return string(text), nil
		}
		if err != nil {
			return "", err
		}
	}
}

func main() {
	// Keys are in memory: no core dump, and no other process of the same user reads along.
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		fmt.Fprintln(os.Stderr, "varuh: couldn't keep other programs from reading this one's memory:", err)
		os.Exit(1)
	}
	boundMemory(os.DirFS("/"), os.Getenv("GOMEMLIMIT"))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends it at once; what is open is then recovered
	code := run(ctx, os.Args[1:], terminal{os.Stdin, os.Stdout, os.Stderr})
	os.Exit(code)
}

// errSaid ends a command with exit code 1 where everything has been said already.
var errSaid = errors.New("")

// run is the program without its process: it returns the exit code. 2 is a wrong command line, 1
// everything else that went wrong.
func run(ctx context.Context, args []string, term terminal) int {
	var c cli
	exited := -1
	parser, err := kong.New(&c, kong.Name("varuh"),
		kong.Description("varuh records RTSP cameras into encrypted segments. Try \"varuh demo\" first."),
		kong.Writers(term.out, term.err), kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		fmt.Fprintln(term.err, "varuh:", err)
		return 2
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 {
		return exited
	}
	if err != nil {
		term.complain(fmt.Sprintf("varuh: %v; see %s --help", err, commandOf(err)))
		return 2
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	err = parsed.Run(&c, term)
	if errors.Is(err, errSaid) {
		return 1
	}
	if err != nil {
		// A line break may come out of a database: what is behind it is no message of its own.
		term.complain("varuh: " + strings.ReplaceAll(plain(err.Error()), "\n", "\n  "))
		return 1
	}
	return 0
}

// commandOf is the command that was typed wrongly, as far as it was one.
func commandOf(err error) string {
	var wrong *kong.ParseError
	if errors.As(err, &wrong) && wrong.Context != nil && wrong.Context.Selected() != nil {
		return wrong.Context.Selected().FullPath()
	}
	return "varuh"
}

// plain is a text as a terminal may show it, whoever it comes from: a camera, or a person who wrote into the
// diary. Only its line breaks move the cursor.
func plain(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = proof.Printable(lines[i])
	}
	return strings.Join(lines, "\n")
}

// dir is the state folder that a command is about.
func (c *cli) dir() string {
	if c.Dir == "" {
		return defaultDir
	}
	return c.Dir
}

// typedFolder is the folder of a configuration as commands have to be told it: "" for the one that they look in anyway.
func typedFolder(dir string) string {
	if dir == defaultDir {
		return ""
	}
	return dir
}

type versionCmd struct{}

// Run prints what is running, for reports.
func (versionCmd) Run(term terminal) error {
	_, err := fmt.Fprintln(term.out, "varuh", version())
	return err
}

// version is the module's version, or the commit it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && (v == "" || v == "(devel)") {
			v = s.Value
		}
	}
	return v
}
