package diary

import (
	"context"
	"crypto/cipher"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/mod/sumdb/tlog"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

// contentKey encrypts bodies and manifests of one calendar year, of one run of the program, or of one pin.
type contentKey struct {
	id   int64
	year int
	aead cipher.AEAD
}

// newContentKey draws a content key and stores it, sealed to the public keys.
func newContentKey(ctx context.Context, tx *sql.Tx, pubs []keyring.PublicKey, year int, pin *int64) (*contentKey, error) {
	var secret [chacha20poly1305.KeySize]byte
	rand.Read(secret[:])
	defer clear(secret[:])
	name := make([]byte, 16)
	rand.Read(name)
	id, err := freshID(ctx, tx, "diary_keys")
	if err != nil {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO diary_keys (id, name, year, pin) VALUES (?, ?, ?, ?)`, id, name, year, pin); err != nil {
		return nil, explain(err, "couldn't store a content key")
	}
	if err := sealContentKey(ctx, tx, pubs, id, name, secret[:]); err != nil {
		return nil, err
	}
	aead, err := chacha20poly1305.NewX(secret[:])
	if err != nil {
		return nil, fmt.Errorf("couldn't use a content key: %w", err)
	}
	return &contentKey{id, year, aead}, nil
}

// freshID draws an id for a new row. SQLite would give the one behind the largest, and where somebody has put a row at
// the end of what it can count to, it says that the disk is full.
func freshID(ctx context.Context, tx *sql.Tx, table string) (int64, error) {
	for {
		var b [8]byte
		rand.Read(b[:])
		id := int64(binary.BigEndian.Uint64(b[:])>>12) + 1
		var taken bool
		err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM `+quoted(table)+` WHERE id = ?)`, id).Scan(&taken)
		if err != nil || !taken {
			return id, explain(err, "couldn't draw an id for %s", table)
		}
	}
}

// sealContentKey stores boxes of a content key, one for each public key.
func sealContentKey(ctx context.Context, tx *sql.Tx, pubs []keyring.PublicKey, id int64, name, secret []byte) error {
	for _, pub := range pubs {
		to := pub.ID()
		box, err := pub.Seal(boxInfo(name, to), secret)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO diary_sealed (key, "to", box) VALUES (?, ?, ?)`, id, to[:], box); err != nil {
			return explain(err, "couldn't store a content key")
		}
	}
	return nil
}

// boxInfo binds the box of a content key to its row and to its recipient.
func boxInfo(name []byte, to keyring.KeyID) []byte {
	return keyring.Info([]byte("varuh/1 diary"), name, to[:])
}

// openContentKey opens a content key with one of the private keys.
func openContentKey(ctx context.Context, db querier, keys keyring.Identity, id int64) (_ *contentKey, secret []byte, err error) {
	k := contentKey{id: id}
	var name []byte
	err = db.QueryRowContext(ctx, `SELECT name, year FROM diary_keys WHERE id = ?`, id).Scan(&name, &k.year)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil, fmt.Errorf("%w: content key %d is missing", ErrDamaged, id)
	}
	if err != nil {
		return nil, nil, explain(err, "couldn't read content key %d", id)
	}
	for _, private := range keys {
		var box []byte
		to := private.Public().ID()
		err := db.QueryRowContext(ctx, `SELECT box FROM diary_sealed WHERE key = ? AND "to" = ?`, id, to[:]).Scan(&box)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, nil, explain(err, "couldn't read content key %d", id)
		}
		if secret, err = private.Open(boxInfo(name, to), box); err != nil {
			return nil, nil, fmt.Errorf("%w: content key %d: %w", ErrDamaged, id, err)
		}
		k.aead, err = chacha20poly1305.NewX(secret)
		if err != nil {
			return nil, nil, fmt.Errorf("%w: content key %d: %w", ErrDamaged, id, err)
		}
		return &k, secret, nil
	}
	return nil, nil, fmt.Errorf("content key %d: %w", id, ErrNoKey)
}

// What a ciphertext is of: one cannot be put in the place of the other.
const (
	bodyPart     = "body"
	manifestPart = "manifest"
)

// bound is what a ciphertext is bound to.
func bound(part, origin string, i int64, leaf tlog.Hash) []byte {
	return keyring.Info([]byte(part), []byte(origin), binary.BigEndian.AppendUint64(nil, uint64(i)), leaf[:])
}

// seal encrypts a part of an entry: a nonce, then the ciphertext.
func (k *contentKey) seal(part, origin string, i int64, leaf tlog.Hash, plain []byte) []byte {
	out := make([]byte, chacha20poly1305.NonceSizeX, chacha20poly1305.NonceSizeX+len(plain)+k.aead.Overhead())
	rand.Read(out)
	return k.aead.Seal(out, out, plain, bound(part, origin, i, leaf))
}

// open decrypts a part of an entry, which must have the hash.
func (k *contentKey) open(part, origin string, i int64, leaf tlog.Hash, sealed []byte, want proof.Hash) ([]byte, error) {
	if len(sealed) < chacha20poly1305.NonceSizeX {
		return nil, fmt.Errorf("%w: the %s of entry %d is cut off", ErrDamaged, part, i)
	}
	nonce, text := sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:]
	plain, err := k.aead.Open(nil, nonce, text, bound(part, origin, i, leaf))
	if err != nil || proof.HashBody(plain) != want {
		return nil, errors.Join(fmt.Errorf("%w: the %s of entry %d is not what was written", ErrDamaged, part, i), err)
	}
	return plain, nil
}
