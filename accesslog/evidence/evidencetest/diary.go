package evidencetest

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/evidence"
)

// Origin is that of the diaries.
const Origin = "sola.example/varuh/4f2a9c31d07be856/dnevnik"

// Diary is one in memory. Its keys follow from a seed.
type Diary struct {
	Key     proof.Key
	Witness *proof.Cosigner
	Now     time.Time
	Stamp   func(text []byte) []byte // timestamps a checkpoint, if there is one

	t       testing.TB
	private ed25519.PrivateKey
	signer  note.Signer
	entries []proof.Entry
	hashes  []proof.Hash
	Past    [][]byte // checkpoints that the witness signed
	seq     map[string]int64
}

// NewDiary begins a diary.
func NewDiary(t testing.TB, seed string, now time.Time) *Diary {
	t.Helper()
	s := sha256.Sum256([]byte(seed))
	d := &Diary{t: t, Now: now, private: ed25519.NewKeyFromSeed(s[:]), seq: map[string]int64{}}
	public := append([]byte{1}, d.private.Public().(ed25519.PublicKey)...)
	h := sha256.Sum256(append([]byte(Origin+"\n"), public...))
	var err error
	d.Key, err = proof.ParseKey(fmt.Sprintf("%s+%x+%s", Origin, h[:4], base64.StdEncoding.EncodeToString(public)))
	must(t, err)
	d.signer, err = note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%x+%s", Origin, h[:4], base64.StdEncoding.EncodeToString(append([]byte{1}, s[:]...))))
	must(t, err)
	w := sha256.Sum256([]byte("witness " + seed))
	d.Witness, err = proof.NewCosigner("witness.example/1", ed25519.NewKeyFromSeed(w[:]), func() time.Time { return d.Now })
	must(t, err)
	d.Add("start", nil, nil)
	return d
}

// Sign signs bytes with the diary's key.
func (d *Diary) Sign(b []byte) ([]byte, error) { return ed25519.Sign(d.private, b), nil }

// Size is the number of entries.
func (d *Diary) Size() int64 { return int64(len(d.entries)) }

// ReadHashes implements [tlog.HashReader].
func (d *Diary) ReadHashes(indexes []int64) ([]proof.Hash, error) {
	list := make([]proof.Hash, len(indexes))
	for i, x := range indexes {
		list[i] = d.hashes[x]
	}
	return list, nil
}

// Add appends an entry, with a manifest and a ref unless they are nil.
func (d *Diary) Add(op string, manifest []byte, ref *int64) int64 {
	d.t.Helper()
	i := d.Size()
	body, err := proof.EncodeBody(proof.Body{Salt: sha256.Sum256(fmt.Append(nil, i)), Actor: &proof.Actor{ID: "7", Name: "Živa Črnko"}})
	must(d.t, err)
	leaf := proof.Leaf{Index: i, Op: op, Time: d.Now, Body: proof.HashBody(body), Ref: ref}
	if manifest != nil {
		h := proof.HashBody(manifest)
		leaf.Obj = &h
	}
	b, err := proof.EncodeLeaf(leaf)
	must(d.t, err)
	more, err := tlog.StoredHashes(i, b, d)
	must(d.t, err)
	d.hashes, d.entries = append(d.hashes, more...), append(d.entries, proof.Entry{Leaf: b, Body: body, Manifest: manifest})
	d.Now = d.Now.Add(time.Second)
	return i
}

// Collect enters segments of one camera, and notes in them by which entry.
func (d *Diary) Collect(list ...*Segment) {
	d.t.Helper()
	var segments []any
	for _, s := range list {
		segments = append(segments, s.member(d.t))
	}
	camera, last := list[0].Camera, list[len(list)-1]
	m := map[string]any{"camera": camera, "seq": d.seq[camera], "v": int64(1), "gaps": []any{}, "segments": segments,
		"from": list[0].Start.UTC().Format(proof.PieceTime), "to": last.End.UTC().Format(proof.PieceTime)}
	if d.seq[camera] > 0 {
		m["prev"] = base64.StdEncoding.EncodeToString(make([]byte, 32)) // nobody here holds pieces against each other
	}
	d.seq[camera]++
	b, err := proof.Encode(m)
	must(d.t, err)
	i := d.Add(proof.OpCollect, b, nil)
	for _, s := range list {
		s.Collect = i
	}
}

func (d *Diary) checkpoint() proof.Checkpoint {
	root, err := tlog.TreeHash(d.Size(), d)
	must(d.t, err)
	return proof.Checkpoint{Origin: Origin, Size: d.Size(), Root: root}
}

// Witnessed has the witness sign the present checkpoint.
func (d *Diary) Witnessed() {
	d.t.Helper()
	b, err := proof.SignCheckpoint(d.checkpoint(), d.signer, d.Witness)
	must(d.t, err)
	d.Past = append(d.Past, b)
}

// Disclosed is what proves entries, with no more than that of each.
func (d *Diary) Disclosed(entries ...int64) evidence.Disclosed {
	d.t.Helper()
	c := d.checkpoint()
	signed, err := proof.SignCheckpoint(c, d.signer)
	must(d.t, err)
	x := evidence.Disclosed{Diary: proof.BundleOptions{About: proof.About{Origin: Origin, Size: c.Size, From: c.Size, To: c.Size, Made: d.Now},
		Checkpoint: signed, Keys: []proof.Key{d.Key, d.Witness.Key}}}
	for _, e := range d.entries {
		x.Diary.Frontier.Add(proof.HashLeaf(e.Leaf))
	}
	for _, b := range d.Past {
		old, err := proof.ReadCheckpoint(b)
		must(d.t, err)
		p := proof.Past{Note: b}
		if old.Size < c.Size {
			p.Consistency, err = tlog.ProveTree(c.Size, old.Size, d)
			must(d.t, err)
		}
		if d.Stamp != nil {
			p.Timestamps = [][]byte{d.Stamp([]byte(old.Text()))}
		}
		x.Diary.Past = append(x.Diary.Past, p)
	}
	for _, i := range entries {
		hashes, err := tlog.ProveRecord(c.Size, i, d)
		must(d.t, err)
		e := d.entries[i]
		e.Body = nil
		if l, err := proof.ParseLeaf(e.Leaf); err == nil && !strings.HasPrefix(l.Op, proof.OpCollect) {
			e.Manifest = nil
		}
		x.Entries = append(x.Entries, evidence.Proven{Entry: e, Hashes: hashes})
	}
	return x
}
