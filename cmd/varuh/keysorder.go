package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

// Where keys are replaced, and where it is asked before the envelope is written whether the daemon can, and the person may.
const (
	rotatePath = "/rotate"
	readyPath  = "/rotate/ready"
)

// rotateThere has the daemon rotate, which goes on recording. Only a public key goes through the socket.
func (c keysRotateCmd) rotateThere(ctx context.Context, state string, o *rotateOrder, term terminal) error {
	public, err := keyring.ReadPublic(durable.OS, publicFile(state))
	if err != nil {
		return err
	}
	if !public.Rotating() && o.Recovery == nil {
		var ready struct{}
		if err := askFor(ctx, state, readyPath, o.keyChange, &ready); err != nil {
			return err
		}
		k, err := c.newEnvelope(term)
		if err != nil {
			return err
		}
		o.Recovery, o.Code = &k, "" // which was good once; if there was one, another is asked for
	}
	body, err := json.Marshal(o)
	if err != nil {
		return err
	}
	answer, err := ask(ctx, state, "POST", rotatePath, bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer answer.Close() // only read
	var done rotateDone
	if err := decodeAnswer(answer, &done); err != nil {
		return err
	}
	told := rotatedKeys{Rotated: keyring.Rotated{Slots: done.Slots}, keys: done.Keys}
	for _, text := range done.Lost {
		told.Lost = append(told.Lost, errors.New(text))
	}
	if done.Diary != "" {
		told.unsealed = errors.New(done.Diary)
	}
	return told.tell(term)
}

// rotateOrder asks for a rotation to a new recovery key; without one it finishes what was begun.
type rotateOrder struct {
	keyChange
	Recovery *keyring.PublicKey `json:"recovery"`
}

// keyChange is who replaces keys, and why, as it is entered.
type keyChange struct {
	who
	Reason string `json:"reason" help:"Why the keys are replaced. It is entered, too." placeholder:"TEXT"`
}

// errNoMotive is returned where nobody says why keys are replaced.
var errNoMotive = errors.New("who replaces keys, and why, is entered in the diary: give --reason TEXT, and --as LOGIN")

// checked is what is entered, or what is wrong with it.
func (c keyChange) checked() (keyChange, error) {
	reason, err := said("--reason", c.Reason)
	if err == nil && reason == "" {
		err = errNoMotive
	}
	return keyChange{c.who, reason}, err
}

// body is that in an entry.
func (c keyChange) body(note string) proof.Body {
	return proof.Body{Actor: &c.by, Purpose: c.Reason, Note: note}
}

// errOrder is returned for an order that was not carried out.
var errOrder = errors.New("the keys were not replaced")

// readOrder reads one order about keys, which is an object.
func readOrder[O any](r io.Reader) (order O, err error) {
	var o *O
	dec := json.NewDecoder(r)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&o); err != nil {
		return order, fmt.Errorf("%w: the request is no order for a rotation: %w", errOrder, err)
	}
	if _, err := dec.Token(); o == nil || !errors.Is(err, io.EOF) {
		return order, fmt.Errorf("%w: the request is not one order for a rotation", errOrder)
	}
	return *o, nil
}

// check holds an order against the present keys.
func (o rotateOrder) check(public keyring.Public) error {
	if _, err := o.checked(); err != nil {
		return fmt.Errorf("%w: %w", errOrder, err)
	}
	if o.Recovery == nil && !public.Rotating() {
		return fmt.Errorf("%w: no rotation was begun that could be finished, and no new recovery key is named", errOrder)
	}
	if o.Recovery == nil {
		return nil
	}
	if *o.Recovery == (keyring.PublicKey{}) {
		return fmt.Errorf("%w: the recovery key is all zeros, to which nothing can be sealed", errOrder)
	}
	for _, e := range public.Keys {
		if e.Key == *o.Recovery {
			return fmt.Errorf("%w: the recovery key is in use already (%v)", errOrder, e.ID)
		}
	}
	return nil
}

type rotateDone struct {
	Slots int       `json:"slots"`
	Lost  []string  `json:"lost"`
	Keys  *keysDone `json:"keys,omitempty"`  // who can open the new ones; nil where no log-in does
	Diary string    `json:"diary,omitempty"` // what kept the diary's keys from being replaced
}
