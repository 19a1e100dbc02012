package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/people"
	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

// The diary is sealed to two keys as the footage is: its own reading key, and the recovery key of the sealed
// envelope. A rotation of keys replaces both. Steps, each durable before the next:
//
//  1. The rotation of the footage's keys has begun, so that what follows is taken up after a crash.
//  2. keyring's Begin: the diary's new private reading key goes beside the old one, then diary.json names the
//     new keys as current and the old as retiring. From here on a start seals new content keys to the new.
//  3. One transaction of the diary seals all content keys anew, with an entry key.reading.
//  4. keyring's Finish: the old private key is overwritten, the new one takes its name, diary.json drops
//     the old keys.
//  5. The rotation of the footage's keys is finished.
//
// At each moment the private keys at hand open every entry: before 4 both are there, from 4 on nothing is
// sealed to the old. What is found done is not done again.

// diaryRotation is the rotation of the diary's keys that goes with one of the footage's.
func (s *site) diaryRotation(footage keyring.Rotation) keyring.Rotation {
	return keyring.Rotation{FS: footage.FS, Publics: []string{diaryPublicFile(s.cfg.State)},
		KeyFile: diaryKeyFile(footage.KeyFile), Old: footage.Old}
}

// diaryBehind tells whether the diary's keys are still to be replaced, since the footage's were or are being.
func (s *site) diaryBehind() (behind, begun bool, recovery keyring.PublicKey, err error) {
	if s.appliance.Diary == "" {
		return false, false, recovery, nil
	}
	own, err := keyring.ReadPublic(durable.OS, diaryPublicFile(s.cfg.State))
	if err != nil {
		return false, false, recovery, fmt.Errorf("the keys of the diary: %w", err)
	}
	footage, err := keyring.ReadPublic(durable.OS, publicFile(s.cfg.State))
	if err != nil {
		return false, false, recovery, err
	}
	recovery = current(footage, keyring.Recovery)
	return own.Rotating() || current(own, keyring.Recovery) != recovery, own.Rotating(), recovery, nil
}

// rotateDiary replaces the keys of the diary where those of the footage were replaced. d is the open diary, nil
// to open it for this, held against what the stores remember of it; what is wrong with that is written to out. A rotation that an earlier failure left is finished first.
// fresh draws a new key.
func (s *site) rotateDiary(ctx context.Context, d *diary.Diary, footage keyring.Rotation, by keyChange, out io.Writer, fresh newKey) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("the diary's keys could not be replaced: %w", err)
		}
	}()
	behind, begun, recovery, err := s.diaryBehind()
	if err != nil || !behind {
		return err
	}
	if d == nil {
		if d, err = s.openDiary(ctx, out); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, d.Close()) }()
	}
	ro := s.diaryRotation(footage)
	for ; behind && err == nil; behind, begun, recovery, err = s.diaryBehind() {
		if !begun {
			reading, err := fresh(ctx, people.DiaryKey, recovery)
			if err != nil {
				return err
			}
			if err := ro.Begin(ctx, reading, recovery, time.Now()); err != nil {
				return err
			}
		}
		if err := resealDiary(ctx, d, ro, by); err != nil {
			return err
		}
		if _, err := ro.Finish(ctx); err != nil {
			return err
		}
	}
	return err
}

// newKey draws a new private reading key for a use, and keeps it as is needed before it is in use.
type newKey func(ctx context.Context, w people.Which, recovery keyring.PublicKey) (keyring.PrivateKey, error)

// resealDiary seals all content keys to the keys that diary.json names as current, and to no others.
func resealDiary(ctx context.Context, d *diary.Diary, ro keyring.Rotation, by keyChange) error {
	public, err := keyring.ReadPublic(ro.FS, ro.Publics[0])
	if err != nil {
		return err
	}
	keys, err := keyring.ReadIdentity(ro.FS, ro.KeyFile)
	if err != nil {
		return err
	}
	reading, recovery := current(public, keyring.Reading), current(public, keyring.Recovery)
	b := by.body("varuh keys rotate: reading key and recovery key were replaced")
	b.Data = map[string]any{"reading": reading.ID().String(), "recovery": recovery.ID().String()}
	_, err = d.RotateReading(ctx, append(keys, ro.Old...), public.Current(), b)
	return err
}

// knowsDiary refuses a recovery key that opens nothing of the diary. After a rotation that failed in the middle
// an older one than the footage's may.
func (s *site) knowsDiary(k keyring.PrivateKey) error {
	public, err := keyring.ReadPublic(durable.OS, diaryPublicFile(s.cfg.State))
	if err != nil {
		return fmt.Errorf("the keys of the diary: %w", err)
	}
	for _, e := range public.Keys {
		if e.Key == k.Public() {
			return nil
		}
	}
	return s.knows(k)
}

// lostSlots is the entry about segments whose keys a rotation could not open, if there are any: they are lost.
func lostSlots(done keyring.Rotated) (diary.Entry, bool) {
	var l findings
	for _, err := range done.Lost {
		if l.n++; l.n <= maxFindings {
			l.first = append(l.first, err.Error())
		}
	}
	e, any := l.entry()
	e.Body.Result = "keys lost"
	return e, any
}
