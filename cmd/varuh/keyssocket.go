package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

func (d *Daemon) answerRotatable(w http.ResponseWriter, r *http.Request) {
	o, err := readOrder[keyChange](http.MaxBytesReader(w, r.Body, 4096))
	if err != nil {
		d.refuse(w, http.StatusBadRequest, err)
		return
	}
	d.carryOut(w, r, readyPath, &o, func() error {
		if err := d.canRotate(); err != nil {
			d.refuse(w, http.StatusForbidden, err)
			return nil
		}
		d.answer(w, struct{}{})
		return nil
	})
}

// canRotate says why the keys can't be replaced while varuh runs, or nothing. A log-in may just have opened them.
func (d *Daemon) canRotate() error {
	if d.office.login {
		if len(d.office.locked()) > 0 {
			return errors.New("the keys are not both in memory: log in as somebody who can open footage and diary, or stop varuh and run the rotation again, it then asks for the recovery words")
		}
		return nil
	}
	if d.site.cfg.KeyFile() == "" {
		return errors.New("no private key file is on this appliance: stop varuh and run the rotation again, it then asks for the recovery words")
	}
	_, err := d.site.identity()
	return err
}

func (d *Daemon) answerRotate(w http.ResponseWriter, r *http.Request) {
	o, err := readOrder[rotateOrder](http.MaxBytesReader(w, r.Body, 4096))
	if err != nil {
		d.refuse(w, http.StatusBadRequest, err)
		return
	}
	if _, err := o.checked(); err != nil {
		d.refuse(w, http.StatusBadRequest, fmt.Errorf("%w: %w", errOrder, err))
		return
	}
	d.carryOut(w, r, rotatePath, &o, func() error {
		d.answerRotated(w, r, o)
		return nil
	})
}

// answerRotated rotates, for a person who may.
func (d *Daemon) answerRotated(w http.ResponseWriter, r *http.Request, o rotateOrder) {
	done, err := d.rotate(r.Context(), o)
	if errors.Is(err, errOrder) {
		d.refuse(w, http.StatusBadRequest, err)
		return
	}
	if err != nil {
		d.refuse(w, http.StatusInternalServerError, err)
		return
	}
	answer := rotateDone{Slots: done.Slots, Keys: done.keys}
	for _, lost := range done.Lost {
		answer.Lost = append(answer.Lost, lost.Error())
	}
	if done.unsealed != nil {
		answer.Diary = done.unsealed.Error()
	}
	d.answer(w, answer)
}

// rotate replaces the keys while cameras are recorded.
func (d *Daemon) rotate(ctx context.Context, o rotateOrder) (done rotatedKeys, err error) {
	d.rotating.Lock()
	defer d.rotating.Unlock()
	if err := d.canRotate(); err != nil {
		return done, err
	}
	public, err := keyring.ReadPublic(durable.OS, publicFile(d.site.cfg.State))
	if err != nil {
		return done, err
	}
	if err := o.check(public); err != nil {
		return done, err
	}
	open, err := d.clerk.use()
	if err != nil {
		return done, err
	}
	n := &renewal{site: d.site, ro: d.site.rotation(), by: o.keyChange, office: d.office, diary: open, out: io.Discard}
	renew := func() error {
		if o.Recovery != nil {
			if err := n.begin(ctx, *o.Recovery); err != nil {
				return err
			}
		}
		done, err = n.finish(ctx)
		return err
	}
	if d.office.login {
		err = n.fromMemory(renew)
	} else {
		err = renew()
	}
	if done.unsealed != nil {
		d.Log.Error("the diary is still sealed to the old keys", "err", done.unsealed)
	}
	if err != nil {
		return done, err
	}
	d.entrance.renew()
	d.Log.Info("the keys were replaced", "slots", done.Slots)
	return done, nil
}
