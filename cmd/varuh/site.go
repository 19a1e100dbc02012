package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"

	"varuh/accesslog"
	"varuh/configs"
	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// site is a state folder with its stores, held by this process.
type site struct {
	cfg       *configs.Config
	appliance appliance
	public    keyring.Public
	stores    []footage.Store
	warnings  []string // what is wrong, but not so wrong that nothing can be recorded
	refused   []error  // why stores are left out
	held      []lockFile

	keys *accesslog.Keys             // the private reading keys in memory; nil until openKeys
	next atomic.Pointer[readingKeys] // those that a rotation has made and that may not be in use yet; nil: none
}

// openSite takes the state folder and its stores. A store that cannot be used is left out with a
// warning, as long as another one is left: half the disks are better than no footage.
func openSite(cfg *configs.Config) (*site, error) {
	s, err := openState(cfg)
	if err == nil && len(s.stores) == 0 {
		return nil, errors.Join(errors.Join(s.refused...), s.Close())
	}
	return s, err
}

// openState is openSite where no store may be left, as long as the state folder is there.
func openState(cfg *configs.Config) (*site, error) {
	a, err := readAppliance(cfg.State)
	if err != nil {
		return nil, err
	}
	lock, err := lockState(cfg.State)
	if err != nil {
		return nil, err
	}
	s := &site{cfg: cfg, appliance: a, held: []lockFile{lock}}
	if err := forgetLeft(); err != nil {
		s.warnings = append(s.warnings, err.Error())
	}
	if err := s.open(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *site) open() (err error) {
	if s.public, err = keyring.ReadPublic(durable.OS, publicFile(s.cfg.State)); err != nil {
		return err
	}
	for _, dir := range s.cfg.Store {
		if err := s.openStore(dir); err != nil {
			s.refused = append(s.refused, err)
		}
	}
	for _, err := range s.refused {
		s.warnings = append(s.warnings, fmt.Sprintf("recording goes on without a store: %v", err))
	}
	if len(s.stores) == 0 {
		return nil
	}
	return s.checkKey()
}

func (s *site) openStore(dir string) error {
	m, err := s.appliance.holdStore(dir)
	if err != nil {
		return err
	}
	s.held = append(s.held, m.lock)
	warning, err := checkFileSystem(dir, s.cfg.UnsafeStore)
	if err != nil {
		return err
	}
	if warning != "" {
		s.warnings = append(s.warnings, warning)
	}
	for _, other := range s.stores {
		if other.ID == m.Store {
			return fmt.Errorf("the stores %s and %s are the same disk or copies of it: remove one from store: in varuh.yml", other.Dir, dir)
		}
	}
	ring, err := s.openRing(dir, m.Store)
	if err != nil {
		return err
	}
	s.stores = append(s.stores, footage.Store{ID: m.Store, Dir: dir, Ring: ring})
	return nil
}

// checkKey looks at the private key of "unlock: auto". A key in a wrong place is refused; one that
// is missing or wrong is a warning, since recording needs none.
func (s *site) checkKey() error {
	if file := s.cfg.KeyFile(); file != "" {
		if _, absent := os.Stat(filepath.Dir(file)); absent == nil { // else the warning below tells
			if err := keyring.CheckPlace(durable.OS, file, s.dirs()...); err != nil {
				return err
			}
		}
	}
	if s.cfg.Unlock != configs.UnlockAuto {
		return nil
	}
	if _, err := s.identity(); err != nil {
		s.warnings = append(s.warnings, fmt.Sprintf("recording works, but footage can't be opened: %v", err))
	}
	return nil
}

func (s *site) dirs() []string {
	var dirs []string
	for _, store := range s.stores {
		dirs = append(dirs, store.Dir)
	}
	return dirs
}

// identity reads the private key that the configuration names.
func (s *site) identity() (keyring.Identity, error) {
	var keys keyring.Identity
	var err error
	switch {
	case s.cfg.Credential() != "":
		var k keyring.PrivateKey
		k, err = keyring.ReadCredential(durable.OS, os.Getenv("CREDENTIALS_DIRECTORY"), s.cfg.Credential())
		keys = keyring.Identity{k}
	case s.cfg.KeyFile() != "":
		keys, err = keyring.ReadIdentity(durable.OS, s.cfg.KeyFile())
	default:
		err = errors.New("no private key is on this appliance (unlock: login): a log-in of somebody who can open it does, or the recovery words")
	}
	if err != nil {
		return nil, err
	}
	public, err := keyring.ReadPublic(durable.OS, publicFile(s.cfg.State)) // a rotation may have changed it
	if err != nil {
		return nil, err
	}
	for _, e := range public.Keys {
		for _, k := range keys {
			if k.Public() == e.Key {
				return keys, nil
			}
		}
	}
	return nil, fmt.Errorf("the private key is not the one that footage is sealed to (key %v): put the right one in its place", keys[0].Public().ID())
}

// nextKeys are those that a rotation has made, nil if none goes on.
func (s *site) nextKeys() readingKeys {
	if k := s.next.Load(); k != nil {
		return *k
	}
	return nil
}

// indexFile is where the index of footage is.
func indexFile(state string) string { return filepath.Join(state, "footage.db") }

// pinFile is where the keys of rtsps cameras are kept.
func pinFile(state string) string { return filepath.Join(state, "pins") }

// publicFiles are all copies of the public keys, the state folder's first.
func (s *site) publicFiles() []string {
	names := []string{publicFile(s.cfg.State)}
	for _, dir := range s.dirs() {
		names = append(names, publicFile(dir))
	}
	return names
}

// Close lets go of everything.
func (s *site) Close() error {
	var errs []error
	for _, f := range s.held {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}
