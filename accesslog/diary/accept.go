package diary

import (
	"context"
	"errors"
	"strings"

	"varuh/accesslog/diary/proof"
)

// Accept goes on after a fault: an entry origin.begin in the name of two persons cites the old origin
// and what was found, and from there on the log has a new origin and a new signing key. That one of the
// two is an approver is for the caller to see to. It takes no old signing key, so that a diary whose own
// is lost goes on in the same way.
func (d *Diary) Accept(ctx context.Context, first, second proof.Actor, reason string) (Receipt, error) {
	d.changing.Lock()
	defer d.changing.Unlock()
	f := d.Fault()
	one, two := strings.TrimSpace(first.ID), strings.TrimSpace(second.ID)
	switch {
	case f == nil:
		return Receipt{}, errors.New("the diary did not go back: there is nothing to accept")
	case one == "" || two == "" || proof.SamePerson(one, two) || first.Name != "" && proof.SamePerson(first.Name, second.Name):
		return Receipt{}, errors.New("two persons must accept that the diary went back")
	case strings.TrimSpace(reason) == "":
		return Receipt{}, errors.New("to accept that the diary went back takes a reason")
	}
	if err := d.ownKey(ctx); err != nil {
		return Receipt{}, err
	}
	old := d.Head().Origin
	domain, _, _ := strings.Cut(old, "/varuh/")
	origin, err := newOrigin(domain)
	if err != nil {
		return Receipt{}, err
	}
	body := proof.Body{Actor: &first, Note: reason, Data: map[string]any{
		"second_id": second.ID, "second_name": second.Name, "second_proof": second.Proof,
		"kind": f.Kind, "by": f.By, "there": f.There, "here": f.Here, "old_origin": old}}
	if more := d.moreFaults(); len(more) > 0 {
		body.Data["also"] = strings.Join(more, "; ")
	}
	r, err := d.beginOrigin(origin, body, f)
	if err != nil {
		return Receipt{}, err
	}
	return d.changeKey(ctx, r)
}

// beginOrigin prepares an entry that begins an origin with a key of its own. f is the fault that it
// ends, nil for the first origin.
func (d *Diary) beginOrigin(origin string, body proof.Body, f *Fault) (*request, error) {
	r, err := d.prepare(Entry{Op: opOrigin, Body: body})
	if err != nil {
		return nil, err
	}
	s, err := d.keys.prepare(origin)
	if err != nil {
		return nil, err
	}
	r.last, r.signs = true, true
	r.apply = func(b *batch, i int64) error {
		if f != nil && !d.unaccepted(*f) {
			return errors.New("it was accepted by somebody else just now")
		}
		b.origin, b.signer, b.askew = origin, s, nil
		if err := b.exec(`INSERT OR REPLACE INTO diary_origins (first, origin) VALUES (?, ?)`, i, origin); err != nil {
			return err
		}
		if err := b.exec(`INSERT OR REPLACE INTO diary_signers (first, vkey) VALUES (?, ?)`, i, s.key.String()); err != nil {
			return err
		}
		if f != nil {
			if f.Kind == FaultKey { // there was no key to sign an incident with
				if err := b.insertFault(i, *f); err != nil {
					return err
				}
			}
			b.ended, b.faults = true, nil
			return b.exec(`UPDATE diary_faults SET accepted = ? WHERE accepted IS NULL`, i)
		}
		return nil
	}
	return r, nil
}
