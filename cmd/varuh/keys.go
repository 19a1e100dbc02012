package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
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
	showKeys(w, public, "")
	own, err := keyring.ReadPublic(durable.OS, diaryPublicFile(cfg.State))
	switch {
	case err == nil:
		showKeys(w, own, "the diary's ")
	case !errors.Is(err, fs.ErrNotExist): // an appliance made before there were diaries
		return fmt.Errorf("the keys of the diary: %w", err)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	switch {
	case public.Rotating() || own.Rotating():
		_, err = fmt.Fprintln(term.out, "A rotation was begun and is not finished: run varuh keys rotate again.")
	case cfg.Unlock == configs.UnlockAuto:
		_, err = fmt.Fprintf(term.out, "The private reading key is expected in %s.\n", cfg.Key)
	default:
		_, err = fmt.Fprintln(term.out, "No private key is on this machine; the recovery words open the footage.")
	}
	return err
}

// showKeys lists public keys; whose is "" for the footage's.
func showKeys(w io.Writer, public keyring.Public, whose string) {
	for _, e := range public.Keys {
		use := whose + string(e.Use)
		if e.Retiring {
			use += " (being replaced)"
		}
		fmt.Fprintf(w, "%v\t%s\t%s\t%v\n", e.ID, use, e.Since.Format("2006-01-02"), e.Key)
	}
}

