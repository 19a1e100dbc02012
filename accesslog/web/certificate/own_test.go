package certificate

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// The controller's own certificate is served, replaced when its files are, and kept when those are wrong.
func TestOwn(t *testing.T) {
	t.Parallel()
	r, c := newRig(t), newController(t)
	first, second := c.issue("varuh.sola.example", noon), c.issue("varuh.sola.example", noon)
	c.put(first, first)
	r.Own = c.files()
	k := r.open(t)
	if !k.Own() || k.Root() != nil || !k.served(t).Equal(first.cert) || k.Problem() != nil {
		t.Fatalf("own %v, problem %v", k.Own(), k.Problem())
	}
	if _, err := os.Stat(r.Dir + "/" + authorityFile); !os.IsNotExist(err) {
		t.Error("an authority was made that nobody needs")
	}
	wrong := func(want string) {
		t.Helper()
		k.Look()
		if !k.served(t).Equal(first.cert) || !k.Own() || !errors.Is(k.Problem(), ErrWrong) || !strings.Contains(k.Problem().Error(), want) {
			t.Errorf("want the old one and %q, got %v", want, k.Problem())
		}
	}
	c.put(second, first)
	wrong("private key does not match")
	must(t, os.WriteFile(c.files().Certificate, []byte("half a ce"), 0o600))
	wrong("failed to find")
	must(t, os.Remove(c.files().Certificate))
	wrong("no such file")
	late := c.issue("varuh.sola.example", noon.AddDate(0, 2, 0))
	c.put(late, late)
	wrong("is valid from 2027-01")
	r.now = noon.AddDate(2, 0, 0)
	c.put(second, second)
	wrong("ended on 2027")
	r.now = noon
	c.put(c.pair, c.pair)
	wrong("has no names")
	must(t, os.Chmod(c.files().Key, 0o644))
	wrong("others can read")
	must(t, os.Remove(c.files().Key))
	wrong("couldn't read its private key")
	c.put(second, second)
	k.Look()
	if !k.served(t).Equal(second.cert) || k.Problem() != nil {
		t.Errorf("the right pair was not taken: %v", k.Problem())
	}
}

// With a wrong pair from the start people reach the appliance with its own certificate, and see why.
func TestOwnWrongFromTheStart(t *testing.T) {
	t.Parallel()
	r, c := newRig(t), newController(t)
	r.Own = c.files()
	k := r.open(t)
	if k.Own() || !errors.Is(k.Problem(), ErrWrong) || verify(t, k, "varuh-box", noon) != nil {
		t.Errorf("own %v: %v", k.Own(), k.Problem())
	}
	leaf := c.issue("varuh.sola.example", noon)
	c.put(leaf, leaf)
	k.Look()
	if !k.Own() || !k.served(t).Equal(leaf.cert) || k.Problem() != nil {
		t.Errorf("put right: own %v, %v", k.Own(), k.Problem())
	}
	r.now = time.Unix(40, 0) // a clock that is certainly wrong is no reason against it
	if k = r.open(t); !k.Own() {
		t.Error(k.Problem())
	}
}

// told is a log that passes its messages on.
type told struct {
	slog.Handler
	messages chan string
}

func (l told) Handle(_ context.Context, r slog.Record) error {
	l.messages <- r.Message
	return nil
}

func (l told) wait(t *testing.T, what string) {
	t.Helper()
	late := time.After(5 * time.Minute) // it promises nothing: a busy machine is slow
	for {
		select {
		case m := <-l.messages:
			if strings.Contains(m, what) {
				return
			}
		case <-late:
			t.Fatalf("nobody said %q", what)
		}
	}
}

// A replaced pair is served soon, without anybody asking, and Run ends with its context.
func TestReplacedWhileRunning(t *testing.T) {
	t.Parallel()
	r, c := newRig(t), newController(t)
	log := told{slog.DiscardHandler, make(chan string, 100)}
	log.Handler = slog.NewTextHandler(os.Stderr, nil)
	r.Log, r.Own = slog.New(log), c.files()
	first, second := c.issue("varuh.sola.example", noon), c.issue("varuh.sola.example", noon)
	c.put(first, first)
	k := r.open(t)
	log.wait(t, "have a certificate")
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { k.Run(ctx) })
	c.put(second, first)
	log.wait(t, "needs a person")
	c.put(second, second)
	log.wait(t, "have a certificate")
	if !k.served(t).Equal(second.cert) {
		t.Error("another one is served")
	}
	c.link(first) // as certbot does it
	log.wait(t, "have a certificate")
	if !k.served(t).Equal(first.cert) {
		t.Error("behind links another one is served")
	}
	stop()
	running.Wait()
}

// Handshakes go on while the certificate is replaced: each gets a whole pair, old or new.
func TestHandshakesWhileReplaced(t *testing.T) {
	t.Parallel()
	r, c := newRig(t), newController(t)
	r.Own = c.files()
	pairs := []*pair{c.issue("varuh.sola.example", noon), c.issue("varuh.sola.example", noon)}
	c.put(pairs[0], pairs[0])
	k := r.open(t)
	roots := x509.NewCertPool()
	roots.AddCert(c.cert)
	client := &tls.Config{RootCAs: roots, ServerName: "varuh.sola.example", Time: func() time.Time { return noon }}
	ctx, stop := context.WithCancel(t.Context())
	var seen sync.Map // serial numbers of what clients were shown
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for ctx.Err() == nil {
				state, err := handshake(k.TLS(), client)
				if err != nil {
					t.Error(err)
					stop()
					return
				}
				seen.Store(state.PeerCertificates[0].SerialNumber.String(), true)
			}
		})
	}
	both := func() bool {
		n := 0
		seen.Range(func(any, any) bool { n++; return true })
		return n == 2
	}
	for i := 0; ctx.Err() == nil && (i < 10 || !both()); i++ {
		c.put(pairs[i%2], pairs[i%2])
		k.Look()
		c.put(pairs[i%2], pairs[(i+1)%2])
		k.Look()
	}
	stop()
	all.Wait()
}

// handshake makes one over memory.
func handshake(server, client *tls.Config) (tls.ConnectionState, error) {
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	failed := make(chan error, 1)
	go func() { failed <- tls.Server(a, server).Handshake() }()
	conn := tls.Client(b, client)
	if err := conn.Handshake(); err != nil {
		return tls.ConnectionState{}, err
	}
	return conn.ConnectionState(), <-failed
}
