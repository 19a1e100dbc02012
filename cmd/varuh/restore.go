package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/retention/copies"
)

type restoreCmd struct {
	File   string   `arg:"" help:"The backup, such as /mnt/usb/varuh-….age." type:"path" placeholder:"FILE"`
	Store  []string `help:"Folder of a store that survived; may be given for each disk. What was erased on it stays erased." type:"path" placeholder:"DIR"`
	Actor  string   `help:"Who you are, as a person. It is entered with the recovery words as the proof." required:"" placeholder:"NAME"`
	Reason string   `help:"What happened to the machine. It is entered, too." required:"" placeholder:"TEXT"`
}

// Run makes a state folder from a backup.
func (c restoreCmd) Run(ctx context.Context, cli *cli, term terminal) (err error) {
	if c.Actor, err = said("--actor", c.Actor); err != nil {
		return err
	}
	if c.Reason, err = said("--reason", c.Reason); err != nil {
		return err
	}
	if c.Actor == "" || c.Reason == "" {
		return errors.New("who restores the appliance, and why, is entered in the diary: give --actor NAME and --reason TEXT")
	}
	r := restoring{restoreCmd: c, dir: filepath.Clean(cli.dir()), term: term, fs: durable.OS, destroy: os.RemoveAll}
	return r.run(ctx)
}

// run restores: afterwards there is the whole folder, or what was there before.
func (r *restoring) run(ctx context.Context) error {
	if err := errors.Join(emptyPlace(r.dir), r.apart()); err != nil {
		return err
	}
	if err := r.read(ctx); err != nil {
		return errors.Join(err, r.let(), r.discard())
	}
	return errors.Join(r.inPlace(), r.let())
}

// emptyPlace refuses a folder that has anything in it: nothing is ever written over.
func emptyPlace(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("couldn't look at the folder %s: %w", dir, err)
	case len(entries) == 0:
		return nil
	}
	if _, err := os.Stat(applianceFile(dir)); err == nil {
		return fmt.Errorf("%s is a state folder already, and a restore writes over none: nothing was changed. Stop varuh and move the folder away first, if it is really to be replaced", dir)
	}
	return fmt.Errorf("the folder %s is not empty (it has %q): nothing was changed in it. Restore into a new folder; a disk that is mounted inside it is unmounted first, and mounted again afterwards", dir, entries[0].Name())
}

