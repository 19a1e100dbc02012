package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"varuh/configs"
	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

type keysShowCmd struct{}

// Run shows the public keys. It needs no lock: the file is replaced as a whole.
func (keysShowCmd) Run(cli *cli, term terminal) error {
	cfg, err := loadConfig(cli.dir(), term)
	if err != nil {
		return err
	}
	public, err := keyring.ReadPublic(durable.OS, publicFile(cfg.State))
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(term.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "KEY\tFOR\tSINCE\tPUBLIC KEY")
	for _, e := range public.Keys {
		use := string(e.Use)
		if e.Retiring {
			use += " (being replaced)"
		}
		fmt.Fprintf(w, "%v\t%s\t%s\t%v\n", e.ID, use, e.Since.Format("2006-01-02"), e.Key)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	switch {
	case public.Rotating():
		_, err = fmt.Fprintln(term.out, "A rotation was begun and is not finished: run varuh keys rotate again.")
	case cfg.Unlock == configs.UnlockAuto:
		_, err = fmt.Fprintf(term.out, "The private reading key is expected in %s.\n", cfg.Key)
	default:
		_, err = fmt.Fprintln(term.out, "No private key is on this machine; the recovery words open the footage.")
	}
	return err
}

type keysRotateCmd struct {
	Key           string `help:"With a locked appliance or a credential: write the new private reading key to this file. It must not be on a store's file system." type:"path" placeholder:"FILE"`
	YesIWroteDown bool   `name:"yes-i-wrote-it-down" help:"Do not ask for two of the recovery words (for scripts)."`
}

// Run replaces the keys. What a crash interrupts, the next run finishes.
func (c keysRotateCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	return onSite(ctx, cli, term, func(s *site) error { return c.rotateHere(ctx, s, term) },
		func(state string) error { return c.rotateThere(ctx, cli, state, term) })
}

// newEnvelope makes a recovery key and has its words written down.
func (c keysRotateCmd) newEnvelope(term terminal) (keyring.PublicKey, error) {
	k, err := keyring.GenerateKey()
	if err != nil {
		return keyring.PublicKey{}, err
	}
	if err := printWords(term.out, k, time.Now()); err != nil || c.YesIWroteDown {
		return k.Public(), err
	}
	return k.Public(), confirmWords(term, k)
}

func (c keysRotateCmd) rotateHere(ctx context.Context, s *site, term terminal) error {
	ro := s.rotation()
	if ro.KeyFile == "" {
		return c.rotateLocked(ctx, s, ro, term)
	}
	if !s.public.Rotating() {
		recovery, err := c.newEnvelope(term)
		if err != nil {
			return err
		}
		if err := begin(ctx, ro, recovery); err != nil {
			return err
		}
	}
	keys, err := s.diaryIdentity()
	if err != nil {
		return err
	}
	return s.finish(ctx, ro, keys, "", term)
}

// rotation is what a rotation of this site works on.
func (s *site) rotation() keyring.Rotation {
	ro := keyring.Rotation{FS: durable.OS, Publics: s.publicFiles(), KeyFile: s.cfg.KeyFile()}
	for _, store := range s.stores {
		ro.Rings = append(ro.Rings, store.Ring)
	}
	return ro
}

func begin(ctx context.Context, ro keyring.Rotation, recovery keyring.PublicKey) error {
	reading, err := keyring.GenerateKey()
	if err != nil {
		return err
	}
	return ro.Begin(ctx, reading, recovery, time.Now())
}

// finish ends a rotation. keys open the diary, which is sealed to the new recovery key first: what a crash
// interrupts is still a rotation, and done again. diaryKey is where a reading key of the diary is to be from
// now on, "" for where it is.
func (s *site) finish(ctx context.Context, ro keyring.Rotation, keys keyring.Identity, diaryKey string, term terminal) error {
	if err := s.resealDiary(ctx, nil, keys, diaryKey); err != nil {
		fmt.Fprintln(term.err, "warning:", err)
	}
	done, err := ro.Finish(ctx)
	if err != nil {
		return fmt.Errorf("the rotation is not finished, run it again: %w", err)
	}
	return tellRotated(done, term)
}

func tellRotated(done keyring.Rotated, term terminal) error {
	for _, lost := range done.Lost {
		fmt.Fprintln(term.out, "incident:", lost)
	}
	_, err := fmt.Fprintf(term.out, "The keys are replaced and %s sealed anew. The old envelope opens nothing any more: destroy it.\n",
		count(done.Slots, "segment's key is", "segments' keys are"))
	return err
}

// rotateLocked rotates where no private key is on the machine: the recovery words open the old
// slots. The new private reading key goes to --key. Without that it lies in memory until the end
// and is then destroyed, so that only the new words open footage.
func (c keysRotateCmd) rotateLocked(ctx context.Context, s *site, ro keyring.Rotation, term terminal) (err error) {
	if c.Key == "" && s.cfg.Unlock == configs.UnlockAuto {
		return errors.New("name a file for the new private reading key with --key FILE; afterwards make the credential from it with " +
			"systemd-creds encrypt and remove the file")
	}
	old, err := askWords(term, "The present recovery words are needed to open what the old keys seal.")
	if err != nil {
		return err
	}
	if err := s.knows(old); err != nil {
		return err
	}
	ro.Old, ro.KeyFile = keyring.Identity{old}, c.Key
	if ro.KeyFile == "" {
		var dir string
		if dir, err = memoryFolder("rotation"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, forget(dir)) }()
		ro.KeyFile = filepath.Join(dir, "key")
	} else if err := keyring.CheckPlace(durable.OS, c.Key, s.dirs()...); err != nil {
		return err
	}
	if s.public.Rotating() {
		// Any of the new keys can finish what was begun, and that of the new envelope is on paper.
		next, err := askWords(term, "A rotation was begun and is not finished. The words of the NEW envelope are needed too.")
		if err != nil {
			return err
		}
		if err := keyring.WriteKeyFile(durable.OS, ro.KeyFile, next); err != nil {
			return err
		}
		return s.finish(ctx, ro, keyring.Identity{old, next}, diaryKeyFile(c.Key), term)
	}
	recovery, err := c.newEnvelope(term)
	if err != nil {
		return err
	}
	if err := begin(ctx, ro, recovery); err != nil {
		return err
	}
	return s.finish(ctx, ro, ro.Old, diaryKeyFile(c.Key), term)
}

