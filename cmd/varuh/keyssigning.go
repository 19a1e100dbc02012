package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// signingOrder asks for a new key to sign the diary.
type signingOrder struct {
	keyChange
	Compromised bool `json:"compromised,omitempty"` // somebody else may have had the old one
}

// signingPath is where it is asked.
const signingPath = "/rotate/signing"

// word is what is said of the change to everybody, for as long as there is a diary: it names nobody.
func (o signingOrder) word() string {
	if o.Compromised {
		return "compromise"
	}
	return "renewal"
}

// signingDone is a key that is in force.
type signingDone struct {
	Entry       int64  `json:"entry"` // from which on it signs
	Key         string `json:"key"`   // as witnesses are told
	Fingerprint string `json:"fingerprint"`
	Left        string `json:"left,omitempty"` // what is still to be done, "" for nothing
}

// rotateSigning has the diary signed by a new key.
func (c keysRotateCmd) rotateSigning(ctx context.Context, cli *cli, term terminal) error {
	o := signingOrder{c.keyChange, c.Compromised}
	var done signingDone
	err := loggedIn(cli, term, signingPath, &o, func() error {
		return onSite(ctx, cli, term, func(s *site) error {
			return s.withDeskFor(ctx, false, term, signingPath, &o, func(k desk) (err error) {
				done, err = k.rotateSigning(ctx, o)
				return err
			})
		}, func(state string) error { return askFor(ctx, state, signingPath, o, &done) })
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(term.out, done.text(c.Compromised))
	if done.Left != "" {
		err = errors.Join(err, errors.New(done.Left))
	}
	return err
}

// text is what whoever holds the paper has to do.
func (s signingDone) text(compromised bool) string {
	paper := "Write it on the paper with the recovery words, beside the one before, and tell those who check the diary: whoever knows either knows the other by this entry."
	if compromised {
		paper = "Write it on the paper with the recovery words and strike the one before out, for whoever has the old key can sign a change to a key of his own. " +
			"Tell those who check the diary by a way that does not lead through this machine. What was written before this entry is shown " +
			"by checkpoints alone that were outside before somebody had the key."
	}
	return fmt.Sprintf("From entry %d on the diary is signed by a new key, whose fingerprint is\n\n  %s\n\n%s\n\nA witness is told the key itself:\n\n  %s\n",
		s.Entry, s.Fingerprint, paragraph(paper), s.Key)
}

// paragraph is a text for 80 columns, without an indent.
func paragraph(text string) string { return strings.ReplaceAll(fold(text, 79), "\n  ", "\n") }

// rotateSigning puts a new key in force. Of what fails after that the answer tells: the key is not taken back.
func (k desk) rotateSigning(ctx context.Context, o signingOrder) (done signingDone, err error) {
	if o.keyChange, err = o.checked(); err != nil {
		return done, err
	}
	if f := k.diary.Fault(); f != nil {
		return done, fmt.Errorf("the key that signs the diary was not replaced: %v; find out why, then stop varuh and run varuh diary accept, by which it gets another key, too", f)
	}
	before := k.diary.Head().VKey
	got, left := k.diary.RotateSigningKey(ctx, o.body("varuh keys rotate --signing"), o.word())
	h := k.diary.Head()
	switch {
	case errors.Is(left, diary.ErrUncertain):
		return done, fmt.Errorf("whether the key that signs the diary was replaced is not certain yet: look with varuh diary list whether there is an entry key.rotate: %w", left)
	case h.VKey == before:
		return done, fmt.Errorf("the key that signs the diary was not replaced: %w", left)
	}
	if k.wrote != nil {
		k.wrote("key.rotate")
	}
	key, err := proof.ParseKey(h.VKey)
	if err != nil {
		return done, err
	}
	done = signingDone{Entry: got.Index, Key: h.VKey, Fingerprint: key.Fingerprint()}
	if left != nil {
		done.Left = left.Error()
	}
	return done, nil
}

// answerRotateSigning has others than the diary remember the change at once, since an older diary knows the key
// before alone.
func (d *Daemon) answerRotateSigning(w http.ResponseWriter, r *http.Request) {
	o, err := readOrder[signingOrder](http.MaxBytesReader(w, r.Body, 4096))
	if err != nil {
		d.refuse(w, http.StatusBadRequest, err)
		return
	}
	d.rotating.Lock()
	defer d.rotating.Unlock()
	k, err := d.desk()
	if err != nil {
		d.refuse(w, http.StatusServiceUnavailable, err)
		return
	}
	d.carryOut(w, r, signingPath, &o, func() error {
		done, err := k.rotateSigning(r.Context(), o)
		if err != nil {
			d.refuse(w, http.StatusForbidden, err)
			return nil
		}
		d.Log.Info("the diary is signed by a new key", "entry", done.Entry, "fingerprint", done.Fingerprint)
		if d.clerk.marks != nil {
			d.clerk.marks.remember(r.Context(), k.diary)
		}
		d.answer(w, done)
		return nil
	})
}
