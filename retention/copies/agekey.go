package copies

import (
	"fmt"
	"strings"

	"filippo.io/age"

	"varuh/recorder/keyring"
)

// The parts of age's keys before their last "1".
const (
	recipientPrefix = "age"
	identityPrefix  = "age-secret-key-"
)

// recipient is a recovery key as age takes it: both are X25519 keys.
func recipient(k keyring.PublicKey) (*age.X25519Recipient, error) {
	r, err := age.ParseX25519Recipient(bech32(recipientPrefix, k[:]))
	if err != nil {
		return nil, fmt.Errorf("nothing can be encrypted to the recovery key %v: %w", k.ID(), err)
	}
	return r, nil
}

// identity is a private recovery key as age takes it.
func identity(k keyring.PrivateKey) (*age.X25519Identity, error) {
	secret := k.Bytes()
	i, err := age.ParseX25519Identity(strings.ToUpper(bech32(identityPrefix, secret[:])))
	if err != nil {
		return nil, fmt.Errorf("the recovery words can't be used with age: %w", err) // without the key itself
	}
	return i, nil
}

const bech32Letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// bech32 writes bytes as BIP 173 has it, which is how age writes keys; age reads that, but does not export how to write it.
func bech32(prefix string, data []byte) string {
	var values []byte
	acc, bits := 0, 0
	for _, b := range data {
		acc, bits = acc<<8|int(b), bits+8
		for ; bits >= 5; bits -= 5 {
			values = append(values, byte(acc>>(bits-5)&31))
		}
		acc &= 1<<bits - 1
	}
	if bits > 0 {
		values = append(values, byte(acc<<(5-bits)&31))
	}
	text := []byte(prefix + "1")
	for _, v := range append(values, checksum(prefix, values)...) {
		text = append(text, bech32Letters[v])
	}
	return string(text)
}

// checksum is the six values at the end.
func checksum(prefix string, values []byte) []byte {
	var all []byte
	for i := range len(prefix) {
		all = append(all, prefix[i]>>5)
	}
	all = append(all, 0)
	for i := range len(prefix) {
		all = append(all, prefix[i]&31)
	}
	all = append(append(all, values...), make([]byte, 6)...)
	sum := uint32(1)
	for _, v := range all {
		top := sum >> 25
		sum = sum&0x1ffffff<<5 ^ uint32(v)
		for i, g := range []uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				sum ^= g
			}
		}
	}
	out := make([]byte, 6)
	for i := range out {
		out[i] = byte((sum ^ 1) >> (5 * (5 - i)) & 31)
	}
	return out
}