// forget destroys a folder of private keys, whatever a rotation left in it: it overwrites every file before
// it removes it, since a page of memory that is only given back keeps what it held.
func forget(dir string) error {
	entries, err := os.ReadDir(dir)
	errs := []error{err}
	for _, e := range entries {
		errs = append(errs, keyring.Wipe(durable.OS, filepath.Join(dir, e.Name())))
	}
	if err := errors.Join(append(errs, os.RemoveAll(dir))...); err != nil {
		return fmt.Errorf("a private key may still be in %s: remove the folder, or restart the machine: %w", dir, err)
	}
	return nil
}

// rotateThere has the daemon rotate, which goes on recording. Only a public key goes through the socket.
func (c keysRotateCmd) rotateThere(ctx context.Context, cli *cli, state string, term terminal) error {
	public, err := keyring.ReadPublic(durable.OS, publicFile(state))
	if err != nil {
		return err
	}
	var o rotateOrder
	if !public.Rotating() {
		if err := rotatable(ctx, state); err != nil {
			return err
		}
		k, err := c.newEnvelope(term)
		if err != nil {
			return err
		}
		o.Recovery = &k
	}
	body, err := json.Marshal(o)
	if err != nil {
		return err
	}
	answer, err := ask(ctx, state, "POST", "/rotate", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer answer.Close() // only read
	var done rotateDone
	if err := decodeAnswer(answer, &done); err != nil {
		return err
	}
	r := keyring.Rotated{Slots: done.Slots}
	for _, text := range done.Lost {
		r.Lost = append(r.Lost, errors.New(text))
	}
	return tellRotated(r, term)
}

// rotatable asks before the envelope is written whether the daemon can do it at all.
func rotatable(ctx context.Context, state string) error {
	answer, err := ask(ctx, state, "GET", "/rotate", nil)
	if err != nil {
		return err
	}
	return answer.Close()
}

// rotateOrder asks for a rotation to a new recovery key; without one it finishes what was begun.
type rotateOrder struct {
	Recovery *keyring.PublicKey `json:"recovery"`
}

// errOrder is returned for an order that was not carried out.
var errOrder = errors.New("the keys were not replaced")

func readRotateOrder(r io.Reader) (rotateOrder, error) {
	var o *rotateOrder
	dec := json.NewDecoder(r)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&o); err != nil {
		return rotateOrder{}, fmt.Errorf("%w: the request is no order for a rotation: %w", errOrder, err)
	}
	if _, err := dec.Token(); o == nil || !errors.Is(err, io.EOF) {
		return rotateOrder{}, fmt.Errorf("%w: the request is not one order for a rotation", errOrder)
	}
	return *o, nil
}

