package main

import (
	"context"
	"errors"
	"fmt"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/people"
	"varuh/configs"
	"varuh/recorder/keyring"
)

// unlockOrder is who opens the keys of a running varuh: by a log-in, or with what the recovery words opened.
type unlockOrder struct {
	who
	Reading      readingSecrets // from the envelope; nil: a log-in is to open them
	By, Reason   string         // who opened the envelope, and why
	Person, Next string         // log-in name of the person who gets this password; "": nobody does
}

// kind tells the two apart for who may order it.
func (o unlockOrder) kind() string {
	if o.Reading != nil {
		return "envelope"
	}
	return ""
}

// keysDone is how the keys are now.
type keysDone struct {
	Locked  []people.Which       // those that are not in memory
	Openers map[people.Which]int // how many persons can open each by logging in; nil where no log-in does
}

var (
	askUnlock = consulting[unlockOrder, keysDone]{"/unlock", "unlock", (*office).unlock}
	askLock   = consulting[unlockOrder, keysDone]{"/lock", "lock", (*office).lockKeys}
)

// The refusals where no daemon has keys in memory, and where it has them from elsewhere than from persons.
var (
	errNotServed = errors.New("varuh does not run here, and opens keys and sets a new password by the envelope only while it does: start varuh, then run this again")
	errFromStart = errors.New("with unlock: auto the keys are read at the start: restart varuh to open them again; the envelope gives a person a new password here, so name one with --person LOGIN")
)

// errNoKeys is returned where no daemon has keys in memory.
var errNoKeys = errors.New("varuh does not run here, so that there is nothing to lock or unlock: no keys are in memory, and each command that needs some logs in by itself. Start varuh first")

// running has it done by the daemon, which alone keeps keys in memory.
func (q consulting[O, A]) running(ctx context.Context, cli *cli, term terminal, order O) (a A, err error) {
	cfg, err := configs.Load(cli.dir())
	if err == nil {
		err = runs(ctx, cfg.State, errNoKeys)
	}
	if err == nil {
		err = loggedIn(cli, term, q.path, &order, func() error { return askFor(ctx, cfg.State, q.path, order, &a) })
	}
	return a, err
}

// runs asks whether a daemon is there, before anybody types a password or words; missing is returned if not.
func runs(ctx context.Context, state string, missing error) error {
	answer, err := ask(ctx, state, "GET", "/status", nil)
	if errors.Is(err, errNotRunning) {
		return missing
	}
	if err != nil {
		return err
	}
	return answer.Close()
}

// unlock opens the keys. Where a log-in does it, it has done so. The envelope gives a person a new password wherever the keys
// come from.
func (o *office) unlock(ctx context.Context, order unlockOrder) (done keysDone, err error) {
	if err := o.doubted(); err != nil {
		return done, err
	}
	switch {
	case !o.login && order.Person == "":
		err = errFromStart
	case order.Reading != nil:
		err = o.recovered(ctx, order)
	default:
		err = o.opened(order.session)
	}
	if err != nil {
		return done, err
	}
	return o.keysNow(ctx)
}

// opened tells why a log-in opened nothing, if it did not.
func (o *office) opened(s people.Session) error {
	switch {
	case s.ID == "":
		return errors.New("nobody is here yet who could log in: varuh person first")
	case s.Closed != nil:
		return s.Closed
	case s.Duty == people.DutyPassword:
		return dutiful(people.ErrPasswordFirst, s.Person.Login)
	case s.Duty == people.DutySecond:
		return dutiful(people.ErrSecondFirst, s.Person.Login)
	case o.keys.Locked(people.FootageKey) && o.keys.Locked(people.DiaryKey):
		return fmt.Errorf("%w: you have none of them yet, and get them at your next log-in while they are open, as far as your authorisations go", people.ErrLocked)
	}
	return nil
}

// recovered takes keys that the envelope opened, unless they are here from the start on.
func (o *office) recovered(ctx context.Context, order unlockOrder) error {
	order, err := order.checked()
	if err != nil {
		return err
	}
	keys, err := order.Reading.keys(o.inUse)
	if err != nil {
		return err
	}
	use := people.Recovery{By: order.By, Reason: order.Reason, Login: order.Person, Password: order.Next}
	return o.recoverWith(ctx, keys, use, func(*people.Register) error {
		if o.login {
			o.take(keys)
		}
		return nil
	})
}

// checked is who opened the envelope, and why, as it is entered.
func (o unlockOrder) checked() (unlockOrder, error) {
	var bad, worse error
	o.By, bad = said("--name", o.By)
	o.Reason, worse = said("--reason", o.Reason)
	if bad == nil && worse == nil && (o.By == "" || o.Reason == "") {
		bad = errors.New("who opened the envelope, and why, is entered before anything comes of it: give --name NAME and --reason TEXT")
	}
	return o, errors.Join(bad, worse)
}

// take takes keys into memory.
func (o *office) take(keys readingKeys) {
	for w, k := range keys {
		o.keys.Take(w, keyring.Identity{k})
	}
	o.awake()
}

// lockKeys lets the keys go, as a person asks.
func (o *office) lockKeys(ctx context.Context, order unlockOrder) (done keysDone, err error) {
	if o.lock == nil {
		return done, errNoKeys
	}
	if err := o.lock(ctx, order.by); err != nil {
		return done, err
	}
	return o.keysNow(ctx)
}

