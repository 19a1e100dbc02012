package web

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"varuh/accesslog/web/certificate"
	"varuh/recorder/durable"
)

// served is a site that answers on loopback.
type served struct {
	*rig
	at     string
	config *tls.Config
	stop   func() error
}

// serve lets a rig answer over TLS, with a certificate of its own.
func serve(t *testing.T, r *rig) *served {
	t.Helper()
	keeper, err := certificate.Open(certificate.Options{Dir: r.dir, FS: durable.OS, Now: time.Now, Log: r.o.Log,
		Names: func() (certificate.Names, error) { return certificate.LocalNames(nil) }})
	must(t, err)
	r.o.Own = keeper
	r.Site, err = New(r.o)
	must(t, err)
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Serve(ctx, l, keeper.TLS()) }()
	s := &served{rig: r, at: l.Addr().String(), config: &tls.Config{InsecureSkipVerify: true}, stop: func() error {
		cancel()
		err := <-done
		done <- err
		return err
	}}
	t.Cleanup(func() { must(t, s.stop()) })
	return s
}

// dial opens a connection.
func (s *served) dial(t *testing.T) net.Conn {
	t.Helper()
	conn, err := (&tls.Dialer{Config: s.config}).DialContext(t.Context(), "tcp", s.at)
	must(t, err)
	t.Cleanup(func() { conn.Close() }) // it may be closed before
	return conn
}

// A log-in over TLS, by HTTP/1.1 and HTTP/2, and a stop that ends it with its entry.
func TestServe(t *testing.T) {
	t.Parallel()
	s := serve(t, newRig(t))
	for _, h2 := range []bool{false, true} {
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: s.config, ForceAttemptHTTP2: h2}}
		q, err := http.NewRequestWithContext(t.Context(), "POST", "https://"+s.at+prefix+"/session",
			strings.NewReader(`{"login":"vida.head","password":"`+headPassword+`"}`))
		must(t, err)
		q.Header.Set("Content-Type", "application/json")
		resp, err := client.Do(q)
		must(t, err)
		body, err := io.ReadAll(resp.Body)
		must(t, errors.Join(err, resp.Body.Close()))
		if resp.StatusCode != 200 || (resp.ProtoMajor == 2) != h2 || resp.Header.Get("Strict-Transport-Security") != "" {
			t.Errorf("%s %d %s", resp.Proto, resp.StatusCode, body)
		}
		client.CloseIdleConnections()
	}
	must(t, s.stop())
}

// What a client sends that is too long is cut off, and the server goes on.
func TestTooLong(t *testing.T) {
	t.Parallel()
	s := serve(t, newRig(t))
	for name, tt := range map[string]struct{ text, want string }{
		"header": {"GET /api/v1/session HTTP/1.1\r\nHost: " + s.at + "\r\nX: " + strings.Repeat("x", 64<<10) + "\r\n\r\n", "431"},
		"body":   {"POST /api/v1/session HTTP/1.1\r\nHost: " + s.at + "\r\nContent-Type: application/json\r\nContent-Length: 1073741824\r\n\r\n{\"login\":\"" + strings.Repeat("x", 64<<10), "413"},
		"host":   {"GET /api/v1/session HTTP/1.1\r\nHost: evil.example\r\n\r\n", "421"},
		"none":   {"\x00\x01\x02\r\n\r\n", "400"},
	} {
		conn := s.dial(t)
		go io.WriteString(conn, tt.text) // it is cut off while it writes
		line, err := bufio.NewReader(conn).ReadString('\n')
		if err != nil || !strings.Contains(line, tt.want) {
			t.Errorf("%s: %q %v", name, line, err)
		}
	}
}

// Twenty bodies of a gigabyte at once cost a known amount of memory: they are not read.
func TestGibibyte(t *testing.T) {
	s := serve(t, newRig(t))
	const many = 20
	head := "POST /api/v1/session HTTP/1.1\r\nHost: " + s.at + "\r\nContent-Type: application/json\r\nContent-Length: 1073741824\r\n\r\n"
	block := []byte(strings.Repeat("x", 64<<10))
	conns := make([]net.Conn, many)
	for i := range conns {
		conns[i] = s.dial(t)
	}
	before, sent := memory(), make([]int, many)
	var sending sync.WaitGroup
	for i, conn := range conns {
		sending.Go(func() {
			_, err := io.WriteString(conn, head)
			for err == nil && sent[i] < 1<<30 {
				var n int
				n, err = conn.Write(block)
				sent[i] += n
			}
		})
	}
	sending.Wait()
	grown, most := int64(memory())-int64(before), slices.Max(sent)
	t.Logf("%d bodies of 1 GiB: %d KiB were taken of one at most, and %d KiB are held", many, most>>10, grown>>10)
	if most > 32<<20 || grown > 8<<20 {
		t.Errorf("%d KiB of one were taken; all hold %d KiB", most>>10, grown>>10)
	}
}

// One connection too many is closed at once; those of one address are few, and whoever has most makes room.
func TestBounded(t *testing.T) {
	t.Parallel()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	b := Bounded(l, 3, 2)
	defer b.Close()
	accepted := make(chan net.Conn)
	go func() {
		for {
			conn, err := b.Accept()
			if err != nil {
				close(accepted)
				return
			}
			accepted <- conn
		}
	}()
	dial := func(from string) net.Conn {
		conn, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}).DialContext(t.Context(), "tcp", l.Addr().String())
		must(t, err)
		t.Cleanup(func() { conn.Close() }) // it may be closed before
		return conn
	}
	closed := func(c net.Conn) bool {
		_, err := c.Read(make([]byte, 1))
		return err != nil
	}
	oldest := dial("127.0.0.1")
	<-accepted
	dial("127.0.0.1")
	second := <-accepted
	if !closed(dial("127.0.0.1")) {
		t.Error("a third of one address was taken")
	}
	dial("127.0.0.2")
	<-accepted
	dial("127.0.0.3")
	<-accepted
	if !closed(oldest) {
		t.Error("the oldest of who has most was not closed for a fourth")
	}
	if !closed(dial("127.0.0.4")) {
		t.Error("a fifth was taken, though nobody has more than one")
	}
	must(t, second.Close())
	if err := second.Close(); err == nil {
		t.Error("closed twice")
	}
	dial("127.0.0.1")
	<-accepted
	if !closed(dial("127.0.0.4")) {
		t.Error("closing twice made room for two")
	}
}

// Ten thousand connections on which nothing is said cost a known amount of memory, and those of one machine keep
// nobody else out.
func TestIdleConnections(t *testing.T) {
	s := serve(t, newRig(t))
	const many = 10_000
	before := memory()
	for i := range many {
		from := net.IPv4(127, 0, 0, 9)
		if i%50 == 0 {
			from = net.IPv4(127, 1, byte(i>>8), byte(i)) // some from machines of their own
		}
		conn, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: from}}).DialContext(t.Context(), "tcp", s.at)
		must(t, err)
		t.Cleanup(func() { conn.Close() }) // the server may have closed it
	}
	grown := int64(memory()) - int64(before)
	t.Logf("%d idle connections: %d KiB more", many, grown>>10)
	if grown > 32<<20 {
		t.Errorf("%d idle connections take %d MiB", many, grown>>20)
	}
	conn := s.dial(t)
	_, err := io.WriteString(conn, "GET /api/v1/session HTTP/1.1\r\nHost: "+s.at+"\r\n\r\n")
	must(t, err)
	if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, "401") {
		t.Errorf("somebody else: %q %v", line, err)
	}
}

func memory() uint64 {
	for range 3 { // what pools keep goes at the second
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}
