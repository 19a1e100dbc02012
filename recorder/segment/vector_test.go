package segment

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"varuh/recorder/durable/durabletest"
)

// TestByTheBook reads a record with nothing but FORMAT.md and the standard library: the constants
// here are those of the document, on purpose.
func TestByTheBook(t *testing.T) {
	t.Parallel()
	d := durabletest.New()
	sealed(t, d, sampleName, AES256GCM, 3)
	b := fileBytes(t, d, sampleName)

	header := b[:binary.BigEndian.Uint32(b[12:])]
	expand := func(info string) []byte {
		out, err := hkdf.Key(sha256.New, sampleKey[:], nil, info, 32)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if !bytes.Contains(header, expand("varuh/1 segment commit")) {
		t.Error("the header has no commitment to the key")
	}
	block, err := aes.NewCipher(expand("varuh/1 segment cipher\x01"))
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}

	_, plains := sampleRecords(3)
	rest, leaves := b[len(header):], []tlog.Hash{}
	for n, want := range plains {
		record := rest[:binary.BigEndian.Uint32(rest)]
		rest = rest[len(record):]
		clearPart, ciphertext := record[4:58], record[58:len(record)-4]
		nonce := slices.Concat(clearPart[:1], make([]byte, 7), clearPart[2:6])
		headerHash := sha256.Sum256(header)
		plain, err := gcm.Open(nil, nonce, ciphertext, slices.Concat(headerHash[:], clearPart))
		if err != nil || !bytes.Equal(plain, want) {
			t.Fatalf("record %d: %q, %v", n, plain, err)
		}
		boxes, payload := plain, []byte(nil)
		if n > 0 {
			at := bytes.Index(plain, []byte("mdat"))
			boxes, payload = plain[:at-4], plain[at+4:]
		}
		salt := expand("varuh/1 segment leaf" + string(binary.BigEndian.AppendUint32(nil, uint32(n))))
		hb, hp := sha256.Sum256(boxes), sha256.Sum256(payload)
		leaf := sha256.Sum256(slices.Concat([]byte{0}, salt, hb[:], hp[:]))
		if !bytes.Equal(leaf[:], clearPart[22:]) {
			t.Errorf("record %d: leaf differs", n)
		}
		leaves = append(leaves, leaf)
	}
	if root := rootOf(t, leaves); !bytes.Equal(rest[42:74], root[:]) {
		t.Error("the seal's root is not that of the leaves")
	}
}

// rootOf is the root as package tlog computes it.
func rootOf(t *testing.T, leaves []tlog.Hash) tlog.Hash {
	t.Helper()
	var stored []tlog.Hash
	read := tlog.HashReaderFunc(func(indexes []int64) (out []tlog.Hash, err error) {
		for _, i := range indexes {
			out = append(out, stored[i])
		}
		return out, nil
	})
	for n, leaf := range leaves {
		hashes, err := tlog.StoredHashesForRecordHash(int64(n), leaf, read)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, hashes...)
	}
	root, err := tlog.TreeHash(int64(len(leaves)), read)
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func TestTree(t *testing.T) {
	t.Parallel()
	var tr tree
	var leaves []tlog.Hash
	for n := range 130 {
		if got, want := tr.root(), rootOf(t, leaves); got != want {
			t.Errorf("root of %d leaves: %s, want %s", n, got, want)
		}
		leaf := tlog.RecordHash([]byte(fmt.Sprint(n)))
		tr.add(leaf)
		leaves = append(leaves, leaf)
	}
	for tr.count < maxRecords { // the last level must have its place
		tr.add(tlog.Hash{})
	}
	tr.root()
}

// TestVector pins the file's bytes: a change of them needs a new version.
func TestVector(t *testing.T) {
	t.Parallel()
	for c, want := range map[Cipher]string{
		AES256GCM:        "6468216c22b5a20feaeefd5f74b33bd536b0630a3dedc945adb64ff97670108a",
		ChaCha20Poly1305: "7cf923ecee52c4d2f860fbe60f22431e43d1002ace5d4093c60d121e537133d2",
	} {
		d := durabletest.New()
		sealed(t, d, sampleName, c, 9)
		if got := fmt.Sprintf("%x", sha256.Sum256(fileBytes(t, d, sampleName))); got != want {
			t.Errorf("%s: SHA-256 of the file is %s, want %s", c, got, want)
		}
	}
}