// keysNow is how the keys are.
func (o *office) keysNow(ctx context.Context) (done keysDone, err error) {
	r, err := o.persons(ctx)
	if err != nil {
		return done, err
	}
	done.Locked = o.locked()
	if !o.login {
		return done, nil
	}
	done.Openers = map[people.Which]int{}
	for _, w := range whiches {
		list, err := r.Openers(ctx, w)
		if err != nil {
			return done, err
		}
		done.Openers[w] = len(list)
	}
	return done, nil
}

// lock lets the keys go and enters it.
func (e *entrance) lock(ctx context.Context, by proof.Actor) error {
	door := e.door.Load()
	if door == nil {
		return errors.New("varuh has not let anybody in yet, and has no keys in memory: varuh status says why")
	}
	return door.Lock(ctx, by)
}

type unlockCmd struct {
	who
	Envelope bool   `help:"Open them with the recovery words of the sealed envelope. Everybody has to choose another password then, and the envelope is to be replaced."`
	Name     string `help:"With --envelope: who opened it, as a person." placeholder:"NAME"`
	Reason   string `help:"With --envelope: why. It is entered." placeholder:"TEXT"`
	Person   string `help:"With --envelope: log-in name of the person who gets another password at once, and with it the keys." placeholder:"LOGIN"`
}

// Run opens the keys of the running varuh.
func (c unlockCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	if c.Envelope {
		return c.recover(ctx, cli, term)
	}
	if c.Name != "" || c.Reason != "" || c.Person != "" {
		return errors.New("--name, --reason and --person go with --envelope")
	}
	done, err := askUnlock.running(ctx, cli, term, unlockOrder{who: c.who})
	if err != nil {
		return err
	}
	return term.toldKeys(done)
}

// recover opens the keys with the recovery words.
func (c unlockCmd) recover(ctx context.Context, cli *cli, term terminal) error {
	o, err := unlockOrder{By: c.Name, Reason: c.Reason, Person: c.Person}.checked()
	if err == nil {
		err = c.usable(ctx, cli.dir())
	}
	if err != nil {
		return err
	}
	if c.Person != "" {
		if o.Next, err = askNew(term, c.Person); err != nil {
			return err
		}
	}
	keys, err := unsealed(cli.dir(), term)
	if err != nil {
		return err
	}
	o.Reading = keys.secrets()
	done, err := askUnlock.running(ctx, cli, term, o)
	if err != nil {
		return err
	}
	if err := term.toldKeys(done); err != nil {
		return err
	}
	text := "Everybody has to choose another password at the next log-in, and tokens of authorities are over."
	if c.Person != "" {
		text += " " + c.Person + " has the new one."
	}
	_, err = fmt.Fprint(term.out, paragraph(text+" The envelope is open: whoever saw the words opens everything. Replace it now: varuh keys rotate."))
	return err
}

// usable says why the envelope can't be used now, or nothing, before anybody types what opens it.
func (c unlockCmd) usable(ctx context.Context, dir string) error {
	cfg, err := configs.Load(dir)
	if err != nil {
		return err
	}
	if cfg.Unlock == configs.UnlockAuto && c.Person == "" {
		return errFromStart
	}
	return runs(ctx, cfg.State, errNotServed)
}

// unsealed asks for the recovery words and opens the private reading keys with them.
func unsealed(dir string, term terminal) (readingKeys, error) {
	cfg, err := configs.Load(dir)
	if err != nil {
		return nil, err
	}
	k, err := askWords(term, "The recovery words of the sealed envelope are needed.")
	if err != nil {
		return nil, err
	}
	return (&site{cfg: cfg}).unseal(k)
}

type lockCmd struct{ who }

// Run takes the keys of the running varuh out of memory.
func (c lockCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	done, err := askLock.running(ctx, cli, term, unlockOrder{who: c.who})
	if err != nil {
		return err
	}
	return term.toldKeys(done)
}

// toldKeys says how the keys are.
func (t terminal) toldKeys(d keysDone) error {
	_, err := fmt.Fprint(t.out, paragraph(keysText(d.Locked, d.Openers)))
	return err
}

// keysText says what is open, and who can open the rest: how many, and no names.
func keysText(locked []people.Which, openers map[people.Which]int) string {
	var text string
	switch {
	case len(locked) == 0:
		text = "Footage and diary are open."
	case len(locked) == 2:
		text = "Footage and diary are locked; recording goes on."
	case locked[0] == people.FootageKey:
		text = "The diary is open, footage is locked; recording goes on."
	default:
		text = "Footage is open, the diary is locked."
	}
	f, d := openers[people.FootageKey], openers[people.DiaryKey]
	switch {
	case openers == nil && len(locked) > 0:
		return text + " They are read again when varuh is restarted."
	case openers == nil:
		return text
	case f == 0 && d == 0:
		return text + " NOBODY can open them by logging in, only the recovery words can: while they are open, let those log in who may look; else varuh unlock --envelope."
	case f == 0:
		return text + fmt.Sprintf(" The diary opens by the log-in of %s. NOBODY can open footage so, only the recovery words can: let those log in who may, while it is open.", count(d, "person", "persons"))
	case d == 0:
		return text + fmt.Sprintf(" Footage opens by the log-in of %s. NOBODY can open the diary so, only the recovery words can: let those log in who may, while it is open.", count(f, "person", "persons"))
	}
	return text + fmt.Sprintf(" After a start or a lock, footage opens by the log-in of %s, the diary by that of %s.", oneOf(f), oneOf(d))
}

// oneOf is that of some persons, any of them.
func oneOf(n int) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("any of %d persons", n)
}
