package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/people"
	"varuh/configs"
	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

type initCmd struct {
	Store       []string `help:"Folder on the disk that takes footage; may be given for each disk. Default: the folder store inside the state folder." type:"path" placeholder:"DIR"`
	Key         string   `help:"Write the private reading key to this file and open footage with it (unlock: auto). It must not be on a store's file system." type:"path" placeholder:"FILE"`
	Controller  string   `help:"Domain of whoever is responsible for the recording; the diary bears it in its name. Default: the name of this machine." placeholder:"DOMAIN"`
	AcceptBox   bool     `name:"accept-box-theft-reveals-footage" help:"Needed with --key: whoever takes the whole box can read all footage."`
	UnsafeStore bool     `help:"Take a file system that may lose footage."`
	firstAdmin
	YesIWroteDown bool `name:"yes-i-wrote-it-down" help:"Do not ask for two of the recovery words (for scripts)."`
}

// Run makes a state folder, or adds stores to one that is there.
func (c initCmd) Run(ctx context.Context, cli *cli, term terminal) error {
	dir := cli.dir()
	if _, err := os.Stat(applianceFile(dir)); err == nil && c.firstAdmin.given() {
		return fmt.Errorf("%s is a state folder already; nothing was changed. The first person is added by varuh person first", dir)
	}
	if a, err := readAppliance(dir); err == nil && a.Diary == "" && len(c.Store) == 0 {
		return c.addDiary(dir, a, term)
	}
	if _, err := os.Stat(applianceFile(dir)); err == nil {
		return c.addStores(dir, term)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(c.Store) == 0 {
		c.Store = []string{filepath.Join(dir, "store")}
	}
	if c.Key != "" && !c.AcceptBox {
		return errors.New("with a key file whoever takes the whole box can read all footage; say that this is known with " +
			"--accept-box-theft-reveals-footage, or leave --key out: then only the recovery words open footage")
	}
	recovery, err := c.make(dir, term)
	if err != nil {
		return err
	}
	if !c.YesIWroteDown {
		if err := firstClock(ctx, cli, term, c.Admin); err != nil {
			return err
		}
	}
	return c.told(term, dir, recovery)
}

// make does it: first all that can be refused, then the words, then the stores, the private key, the
// configuration, the public keys and the diary, and last appliance.json, which makes the folder a state folder.
// After a crash in between nothing can have been recorded; the next init names the marker or the key
// that is in its way.
func (c initCmd) make(dir string, term terminal) (recovery keyring.PrivateKey, err error) {
	if _, err := controllerDomain(c.Controller); err != nil {
		return recovery, err
	}
	if err := durable.MkdirAll(durable.OS, dir, 0o700); err != nil {
		return recovery, fmt.Errorf("couldn't make the state folder: %w", err)
	}
	lock, err := lockState(dir)
	if err != nil {
		return recovery, err
	}
	defer lock.Close() // ends with the process at the latest
	return c.makeIn(dir, term)
}

// makeIn is make in a folder that is there and held by this process.
func (c initCmd) makeIn(dir string, term terminal) (recovery keyring.PrivateKey, err error) {
	first, err := c.asked(term)
	if err != nil {
		return recovery, err
	}
	keys, err1 := newReadingKeys()
	recovery, err2 := keyring.GenerateKey()
	if err := errors.Join(err1, err2); err != nil {
		return recovery, err
	}
	domain, err := controllerDomain(c.Controller)
	if err != nil {
		return recovery, err
	}
	for _, store := range c.Store {
		if err := c.fit(dir, store, term); err != nil {
			return recovery, err
		}
	}
	if c.Key != "" {
		if err := keyring.CheckPlace(durable.OS, c.Key, c.Store...); err != nil {
			return recovery, err
		}
	}
	if err := printWords(term.out, recovery, time.Now()); err != nil {
		return recovery, err
	}
	if !c.YesIWroteDown {
		if err := confirmWords(term, recovery); err != nil {
			return recovery, err
		}
	}
	public := keyring.NewPublic(keys[people.FootageKey].Public(), recovery.Public(), time.Now())
	a := appliance{Version: markerVersion, ID: keyring.NewID(time.Now()), Stores: map[string]keyring.ID{}}
	for _, store := range c.Store {
		if err := a.addStore(dir, store, public); err != nil {
			return recovery, err
		}
	}
	if c.Key != "" {
		if err := keyring.WriteKeyFile(durable.OS, c.Key, keys[people.FootageKey]); err != nil {
			return recovery, err
		}
	}
	if err := writeConfig(dir, configs.Choice{Store: c.Store, KeyFile: c.Key, Controller: c.Controller}); err != nil {
		return recovery, err
	}
	if err := keyring.WritePublic(durable.OS, publicFile(dir), public); err != nil {
		return recovery, err
	}
	if _, err := footage.Rebuild(context.Background(), durable.OS, indexFile(dir), nil); err != nil { // an empty one
		return recovery, err
	}
	if err := sealKeys(dir, keys, recovery.Public()); err != nil {
		return recovery, err
	}
	begin := func(d *diary.Diary) error {
		if first == nil {
			return nil
		}
		return enterFirst(context.Background(), d, *first, keys, c.Key == "")
	}
	if a.Diary, err = makeDiary(context.Background(), dir, domain, c.Key, keys[people.DiaryKey], recovery.Public(), term.out, begin); err != nil {
		return recovery, err
	}
	return recovery, writeJSON(applianceFile(dir), a)
}

// fit makes the folder of a store if needed, and refuses one that is not fit or already one.
func (c initCmd) fit(state, dir string, term terminal) error {
	if dir == state {
		return fmt.Errorf("the store must not be the state folder itself; use a folder inside it, such as %s", filepath.Join(state, "store"))
	}
	if err := durable.MkdirAll(durable.OS, dir, 0o700); err != nil {
		return fmt.Errorf("couldn't make the store: %w", err)
	}
	warning, err := checkFileSystem(dir, c.UnsafeStore)
	if err != nil {
		return err
	}
	if warning != "" {
		fmt.Fprintln(term.err, "warning:", warning)
	}
	if _, err := os.Stat(filepath.Join(dir, markerName)); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(fmt.Errorf("the folder %s is a store already; nothing was changed on it. It may hold footage of another appliance: "+
			"use another folder, or remove its content first", dir), err)
	}
	return nil
}

