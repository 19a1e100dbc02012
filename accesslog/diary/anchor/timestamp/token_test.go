package timestamp

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary/anchor/timestamp/timestamptest"
)

const body = "example.si/varuh/1f2e/dnevnik\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// stamped has an authority answer a request for the test's body.
func stamped(t testing.TB, a *timestamptest.Authority) (Request, []byte) {
	t.Helper()
	r := NewRequest(sha256.Sum256([]byte(body)))
	answer, err := a.Answer(r.DER())
	must(t, err)
	return r, answer
}

// Authorities sign in various ways, and name their certificate in two.
func TestAccept(t *testing.T) {
	t.Parallel()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	must(t, err)
	for name, o := range map[string]timestamptest.Options{
		"ECDSA":                            {},
		"ECDSA P-384":                      {Key: p384},
		"RSA":                              {Key: rsaKey},
		"certificate named by its SHA-1":   {CertIDHash: "sha1"},
		"certificate that ends in an hour": {NotAfter: time.Now().Add(time.Hour)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := time.Now().Add(-time.Second)
			a := timestamptest.New(t, o)
			r, answer := stamped(t, a)
			got, err := r.Accept(answer, a.Roots)
			must(t, err)
			if got.Time.Before(before) || got.Time.After(time.Now().Add(time.Second)) {
				t.Errorf("stamped at %v", got.Time)
			}
			if got.Accuracy != 1500100*time.Microsecond || got.Policy != "1.3.6.1.4.1.99999.1" || got.Serial.Cmp(big.NewInt(2)) > 0 || got.Signer.Subject.CommonName != "authority" {
				t.Errorf("got %v %v %v %v", got.Accuracy, got.Policy, got.Serial, got.Signer.Subject)
			}
			must(t, a.Check(t, got.DER, []byte(body)))
			again, err := Verify(got.DER, r.Digest, a.Roots)
			must(t, err)
			if !again.Time.Equal(got.Time) {
				t.Errorf("at first %v, then %v", got.Time, again.Time)
			}
		})
	}
}

// A request asks for the certificates, and its nonce cannot be guessed.
func TestRequestReadsBack(t *testing.T) {
	t.Parallel()
	r := NewRequest(sha256.Sum256([]byte(body)))
	var back timeStampReq
	must(t, unmarshal(r.DER(), "the request", &back))
	if back.Version != 1 || !back.CertReq || back.Nonce.Cmp(r.Nonce) != 0 || back.Nonce.BitLen() < 120 || !bytes.Equal(back.MessageImprint.HashedMessage, r.Digest[:]) {
		t.Errorf("read back as %+v", back)
	}
	if NewRequest(r.Digest).Nonce.Cmp(r.Nonce) == 0 {
		t.Error("two requests share a nonce")
	}
}

