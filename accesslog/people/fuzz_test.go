package people

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// What parses as a token is what its text says, and nothing else parses.
func FuzzToken(f *testing.F) {
	f.Add(newToken().Text())
	f.Add(strings.Repeat("A", 43))
	f.Add(strings.Repeat("A", 42) + "B") // bits that nobody reads
	f.Add(strings.Repeat("A", 20) + "\n" + strings.Repeat("A", 23))
	f.Add("varuh_" + newToken().Text())
	f.Fuzz(func(t *testing.T, text string) {
		token, err := ParseToken(text)
		if err == nil && token.Text() != text {
			t.Errorf("%q is read as %q", text, token.Text())
		}
		if err != nil && !errors.Is(err, ErrNoSession) {
			t.Error(err)
		}
	})
}

// What parses as a URI gives the secret back in the URI that is made of it, and no error shows a secret.
func FuzzURI(f *testing.F) {
	secret := Second([]byte("12345678901234567890"))
	f.Add(secret.URI("varuh", "ana.novak"))
	f.Add("otpauth://totp/x?secret=gezd%20gnbvgy3tqojqgezdgnbvgy3tqojq&digits=6")
	f.Add("otpauth://totp/?secret=" + strings.Repeat("A", 2000))
	f.Add("otpauth://totp/x?%zz")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseURI(text)
		if err != nil {
			if !errors.Is(err, errSecond) || len(text) > 60 && strings.Contains(err.Error(), text) {
				t.Error(err)
			}
			return
		}
		if again, err := ParseURI(s.URI("varuh", "ana")); err != nil || again != s {
			t.Errorf("%q: %v", text, err)
		}
	})
}

// Log-in names and names of persons have one form.
func FuzzNames(f *testing.F) {
	f.Add("Ana.Novak", "Ana  Novak")
	f.Add("İstanbul", "Žiga \u200bKos")
	f.Add("K\u212a", "\xff")
	f.Fuzz(func(t *testing.T, login, name string) {
		if one, err := ParseLogin(login); err == nil {
			if again, err := ParseLogin(one); err != nil || again != one {
				t.Errorf("%q becomes %q, and that %q, %v", login, one, again, err)
			}
		}
		one, err := parseName(name)
		if err != nil {
			return
		}
		if again, err := parseName(one); err != nil || again != one || !utf8.ValidString(one) {
			t.Errorf("%q becomes %q, and that %q, %v", name, one, again, err)
		}
	})
}

// No log-in, however malformed, comes in, or is answered otherwise than that it was refused; and none costs more than
// one computation.
func FuzzLogin(f *testing.F) {
	r, _ := school(f)
	n := 0
	r.hasher.count = func() { n++ }
	f.Add("vida.head", "wrong", "")
	f.Add("vida.head", strings.Repeat("x", maxPasswordText+1), "123456")
	f.Add(strings.Repeat("v", maxLoginText+1), "", "")
	f.Add("' OR 1=1 --", "\x00", "\xff")
	f.Fuzz(func(t *testing.T, login, password, code string) {
		n = 0
		r.pass(forgotten + time.Minute)
		_, err := r.Login(t.Context(), Attempt{Login: login, Password: password, Code: code, Address: netip.MustParseAddr("10.0.0.9")})
		if !errors.Is(err, ErrRefused) && !errors.Is(err, ErrWait) && password != headPassword || n > 1 {
			t.Errorf("%v, %d computations", err, n)
		}
	})
}
