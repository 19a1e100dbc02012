package keyring

import (
	"encoding/hex"
	"os"
	"regexp"
	"strings"
	"testing"
)

// The example of FORMAT.md is what it says, so that a reader by another hand can start from it.
func TestExampleOfFormat(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("FORMAT.md")
	must(t, err)
	var b [SlotSize]byte
	for _, line := range regexp.MustCompile(`(?m)^    ([0-9a-f]{4})  ((?:[0-9a-f]{2} ?){16})$`).FindAllStringSubmatch(string(text), -1) {
		at, err := hex.DecodeString(line[1])
		must(t, err)
		row, err := hex.DecodeString(strings.ReplaceAll(line[2], " ", ""))
		must(t, err)
		copy(b[int(at[0])<<8|int(at[1]):], row)
	}
	s, store, err := decode(&b)
	must(t, err)
	if s.State != StateSealed || s.Slot != 5 || s.Records != 601 || dayOf(s.ID) != "2026-11-21" {
		t.Errorf("it reads as %+v", s)
	}
	words := regexp.MustCompile(`(?m)^    ((?:[a-z]{5} ?){17})$`).FindStringSubmatch(string(text))
	if words == nil {
		t.Fatal("no words in FORMAT.md")
	}
	private, err := ParseWords(words[1])
	must(t, err)
	key, err := Identity{private}.Open(store, s)
	must(t, err)
	for i, x := range key {
		if int(x) != i {
			t.Fatalf("byte %d of its key is %#x", i, x)
		}
	}
}