func TestAcceptRefuses(t *testing.T) {
	t.Parallel()
	a, other := timestamptest.New(t, timestamptest.Options{}), timestamptest.New(t, timestamptest.Options{})
	r, answer := stamped(t, a)
	good, err := r.Accept(answer, a.Roots)
	must(t, err)

	for name, try := range map[string]func() error{
		"an old answer": func() error { _, err := NewRequest(r.Digest).Accept(answer, a.Roots); return err },
		"a stamp without a nonce": func() error {
			query, err := asn1.Marshal(struct {
				Version        int
				MessageImprint messageImprint
				CertReq        bool
			}{1, messageImprint{pkix.AlgorithmIdentifier{Algorithm: oidSHA256, Parameters: asn1.NullRawValue}, r.Digest[:]}, true})
			must(t, err)
			bare, err := a.Answer(query)
			must(t, err)
			if _, err := Verify(mustUnwrap(t, bare), r.Digest, a.Roots); err != nil {
				t.Errorf("nothing else is wrong with it, but %v", err)
			}
			_, err = r.Accept(bare, a.Roots)
			return err
		},
		"a stamp by a certificate that has ended": func() error {
			ended := timestamptest.New(t, timestamptest.Options{NotAfter: time.Now().Add(-time.Hour)})
			r, answer := stamped(t, ended)
			_, err := r.Accept(answer, ended.Roots)
			return err
		},
		"another digest": func() error {
			_, err := Request{sha256.Sum256([]byte("else")), r.Nonce}.Accept(answer, a.Roots)
			return err
		},
		"the root of another": func() error { _, err := r.Accept(answer, other.Roots); return err },
		"no root":             func() error { _, err := r.Accept(answer, nil); return err },
		"an empty pool":       func() error { _, err := r.Accept(answer, x509.NewCertPool()); return err },
		"nothing":             func() error { _, err := r.Accept(nil, a.Roots); return err },
		"a byte at the end":   func() error { _, err := r.Accept(append(slices.Clone(answer), 0), a.Roots); return err },
		"a token for answer":  func() error { _, err := r.Accept(good.DER, a.Roots); return err },
		"an answer for token": func() error { _, err := Verify(answer, r.Digest, a.Roots); return err },
		"granted without token": func() error {
			der, err := asn1.Marshal(struct{ S struct{ Status int } }{})
			must(t, err)
			_, err = r.Accept(der, a.Roots)
			return err
		},
	} {
		if try() == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func mustUnwrap(t *testing.T, answer []byte) []byte {
	t.Helper()
	token, err := unwrap(answer)
	must(t, err)
	return token
}

// What an authority refuses says why in RFC 3161's names.
func TestRejected(t *testing.T) {
	t.Parallel()
	a := timestamptest.New(t, timestamptest.Options{})
	query, err := asn1.Marshal(timeStampReq{
		Version:        1,
		MessageImprint: messageImprint{pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}, Parameters: asn1.NullRawValue}, make([]byte, 20)},
		Nonce:          big.NewInt(7), CertReq: true,
	})
	must(t, err)
	answer, err := a.Answer(query)
	must(t, err)
	_, err = NewRequest([32]byte{}).Accept(answer, a.Roots)
	var rejected *RejectedError
	if !errors.As(err, &rejected) || rejected.Status != 2 || !slices.Equal(rejected.Fails, []string{"badAlg"}) {
		t.Errorf("a SHA-1 was asked for, and the answer is %v", err)
	}
}

// No bit of a token can be flipped such that it says another thing: it is refused, or the bit lies
// where nothing is said.
func TestVerifyEveryBit(t *testing.T) {
	t.Parallel()
	a := timestamptest.New(t, timestamptest.Options{})
	r, answer := stamped(t, a)
	good, err := r.Accept(answer, a.Roots)
	must(t, err)
	passed := 0
	for i := range len(good.DER) * 8 {
		der := slices.Clone(good.DER)
		der[i/8] ^= 1 << (i % 8)
		got, err := Verify(der, r.Digest, a.Roots)
		if err != nil {
			continue
		}
		passed++
		if !got.Time.Equal(good.Time) || got.Serial.Cmp(good.Serial) != 0 || got.Nonce.Cmp(good.Nonce) != 0 || !got.Signer.Equal(good.Signer) || got.Policy != good.Policy || got.Accuracy != good.Accuracy {
			t.Errorf("bit %d flipped makes it say %+v", i, got)
		}
	}
	// Version numbers, the list of digest algorithms, the signer's name beside the certificate.
	if passed > len(good.DER)*8/10 {
		t.Errorf("%d of %d flipped bits make no difference", passed, len(good.DER)*8)
	}
	for n := range len(good.DER) {
		if _, err := Verify(good.DER[:n], r.Digest, a.Roots); err == nil {
			t.Errorf("cut to %d bytes it was taken", n)
		}
	}
}

