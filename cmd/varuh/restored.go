package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/people"
	"varuh/configs"
	"varuh/recorder/footage"
	"varuh/retention"
	"varuh/retention/copies"
)

// own gives everything to the account that the empty folder belonged to, such as that of the service.
func (r *restoring) own() error {
	if os.Getuid() != 0 {
		return nil // whoever restores is the account
	}
	st, err := os.Stat(r.dir)
	if r.left = errors.Is(err, fs.ErrNotExist); r.left {
		return nil
	}
	if err != nil {
		return fmt.Errorf("couldn't look at the folder %s: %w", r.dir, err)
	}
	uid, gid, ok := owner(st)
	if !ok {
		return nil
	}
	err = filepath.WalkDir(r.fresh(), func(name string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(name, uid, gid)
	})
	if err != nil {
		return fmt.Errorf("couldn't give what was restored to the account of the folder %s: %w", r.dir, err)
	}
	return nil
}

// inPlace gives the folder its name, and says what is to be done.
func (r *restoring) inPlace() error {
	if err := r.fs.Remove(r.dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(fmt.Errorf("couldn't put the restored folder in the place of %s (is a disk mounted there?): %w", r.dir, err), r.discard())
	}
	if err := r.fs.Rename(r.fresh(), r.dir); err != nil {
		return errors.Join(fmt.Errorf("couldn't give the restored folder its name: %w", err), r.discard())
	}
	if err := r.fs.SyncDir(filepath.Dir(r.dir)); err != nil {
		return fmt.Errorf("couldn't make the name of the restored folder durable: %w", err)
	}
	return r.told()
}

// keptAnyway is the date of a copy of which nobody knows another.
var keptAnyway = retention.Term{Days: 35}

// enter opens the diary against what the stores remember of it, and enters the restore.
//
// A backup gets its name only after the machine has entered it, so that diary had at least one entry more than is in
// here: it always went back. If it went on without that being said, it would sign another history of the same sizes.
//
// The file is registered: it is a copy that the diary in it does not know.
//
// What follows for passwords, see renewRestored, can't be entered before two persons have accepted that.
func (r *restoring) enter(ctx context.Context) (err error) {
	d, err := openDiary(ctx, r.fresh(), r.appliance)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	m := newMarks(r.stores, nil, slog.New(slog.DiscardHandler))
	if _, err := m.hold(ctx, d); err != nil {
		return err
	}
	if w := m.sentence(); w != "" {
		fmt.Fprintln(r.term.err, "warning:", w)
	}
	if d.Fault() == nil {
		if _, err := d.Saw(ctx, diary.Seen{By: "the lost machine, which entered this backup,", Size: r.end.Size + 1}); err != nil {
			return err
		}
	}
	if f := d.Fault(); f != nil {
		r.fault = f.String()
	}
	apart, err := copies.Around{State: r.fresh()}.Look(r.fs, filepath.Dir(r.File))
	if err != nil {
		apart = false // it lies where no backup is made
	}
	by := proof.Actor{Name: r.Actor, Proof: "recovery key"} // nobody can log in to a machine that is lost
	_, err = (&copies.Register{Diary: copyBook{d, &by}}).Add(ctx, copies.Copy{Dir: filepath.Dir(r.File), Name: filepath.Base(r.File), Made: r.manifest.Time,
		Until: keptAnyway.End(r.manifest.Time, nil), Bytes: r.bytes, SHA256: r.sum, Key: r.manifest.Key.String(), Apart: apart},
		copies.Entry{Op: copies.OpRestore, Actor: r.Actor, Reason: r.Reason,
			Note: fmt.Sprintf("restored from a backup with %d entries; stores given: %d; key slots newer there: %d", r.end.Size, len(r.stores), r.newer)})
	if err != nil {
		return fmt.Errorf("the restore could not be entered in the diary: %w", err)
	}
	return r.back(ctx, d)
}

// back reads who can log in again, for the one who restores: nothing in here knows who was removed after the backup.
func (r *restoring) back(ctx context.Context, d *diary.Diary) error {
	register, err := people.New(ctx, people.Options{Diary: d})
	if err != nil {
		return err
	}
	list, err := register.Persons(ctx)
	if err != nil {
		return fmt.Errorf("couldn't read who can log in: %w", err)
	}
	for _, p := range list {
		r.people = append(r.people, fmt.Sprintf("%s (%s)", p.Login, p.Name))
	}
	return nil
}

