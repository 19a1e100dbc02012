package diary

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
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

// prepare draws a key for an origin and puts it durably beside the one in force. One that lies there must
// not be in force, see [Diary.ownKey]: it goes.
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

// otherKey says that a file holds a whole key, which is not the diary's.
type otherKey struct {
	file      string
	key, want proof.Key
}

func (o *otherKey) Error() string {
	return fmt.Sprintf("%v: %s holds the key %s, not %s", ErrKey, o.file, o.key.Fingerprint(), o.want.Fingerprint())
}

func (o *otherKey) Unwrap() error { return ErrKey }

// load finds the private half of the key that the diary names, and ends a change of keys that a crash
// cut short.
func (k keyFiles) load(want proof.Key) (*signer, error) {
	current, err := k.read(k.name(), want)
	if err == nil {
		return current, nil
	}
	next, nextErr := k.read(k.name()+nextSuffix, want)
	if nextErr == nil {
		return next, k.settle()
	}
	var other *otherKey // was never in force
	if !errors.Is(nextErr, fs.ErrNotExist) && !errors.As(nextErr, &other) {
		err = errors.Join(err, nextErr)
	}
	return nil, err
}

// read reads the key in a file, which must be the private half of want.
func (k keyFiles) read(name string, want proof.Key) (*signer, error) {
	st, err := k.fs.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("couldn't read the signing key of the diary: %w: put back the folder of keys", err)
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
		return nil, fmt.Errorf("%w: %s holds no signing key: put back the folder of keys", ErrKey, name)
	}
	// The hash in the file is only claimed: whether the secret fits is told by a signature.
	sig, err := s.Sign([]byte("varuh"))
	if err == nil && s.Name() == want.Name() && s.KeyHash() == want.KeyHash() && want.Verify([]byte("varuh"), sig) {
		return &signer{s, want}, nil
	}
	key, err := publicOf(s.Name(), secret)
	if err != nil {
		return nil, fmt.Errorf("%w: %s holds another: put back the folder of keys", ErrKey, name)
	}
	return nil, &otherKey{name, key, want}
}

// publicOf is the public half of a key in the form of [note.NewSigner]: PRIVATE, KEY, name, hash, and then
// one byte for the algorithm with the seed.
func publicOf(name string, secret []byte) (proof.Key, error) {
	parts := bytes.SplitN(bytes.TrimSpace(secret), []byte("+"), 5)
	raw, err := base64.StdEncoding.DecodeString(string(parts[len(parts)-1]))
	if err != nil || len(raw) != 1+ed25519.SeedSize {
		return proof.Key{}, ErrKey
	}
	defer clear(raw)
	public, _ := ed25519.NewKeyFromSeed(raw[1:]).Public().(ed25519.PublicKey)
	vkey, err := note.NewEd25519VerifierKey(name, public)
	if err != nil {
		return proof.Key{}, err
	}
	return proof.ParseKey(vkey)
}

// settle destroys the old key and gives its name to the new one, which must be there.
func (k keyFiles) settle() error {
	if _, err := k.fs.Stat(k.name() + nextSuffix); err != nil {
		return fmt.Errorf("the old signing key is not destroyed, for the new one can't be found: %w", err)
	}
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
