package recorder_test

import (
	"bytes"
	"encoding/hex"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

// canarySize is how many bytes tell one secret from chance.
const canarySize = 16

// canaries are bytes that must not be in any file: pieces of what cameras sent, and keys.
type canaries struct {
	mu     sync.Mutex
	known  map[[canarySize]byte]string // what each is
	begins [1 << 16]bool               // whether one begins with these two bytes
}

func newCanaries() *canaries {
	return &canaries{known: map[[canarySize]byte]string{}}
}

// add takes the beginning of a secret.
func (c *canaries) add(secret []byte, what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.begins[int(secret[0])<<8|int(secret[1])] = true
	c.known[[canarySize]byte(secret)] = what
}

// addUnit takes some pieces of a unit, from places that look random.
func (c *canaries) addUnit(unit []byte, what string) {
	for range 8 {
		if len(unit) < 4*canarySize {
			return
		}
		at := rand.IntN(len(unit) - canarySize)
		piece := unit[at : at+canarySize]
		if distinct := slices.Compact(slices.Sorted(slices.Values(piece))); len(distinct) > canarySize/2 {
			c.add(piece, what)
		}
	}
}

// addKey takes a key as its bytes and as text.
func (c *canaries) addKey(key []byte, what string) {
	c.add(key, what)
	c.add(key[len(key)-canarySize:], what)
	c.add([]byte(hex.EncodeToString(key)), what)
}

// find tells of each canary in b.
func (c *canaries) find(b []byte) (found []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := 0; i+canarySize <= len(b); i++ {
		if !c.begins[int(b[i])<<8|int(b[i+1])] {
			continue
		}
		if what, ok := c.known[[canarySize]byte(b[i:])]; ok {
			found = append(found, what)
		}
	}
	return found
}

// addPrivate takes the private keys of a box, also as the words on paper.
func (c *canaries) addPrivate(t *testing.T, b *box) {
	t.Helper()
	for _, k := range b.private {
		name := filepath.Join(t.TempDir(), "key")
		check(t, keyring.WriteKeyFile(durable.OS, name, k))
		text, err := os.ReadFile(name)
		check(t, err)
		fields := strings.Fields(string(text))
		secret, err := hex.DecodeString(fields[len(fields)-1])
		check(t, err)
		c.addKey(secret, "a private key")
		words := k.Words()
		for _, separator := range []string{" ", "-"} {
			c.add([]byte(strings.Join(words[:], separator)), "the words of a private key")
		}
	}
}

// wantNone fails the test if a canary is in any file of the box, or in its name.
func (c *canaries) wantNone(t *testing.T, b *box) {
	t.Helper()
	kinds := map[string]int{}
	for _, dir := range []string{b.state, b.store.Dir} {
		check(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			kinds[filepath.Ext(path)]++
			if found := c.find(append(content, path...)); len(found) > 0 {
				t.Errorf("%s has %s and %d more", path, found[0], len(found)-1)
			}
			return nil
		}))
	}
	if kinds[".seg"] == 0 || kinds[".slots"] == 0 || kinds[".db"] == 0 {
		t.Errorf("the files of a recorder are not there: %v", kinds)
	}
}

// wantSecret fails the test if a picture, a sound or a key is readable in any file of the box. That they
// would be found if they were is shown on what is read back.
func (b *box) wantSecret(t *testing.T, c *canaries, got []stored) {
	t.Helper()
	c.addPrivate(t, b)
	units := 0
	for _, s := range got {
		c.addKey(s.key[:], "the key of a segment")
		c.addUnit(s.init, "an init segment")
		for _, u := range slices.Concat(s.pictures, s.sounds) {
			c.addUnit(u, "a piece of a unit")
			units++
		}
	}
	found := 0
	for _, s := range got {
		found += len(c.find(bytes.Join(s.fragments, nil)))
	}
	if found < units {
		t.Errorf("%d canaries in %d decrypted units: too few to find them in files", found, units)
	}
	c.wantNone(t, b)
}
