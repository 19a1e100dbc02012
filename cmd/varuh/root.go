package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

// playRoot does to a closed diary what its administrator can do with SQL and the keys of the appliance: it takes
// one entry out, gives those behind it the numbers before theirs, and signs everything anew, the note beside
// the key included. behind are the entries behind the victim, opened. It uses nothing of the diary's own code
// but its formats, and is for demonstrations.
func playRoot(ctx context.Context, o diary.Options, victim int64, behind []diaryLine) (err error) {
	db, err := sql.Open("sqlite3", o.Path) // the driver is the diary's
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	r := root{tx: tx, size: victim, hashes: map[int64]tlog.Hash{}}
	checkpoint, err := r.rewrite(ctx, o, behind)
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(o.Keys, "diary.checkpoint"), checkpoint, 0o600)
}

// root is that administrator, in the middle of it.
type root struct {
	tx     *sql.Tx
	origin string
	size   int64 // entries so far; at first, the victim
	tree   proof.Frontier
	hashes map[int64]tlog.Hash // all of the tree, as tlog stores them
	key    int64               // content key for what he moves
	secret [chacha20poly1305.KeySize]byte
}

func (r *root) do(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return r.tx.ExecContext(ctx, query, args...)
}

func (r *root) rewrite(ctx context.Context, o diary.Options, behind []diaryLine) (checkpoint []byte, err error) {
	if err := r.tx.QueryRowContext(ctx, `SELECT origin FROM diary_origins ORDER BY first DESC LIMIT 1`).Scan(&r.origin); err != nil {
		return nil, err
	}
	if err := r.grow(ctx); err != nil {
		return nil, err
	}
	victim := r.size
	for _, table := range []string{"diary_leaves", "diary_bodies"} {
		if _, err := r.do(ctx, `DELETE FROM `+table+` WHERE i >= ?`, victim); err != nil {
			return nil, err
		}
	}
	if err := r.drawKey(ctx, o.Public); err != nil {
		return nil, err
	}
	for _, l := range behind {
		if err := r.move(ctx, l, victim); err != nil {
			return nil, err
		}
	}
	return r.sign(ctx, o.Keys, victim)
}

// grow reads the leaves that stay.
func (r *root) grow(ctx context.Context) (err error) {
	rows, err := r.tx.QueryContext(ctx, `SELECT leaf FROM diary_leaves WHERE i < ? ORDER BY i`, r.size)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var leaf []byte
		if err := rows.Scan(&leaf); err != nil {
			return err
		}
		if err := r.add(leaf); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if n := r.tree.Size(); n != r.size {
		return fmt.Errorf("entry %d can't be taken out: before it are %d", r.size, n)
	}
	return nil
}

// ReadHashes makes root the memory of the tree that tlog asks for.
func (r *root) ReadHashes(ids []int64) (list []tlog.Hash, err error) {
	for _, id := range ids {
		list = append(list, r.hashes[id])
	}
	return list, nil
}

// add grows the tree by a leaf.
func (r *root) add(leaf []byte) error {
	i := r.tree.Size()
	nodes, err := tlog.StoredHashesForRecordHash(i, proof.HashLeaf(leaf), r)
	if err != nil {
		return err
	}
	for n, h := range nodes {
		r.hashes[tlog.StoredHashIndex(0, i)+int64(n)] = h
	}
	r.tree.Add(proof.HashLeaf(leaf))
	return nil
}

// drawKey makes a content key of his own, sealed as all of them are, for what is bound to new numbers.
func (r *root) drawKey(ctx context.Context, public []keyring.PublicKey) error {
	name := make([]byte, 16)
	rand.Read(name)
	rand.Read(r.secret[:])
	made, err := r.do(ctx, `INSERT INTO diary_keys (name, year) SELECT ?, max(year) FROM diary_keys`, name)
	if err != nil {
		return err
	}
	if r.key, err = made.LastInsertId(); err != nil {
		return err
	}
	for _, p := range public {
		to := p.ID()
		box, err := p.Seal(keyring.Info([]byte("varuh/1 diary"), name, to[:]), r.secret[:])
		if err != nil {
			return err
		}
		if _, err := r.do(ctx, `INSERT INTO diary_sealed (key, "to", box) VALUES (?, ?, ?)`, r.key, to[:], box); err != nil {
			return err
		}
	}
	return nil
}

