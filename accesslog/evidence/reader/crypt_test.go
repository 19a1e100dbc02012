package reader_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"testing"

	"varuh/accesslog/evidence/reader"
)

// The verifier alone, in one browser.
func TestVerifier(t *testing.T) {
	t.Parallel()
	b := tabOf(t, "")
	js[bool](b, reader.Verifier()+"\n;true")
	t.Run("signatures", b.testSignatures)
	t.Run("hashes", b.testHashes)
	t.Run("every file", b.testEveryFile)
	t.Run("lies", b.testLies)
	t.Run("moves", b.testMoves)
	b.quiet()
}

// signature is one to verify, and what Go says of it.
type signature struct {
	What    string `json:"what"`
	Key     string `json:"key"`
	Message string `json:"message"`
	Sig     string `json:"sig"`
	Good    bool   `json:"good"`
}

// vectors are those of RFC 8032, section 7.1: key, message, signature.
var vectors = [][3]string{
	{"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
		"e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
	{"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
		"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
	{"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
		"6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
	{"ec172b93ad5e563f4932c70e1245034c35467ef2efd4d64ebf819683467e2bf", "", ""}, // too short
	{"ec172b93ad5e563f4932c70e1245034c35467ef2efd4d64ebf819683467e2bf2", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
		"dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"},
}

// order of the group of Ed25519.
var order, _ = new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)

// littleEndian adds so many times the order to a number as signatures have it.
func littleEndian(s []byte, orders int64) []byte {
	b := slices.Clone(s)
	slices.Reverse(b)
	n := new(big.Int).SetBytes(b)
	n.Add(n, new(big.Int).Mul(order, big.NewInt(orders)))
	b = n.FillBytes(make([]byte, 32))
	slices.Reverse(b)
	return b
}

// signatures are good ones, those of the standard, and those on which verifiers are known to differ.
func signatures() (list []signature) {
	add := func(what string, key, message, sig []byte) {
		list = append(list, signature{what, hex.EncodeToString(key), hex.EncodeToString(message), hex.EncodeToString(sig),
			len(key) == ed25519.PublicKeySize && ed25519.Verify(key, message, sig)})
	}
	raw := func(s string) []byte {
		b, err := hex.DecodeString(s[:len(s)/2*2])
		if err != nil {
			panic(err)
		}
		return b
	}
	for n, v := range vectors {
		add(fmt.Sprint("RFC 8032, ", n), raw(v[0]), raw(v[1]), raw(v[2]))
	}
	for n := range 12 {
		seed := sha256.Sum256(fmt.Append(nil, n))
		private := ed25519.NewKeyFromSeed(seed[:])
		public, message := []byte(private.Public().(ed25519.PublicKey)), bytes.Repeat(seed[:3], n*n*7)
		sig := ed25519.Sign(private, message)
		add("own", public, message, sig)
		add("another message", public, append(message, 0), sig)
		for _, at := range []int{0, 31, 32, 63} {
			add("a bit", public, message, flipped(sig, at))
		}
		add("a bit of the key", flipped(public, n), message, sig)
		add("S and the order", public, message, append(slices.Clone(sig[:32]), littleEndian(sig[32:], 1)...))
		add("cut", public, message, sig[:63])
		add("longer", public, message, append(slices.Clone(sig), 0))
	}
	// Points of small order, in all their forms: with S = 0 and R one of them, equations hold that should not, or should.
	var small [][]byte
	for _, s := range []string{
		"0100000000000000000000000000000000000000000000000000000000000000", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"0000000000000000000000000000000000000000000000000000000000000080", "0000000000000000000000000000000000000000000000000000000000000000",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
		"0100000000000000000000000000000000000000000000000000000000000080", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"0200000000000000000000000000000000000000000000000000000000000000"} { // the last is no point
		small = append(small, raw(s))
	}
	for n, key := range small {
		for m, r := range small {
			add(fmt.Sprint("small order ", n, " ", m), key, []byte("varuh"), append(slices.Clone(r), make([]byte, 32)...))
		}
	}
	return list
}

func flipped(b []byte, at int) []byte {
	b = slices.Clone(b)
	b[at] ^= 1
	return b
}

// The embedded verifier takes and refuses what Go's does: the vectors of RFC 8032, signatures written in another way, and
// keys of small order.
func (b *tab) testSignatures(t *testing.T) {
	list := signatures()
	text, err := json.Marshal(list)
	must(t, err)
	good := 0
	for _, s := range list {
		if s.Good {
			good++
		}
	}
	if good < 20 || len(list)-good < 100 {
		t.Fatalf("%d of %d are good", good, len(list))
	}
	for _, wrong := range js[[]string](b, fmt.Sprintf(`(() => {
		const raw = (s) => Uint8Array.from(s.match(/../g) ?? [], (h) => parseInt(h, 16));
		return %s.filter((s) => verified(raw(s.key), raw(s.message), raw(s.sig)) !== s.good).map((s) => s.what + ': Go says ' + s.good + ' of ' + s.sig);
	})()`, text)) {
		t.Error(wrong)
	}
}

// The hashes are Go's, for every length around the blocks, and whatever the pieces are in which they come.
func (b *tab) testHashes(t *testing.T) {
	type hashed struct {
		Long, Short string
		Pieces      []string
	}
	got := js[[]hashed](b, `Array.from({length: 300}, (_, n) => {
		const m = Uint8Array.from({length: n}, (_, i) => i * 7 + n);
		const pieces = [1, 63, 64, 65].map((size) => {
			const h = new Sha256();
			for (let i = 0; i < n; i += size) h.write(m.subarray(i, i + size));
			return hex(h.sum());
		});
		return {Long: hex(sha512(m)), Short: hex(new Sha256().write(m).sum()), Pieces: pieces};
	})`)
	for n, h := range got {
		m := make([]byte, n)
		for i := range m {
			m[i] = byte(i*7 + n)
		}
		long, short := sha512.Sum512(m), hex.EncodeToString(func() []byte { s := sha256.Sum256(m); return s[:] }())
		if h.Long != hex.EncodeToString(long[:]) || h.Short != short || slices.ContainsFunc(h.Pieces, func(p string) bool { return p != short }) {
			t.Errorf("%d bytes: %+v", n, h)
		}
	}
	if len(got) != 300 {
		t.Errorf("%d messages", len(got))
	}
}
