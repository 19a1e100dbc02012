package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"varuh/accesslog"
	"varuh/accesslog/collect"
	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/people"
	"varuh/configs"
	"varuh/recorder"
	"varuh/recorder/durable"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
	"varuh/retention/copies"
)

// The diary lies in the state folder: varuh.db, and in keys/ the signing key and the public keys that it is
// sealed to. Its private reading key is kept where that of the footage is, if one is kept: in the file or
// credential of that name with "-diary" behind it.

func diaryFile(state string) string { return filepath.Join(state, "varuh.db") }

func diaryPublicFile(state string) string { return filepath.Join(state, "keys", "diary.json") }

// diaryKeyFile is where the diary's private key is, beside that of the footage.
func diaryKeyFile(footageKey string) string {
	if footageKey == "" {
		return ""
	}
	return footageKey + "-diary"
}

// diaryOptions are those of the diary of a state folder. Its public keys must be there.
func diaryOptions(state string) (diary.Options, error) {
	public, err := keyring.ReadPublic(durable.OS, diaryPublicFile(state))
	if err != nil {
		return diary.Options{}, fmt.Errorf("the keys of the diary: %w", err)
	}
	return diary.Options{
		Path: diaryFile(state), Keys: filepath.Join(state, "keys"), Public: public.Current(),
		State: governedTables, Schema: append([]string{collect.Schema, copies.Schema}, governedSchema...), Software: "varuh " + version(), Clock: clockNow(),
	}, nil
}

// clockNow tells the state of this machine's clock in the diary's words.
func clockNow() func() string {
	boot, err := recorder.ThisBoot()
	return func() string {
		switch {
		case err != nil:
			return ""
		case boot.Clock() == segment.Synchronised:
			return "synchronised"
		}
		return "not synchronised"
	}
}

// controllerDomain is what the diary bears in its name: what was given, or this machine's name.
func controllerDomain(given string) (string, error) {
	if given != "" {
		if !configs.IsDomain(given) {
			return "", fmt.Errorf("--controller %q: want a domain in lower case, such as sola.example", given)
		}
		return given, nil
	}
	host, err := os.Hostname()
	if host = strings.ToLower(host); err != nil || !configs.IsDomain(host) {
		return "", errors.Join(errors.New("the name of this machine can't stand in the name of the diary: give --controller DOMAIN"), err)
	}
	return host, nil
}

// makeDiary makes diary and keys of a new appliance, tells the fingerprint that goes with the recovery words,
// and returns the diary's origin. The recovery key of the sealed envelope opens the diary too. keyFile is
// where the footage's private key is, "" for nowhere. begin writes what the diary is to begin with.
func makeDiary(ctx context.Context, state, domain, keyFile string, reading keyring.PrivateKey, recovery keyring.PublicKey, out io.Writer, begin func(*diary.Diary) error) (origin string, err error) {
	if keyFile != "" {
		if err := keyring.WriteKeyFile(durable.OS, diaryKeyFile(keyFile), reading); err != nil {
			return "", err
		}
	}
	public := keyring.NewPublic(reading.Public(), recovery, time.Now())
	if err := keyring.WritePublic(durable.OS, diaryPublicFile(state), public); err != nil {
		return "", err
	}
	o, err := diaryOptions(state)
	if err != nil {
		return "", err
	}
	d, err := diary.Create(ctx, o, domain, diary.Entry{Body: proof.Body{Note: "varuh init"}})
	if err != nil {
		return "", err
	}
	h := d.Head()
	if err := errors.Join(begin(d), d.Close()); err != nil {
		return "", err
	}
	key, err := proof.ParseKey(h.VKey)
	if err != nil {
		return "", err
	}
	_, err = fmt.Fprintf(out, "The diary of this appliance is\n\n  %s\n\nFingerprint of the key that signs it; write it on the same paper, and give it\nto those who check it:\n\n  %s\n\n", h.Origin, key.Fingerprint())
	return h.Origin, err
}