// move writes an entry one place further towards the one that is gone.
func (r *root) move(ctx context.Context, l diaryLine, victim int64) error {
	if l.Body == "" || l.Unreadable != "" {
		return fmt.Errorf("an entry behind %d can't be opened: %s", victim, l.Unreadable)
	}
	leaf, err := proof.ParseLeaf([]byte(l.Leaf))
	if err != nil {
		return err
	}
	leaf.Index = r.tree.Size()
	switch {
	case leaf.Ref != nil && *leaf.Ref == victim:
		leaf.Ref = nil
	case leaf.Ref != nil && *leaf.Ref > victim:
		*leaf.Ref--
	}
	raw, err := proof.EncodeLeaf(leaf)
	if err != nil {
		return err
	}
	var manifest []byte
	if l.Manifest != "" {
		manifest = r.seal("manifest", leaf.Index, raw, l.Manifest)
	}
	if _, err := r.do(ctx, `INSERT INTO diary_leaves (i, leaf) VALUES (?, ?)`, leaf.Index, string(raw)); err != nil {
		return err
	}
	_, err = r.do(ctx, `INSERT INTO diary_bodies (i, key, body, manifest, clear) VALUES (?, ?, ?, ?, 0)`,
		leaf.Index, r.key, r.seal("body", leaf.Index, raw, l.Body), manifest)
	return errors.Join(err, r.add(raw))
}

// seal encrypts a part of an entry, bound to its place as FORMAT.md of the diary says.
func (r *root) seal(part string, i int64, leaf []byte, plain string) []byte {
	hash := proof.HashLeaf(leaf)
	bound := keyring.Info([]byte(part), []byte(r.origin), binary.BigEndian.AppendUint64(nil, uint64(i)), hash[:])
	aead, err := chacha20poly1305.NewX(r.secret[:])
	if err != nil {
		panic(err) // the length is constant
	}
	nonce := make([]byte, chacha20poly1305.NonceSizeX)
	rand.Read(nonce)
	return aead.Seal(nonce, nonce, []byte(plain), bound)
}

// sign puts a checkpoint over all that there is now in the place of the last one.
func (r *root) sign(ctx context.Context, keys string, victim int64) ([]byte, error) {
	secret, err := os.ReadFile(filepath.Join(keys, "diary.key"))
	if err != nil {
		return nil, err
	}
	signer, err := note.NewSigner(strings.TrimSpace(string(secret)))
	if err != nil {
		return nil, errors.New("the signing key of the demo can't be used")
	}
	size := r.tree.Size()
	checkpoint, err := proof.SignCheckpoint(proof.Checkpoint{Origin: r.origin, Size: size, Root: r.tree.Root()}, signer)
	if err != nil {
		return nil, err
	}
	if _, err := r.do(ctx, `DELETE FROM diary_released WHERE size > ?`, victim); err != nil {
		return nil, err
	}
	if _, err := r.do(ctx, `DELETE FROM diary_hashes`); err != nil {
		return nil, err
	}
	for level := 8; size>>level > 0; level++ { // smaller subtrees are not stored
		for n := range size >> level {
			id := tlog.StoredHashIndex(level, n)
			h := r.hashes[id]
			if _, err := r.do(ctx, `INSERT INTO diary_hashes (id, hash) VALUES (?, ?)`, id, h[:]); err != nil {
				return nil, err
			}
		}
	}
	_, err = r.do(ctx, `UPDATE diary_head SET size = ?, checkpoint = ?`, size, string(checkpoint))
	return checkpoint, err
}
