package diary

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"slices"

	"varuh/accesslog/diary/proof"
)

// LastCheckpoint is the last durable checkpoint, signed, for places on the appliance that are to remember it.
// Unlike [Diary.Checkpoint] it does not count as one that left: nobody may show it to others.
func (d *Diary) LastCheckpoint() []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return bytes.Clone(d.note)
}

// vouchPrefix begins what [Diary.Vouch] signs. A checkpoint is text without control characters, so no signature of one is
// that of the other.
const vouchPrefix = "\x00varuh/1 remembered beside the diary\n"

// Vouch signs with the diary's key what somebody else on the appliance is to remember of it, so that what others write in
// its place is found out. It says nothing of whether that is still so.
func (d *Diary) Vouch(ctx context.Context, text []byte) (sig []byte, err error) {
	err = d.onWriter(ctx, func(*sql.DB) (err error) {
		if d.w.signer == nil {
			return ErrKey
		}
		sig, err = d.w.signer.Sign(slices.Concat([]byte(vouchPrefix), text))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("couldn't sign what is remembered of the diary: %w", err)
	}
	return sig, nil
}

// Vouched tells whether a key that the diary has had made such a signature.
func (d *Diary) Vouched(ctx context.Context, text, sig []byte) (bool, error) {
	keys, err := d.Keys(ctx)
	return err == nil && slices.ContainsFunc(keys, func(k proof.Key) bool {
		return k.Verify(slices.Concat([]byte(vouchPrefix), text), sig)
	}), err
}
