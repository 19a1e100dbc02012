package main

import (
	"time"

	"varuh/accesslog"
	"varuh/accesslog/people"
	"varuh/configs"
	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// openKeys makes what holds the private reading keys in this process, once. They are locked until a log-in opens them, or
// what "unlock: auto" names is read.
func (s *site) openKeys(now func() time.Time) *accesslog.Keys {
	if s.keys == nil {
		s.keys = accesslog.NewKeys(s.keyOptions(now))
	}
	return s.keys
}

// keyOptions say where what the keys open lies, and how long a log-in keeps them in memory.
func (s *site) keyOptions(now func() time.Time) accesslog.KeyOptions {
	o := accesslog.KeyOptions{FS: durable.OS, Store: s.mounted, InUse: s.inUse, Worth: s.worth, Now: now}
	if s.cfg.Unlock == configs.UnlockLogin {
		o.Idle = time.Duration(s.cfg.IdleLock)
	}
	return o
}

// mounted finds a store whose disk is there.
func (s *site) mounted(id keyring.ID) (footage.Store, bool) {
	for _, one := range s.stores {
		if one.ID == id {
			return one, s.present(one) == nil
		}
	}
	return footage.Store{}, false
}

// inUse is the key that footage or the diary is sealed to now; a rotation may have changed it since the start.
func (s *site) inUse(w people.Which) (none keyring.KeyID) {
	public, err := keyring.ReadPublic(durable.OS, s.readingFile(w))
	if err != nil {
		return none // no key that is held is this one
	}
	return current(public, keyring.Reading).ID()
}

// unlock takes the keys that "unlock: auto" names. That one can't be read was said at the start.
func (e *entrance) unlock() {
	if e.d.site.cfg.Unlock != configs.UnlockAuto {
		return
	}
	for which, read := range map[people.Which]func() (keyring.Identity, error){
		people.FootageKey: e.d.site.identity, people.DiaryKey: e.d.site.diaryIdentity} {
		keys, err := read()
		if err != nil {
			e.d.Log.Warn("nobody can open what this key is for", "key", string(which), "err", err)
			continue
		}
		e.keys.UnlockAuto(which, keys)
	}
}

// rouse has what waits for the keys looked at, such as a package that is to be built.
func (e *entrance) rouse() {
	if jobs := e.packages.Load(); jobs != nil {
		jobs.Rouse()
	}
}

// renew takes the keys that a rotation has made, unless somebody has locked what was there.
func (e *entrance) renew() {
	if !e.keys.Locked(people.FootageKey) {
		e.unlock()
		e.keys.Only()
	}
}
