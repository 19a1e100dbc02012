package people

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

// The vectors are those of RFC 6238, appendix B, for SHA-1, in 6 digits.
func TestTOTPVectors(t *testing.T) {
	t.Parallel()
	secret := Second([]byte("12345678901234567890"))
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if got := secret.Code(time.Unix(at, 0)); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
	}
	if text := secret.URI("varuh Šola", "ana.novak"); text != "otpauth://totp/varuh%20%C5%A0ola:ana.novak?issuer=varuh+%C5%A0ola&secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" {
		t.Error(text)
	}
	for _, text := range []string{secret.URI("varuh", "ana"), "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=6&period=30&algorithm=sha1"} {
		if got, err := ParseURI(text); err != nil || got != secret {
			t.Errorf("%s: %v", text, err)
		}
	}
	if got, err := ParseSecond("gezd gnbv gy3t qojq gezd gnbv gy3t qojq"); err != nil || got != secret {
		t.Error(err)
	}
	for _, text := range []string{"", "http://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "otpauth://hotp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
		"otpauth://totp/x?secret=GEZDGNBV", "otpauth://totp/x?digits=8&secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1"} {
		if _, err := ParseURI(text); !errors.Is(err, errSecond) || strings.Contains(err.Error(), "GEZD") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	secret := NewSecond()
	for steps, want := range map[int]bool{-2: false, -1: true, 0: true, 1: true, 2: false} {
		at := noon.Add(time.Duration(steps) * period)
		if got, ok := secret.match(secret.Code(at), noon); ok != want || ok && got != step(at) {
			t.Errorf("a code of %d steps away: %v", steps, ok)
		}
	}
	if _, ok := secret.match(secret.Code(time.Unix(0, 0)), time.Unix(-1000, 0)); !ok {
		t.Error("before 1970 the first code does not fit")
	}
}

// second is Ana with a second factor.
func second(t *testing.T) (r *rig, secret Second, codes []string) {
	t.Helper()
	r, head := school(t)
	_, s := r.ana(t, head, Caretaker)
	secret = NewSecond()
	codes, _, err := r.EnrolSecond(t.Context(), s, anaPassword, secret, secret.Code(r.clock()))
	must(t, err)
	return r, secret, codes
}

func (r *rig) withCode(t *testing.T, code string) (Session, error) {
	t.Helper()
	return r.Login(t.Context(), Attempt{Login: "ana", Password: anaPassword, Code: code, Address: office})
}

// A code is good once: not again, not after a restart, and not by way of an older one.
func TestCodesAreUsedOnce(t *testing.T) {
	t.Parallel()
	r, secret, _ := second(t)
	if _, err := r.withCode(t, secret.Code(r.clock())); !errors.Is(err, ErrRefused) {
		t.Errorf("the code that set the factor up: %v", err)
	}
	if _, err := r.withCode(t, ""); !errors.Is(err, ErrCodeMissing) {
		t.Errorf("no code: %v", err)
	}
	r.pass(period)
	code := secret.Code(r.clock())
	s, err := r.withCode(t, " "+code[:3]+" "+code[3:])
	must(t, err)
	if s.Proof != bySecond || !s.Person.Second {
		t.Errorf("%+v", s)
	}
	for _, again := range []string{code, secret.Code(r.clock().Add(-period)), "000000", "١٢٣٤٥٦"} {
		if _, err := r.withCode(t, again); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v", again, err)
		}
	}
	r.restart(t)
	if _, err := r.withCode(t, code); !errors.Is(err, ErrRefused) {
		t.Errorf("after a restart: %v", err)
	}
	r.pass(period)
	_, err = r.withCode(t, secret.Code(r.clock()))
	must(t, err)
	if _, body := r.last(t, "login.failed"); body.Data["wrong_code"] == nil || body.Data["count"] != int64(1) {
		t.Errorf("%+v", body.Data)
	}
}

