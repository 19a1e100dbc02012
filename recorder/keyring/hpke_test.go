package keyring

import (
	"bytes"
	"testing"
)

func TestBox(t *testing.T) {
	t.Parallel()
	k, other := generate(t), generate(t)
	secret := []byte("a content key of the diary")
	info := Info([]byte("diary"), []byte("7"))
	box, err := k.Public().Seal(info, secret)
	must(t, err)
	if got, err := k.Open(info, box); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("its own key and info: %q, %v", got, err)
	}
	if _, err := other.Open(info, box); err == nil {
		t.Error("another key opened it")
	}
	if _, err := k.Open(Info([]byte("diary7"), nil), box); err == nil {
		t.Error("it opened with another info")
	}
	for i := range box {
		box[i] ^= 1
		if _, err := k.Open(info, box); err == nil {
			t.Errorf("it opened with byte %d changed", i)
		}
		box[i] ^= 1
	}
	if bytes.Equal(Info([]byte("ab"), []byte("c")), Info([]byte("a"), []byte("bc"))) {
		t.Error("two lists of parts give one info")
	}
}
