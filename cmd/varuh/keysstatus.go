package main

import (
	"context"
	"errors"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/people"
)

// keysStatus says what opens footage and diary, and whether it has.
type keysStatus struct {
	Unlock  string               `json:"unlock"`  // login or auto
	Locked  []people.Which       `json:"locked"`  // the private reading keys that are not in memory
	Openers map[people.Which]int `json:"openers"` // how many persons can open each by logging in; with unlock: login
	Known   bool                 `json:"known"`   // the register of persons could be asked

	Used *time.Time `json:"used,omitempty"` // when the recovery words were used, which have not been replaced since; nil: they were not
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
		return st
	}
	used, err := o.envelopeUsed(ctx)
	if err != nil {
		o.log.Error("whether the recovery words were used can't be read", "err", err)
	} else if !used.IsZero() {
		st.Used = &used
	}
	return st
}

// envelopeUsed is when the recovery words were used last, and have not been replaced since: zero for never. Which came first the
// diary says, by the entry with which a rotation replaces its keys. It is read once.
func (o *office) envelopeUsed(ctx context.Context) (at time.Time, err error) {
	o.mu.Lock()
	d, known := o.diary, o.used
	o.mu.Unlock()
	if d == nil || known != nil {
		return deref(known), nil
	}
	rows, err := d.Query(ctx, `SELECT leaf FROM diary_leaves WHERE instr(leaf, '"op":"recovery.used"')
		AND i > (SELECT coalesce(max(i), -1) FROM diary_leaves WHERE instr(leaf, '"op":"key.reading"')) ORDER BY i DESC LIMIT 1`)
	if err != nil {
		return at, err
	}
	for rows.Next() {
		var raw string
		err = errors.Join(err, rows.Scan(&raw))
		leaf, bad := proof.ParseLeaf([]byte(raw))
		at, err = leaf.Time, errors.Join(err, bad)
	}
	if err = errors.Join(err, rows.Err(), rows.Close()); err != nil {
		return at, err
	}
	o.noteUse(&at)
	return at, nil
}

// noteUse keeps when the recovery words were used; nil has it looked up again.
func (o *office) noteUse(at *time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.used = at
}

// deref is a time that may be missing.
func deref(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
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

// trouble says what asks for a person, "" for nothing.
func (st keysStatus) trouble() string {
	if st.Used == nil {
		return ""
	}
	return "the recovery words were used on " + stamp(*st.Used) + ", so that the envelope is not sealed any more: replace it with varuh keys rotate"
}

// nobody tells whether the recovery words alone would open something after a start.
func (st keysStatus) nobody() bool {
	return st.Unlock == "login" && st.Known && (st.Openers[people.FootageKey] == 0 || st.Openers[people.DiaryKey] == 0)
}