// check holds an order against the present keys.
func (o rotateOrder) check(public keyring.Public) error {
	if o.Recovery == nil && !public.Rotating() {
		return fmt.Errorf("%w: no rotation was begun that could be finished, and no new recovery key is named", errOrder)
	}
	if o.Recovery == nil {
		return nil
	}
	if *o.Recovery == (keyring.PublicKey{}) {
		return fmt.Errorf("%w: the recovery key is all zeros, to which nothing can be sealed", errOrder)
	}
	for _, e := range public.Keys {
		if e.Key == *o.Recovery {
			return fmt.Errorf("%w: the recovery key is in use already (%v)", errOrder, e.ID)
		}
	}
	return nil
}

type rotateDone struct {
	Slots int      `json:"slots"`
	Lost  []string `json:"lost"`
}

func (d *Daemon) answerRotatable(w http.ResponseWriter, _ *http.Request) {
	if err := d.canRotate(); err != nil {
		d.refuse(w, http.StatusForbidden, err)
	}
}

func (d *Daemon) canRotate() error {
	if d.site.cfg.KeyFile() == "" {
		return errors.New("no private key file is on this appliance: stop varuh and run the rotation again, it then asks for the recovery words")
	}
	_, err := d.site.identity()
	return err
}

func (d *Daemon) answerRotate(w http.ResponseWriter, r *http.Request) {
	o, err := readRotateOrder(http.MaxBytesReader(w, r.Body, 4096))
	if err != nil {
		d.refuse(w, http.StatusBadRequest, err)
		return
	}
	done, err := d.rotate(r.Context(), o)
	if errors.Is(err, errOrder) {
		d.refuse(w, http.StatusBadRequest, err)
		return
	}
	if err != nil {
		d.refuse(w, http.StatusInternalServerError, err)
		return
	}
	answer := rotateDone{Slots: done.Slots}
	for _, lost := range done.Lost {
		answer.Lost = append(answer.Lost, lost.Error())
	}
	d.answer(w, answer)
}

// rotate replaces the keys while cameras are recorded.
func (d *Daemon) rotate(ctx context.Context, o rotateOrder) (keyring.Rotated, error) {
	d.rotating.Lock()
	defer d.rotating.Unlock()
	if err := d.canRotate(); err != nil {
		return keyring.Rotated{}, err
	}
	public, err := keyring.ReadPublic(durable.OS, publicFile(d.site.cfg.State))
	if err != nil {
		return keyring.Rotated{}, err
	}
	if err := o.check(public); err != nil {
		return keyring.Rotated{}, err
	}
	ro := d.site.rotation()
	if o.Recovery != nil {
		if err := begin(ctx, ro, *o.Recovery); err != nil {
			return keyring.Rotated{}, err
		}
	}
	unsealed := d.resealDiary(ctx)
	done, err := ro.Finish(ctx)
	if err != nil {
		return done, fmt.Errorf("the rotation is not finished, run it again: %w", err)
	}
	if unsealed != nil {
		d.Log.Error("the keys were replaced, but not those of the diary", "err", unsealed)
		done.Lost = append(done.Lost, unsealed)
	}
	d.Log.Info("the keys were replaced", "slots", done.Slots)
	return done, nil
}

// memoryPrefix begins the name of every folder that memoryFolder makes.
const memoryPrefix = "varuh-"

// memoryFolder makes a folder of our own, mode 0700, on a file system in memory.
func memoryFolder(name string) (string, error) {
	for _, base := range []string{os.Getenv("XDG_RUNTIME_DIR"), "/dev/shm", "/run"} {
		if base == "" {
			continue
		}
		kind, err := fileSystem(base)
		if err != nil || kind.why != inMemory {
			continue
		}
		if dir, err := os.MkdirTemp(base, memoryPrefix+name+"-"); err == nil {
			return dir, nil
		}
	}
	return "", errors.New("there is no folder in memory for a private key (XDG_RUNTIME_DIR, /dev/shm, /run): name a place with --key FILE")
}