// A certificate that ended yesterday stamped well the day before, and not today.
func TestChainAtTimeOfStamp(t *testing.T) {
	t.Parallel()
	a := timestamptest.New(t, timestamptest.Options{NotAfter: time.Now().Add(time.Hour)})
	r, answer := stamped(t, a)
	tok, err := r.Accept(answer, a.Roots)
	must(t, err)
	signed, err := parse(tok.DER)
	must(t, err)
	certs, err := signed.certificates()
	must(t, err)
	must(t, chain(tok.Signer, certs, a.Roots, tok.Time))
	if chain(tok.Signer, certs, a.Roots, time.Now().Add(2*time.Hour)) == nil {
		t.Error("a stamp from after the certificate's end was taken")
	}
	if _, err := Verify(tok.DER, r.Digest, nil); err == nil || !strings.Contains(err.Error(), "no root certificate") {
		t.Errorf("no roots at all: %v", err)
	}
	if chain(tok.Signer, nil, a.Roots, tok.Time) == nil {
		t.Error("a chain without its middle was taken")
	}
}

// Only a certificate for timestamps and nothing else may stamp.
func TestStampsOnly(t *testing.T) {
	t.Parallel()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	both, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}, {1, 3, 6, 1, 5, 5, 7, 3, 1}})
	must(t, err)
	unknown, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}, {1, 2, 3}})
	must(t, err)
	for name, tt := range map[string]struct {
		usage []pkix.Extension
		ok    bool
	}{
		"critical":        {[]pkix.Extension{timestamptest.StampingUsage(t, true)}, true},
		"not critical":    {[]pkix.Extension{timestamptest.StampingUsage(t, false)}, false},
		"none":            {nil, false},
		"a server's, too": {[]pkix.Extension{{Id: oidExtKeyUsage, Critical: true, Value: both}}, false},
		"an unknown, too": {[]pkix.Extension{{Id: oidExtKeyUsage, Critical: true, Value: unknown}}, false},
	} {
		c := selfSigned(t, key, tt.usage)
		roots := x509.NewCertPool()
		roots.AddCert(c)
		if err := chain(c, nil, roots, time.Now()); (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func selfSigned(t testing.TB, key crypto.Signer, extensions []pkix.Extension) *x509.Certificate {
	t.Helper()
	c := &x509.Certificate{SerialNumber: big.NewInt(1), ExtraExtensions: extensions, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	must(t, err)
	cert, err := x509.ParseCertificate(der)
	must(t, err)
	return cert
}

// What an authority might sign and what is not understood here is refused, though the signature is right.
func TestInfoRefuses(t *testing.T) {
	t.Parallel()
	good := func() tstInfo {
		return tstInfo{
			Version: 1, Policy: asn1.ObjectIdentifier{1, 2, 3},
			MessageImprint: messageImprint{pkix.AlgorithmIdentifier{Algorithm: oidSHA256}, make([]byte, 32)},
			SerialNumber:   big.NewInt(1), GenTime: pastTime,
		}
	}
	for name, tt := range map[string]struct {
		spoil func(*tstInfo)
		ok    bool
	}{
		"nothing": {func(*tstInfo) {}, true},
		"an extension": {func(i *tstInfo) {
			i.Extensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2}, Value: []byte{5, 0}}}
		}, true},
		"a critical extension": {func(i *tstInfo) {
			i.Extensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2}, Critical: true, Value: []byte{5, 0}}}
		}, false},
		"another version": {func(i *tstInfo) { i.Version = 2 }, false},
		"another imprint": {func(i *tstInfo) {
			i.MessageImprint.HashAlgorithm.Algorithm = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}
		}, false},
		"off by years":          {func(i *tstInfo) { i.Accuracy.Seconds = 1 << 40 }, false},
		"off by less than none": {func(i *tstInfo) { i.Accuracy.Millis = -1 }, false},
	} {
		info := good()
		tt.spoil(&info)
		der, err := asn1.Marshal(info)
		must(t, err)
		var signed signedData
		signed.Content.Value = der
		if _, err := signed.info(); (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A token has one signer, whose attributes say that it is a timestamp.
func TestSignerRefuses(t *testing.T) {
	t.Parallel()
	answer, roots := past(t)
	token, err := unwrap(answer)
	must(t, err)
	again := func(spoil func(*signedData)) error {
		signed, err := parse(token)
		must(t, err)
		spoil(signed)
		inner, err := asn1.Marshal(*signed)
		must(t, err)
		der, err := asn1.Marshal(contentInfo{oidSignedData, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: inner}})
		must(t, err)
		_, err = Verify(der, sha256.Sum256([]byte(body)), roots)
		return err
	}
	must(t, again(func(*signedData) {}))
	for name, spoil := range map[string]func(*signedData){
		"two signers":     func(s *signedData) { s.SignerInfos = append(s.SignerInfos, s.SignerInfos[0]) },
		"no signer":       func(s *signedData) { s.SignerInfos = nil },
		"no certificates": func(s *signedData) { s.Certificates = asn1.RawValue{} },
		"no attributes":   func(s *signedData) { s.SignerInfos[0].SignedAttrs = asn1.RawValue{} },
	} {
		if again(spoil) == nil {
			t.Errorf("%s: taken", name)
		}
	}

	signed, err := parse(token)
	must(t, err)
	all, err := signed.SignerInfos[0].attributes()
	must(t, err)
	must(t, all.describe(signed.Content.Value, crypto.SHA256))
	if c, err := all.signer([]*x509.Certificate{selfSigned(t, ed25519.NewKeyFromSeed(make([]byte, 32)), nil)}); err == nil {
		t.Errorf("the signer is said to be %v", c.Subject)
	}
	other, err := asn1.Marshal(oidSignedData)
	must(t, err)
	all[oidContentType.String()] = asn1.RawValue{FullBytes: other}
	if all.describe(signed.Content.Value, crypto.SHA256) == nil {
		t.Error("attributes of something else were taken for those of a timestamp")
	}
}

// A verifier of the diary takes the token, and the answer that it came in.
func TestChecker(t *testing.T) {
	t.Parallel()
	a := timestamptest.New(t, timestamptest.Options{})
	r, answer := stamped(t, a)
	tok, err := r.Accept(answer, a.Roots)
	must(t, err)
	check := Checker(a.Roots)
	for name, der := range map[string][]byte{"token": tok.DER, "answer": answer} {
		at, party, err := check(der, []byte(body))
		if err != nil || !at.Equal(tok.Time) || party != "CN=authority" {
			t.Errorf("%s: %v %q %v", name, at, party, err)
		}
		if _, _, err := check(der, []byte(body+"\n")); err == nil {
			t.Errorf("%s: taken for another text", name)
		}
	}
}

// past is a stamp that an authority gave long ago; its certificates have ended since.
func past(t testing.TB) (answer []byte, roots *x509.CertPool) {
	t.Helper()
	answer, err := os.ReadFile("testdata/past/answer.der")
	must(t, err)
	pem, err := os.ReadFile("testdata/past/root.pem")
	must(t, err)
	roots = x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		t.Fatal("no certificate in root.pem")
	}
	return answer, roots
}

var pastTime = time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)

// A stamp outlives the certificate that made it.
func TestPast(t *testing.T) {
	t.Parallel()
	answer, roots := past(t)
	at, _, err := Checker(roots)(answer, []byte(body))
	must(t, err)
	if !at.Truncate(24 * time.Hour).Equal(pastTime) {
		t.Errorf("stamped at %v", at)
	}
}

// Answers come from the network: whatever they are, they are refused without a crash.
func FuzzChecker(f *testing.F) {
	answer, roots := past(f)
	token, err := unwrap(answer)
	must(f, err)
	f.Add(answer)
	f.Add(token)
	check := Checker(roots)
	at, party, err := check(token, []byte(body))
	must(f, err)
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, by, err := check(b, []byte(body)); err == nil && (!got.Equal(at) || by != party) {
			t.Errorf("%s never said %v: %x", by, got, b)
		}
	})
}