// told says what was done and what is next.
func (r *restoring) told() error {
	var b strings.Builder
	fmt.Fprintf(&b, "Restored %s from the backup of %s: a diary with %s.\n", r.dir, r.manifest.Time.Local().Format("2006-01-02 15:04"), count(int(r.end.Size), "entry", "entries"))
	for _, s := range r.stores {
		fmt.Fprintf(&b, "Joined the store %s.\n", s.Dir)
	}
	if r.newer > 0 {
		fmt.Fprintf(&b, "%s newer on the stores than in the backup; what was erased stays erased.\n", count(r.newer, "key slot was", "key slots were"))
	}
	for was, id := range r.appliance.Stores {
		if !slices.ContainsFunc(r.stores, func(s footage.Store) bool { return s.ID == id }) {
			fmt.Fprintf(&b, "The store of %s was not given. If its disk is whole, mount it there. If it is lost, take it out of store: in varuh.yml.\n", was)
		}
	}
	if r.rekeyed {
		b.WriteString(fold("The keys were replaced after this backup was made: footage opens with the newest envelope, the diary up to here with the one you used. Keep both, and run varuh keys rotate once more.", 100))
	}
	if r.left {
		fmt.Fprintf(&b, "It belongs to root. If varuh runs as an account of its own: chown -R varuh:varuh %s\n", r.dir)
	}
	b.WriteString(r.config())
	b.WriteString(fold("What came after the backup is not in the diary any more, so there is no access to footage until two persons have accepted it: "+r.fault+". Recording need not wait for that:", 100))
	fmt.Fprintf(&b, "  varuh diary accept --dir %s --as LOGIN --second LOGIN --reason \"restored from a backup\"\n", r.dir)
	if len(r.people) > 0 {
		b.WriteString(fold("Where nobody who may accept can log in, the recovery words stand for one of the two:", 100))
		fmt.Fprintf(&b, "  varuh diary accept --dir %s --words --actor NAME --second NAME --reason \"restored from a backup\"\n", r.dir)
		b.WriteString(fold("A restore is a use of the envelope: once that is accepted, everybody has to choose another password, tokens of authorities are over, and the envelope is to be replaced (varuh keys rotate). These can log in again, as when the backup was made: "+strings.Join(r.people, ", ")+
			". Remove again at once whom you had removed since (varuh person remove), and reset a password that somebody else knows (varuh person reset): it is the old one again.", 100))
	}
	_, err := io.WriteString(r.term.out, b.String())
	return err
}

// config says what of the configuration asks for a person.
func (r *restoring) config() string {
	var b strings.Builder
	if entries, err := os.ReadDir(filepath.Join(r.dir, copies.Elsewhere)); err == nil && len(entries) > 0 {
		fmt.Fprintf(&b, "Files that varuh.yml names outside of its folder are in %s: put them back where they were.\n", filepath.Join(r.dir, copies.Elsewhere))
	}
	cfg, err := configs.Load(r.dir)
	switch {
	case err != nil:
		fmt.Fprintf(&b, "The configuration needs a look before varuh starts: varuh config check --dir %s\n", r.dir)
	case cfg.State != r.dir:
		fmt.Fprintf(&b, "varuh.yml names another state folder, %s: set state: to %s.\n", cfg.State, r.dir)
	}
	if err == nil {
		for _, s := range r.stores {
			if !slices.Contains(cfg.Store, s.Dir) {
				fmt.Fprintf(&b, "varuh.yml does not name the store %s: set it under store:.\n", s.Dir)
			}
		}
	}
	if err == nil && cfg.Unlock == configs.UnlockAuto {
		b.WriteString("Private reading keys are in no backup: put the key files back, or make new ones with varuh keys rotate --key FILE.\n")
	}
	return b.String()
}

// owner is whose a file is.
func owner(st fs.FileInfo) (uid, gid int, ok bool) {
	sys, ok := st.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, false
	}
	return int(sys.Uid), int(sys.Gid), true
}