// apart refuses a place inside a store, whatever links lead there: footage and keys belong on no one disk.
func (r *restoring) apart() error {
	for _, store := range r.Store {
		disk, err := os.Stat(store)
		if err != nil {
			continue // holdStore says so
		}
		for dir := r.dir; ; dir = filepath.Dir(dir) {
			if at, err := os.Stat(dir); err == nil && os.SameFile(at, disk) {
				return fmt.Errorf("the folder %s lies inside the store %s: restore into a folder outside of it", r.dir, store)
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	return nil
}

// restoring is a restore under way.
type restoring struct {
	restoreCmd
	dir     string
	term    terminal
	fs      durable.FS
	destroy func(dir string) error // what was begun; os.RemoveAll

	manifest  copies.Manifest
	end       copies.End
	sum       string // SHA-256 of the file
	bytes     int64  // of the file
	appliance appliance
	held      []heldMarker
	stores    []footage.Store
	newer     int      // key slots that are newer in a store
	left      bool     // what was restored belongs to root
	fault     string   // what two persons have to accept
	people    []string // who can log in, by what the backup says
	rekeyed   bool     // the keys were replaced after the backup
}

// fresh is the folder that gets its name at the end.
func (r *restoring) fresh() string { return r.dir + ".restoring" }

// discard takes away what was begun. What a power cut leaves the next restore takes away.
func (r *restoring) discard() error { return r.destroy(r.fresh()) }

// let lets the stores go.
func (r *restoring) let() error {
	var errs []error
	for _, m := range r.held {
		errs = append(errs, m.lock.Close())
	}
	return errors.Join(errs...)
}

// read makes the whole folder under another name, and checks it.
func (r *restoring) read(ctx context.Context) error {
	if err := r.unpack(ctx); err != nil {
		return err
	}
	if err := r.check(ctx); err != nil {
		return err
	}
	if err := r.join(ctx); err != nil {
		return err
	}
	if _, err := footage.Rebuild(ctx, r.fs, indexFile(r.fresh()), r.stores); err != nil {
		return fmt.Errorf("couldn't make the index of footage: %w", err)
	}
	if err := r.enter(ctx); err != nil {
		return err
	}
	if err := r.own(); err != nil {
		return err
	}
	return r.fs.SyncFS(r.fresh())
}

// unpack asks for the words, holds the stores, and writes what is in the backup.
func (r *restoring) unpack(ctx context.Context) (err error) {
	f, err := os.Open(r.File)
	if err != nil {
		return fmt.Errorf("couldn't open the backup: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	key, err := askWords(r.term, "The recovery words of the appliance open the backup.")
	if err != nil {
		return err
	}
	h := sha256.New()
	from := io.TeeReader(f, h)
	b, err := copies.Open(from, key)
	if err != nil {
		return fmt.Errorf("couldn't restore from %s: %w", r.File, err)
	}
	r.manifest = b.Manifest
	for _, dir := range r.Store {
		m, err := appliance{ID: b.Manifest.Appliance}.holdStore(dir)
		if err != nil {
			return err
		}
		r.held = append(r.held, m)
	}
	if err := errors.Join(r.discard(), durable.MkdirAll(r.fs, r.fresh(), 0o700)); err != nil {
		return fmt.Errorf("couldn't make the folder to restore into: %w", err)
	}
	if r.end, err = b.Unpack(ctx, r.fs, r.fresh()); err != nil {
		return fmt.Errorf("couldn't restore from %s: %w", r.File, err)
	}
	if _, err := io.Copy(io.Discard, from); err != nil {
		return fmt.Errorf("couldn't read the backup: %w", err)
	}
	st, err := f.Stat()
	if err == nil {
		r.sum, r.bytes = hex.EncodeToString(h.Sum(nil)), st.Size()
	}
	return err
}

// check holds what was restored against what the backup says of itself.
func (r *restoring) check(ctx context.Context) (err error) {
	if r.appliance, err = readAppliance(r.fresh()); err != nil {
		return err
	}
	if r.appliance.ID != r.manifest.Appliance || r.appliance.Diary != r.manifest.Origin {
		return fmt.Errorf("%w: the appliance in it is not the one that it names", copies.ErrDamaged)
	}
	d, err := openDiary(ctx, r.fresh(), r.appliance)
	if err != nil {
		return err
	}
	if n := d.Head().Size; n < r.end.Size || n == r.end.Size && string(d.LastCheckpoint()) != r.end.Checkpoint {
		err = fmt.Errorf("%w: its diary has %d entries and is not the one of %d that it names", copies.ErrDamaged, d.Head().Size, r.end.Size)
	}
	return errors.Join(err, d.Close())
}

// join joins the key slots with those of the stores: the newer word wins in both, so what was erased after the backup is
// erased in what was restored.
func (r *restoring) join(ctx context.Context) error {
	public, err := keyring.ReadPublic(r.fs, publicFile(r.fresh()))
	if err != nil {
		return err
	}
	for i, m := range r.held {
		dir := r.Store[i]
		for _, other := range r.stores {
			if other.ID == m.Store {
				return fmt.Errorf("the stores %s and %s are the same disk or copies of it: name one of them", other.Dir, dir)
			}
		}
		if err := r.appliance.isGivenUp(dir, m.Store); err != nil {
			return err
		}
		twin, onStore := filepath.Join(r.fresh(), "keys", m.Store.String()), filepath.Join(dir, "keys")
		if err := durable.MkdirAll(r.fs, twin, 0o700); err != nil {
			return fmt.Errorf("couldn't make the folder for keys: %w", err)
		}
		if p, err := keyring.ReadPublic(r.fs, publicFile(dir)); err == nil && since(p).After(since(public)) {
			public, r.rekeyed = p, true
		}
		ring, err := keyring.Open(r.fs, twin, onStore, m.Store, nil)
		if err != nil {
			return err
		}
		mended, err := ring.Mend(ctx, time.Time{})
		if err != nil {
			return fmt.Errorf("couldn't join the key slots with those of the store %s: %w", dir, err)
		}
		r.newer += len(mended.Fixed)
		r.stores = append(r.stores, footage.Store{ID: m.Store, Dir: dir, Ring: ring})
		for was, id := range r.appliance.Stores {
			if id == m.Store {
				delete(r.appliance.Stores, was)
			}
		}
		r.appliance.Stores[dir] = m.Store
	}
	r.appliance.Restored = true
	if r.rekeyed {
		if err := keyring.WritePublic(r.fs, publicFile(r.fresh()), public); err != nil {
			return err
		}
	}
	return writeJSON(applianceFile(r.fresh()), r.appliance)
}

// since is when the keys that are in force came.
func since(p keyring.Public) (t time.Time) {
	for _, e := range p.Keys {
		if !e.Retiring && e.Since.After(t) {
			t = e.Since
		}
	}
	return t
}
