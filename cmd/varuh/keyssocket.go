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
	if err := d.canRotate(); err != nil {
		d.refuse(w, http.StatusForbidden, err)
		return
	}
	d.carryOut(w, r, readyPath, &o, func() error {
		d.answer(w, struct{}{})
		return nil
	})
}

func (d *Daemon) canRotate() error {
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
	done, unsealed, err := d.rotate(r.Context(), o)
	if errors.Is(err, errOrder) {
		d.refuse(w, http.StatusBadRequest, err)
		return
	}
	if err != nil {
		d.refuse(w, http.StatusInternalServerError, err)
		return
	}
	answer := rotateDone{Slots: done.Slots}
	for _, lost := range done.Lost {
		answer.Lost = append(answer.Lost, lost.Error())
	}
	if unsealed != nil {
		answer.Diary = unsealed.Error()
	}
	d.answer(w, answer)
}

// rotate replaces the keys while cameras are recorded. unsealed is what kept those of the diary from it.
func (d *Daemon) rotate(ctx context.Context, o rotateOrder) (done keyring.Rotated, unsealed, err error) {
	d.rotating.Lock()
	defer d.rotating.Unlock()
	if err := d.canRotate(); err != nil {
		return done, nil, err
	}
	public, err := keyring.ReadPublic(durable.OS, publicFile(d.site.cfg.State))
	if err != nil {
		return done, nil, err
	}
	if err := o.check(public); err != nil {
		return done, nil, err
	}
	ro := d.site.rotation()
	if o.Recovery != nil {
		if err := begin(ctx, ro, *o.Recovery); err != nil {
			return done, nil, err
		}
	}
	if unsealed = d.rotateDiary(ctx, ro, o.keyChange); unsealed != nil {
		d.Log.Error("the diary is still sealed to the old keys", "err", unsealed)
	}
	if done, err = ro.Finish(ctx); err != nil {
		return done, unsealed, fmt.Errorf("the rotation is not finished, run it again: %w", err)
	}
	if e, ok := lostSlots(done); ok {
		d.clerk.note(e)
	}
	d.entrance.renew()
	d.Log.Info("the keys were replaced", "slots", done.Slots)
	return done, unsealed, nil
}

// rotateDiary is the daemon's, with the diary that it has open.
func (d *Daemon) rotateDiary(ctx context.Context, ro keyring.Rotation, by keyChange) error {
	open, err := d.clerk.use()
	if err != nil {
		return err
	}
	return d.site.rotateDiary(ctx, open, ro, by, io.Discard)
}
