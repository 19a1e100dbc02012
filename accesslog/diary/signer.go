package diary

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/durable"
)

// signingFile is the file of the private signing key in Options.Keys; a key that is to replace it lies
// beside it with nextSuffix.
const (
	signingFile = "diary.key"
	nextSuffix  = ".next"
)

// signer signs checkpoints.
type signer struct {
	note.Signer
	key proof.Key
}

// keyFiles is the folder of the signing key.
type keyFiles struct {
	fs  durable.FS
	dir string
}

func (k keyFiles) name() string { return filepath.Join(k.dir, signingFile) }

// prepare draws a key for an origin and puts it durably beside the one in force. One that was left
// there by a crash was never in force and goes.
func (k keyFiles) prepare(origin string) (*signer, error) {
	secret, key, err := proof.NewSigningKey(origin)
	if err != nil {
		return nil, err
	}
	if err := durable.WriteFile(k.fs, k.name()+nextSuffix, []byte(secret+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("couldn't write the new signing key: %w", err)
	}
	s, err := note.NewSigner(secret)
	if err != nil {
		return nil, fmt.Errorf("couldn't use the new signing key: %w", err)
	}
	return &signer{s, key}, nil
}

// load finds the private half of the key that the diary names, and ends a change of keys that a crash
// cut short.
func (k keyFiles) load(vkey string) (*signer, error) {
	current, err := k.read(k.name(), vkey)
	if err == nil {
		return current, nil
	}
	next, nextErr := k.read(k.name()+nextSuffix, vkey)
	if nextErr == nil {
		return next, k.settle()
	}
	if !errors.Is(nextErr, fs.ErrNotExist) {
		err = errors.Join(err, nextErr)
	}
	return nil, err
}

// read reads the key in a file, which must be the private half of vkey.
func (k keyFiles) read(name, vkey string) (*signer, error) {
	want, err := proof.ParseKey(vkey)
	if err != nil {
		return nil, fmt.Errorf("%w: its signing key: %w", ErrDamaged, err)
	}
	st, err := k.fs.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("couldn't read the signing key of the diary: %w", err)
	}
	if st.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("others than its owner can read the signing key in %s (mode %04o): run chmod 600 %[1]s, and rotate it", name, st.Mode().Perm())
	}
	secret, err := durable.ReadFile(k.fs, name, 4096)
	if err != nil {
		return nil, fmt.Errorf("couldn't read the signing key of the diary: %w", err)
	}
	defer clear(secret)
	s, err := note.NewSigner(string(bytes.TrimSpace(secret)))
	if err != nil { // its text may quote the secret
		return nil, fmt.Errorf("%w: %s holds no signing key", ErrKey, name)
	}
	// The hash in the file is only claimed: whether the secret fits is told by a signature.
	sig, err := s.Sign([]byte("varuh"))
	if err != nil || s.Name() != want.Name() || s.KeyHash() != want.KeyHash() || !want.Verify([]byte("varuh"), sig) {
		return nil, errors.Join(fmt.Errorf("%w: %s holds another key than %s", ErrKey, name, want.Fingerprint()), err)
	}
	return &signer{s, want}, nil
}

// settle destroys the old key and gives its name to the new one.
func (k keyFiles) settle() error {
	old, err := k.fs.OpenRW(k.name())
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return fmt.Errorf("couldn't destroy the old signing key: %w", err)
	default:
		if err := overwrite(old); err != nil {
			return fmt.Errorf("couldn't destroy the old signing key in %s: %w", k.name(), err)
		}
	}
	if err := k.fs.Rename(k.name()+nextSuffix, k.name()); err != nil {
		return fmt.Errorf("couldn't put the new signing key in its place: %w", err)
	}
	if err := k.fs.SyncDir(k.dir); err != nil {
		return fmt.Errorf("couldn't put the new signing key in its place: %w", err)
	}
	return nil
}

// overwrite puts zeros in the place of all bytes, durably, and closes.
func overwrite(f durable.File) error {
	st, err := f.Stat()
	if err == nil {
		_, err = f.WriteAt(make([]byte, st.Size()), 0)
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
