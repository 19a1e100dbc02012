package sealed

import (
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"varuh/recorder/durable/durabletest"
	"varuh/recorder/keyring"
	"varuh/recorder/segment"
)

// FORMAT.md's example is what the code writes.
func TestFormatExample(t *testing.T) {
	t.Parallel()
	want := "    " + strings.ReplaceAll(strings.TrimSpace(hex.Dump(example(t))), "\n", "\n    ") + "\n"
	b, err := os.ReadFile("FORMAT.md")
	must(t, err)
	if !strings.Contains(string(b), want) {
		t.Errorf("FORMAT.md has not this example:\n%s", want)
	}
}

// example is the file of a small object, under a key that everybody knows.
func example(t *testing.T) []byte {
	t.Helper()
	d := durabletest.New()
	f, err := d.Create("/example", 0o600)
	must(t, err)
	key := keyring.Key{}
	for i := range key {
		key[i] = byte(i)
	}
	p := Place{ID: keyring.ID{0x01, 0x9a, 0xa5}, Store: keyring.ID{0xbb}, Slot: 7}
	w := &Writer{file: f, place: p, list: list{Made: noon, Files: []listed{}}, asked: stretch}
	w.secrets, err = newSecrets(key, segment.AES256GCM)
	must(t, err)
	head := encodeHeader(p, segment.AES256GCM, w.commit)
	h, err := parseHeader(head)
	must(t, err)
	w.hash = h.hash
	_, err = f.Write(head)
	must(t, err)
	must(t, content{{"a", []byte("abc")}}.into(w))
	_, err = w.last()
	must(t, err)
	out := make([]byte, 4096)
	n, err := f.ReadAt(out, 0)
	if n == 0 {
		t.Fatal(err)
	}
	return out[:n]
}