// addStore makes a store: its twins' folders and public keys first, the marker that makes it one last.
func (a appliance) addStore(state, dir string, public keyring.Public) error {
	id := keyring.NewID(time.Now())
	for _, folder := range []string{filepath.Join(state, "keys", id.String()), filepath.Join(dir, "keys")} {
		if err := durable.MkdirAll(durable.OS, folder, 0o700); err != nil {
			return fmt.Errorf("couldn't make the folder for keys: %w", err)
		}
	}
	if err := keyring.WritePublic(durable.OS, publicFile(dir), public); err != nil {
		return err
	}
	a.Stores[dir] = id
	return writeJSON(filepath.Join(dir, markerName), marker{Version: markerVersion, Appliance: a.ID, Store: id})
}

// addDiary makes the diary of an appliance that was made before there were diaries.
func (c initCmd) addDiary(state string, a appliance, term terminal) error {
	cfg, err := loadConfig(state, term)
	if err != nil {
		return err
	}
	domain, err := controllerDomain(c.Controller)
	if err != nil {
		return err
	}
	lock, err := lockState(state)
	if err != nil {
		return err
	}
	defer lock.Close() // ends with the process at the latest
	if err := addDiary(state, domain, a, cfg.KeyFile(), term.out); err != nil {
		return err
	}
	_, err = fmt.Fprintf(term.out, "Made the diary of %s.\n", state)
	return err
}

// addStores makes further stores of an appliance.
func (c initCmd) addStores(state string, term terminal) error {
	if len(c.Store) == 0 || c.Key != "" {
		return fmt.Errorf("%s is a state folder already; nothing was changed. Another disk is added with --store DIR, new keys are made by varuh keys rotate", state)
	}
	a, err := readAppliance(state)
	if err != nil {
		return err
	}
	lock, err := lockState(state)
	if err != nil {
		return err
	}
	defer lock.Close() // ends with the process at the latest
	public, err := keyring.ReadPublic(durable.OS, publicFile(state))
	if err != nil {
		return err
	}
	for _, dir := range c.Store {
		if id, ok := a.Stores[dir]; ok {
			return fmt.Errorf("the store %v was made in %s before: mount its disk. If the disk is gone for good, say so first: varuh store lost %[2]s", id, dir)
		}
		if err := c.fit(state, dir, term); err != nil {
			return err
		}
		if err := a.addStore(state, dir, public); err != nil {
			return err
		}
		if err := writeJSON(applianceFile(state), a); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(term.out, "Made the store %s. Add it to store: in %s and restart varuh.\n", dir, filepath.Join(state, configs.File)); err != nil {
			return err
		}
	}
	return nil
}

// writeConfig writes the example configuration, unless there is one.
func writeConfig(dir string, choice configs.Choice) error {
	for name, text := range map[string]string{
		configs.File: configs.New(choice),
		filepath.Join(configs.CameraDir, "example.yml.off"): configs.ExampleCamera,
	} {
		name = filepath.Join(dir, name)
		if _, err := os.Stat(name); err == nil {
			continue
		}
		if err := durable.MkdirAll(durable.OS, filepath.Dir(name), 0o700); err != nil {
			return fmt.Errorf("couldn't make the folder of the configuration: %w", err)
		}
		if err := durable.WriteFile(durable.OS, name, []byte(text), 0o600); err != nil {
			return fmt.Errorf("couldn't write the configuration: %w", err)
		}
	}
	return nil
}

func (c initCmd) told(term terminal, dir string, recovery keyring.PrivateKey) error {
	_, err := fmt.Fprintf(term.out, `Made the state folder %s.
%s
Next:
  1. add cameras: copy %s to %s
  2. varuh config check --dir %s
  3. varuh serve --dir %[1]s
`, dir, paragraph(c.toldFirst()), filepath.Join(dir, configs.CameraDir, "example.yml.off"), filepath.Join(dir, configs.CameraDir, "<id>.yml"), dir)
	return err
}
