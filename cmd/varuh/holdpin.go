package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/hold"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// pinWithin is how long somebody who sets a hold waits until the diary was looked through for entries about it. What
// is left then is done within the hour.
const pinWithin = 20 * time.Second

// pin has entries of the diary about what was just held kept apart, and says in got what came of it. It undoes no hold.
func (e *eraser) pin(ctx context.Context, register *hold.Register, got *hold.Effect) {
	keys, err := e.keys()
	if err == nil {
		ctx, cancel := context.WithTimeout(ctx, pinWithin)
		defer cancel()
		got.Kept, err = register.Pin(ctx, keys, false)
	}
	if err != nil {
		got.Waits = err.Error()
	}
}

// pinAll looks through the diary with the key that is on this machine.
func (e *eraser) pinAll(ctx context.Context, _ pinOrder) (done hold.Pinned, err error) {
	register, _, err := e.books()
	if err != nil {
		return done, err
	}
	keys, err := e.keys()
	if err != nil {
		return done, err
	}
	return register.Pin(ctx, keys, true)
}

// pinOrder looks the diary through.
type pinOrder struct{ who }

// askPin is what varuh hold pin asks.
var askPin = asking[pinOrder, hold.Pinned]{"/hold/pin", "pin.set", false, (*eraser).pinAll}

type holdPinCmd struct {
	Words bool `help:"Open the diary with the recovery words; only while varuh is stopped."`
	who
}

// Help is what "varuh hold pin --help" says beside that.
func (holdPinCmd) Help() string {
	return "Entries of the diary about held footage outlast their term. Finding them takes a key that opens the diary: where the machine has one (unlock: auto) " +
		"varuh does it by itself. Else it waits for this command, by somebody whose log-in opens the diary, and no entries are destroyed that could be among them."
}

// Run looks through the diary for entries about what is held or restricted.
func (c holdPinCmd) Run(ctx context.Context, cli *cli, term terminal) (err error) {
	var done hold.Pinned
	o := pinOrder{c.who}
	if c.Words {
		err = loggedIn(cli, term, askPin.path, &o, func() error {
			return onSite(ctx, cli, term, func(s *site) error {
				return s.withDeskFor(ctx, true, term, askPin.path, &o, func(k desk) error {
					done, err = s.heldIn(k.diary).Pin(ctx, k.keys, true)
					return err
				})
			}, func(string) error {
				return errors.New("the recovery words are not sent to a running program: stop varuh first")
			})
		})
	} else {
		done, err = askPin.ask(ctx, cli, term, o)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(term.out, pinnedText(done))
	return err
}

// pinnedText says what is kept.
func pinnedText(done hold.Pinned) string {
	text := fmt.Sprintf("%s of the diary about %s kept past their term.", count(done.Entries, "more entry", "more entries"), count(done.For, "hold or restriction is", "holds or restrictions are"))
	if done.Damaged > 0 {
		text += fmt.Sprintf("\n! %s damaged, so that nobody knows what they are about: see varuh diary verify.", count(done.Damaged, "entry is", "entries are"))
	}
	return text
}

// pinUnlooked keeps entries for holds that were set while no key was at hand, now that somebody has given the words.
func (s *site) pinUnlooked(ctx context.Context, d *diary.Diary, keys keyring.Identity, out io.Writer) {
	if d.Fault() != nil {
		return // it is told
	}
	done, err := s.heldIn(d).Pin(ctx, keys, false)
	if err != nil {
		fmt.Fprintln(out, "warning:", err)
	} else if done.For > 0 {
		fmt.Fprintln(out, pinnedText(done))
	}
}

// heldIn is what is held by a diary, for whoever looks through that while no daemon runs. What a clock has dated that was set late is
// in the index.
func (s *site) heldIn(d *diary.Diary) *hold.Register {
	return &hold.Register{Diary: d, Twins: func(from, to time.Time) (list [][2]time.Time, err error) {
		index, err := footage.Open(indexFile(s.cfg.State))
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, index.Close()) }()
		return index.Twins(from, to)
	}}
}

// held is the register of a diary: that in which holds are being set, if it is the one that is open.
func (e *eraser) held(d *diary.Diary) *hold.Register {
	if register, open, err := e.books(); err == nil && open == d {
		return register
	}
	return &hold.Register{Diary: d, Twins: e.index.Twins}
}