type keysRotateCmd struct {
	Key           string `help:"With a locked appliance or a credential: write the new private reading key to this file, and the diary's to FILE-diary. It must not be on a store's file system." type:"path" placeholder:"FILE"`
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
	if _, err := s.diaryIdentity(); err != nil && s.appliance.Diary != "" {
		fmt.Fprintln(term.err, "warning:", err)
		if ro.Old, err = presentWords(s, term); err != nil {
			return err
		}
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
	return s.finish(ctx, ro, term)
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

// finish ends a rotation. The diary's keys come first: what a crash interrupts is still a rotation then, and
// taken up. What is wrong with the diary alone does not keep the footage's old keys in force.
func (s *site) finish(ctx context.Context, ro keyring.Rotation, term terminal) error {
	unsealed := s.rotateDiary(ctx, nil, ro)
	done, err := ro.Finish(ctx)
	if err != nil {
		return errors.Join(fmt.Errorf("the rotation is not finished, run it again: %w", err), unsealed)
	}
	if e, ok := lostSlots(done); ok {
		err = s.enter(ctx, e)
	}
	return errors.Join(err, tellRotated(done, unsealed, term))
}

// tellRotated says what was done. unsealed is what kept the diary's keys from being replaced, nil if they were.
func tellRotated(done keyring.Rotated, unsealed error, term terminal) error {
	for _, lost := range done.Lost {
		fmt.Fprintln(term.out, "incident:", lost)
	}
	_, err := fmt.Fprintf(term.out, "The keys are replaced and %s sealed anew.", count(done.Slots, "segment's key is", "segments' keys are"))
	if unsealed != nil {
		_, said := fmt.Fprintln(term.out)
		return errors.Join(err, said, fmt.Errorf("KEEP the old envelope beside the new one, for the diary is still sealed to it: "+
			"put right what is wrong, then run varuh keys rotate once more: %w", unsealed))
	}
	_, said := fmt.Fprintln(term.out, " The old envelope opens nothing any more: destroy it.")
	return errors.Join(err, said)
}

// rotateLocked rotates where no private key is on the machine: the recovery words open the old
// slots. The new private reading keys go to --key. Without that they lie in memory until the end
// and are then destroyed, so that only the new words open footage and diary.
func (c keysRotateCmd) rotateLocked(ctx context.Context, s *site, ro keyring.Rotation, term terminal) (err error) {
	if c.Key == "" && s.cfg.Unlock == configs.UnlockAuto {
		return errors.New("name a file for the new private reading key with --key FILE; afterwards make the credentials from it and from " +
			"FILE-diary with systemd-creds encrypt and remove both files")
	}
	if ro.Old, err = presentWords(s, term); err != nil {
		return err
	}
	if ro.KeyFile = c.Key; c.Key != "" {
		if err := keyring.CheckPlace(durable.OS, c.Key, s.dirs()...); err != nil {
			return err
		}
	}
	if s.public.Rotating() {
		return c.resume(ctx, s, ro, term)
	}
	if c.Key != "" {
		return c.anew(ctx, s, ro, term)
	}
	return inMemoryFolder("rotation", func(dir string) error {
		ro.KeyFile = filepath.Join(dir, "key")
		return c.anew(ctx, s, ro, term)
	})
}

// presentWords asks for the words that open what is sealed now.
func presentWords(s *site, term terminal) (keyring.Identity, error) {
	old, err := askWords(term, "The present recovery words are needed to open what the old keys seal.")
	if err != nil {
		return nil, err
	}
	if err := s.knows(old); err != nil {
		return nil, err
	}
	behind, _, _, err := s.diaryBehind()
	if err != nil || !behind || s.public.Rotating() {
		return keyring.Identity{old}, err
	}
	before, err := askWords(term, "The last rotation could not replace the keys of the diary: the words of the envelope before that, which still open it, are needed too.")
	if err != nil {
		return nil, err
	}
	return keyring.Identity{old, before}, s.knowsDiary(before)
}

// anew begins a rotation and ends it.
func (c keysRotateCmd) anew(ctx context.Context, s *site, ro keyring.Rotation, term terminal) error {
	recovery, err := c.newEnvelope(term)
	if err != nil {
		return err
	}
	if err := begin(ctx, ro, recovery); err != nil {
		return err
	}
	return s.finish(ctx, ro, term)
}

// resume ends a rotation that was interrupted. Where the new private reading key went with the memory that it
// lay in, that of the new envelope, which is on paper, does instead.
func (c keysRotateCmd) resume(ctx context.Context, s *site, ro keyring.Rotation, term terminal) error {
	next, err := askWords(term, "A rotation was begun and is not finished. The words of the NEW envelope are needed too.")
	if err != nil {
		return err
	}
	if next.Public() != current(s.public, keyring.Recovery) {
		return errors.New("these are not the words of the new envelope: give those of the old one first, then the new")
	}
	ro.Old = append(ro.Old, next)
	if holdsCurrent(ro.KeyFile, s.public) {
		return s.finish(ctx, ro, term)
	}
	err = inMemoryFolder("rotation", func(dir string) error {
		ro.KeyFile = filepath.Join(dir, "key")
		for _, name := range []string{ro.KeyFile, diaryKeyFile(ro.KeyFile)} {
			if err := keyring.WriteKeyFile(durable.OS, name, next); err != nil {
				return err
			}
		}
		return s.finish(ctx, ro, term)
	})
	if err == nil && c.Key != "" {
		err = fmt.Errorf("the new private reading key was lost when the rotation was interrupted, so nothing was written to %s: "+
			"run varuh keys rotate with --key once more", c.Key)
	}
	return err
}

// holdsCurrent tells whether a key file, or the one that is to replace it, has a private key that is in force.
func holdsCurrent(name string, public keyring.Public) bool {
	if name == "" {
		return false
	}
	keys, err := keyring.ReadIdentity(durable.OS, name)
	return err == nil && slices.ContainsFunc(keys, func(k keyring.PrivateKey) bool { return slices.Contains(public.Current(), k.Public()) })
}

// inMemoryFolder lends a folder for private keys, and destroys what is in it afterwards.
func inMemoryFolder(name string, use func(dir string) error) (err error) {
	dir, err := memoryFolder(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, forget(dir)) }()
	return use(dir)
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
	var unsealed error
	if done.Diary != "" {
		unsealed = errors.New(done.Diary)
	}
	return tellRotated(r, unsealed, term)
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
	Diary string   `json:"diary,omitempty"` // what kept the diary's keys from being replaced
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
	done, unsealed, err := d.rotate(r.Context(), o)
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
	if unsealed != nil {
		answer.Diary = unsealed.Error()
	}
	d.answer(w, answer)
}

// rotate replaces the keys while cameras are recorded. unsealed is what kept those of the diary from it.
func (d *Daemon) rotate(ctx context.Context, o rotateOrder) (done keyring.Rotated, unsealed, err error) {
	d.rotating.Lock()
	defer d.rotating.Unlock()
	if err := d.canRotate(); err != nil {
		return done, nil, err
	}
	public, err := keyring.ReadPublic(durable.OS, publicFile(d.site.cfg.State))
	if err != nil {
		return done, nil, err
	}
	if err := o.check(public); err != nil {
		return done, nil, err
	}
	ro := d.site.rotation()
	if o.Recovery != nil {
		if err := begin(ctx, ro, *o.Recovery); err != nil {
			return done, nil, err
		}
	}
	if unsealed = d.rotateDiary(ctx, ro); unsealed != nil {
		d.Log.Error("the diary is still sealed to the old keys", "err", unsealed)
	}
	if done, err = ro.Finish(ctx); err != nil {
		return done, unsealed, fmt.Errorf("the rotation is not finished, run it again: %w", err)
	}
	if e, ok := lostSlots(done); ok {
		d.clerk.note(e)
	}
	d.Log.Info("the keys were replaced", "slots", done.Slots)
	return done, unsealed, nil
}

// rotateDiary is the daemon's, with the diary that it has open.
func (d *Daemon) rotateDiary(ctx context.Context, ro keyring.Rotation) error {
	open, err := d.clerk.use()
	if err != nil {
		return err
	}
	return d.site.rotateDiary(ctx, open, ro)
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