// Two who have seen one code come in once.
func TestOneCodeTwice(t *testing.T) {
	t.Parallel()
	r, secret, codes := second(t)
	r.pass(period)
	for _, code := range []string{secret.Code(r.clock()), codes[3]} {
		errs := make(chan error)
		for range 2 {
			go func() {
				_, err := r.Login(t.Context(), Attempt{Login: "ana", Password: anaPassword, Code: code, Address: office})
				errs <- err
			}()
		}
		one, other := <-errs, <-errs
		if (one == nil) == (other == nil) || !errors.Is(errors.Join(one, other), ErrRefused) {
			t.Errorf("%v; %v", one, other)
		}
	}
}

func TestOneTimeCodes(t *testing.T) {
	t.Parallel()
	r, _, codes := second(t)
	if len(codes) != oneTimeCodes || len(slices.Compact(slices.Sorted(slices.Values(codes)))) != oneTimeCodes || len(codes[0]) != 19 {
		t.Fatalf("%v", codes)
	}
	_, err := r.withCode(t, strings.ToUpper(strings.ReplaceAll(codes[0], "-", " ")))
	must(t, err)
	if _, body := r.last(t, "login"); body.Actor.Proof != byCode {
		t.Errorf("%+v", body.Actor)
	}
	r.restart(t)
	if _, err := r.withCode(t, codes[0]); !errors.Is(err, ErrRefused) {
		t.Errorf("used before: %v", err)
	}
	s, err := r.withCode(t, codes[1])
	must(t, err)
	secret := NewSecond() // another authenticator
	_, _, err = r.EnrolSecond(t.Context(), s, anaPassword, secret, secret.Code(r.clock()))
	must(t, err)
	if _, err := r.withCode(t, codes[2]); !errors.Is(err, ErrRefused) {
		t.Errorf("a code of the factor before: %v", err)
	}
}

func TestSecondFactorGoesAlong(t *testing.T) {
	t.Parallel()
	r, secret, codes := second(t)
	r.pass(period)
	s, err := r.withCode(t, secret.Code(r.clock()))
	must(t, err)
	_, err = r.ChangePassword(t.Context(), s, anaPassword, "rdeči kljuc brez vrat")
	must(t, err)
	r.pass(period)
	for _, code := range []string{secret.Code(r.clock()), codes[0]} {
		_, err = r.Login(t.Context(), Attempt{Login: "ana", Password: "rdeči kljuc brez vrat", Code: code, Address: office})
		must(t, err)
	}
	must(t, r.DropSecond(t.Context(), s, "rdeči kljuc brez vrat"))
	_, err = r.Login(t.Context(), Attempt{Login: "ana", Password: "rdeči kljuc brez vrat", Address: office})
	must(t, err)
}

// Where a role asks for a second factor, the first session is good for nothing else.
func TestRoleAsksForSecond(t *testing.T) {
	t.Parallel()
	r, head := school(t)
	r.o.Second = func(role Role) bool { return role == Caretaker }
	var err error
	r.Register, err = New(t.Context(), r.o)
	must(t, err)
	head = r.in(t, "vida.head", headPassword)
	if head.Duty != DutySecond {
		t.Fatalf("%+v", head)
	}
	if list, err := r.Persons(t.Context()); err != nil || len(list) != 1 || list[0].Duty != DutySecond || !r.AsksSecond(Caretaker) || r.AsksSecond(Approver) {
		t.Errorf("%+v, %v", list, err)
	}
	if _, err := head.May(Persons, "", r.clock()); !errors.Is(err, ErrSecondFirst) {
		t.Errorf("%v", err)
	}
	if _, err := r.Add(t.Context(), head, Person{Login: "ana", Name: "Ana Novak"}, firstOfAna); !errors.Is(err, ErrSecondFirst) {
		t.Errorf("%v", err)
	}
	secret := NewSecond()
	if _, _, err := r.EnrolSecond(t.Context(), head, headPassword, secret, "000000"); !errors.Is(err, ErrIncomplete) {
		t.Errorf("a code that does not fit: %v", err)
	}
	if _, _, err := r.EnrolSecond(t.Context(), head, "not the password", secret, secret.Code(r.clock())); !errors.Is(err, ErrRefused) {
		t.Errorf("a wrong password: %v", err)
	}
	_, head, err = r.EnrolSecond(t.Context(), head, headPassword, secret, secret.Code(r.clock()))
	must(t, err)
	if _, err := head.May(Persons, "", r.clock()); err != nil {
		t.Error(err)
	}
	if err := r.DropSecond(t.Context(), head, headPassword); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("it was taken away: %v", err)
	}
}

