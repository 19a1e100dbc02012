package main

import (
	"context"

	"varuh/accesslog/people"
)

// keysStatus says what opens footage and diary, and whether it has.
type keysStatus struct {
	Unlock  string               `json:"unlock"`  // login or auto
	Locked  []people.Which       `json:"locked"`  // the private reading keys that are not in memory
	Openers map[people.Which]int `json:"openers"` // how many persons can open each by logging in; with unlock: login
	Known   bool                 `json:"known"`   // the register of persons could be asked
}

// keysStatus is how the keys are now.
func (o *office) keysStatus(ctx context.Context) keysStatus {
	st := keysStatus{Unlock: "auto"}
	if o.login {
		st.Unlock = "login"
	}
	done, err := o.keysNow(ctx)
	st.Locked, st.Openers, st.Known = done.Locked, done.Openers, err == nil
	if err != nil {
		st.Locked = o.locked()
	}
	return st
}

// locked are the keys that are not in memory.
func (o *office) locked() (list []people.Which) {
	for _, w := range whiches {
		if o.keys.Locked(w) {
			list = append(list, w)
		}
	}
	return list
}

// whiches are both key pairs.
var whiches = []people.Which{people.FootageKey, people.DiaryKey}

// line says it to an operator. With unlock: auto it is said only where something is not open.
func (st keysStatus) line() string {
	switch {
	case st.Unlock != "login" && len(st.Locked) == 0:
		return ""
	case st.Unlock != "login":
		return "keys: locked; restart varuh to read them again.\n"
	case !st.Known:
		return "keys: locked, and nobody can log in while the diary is not open.\n"
	}
	return fold("keys: "+keysText(st.Locked, st.Openers), 80)
}

// nobody tells whether the recovery words alone would open something after a start.
func (st keysStatus) nobody() bool {
	return st.Unlock == "login" && st.Known && (st.Openers[people.FootageKey] == 0 || st.Openers[people.DiaryKey] == 0)
}
