package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/people"
)

// who is who orders something: a person who logs in for it. A name alone is believed only while no person is there yet. On
// the way through the socket it is what was entered; once it is known who it is, by and session say so, and nothing else
// sets them.
type who struct {
	signIn
	Actor       string `help:"Who you are, only while no person is there yet. It is entered as claimed on the console." placeholder:"NAME"`
	Credentials string `help:"File with log-ins, for a demo alone. Default: the one in its folder." type:"path" placeholder:"FILE" json:"-"`

	by      proof.Actor
	session people.Session
}

// asks finds out who ordered something.
func (w *who) asks() *who { return w }

// errUnknownPerson is returned where something is done for nobody who is known. It is a mistake in the program.
var errUnknownPerson = errors.New("nothing was done, since it is not known for whom")

// known is who it is, as an entry names him.
func (w who) known() (proof.Actor, error) {
	if w.by == (proof.Actor{}) {
		return w.by, errUnknownPerson
	}
	return w.by, nil
}

// second is another person, where it takes two.
type second struct {
	Second         string `help:"Another person who says so, too: the log-in name, and the password is asked for; the name alone while no person is there yet." required:"" placeholder:"LOGIN"`
	SecondCode     string `help:"Code of that person's second factor, if there is one." placeholder:"CODE"`
	SecondPassword string `kong:"-"`

	other proof.Actor // who it is, once that is known
}

// joins finds out who the other person is.
func (s *second) joins() *second { return s }

// errNoName is returned where nobody says who he is.
var errNoName = errors.New("who does it is entered in the diary: log in with --as LOGIN; only while no person is there yet, --actor NAME does")

// errNamed is returned for a name where persons log in.
var errNamed = errors.New("there are persons here, so a name alone is not believed any more: log in with --as LOGIN")

// foundOut carries an order out for whoever ordered it, once it is known who that is and that he may. camera is one that
// must be in his scope, [everyCamera] for all of them and "" for none. What do takes of the order it reads when it is called.
// Whoever logged in is logged out afterwards; that this can't be entered keeps no answer back to what was done: the session is over,
// and its end is entered later.
func (o *office) foundOut(ctx context.Context, path string, order any, camera string, do func() error) (err error) {
	n, ok := needOf(path, order)
	asker, asks := order.(interface{ asks() *who })
	switch {
	case !ok || n.login && !asks:
		return fmt.Errorf("%w: %s", errUnknownPerson, path)
	case !n.login:
		return do()
	}
	w := asker.asks()
	end, err := o.findOut(ctx, w, n, camera)
	if err != nil {
		return err
	}
	defer func() {
		if ended := end(); err != nil {
			err = errors.Join(err, ended)
		} else if ended != nil {
			o.log.Warn("the end of a session on the console was not entered yet", "err", ended)
		}
	}()
	if two, ok := order.(interface{ joins() *second }); ok {
		if err := o.joined(ctx, path, *w, two.joins()); err != nil {
			return err
		}
	}
	return do()
}

// findOut fills in who it is. The caller ends what was begun.
func (o *office) findOut(ctx context.Context, w *who, n need, camera string) (end func() error, err error) {
	w.by, w.session = proof.Actor{}, people.Session{}
	if w.As == "" {
		missing := errNoName
		if n.bare {
			missing = nil
		}
		w.by, err = o.claimed(ctx, "--actor", w.Actor, missing)
		return func() error { return nil }, err
	}
	s, err := o.signedFor(ctx, w.signIn, n, camera)
	if err != nil {
		return nil, err
	}
	w.by, w.session = s.Actor, s.Session
	return func() error { return s.close(ctx) }, nil
}

// joined fills in who the other of two persons is.
func (o *office) joined(ctx context.Context, path string, first who, s *second) (err error) {
	if first.As == "" {
		if s.other, err = o.claimed(ctx, "--second", s.Second, errOnePerson); err == nil && proof.SamePerson(s.other.Name, first.by.Name) {
			err = errOnePerson
		}
		return err
	}
	if err := o.proves(ctx, path, s); err != nil {
		return err
	}
	if s.other.ID == first.by.ID {
		return errOnePerson
	}
	return nil
}

var (
	errOnePerson  = errors.New("it takes two persons: name another one with --second")
	errSecondCode = errors.New("a code is needed: give the other person's with --second-code")
)

// claimed takes somebody's word for who he is, as long as nobody is there who could log in.
func (o *office) claimed(ctx context.Context, flag, name string, missing error) (none proof.Actor, err error) {
	r, err := o.persons(ctx)
	if err != nil {
		return none, err
	}
	list, err := r.Persons(ctx)
	switch {
	case err != nil:
		return none, err
	case len(list) > 0:
		return none, errNamed
	}
	if name, err = said(flag, name); err == nil && name == "" {
		err = missing
	}
	return proof.Actor{Name: name, Proof: claimedProof}, err
}

// beside fills in who stands beside the recovery words: by a log-in, if it is the log-in name of somebody here, else by the
// name alone.
func (o *office) beside(ctx context.Context, term terminal, s *second) error {
	r, err := o.persons(ctx)
	if err != nil {
		return err
	}
	list, err := r.Persons(ctx)
	if err != nil {
		return err
	}
	if login, bad := people.ParseLogin(s.Second); bad == nil && slices.ContainsFunc(list, func(p people.Record) bool { return p.Login == login }) {
		if s.SecondPassword, err = askPassword(term, login); err != nil {
			return err
		}
		return o.proves(ctx, acceptPath, s)
	}
	s.other.Name, err = said("--second", s.Second)
	s.other.Proof = claimedProof
	return err
}

// proves fills in who the other of two persons is, by a log-in of his own.
func (o *office) proves(ctx context.Context, path string, s *second) error {
	them, err := o.signedFor(ctx, signIn{As: s.Second, Code: s.SecondCode, Password: s.SecondPassword}, takes[path+" second"], "")
	if errors.Is(err, people.ErrCodeMissing) {
		err = errSecondCode
	}
	if err != nil {
		return fmt.Errorf("%s: %w", s.Second, err)
	}
	s.other = them.Actor
	return them.close(ctx) // what the first one does is done in his session
}

// claimedProof is that of a name alone.
const claimedProof = "claimed on the console"

// byWords takes the recovery words in the place of a log-in where nobody can log in.
func (s *site) byWords(term terminal, w *who) error {
	return s.byWordsFor(term, w, "Nobody can log in while the diary can't be used. The recovery words do instead.")
}

// byWordsFor takes the recovery words in the place of a log-in, and says why.
func (s *site) byWordsFor(term terminal, w *who, why string) error {
	key, err := askWords(term, why)
	if err == nil {
		err = s.knows(key)
	}
	w.by = proof.Actor{Name: cmp.Or(w.Actor, w.As), Proof: "recovery key"}
	return err
}