// The sealed secret opens for its person alone, under the key of its password alone, and whole.
func TestSealedSecond(t *testing.T) {
	t.Parallel()
	secret, key := NewSecond(), [32]byte{1}
	box, err := sealSecond(secret, key, "a")
	must(t, err)
	if got, err := openSecond(box, key, "a"); err != nil || got != secret {
		t.Error(err)
	}
	damaged := slices.Clone(box)
	damaged[len(damaged)-1] ^= 1
	for name, open := range map[string]func() (Second, error){
		"another person's": func() (Second, error) { return openSecond(box, key, "b") },
		"another key":      func() (Second, error) { return openSecond(box, [32]byte{2}, "a") },
		"damaged":          func() (Second, error) { return openSecond(damaged, key, "a") },
		"cut":              func() (Second, error) { return openSecond(box[:20], key, "a") },
		"nothing":          func() (Second, error) { return openSecond(nil, key, "a") },
	} {
		if got, err := open(); !errors.Is(err, errSecond) || got != (Second{}) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What was proven with a password that has changed since is worth nothing.
func TestProvenWithTheOldPassword(t *testing.T) {
	t.Parallel()
	r, head := school(t)
	_, _, pw, err := r.again(t.Context(), head, headPassword)
	must(t, err)
	if _, _, err := r.stillProven(t.Context(), head, pw); err != nil {
		t.Error(err)
	}
	_, err = r.ChangePassword(t.Context(), head, headPassword, "morje gora in polje")
	must(t, err)
	if _, _, err := r.stillProven(t.Context(), head, pw); !errors.Is(err, ErrRefused) {
		t.Errorf("%v", err)
	}
}

// Whoever has the password and no code leaves a trace; whoever enters the code thereafter, none.
func TestNoCodeIsEntered(t *testing.T) {
	t.Parallel()
	r, s := school(t)
	secret := NewSecond()
	_, _, err := r.EnrolSecond(t.Context(), s, headPassword, secret, secret.Code(r.clock()))
	must(t, err)
	r.pass(time.Hour)
	asked := func(from netip.Addr) {
		t.Helper()
		if _, err := r.Login(t.Context(), Attempt{Login: "vida.head", Password: headPassword, Address: from}); !errors.Is(err, ErrCodeMissing) {
			t.Fatal(err)
		}
	}
	swept := func() []Failure {
		t.Helper()
		list, err := r.Sweep(t.Context())
		must(t, err)
		return list
	}
	asked(office)
	if list := swept(); len(list) > 0 {
		t.Errorf("while the code is being read: %+v", list)
	}
	in := Attempt{Login: "vida.head", Password: headPassword, Code: secret.Code(r.clock()), Address: office}
	_, err = r.Login(t.Context(), in)
	must(t, err)
	r.pass(time.Hour)
	if list := swept(); len(list) > 0 {
		t.Errorf("after the code: %+v", list)
	}
	asked(street)
	r.pass(codeTime)
	if list := swept(); len(list) != 1 || list[0].NoCode != 1 || list[0].Alarming() {
		t.Errorf("one without a code: %+v", list)
	}
	if _, body := r.last(t, opFailed); body.Data["no_code"] != int64(1) {
		t.Errorf("%+v", body.Data)
	}
	asked(street)
	in.Code = secret.Code(r.clock())
	_, err = r.Login(t.Context(), in)
	must(t, err)
	if list, err := r.diary.EntriesOf(t.Context(), opFailed); err != nil || len(list) != 2 {
		t.Errorf("one from elsewhere is excused: %d entries, %v", len(list), err)
	}
	for range 500 {
		asked(street)
	}
	if list := swept(); len(list) != 1 || list[0].NoCode != 500 || !list[0].Alarming() {
		t.Errorf("many without a code: %+v", list)
	}
}
