package diary

import (
	"bytes"
	"testing"

	"varuh/accesslog/diary/proof"
)

// What the diary vouches for is known again after a start and a change of keys; nothing else is, and no checkpoint.
func TestVouch(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	d := r.create(t)
	text := []byte("what is held")
	sig, err := d.Vouch(t.Context(), text)
	must(t, err)
	_, err = d.RotateSigningKey(t.Context(), proof.Body{Actor: ana()}, "yearly")
	must(t, err)
	shut(t, d)
	d = r.open(t)
	other := newRig(t).create(t)
	strange, err := other.Vouch(t.Context(), text)
	must(t, err)
	flipped := bytes.Clone(sig)
	flipped[9] ^= 1
	note, err := d.w.signer.Sign(text) // as a checkpoint is signed
	must(t, err)
	for i, tt := range []struct {
		text, sig []byte
		want      bool
	}{{text, sig, true}, {[]byte("what is not"), sig, false}, {text, flipped, false}, {text, strange, false}, {text, nil, false}, {text, note, false}} {
		if got, err := d.Vouched(t.Context(), tt.text, tt.sig); err != nil || got != tt.want {
			t.Errorf("%d: vouched for is %v, %v", i, got, err)
		}
	}
}