// addDiary makes the diary of an appliance that was made before there were diaries.
func addDiary(state, domain string, a appliance, keyFile string, out io.Writer) error {
	public, err := keyring.ReadPublic(durable.OS, publicFile(state))
	if err != nil {
		return err
	}
	recovery := current(public, keyring.Recovery)
	reading, err := keyring.GenerateKey()
	if err != nil {
		return err
	}
	if err := sealKeys(state, readingKeys{people.DiaryKey: reading}, recovery); err != nil {
		return err
	}
	if a.Diary, err = makeDiary(context.Background(), state, domain, keyFile, reading, recovery, out, func(*diary.Diary) error { return nil }); err != nil {
		return err
	}
	return writeJSON(applianceFile(state), a)
}

// openDiary opens and verifies the diary of an appliance, and refuses another's.
func openDiary(ctx context.Context, state string, a appliance, with ...func(*diary.Options)) (*diary.Diary, error) {
	o, err := diaryOptions(state)
	if errors.Is(err, fs.ErrNotExist) && a.Diary == "" {
		return nil, fmt.Errorf("%w yet: make one with varuh init --dir %s", diary.ErrMissing, state)
	}
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(diaryFile(state)); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w any more: %s was in %s; put it back from a copy. It is not made anew, for that would hide what it said", diary.ErrMissing, a.Diary, diaryFile(state))
	}
	for _, w := range with {
		w(&o)
	}
	d, err := diary.Open(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("couldn't open the diary: %w", err)
	}
	origin, err := firstOrigin(ctx, d)
	if err == nil && origin != a.Diary {
		err = fmt.Errorf("%w: %s is the diary %s, and that of this appliance is %s; put the right one back", errOtherDiary, diaryFile(state), proof.Printable(origin), a.Diary)
	}
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// firstOrigin is what a diary was called by init. It stays, whatever two persons accepted since.
func firstOrigin(ctx context.Context, d *diary.Diary) (origin string, err error) {
	rows, err := d.Query(ctx, `SELECT origin FROM diary_origins WHERE first = 0`)
	if err != nil {
		return "", err
	}
	for rows.Next() {
		err = errors.Join(err, rows.Scan(&origin))
	}
	if err = errors.Join(err, rows.Err(), rows.Close()); err != nil {
		return "", fmt.Errorf("couldn't read the name of the diary: %w", err)
	}
	return origin, nil
}

// errOtherDiary is returned for the diary of another appliance.
var errOtherDiary = errors.New("that is not the diary of this appliance")

// diaryIdentity reads the private key of the diary, where one is kept, or takes that in memory; while it is being replaced,
// both.
func (s *site) diaryIdentity() (keyring.Identity, error) {
	return s.diaryKeys((*accesslog.Keys).Diary)
}

// diaryAside is diaryIdentity for what the program does by itself, which keeps no key in memory for longer.
func (s *site) diaryAside() (keyring.Identity, error) {
	return s.diaryKeys((*accesslog.Keys).DiaryAside)
}

func (s *site) diaryKeys(inMemory func(*accesslog.Keys) (keyring.Identity, error)) (keys keyring.Identity, err error) {
	switch {
	case s.cfg.Credential() != "":
		var k keyring.PrivateKey
		k, err = keyring.ReadCredential(durable.OS, os.Getenv("CREDENTIALS_DIRECTORY"), s.cfg.Credential()+"-diary")
		keys = keyring.Identity{k}
	case s.cfg.KeyFile() != "":
		keys, err = keyring.ReadIdentity(durable.OS, diaryKeyFile(s.cfg.KeyFile()))
	case s.keys == nil || s.keys.Locked(people.DiaryKey):
		err = errLocked
	default:
		keys, err = inMemory(s.keys)
	}
	if err != nil && !errors.Is(err, errLocked) {
		return nil, fmt.Errorf("the diary can't be read here: %w", err)
	}
	return keys, err
}

// errLocked is returned where no private key is in memory.
var errLocked = errors.New("this appliance is locked: a log-in of somebody who can open it does (varuh unlock), or stop varuh and give --words")

// current is the key of a use that is in force. keyring reads no file without one.
func current(p keyring.Public, use keyring.Use) (key keyring.PublicKey) {
	for _, e := range p.Keys {
		if e.Use == use && !e.Retiring {
			key = e.Key
		}
	}
	return key
}
