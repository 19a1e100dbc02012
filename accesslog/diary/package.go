package diary

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"varuh/accesslog/diary/proof"
)

// SignManifest signs the exact bytes of a package's manifest with the diary's key. A manifest is a JSON object, which neither a
// checkpoint nor what [Diary.Vouch] signs can be.
func (d *Diary) SignManifest(ctx context.Context, manifest []byte) (sig []byte, err error) {
	if len(manifest) == 0 || manifest[0] != '{' {
		return nil, errors.New("what is to be signed is no manifest")
	}
	err = d.onWriter(ctx, func(*sql.DB) (err error) {
		if d.w.signer == nil {
			return ErrKey
		}
		sig, err = d.w.signer.Sign(manifest)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("couldn't sign the manifest of a package: %w", err)
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
