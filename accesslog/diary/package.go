package diary

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"

	"varuh/accesslog/diary/proof"
)

// sumsBegin is how a list of files begins as sha256sum prints it: a hash, and two spaces.
var sumsBegin = regexp.MustCompile(`^[0-9a-f]{64}  `)

// SignPackage signs the exact bytes of a package's manifest, or of the list of its files, with the diary's key. The one is a JSON
// object, the other begins with a hash and two spaces: neither can be taken for the other, for a checkpoint, whose first line has
// no space, or for what [Diary.Vouch] signs.
func (d *Diary) SignPackage(ctx context.Context, text []byte) (sig []byte, err error) {
	if !bytes.HasPrefix(text, []byte("{")) && !sumsBegin.Match(text) {
		return nil, errors.New("what is to be signed is neither the manifest of a package nor the list of its files")
	}
	err = d.onWriter(ctx, func(*sql.DB) (err error) {
		if d.w.signer == nil {
			return ErrKey
		}
		sig, err = d.w.signer.Sign(text)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("couldn't sign what a package lists: %w", err)
	}
	return sig, nil
}

// SigningKey is the key by which it signs now.
func (d *Diary) SigningKey(ctx context.Context) (k proof.Key, err error) {
	err = d.onWriter(ctx, func(*sql.DB) error {
		if d.w.signer == nil {
			return ErrKey
		}
		k = d.w.signer.key
		return nil
	})
	return k, err
}
