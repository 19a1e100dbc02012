package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"varuh/accesslog/people"
)

// tokenOrder is what is asked about tokens of authorities.
type tokenOrder struct {
	who
	Name, Holder string // the authority, and the person who answers for the use
	Role         people.Role
	Cameras      []string
	From, To     string // by the clock of the site
	Outside      bool
	ID           string // of the one that ends
	Reason       string // the request on which it is issued, or why it ends
}

// tokenDone is a token that was issued.
type tokenDone struct {
	Token people.AuthorityToken
	Text  string // of which a hash is kept alone
}

var (
	askIssueToken = consulting[tokenOrder, tokenDone]{"/person/token/issue", "token.issue", (*office).issueToken}
	askTokens     = consulting[tokenOrder, []people.AuthorityToken]{"/person/token/list", "", (*office).listTokens}
	askEndToken   = consulting[tokenOrder, struct{}]{"/person/token/end", "token.end", (*office).endToken}
)

// issueToken issues a token in the session of whoever asks.
func (o *office) issueToken(ctx context.Context, order tokenOrder) (done tokenDone, err error) {
	t := people.AuthorityToken{Name: order.Name, Holder: order.Holder, Role: order.Role, Outside: order.Outside}
	if t.Cameras, err = o.inScope(order.Cameras); err != nil {
		return done, err
	}
	if t.From, err = momentOf(o.zone(), "--from", order.From); err != nil {
		return done, err
	}
	if t.To, err = momentOf(o.zone(), "--to", order.To); err != nil {
		return done, err
	}
	if t.From.IsZero() {
		t.From = o.boot.Now()
	}
	err = o.as(ctx, order.who, new(personDone), func(r *people.Register, s people.Session) (err error) {
		done.Token, done.Text, err = r.Issue(ctx, s, t, order.Reason)
		return err
	})
	return done, err
}

func (o *office) listTokens(ctx context.Context, _ tokenOrder) ([]people.AuthorityToken, error) {
	r, err := o.persons(ctx)
	if err != nil {
		return nil, err
	}
	return r.Tokens(ctx)
}

func (o *office) endToken(ctx context.Context, order tokenOrder) (none struct{}, err error) {
	return none, o.as(ctx, order.who, new(personDone), func(r *people.Register, s people.Session) error {
		return r.EndToken(ctx, s, order.ID, order.Reason)
	})
}

// inScope are cameras that an authorisation is for, sorted; nil for all.
func (o *office) inScope(cameras []string) ([]string, error) {
	known, err := o.known()
	if err != nil {
		return nil, err
	}
	for _, c := range cameras {
		if !slices.Contains(known, c) {
			return nil, fmt.Errorf("there is no camera %q and no footage of one; there are: %s", c, strings.Join(known, ", "))
		}
	}
	return slices.Sorted(slices.Values(cameras)), nil
}

type tokenIssueCmd struct {
	Name    string      `arg:"" help:"Name of the authority."`
	Holder  string      `help:"Name of the person there who answers for its use." required:"" placeholder:"NAME"`
	Role    people.Role `help:"auditor: the diary, no footage; inspector: both; applicant: files requests for footage, and sees nothing else." required:"" placeholder:"ROLE"`
	Camera  []string    `help:"Id of a camera in scope; may be given more than once. Default: all, those to come included." placeholder:"ID"`
	From    string      `help:"From when. Default: now." placeholder:"TIME"`
	To      string      `help:"Until when, at most a year later." required:"" placeholder:"TIME"`
	Outside bool        `help:"Also from outside the premises."`
	Basis   string      `help:"The request on which it is issued. It is entered." required:"" placeholder:"TEXT"`
	who
}

// Run issues a token.
func (c tokenIssueCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	got, err := askIssueToken.ask(ctx, cli, term, tokenOrder{who: c.who, Name: c.Name, Holder: c.Holder, Role: c.Role, Cameras: c.Camera,
		From: c.From, To: c.To, Outside: c.Outside, Reason: c.Basis})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(term.out, "Token %s of %s is good until %s UTC:\n\n  %s\n\nIt is shown this once. A request carries it as Authorization: Bearer TOKEN. Hand it over\nby a way of its own; whoever has it is taken for the authority.\n",
		got.Token.ID, plain(got.Token.Name), stamp(got.Token.To), got.Text)
	return err
}

type tokenListCmd struct{ who }

// Run lists the tokens.
func (c tokenListCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	list, err := askTokens.ask(ctx, cli, term, tokenOrder{who: c.who})
	if err != nil {
		return err
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(term.out, "There is no token.")
		return err
	}
	w := tabwriter.NewWriter(term.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "TOKEN\tAUTHORITY\tHOLDER\tROLE\tCAMERAS\tFROM (UTC)\tTO (UTC)\tENTRY")
	for _, t := range list {
		a := people.Authorisation{Role: t.Role, Cameras: t.Cameras, Outside: t.Outside}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\n", t.ID, plain(t.Name), plain(t.Holder), roleText(a, nil), camerasText(a), stamp(t.From), stamp(t.To), t.Entry)
	}
	return w.Flush()
}

type tokenEndCmd struct {
	ID     string `arg:"" help:"The token, as varuh person token list shows it."`
	Reason string `help:"Why. It is entered." required:"" placeholder:"TEXT"`
	who
}

// Run ends a token.
func (c tokenEndCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	if strings.TrimSpace(c.Reason) == "" {
		return errors.New("the reason is entered in the diary: give --reason TEXT")
	}
	if _, err := askEndToken.ask(ctx, cli, term, tokenOrder{who: c.who, ID: c.ID, Reason: c.Reason}); err != nil {
		return err
	}
	_, err := fmt.Fprintf(term.out, "Token %s opens nothing any more.\n", c.ID)
	return err
}
