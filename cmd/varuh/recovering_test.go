package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"varuh/accesslog/people"
	"varuh/recorder"
)

// A use of the recovery key that is refused gives nobody who logs in beside it a key.
func TestRefusedRecoveryLendsNobody(t *testing.T) {
	t.Parallel()
	b := loginBox(t, headAdmin(), nil)
	defer b.end(t)
	keys, err := b.site.unseal(b.recovery)
	must(t, err)
	use := people.Recovery{By: "Cene Zupan", Reason: "the head is ill", Login: "nobody", Password: goodPassword}
	if err := b.office.recoverWith(t.Context(), keys, use, func(*people.Register) error { return nil }); err == nil {
		t.Error("a person that there is not got a password")
	}
	b.locked(t, whiches...)
	d, err := b.clerk.use()
	must(t, err)
	if n := times(ops(t, d), "recovery.used"); n != 0 {
		t.Errorf("%d entries of a use", n)
	}
}

// With unlock: auto the envelope gives the only administrator, who has forgotten the password, another one, and leaves the keys as
// they are; without a person it is refused before anybody types anything.
func TestEnvelopeWithAuto(t *testing.T) {
	t.Parallel()
	folder, err := memoryFolder("test")
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(folder)) })
	b := startBoxWith(t, filepath.Join(folder, "key"), "off", nil)
	defer b.end(t)
	b.does(t, typedLines(goodPassword, goodPassword), 0, "person", "first", "ravnatelj", "--name", "Ana Novak", "--paper", "2026-01-02")
	use := []string{"unlock", "--envelope", "--name", "Cene Zupan", "--reason", "the head forgot the password"}
	if text := b.does(t, typedLines(), 1, use...); !strings.Contains(text, "name one with --person LOGIN") || strings.Contains(text, "words of") {
		t.Error(text)
	}
	const next = "rdeca streha pod snegom"
	text := b.does(t, io.MultiReader(typedLines(next, next), typed(b.recovery)), 0, append(use, "--person", "ravnatelj")...)
	toldOf(t, text, "Footage and diary are open.", "ravnatelj has the new one")
	if strings.Contains(text, "NOBODY") {
		t.Error(text)
	}
	b.as(t, 1, "diary", "list", "--reason", "look")
	toldOf(t, b.does(t, typedLines(next), 0, "diary", "list", "--as", "ravnatelj", "--reason", "look"), "recovery.used", "person.recover")
}

// Before anybody types a password or words it is said that varuh does not run, and what cannot be entered as a name or a reason.
func TestEnvelopeAsksLast(t *testing.T) {
	t.Parallel()
	b := loginBox(t, headAdmin(), nil)
	use := func(name, reason string) string {
		return b.does(t, typedLines(), 1, "unlock", "--envelope", "--name", name, "--reason", reason, "--person", "ravnatelj")
	}
	toldOf(t, use("\x1b[2JAna\nNovak", "ill"), "--name holds characters that can't be printed")
	toldOf(t, use("Ana Novak", "a\nb"), "--reason holds characters that can't be printed")
	toldOf(t, use("Ana Novak", strings.Repeat("x", maxSaid+1)), "--reason has 501 characters")
	keys, err := b.site.unseal(b.recovery)
	must(t, err)
	var done keysDone
	err = askFor(t.Context(), b.site.cfg.State, "/unlock", unlockOrder{Reading: keys.secrets(), By: "Ana\nNovak", Reason: "ill"}, &done)
	if err == nil || !strings.Contains(err.Error(), "can't be printed") {
		t.Errorf("through the socket: %v", err)
	}
	b.locked(t, whiches...)
	b.end(t)
	toldOf(t, use("Ana Novak", "ill"), "start varuh, then run this again")
}

// skewed is a clock that a test moves.
type skewed struct {
	recorder.Boot
	ahead atomic.Int64
}

func (s *skewed) Now() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }

// What nobody logs in for, such as a timer does, keeps no key in memory: it is no use by anybody.
func TestNobodyKeepsKeys(t *testing.T) {
	t.Parallel()
	b := loginBox(t, headAdmin(), nil)
	b.end(t)
	real, err := recorder.ThisBoot()
	must(t, err)
	clock := &skewed{Boot: real}
	b.boot = clock
	b.again(t)
	defer b.end(t)
	for _, order := range [][]string{{"diary", "verify"}, {"diary", "checkpoint"}, {"footage", "check", "--open"}, {"status"}} {
		b.as(t, 0, "unlock")
		b.locked(t)
		clock.ahead.Add(int64(20 * time.Minute))
		b.does(t, nil, 0, order...)
		b.locked(t)
		clock.ahead.Add(int64(20 * time.Minute))
		if list := b.office.locked(); len(list) != len(whiches) {
			t.Errorf("%v, which nobody logged in for, kept keys: locked are %v", order, list)
		}
	}
}

// What is asked for the wrong thing is refused before anything is shown or typed.
func TestRefusedBeforeAsked(t *testing.T) {
	t.Parallel()
	b := loginBox(t, headAdmin(), nil)
	defer b.end(t)
	if text := b.does(t, typedLines(), 1, "person", "second"); !strings.Contains(text, "--as LOGIN") || strings.Contains(text, "otpauth") {
		t.Error(text)
	}
	for _, args := range [][]string{{"--name", "Ana Novak"}, {"--role", "administrator"}, {"--paper", "2026-01-02"}} {
		toldOf(t, b.does(t, typedLines(), 1, append([]string{"init"}, args...)...), "is a state folder already; nothing was changed")
	}
}

// A signal ends a question at a terminal, which shows again what is typed afterwards.
func TestSignalAtAPassword(t *testing.T) {
	pty, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if errors.Is(err, os.ErrNotExist) && os.Getenv("CI") == "" {
		t.Skip("there is no /dev/ptmx: mount devpts")
	}
	must(t, err)
	defer pty.Close()
	must(t, unix.IoctlSetPointerInt(int(pty.Fd()), unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(int(pty.Fd()), unix.TIOCGPTN)
	must(t, err)
	tty, err := os.OpenFile(fmt.Sprint("/dev/pts/", n), os.O_RDWR|unix.O_NOCTTY, 0)
	must(t, err)
	defer tty.Close()
	shows := func() bool {
		state, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
		must(t, err)
		return state.Lflag&unix.ECHO != 0
	}
	if !shows() {
		t.Fatal("the terminal shows nothing from the start")
	}
	ended := make(chan error, 1)
	go func() {
		_, err := hidden(terminal{tty, io.Discard, io.Discard})
		ended <- err
	}()
	for shows() {
		runtime.Gosched()
	}
	must(t, unix.Kill(os.Getpid(), unix.SIGINT))
	if err := <-ended; !errors.Is(err, errInterrupted) || !shows() {
		t.Errorf("%v; shown again: %v", err, shows())
	}
	_, err = pty.WriteString("\n") // for what reads still
	must(t, err)
}
