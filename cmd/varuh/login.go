package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"

	"varuh/accesslog/people"
)

// loggedIn has an order carried out for whoever c says, with all that he has to enter: the password, and a code if the
// answer is that one is needed. In a demo it is the first of its persons who may. What do takes of the order it reads when it
// is called.
func loggedIn(cli *cli, t terminal, path string, order any, do func() error) error {
	n, _ := needOf(path, order)
	asker, ok := order.(interface{ asks() *who })
	if !n.login || !ok {
		return do()
	}
	w := asker.asks()
	list, err := readCredentials(cli.dir(), w.Credentials)
	if err != nil && (w.Credentials != "" || w.As == "" && w.Actor == "") {
		return err
	}
	e := entering{t, list, order}
	switch {
	case w.As != "":
		return e.as(*w, do)
	case w.Actor != "" || len(list) == 0:
		return do()
	}
	for _, c := range list {
		w.signIn = signIn{As: c.Login}
		if err = e.as(*w, do); !isOthers(err) {
			break
		}
	}
	if err == nil {
		_, err = fmt.Fprintf(t.err, "Done as %s, with the password in %s.\n", w.As, cmp.Or(w.Credentials, demoPersonsName))
	}
	return err
}

// entering is somebody who logs in for an order.
type entering struct {
	t     terminal
	known []credential // of a demo
	order any
}

// as has it done for a person. What takes two log-ins one after the other takes its code out in between.
func (e entering) as(w who, do func() error) (err error) {
	here := e.order.(interface{ asks() *who }).asks()
	if w.Password, err = e.password(w.As); err != nil {
		return err
	}
	if two, ok := e.order.(interface{ joins() *second }); ok {
		if two.joins().SecondPassword, err = e.password(two.joins().Second); err != nil {
			return err
		}
	}
	*here = w
	for {
		if err = do(); !errors.Is(err, people.ErrCodeMissing) || here.Code != "" {
			return err
		}
		if here.Code, err = askCode(e.t, w.As); err != nil {
			return err
		}
	}
}

// password is what a demo knows, or what somebody enters.
func (e entering) password(login string) (string, error) {
	for _, c := range e.known {
		if c.Login == login {
			return c.Password, nil
		}
	}
	return askPassword(e.t, login)
}

// askCode reads a code: without showing it, or a line where the input is no terminal.
func askCode(t terminal, login string) (string, error) {
	if _, err := fmt.Fprintf(t.err, "Code of %s, as the authenticator shows it, or a one-time code: ", login); err != nil {
		return "", err
	}
	text, err := hidden(t)
	if errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: the input ended before one came, and --code CODE gives it, too", people.ErrCodeMissing)
	}
	if err == nil && text == "" {
		err = people.ErrCodeMissing // not asked for ever
	}
	return text, err
}

// hidden reads a line without showing it on a terminal.
func hidden(t terminal) (text string, err error) {
	if f, ok := t.in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		text, err = unseen(int(f.Fd()))
	} else {
		text, err = t.line()
	}
	fmt.Fprintln(t.err)
	return text, err
}

// errInterrupted is returned where whoever was asked ended the program instead.
var errInterrupted = errors.New("interrupted; nothing was done")

// unseen reads a line from a terminal without showing it. A signal that is to end the program ends the question, and the
// terminal shows again what is typed.
func unseen(fd int) (string, error) {
	was, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGINT, syscall.SIGTERM)
	defer signal.Stop(stop)
	read := make(chan error, 1)
	var text []byte
	go func() {
		b, err := term.ReadPassword(fd)
		text = b
		read <- err
	}()
	select {
	case err := <-read:
		return string(text), err
	case <-stop:
		return "", errors.Join(errInterrupted, term.Restore(fd, was)) // the read ends with the program
	}
}

// isOthers tells whether an order is refused to this person, and may not be to another.
func isOthers(err error) bool {
	for _, e := range []error{people.ErrNotAllowed, people.ErrScope, people.ErrNotYet, people.ErrExpired, people.ErrUnsigned} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// refusals are what the one who asks through the socket tells apart, by a word in the head of the answer.
var refusals = map[string]error{"code": people.ErrCodeMissing, "second-code": errSecondCode, "not-allowed": people.ErrNotAllowed, "scope": people.ErrScope,
	"not-yet": people.ErrNotYet, "expired": people.ErrExpired, "unsigned": people.ErrUnsigned}

const refusalHeader = "Varuh-Refusal"

// markRefusal says in the head of an answer which refusal it is.
func markRefusal(h http.Header, err error) {
	for word, is := range refusals {
		if errors.Is(err, is) {
			h.Set(refusalHeader, word)
		}
	}
}

// refusedThere is what the daemon refused, as it said it.
type refusedThere struct {
	text string
	is   error // nil for what nobody has to tell apart
}

func (e refusedThere) Error() string { return e.text }

// Unwrap says what it is.
func (e refusedThere) Unwrap() error { return e.is }
