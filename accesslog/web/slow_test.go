package web

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// piped is a listener whose connections are pipes.
type piped struct {
	conns chan net.Conn
	done  chan struct{}
}

func (l piped) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l piped) Close() error {
	close(l.done)
	return nil
}

func (piped) Addr() net.Addr { return &net.TCPAddr{} }

// A client that says nothing, or one letter now and then, has its connection for a bounded time.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for name, tt := range map[string]struct {
		begins string
		most   time.Duration
	}{
		"says nothing":   {"", headerTime},
		"header":         {"GET /api/v1/session HTTP/1.1\r\nX: ", headerTime},
		"body":           {"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n", readTime + time.Second},
		"stream":         {"GET /api/v1/viewings/x/hall/main/live HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", readTime + time.Second},
		"asks no second": {"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n", idleTime},
	} {
		synctest.Test(t, func(t *testing.T) {
			server := r.Server(nil)
			l := piped{make(chan net.Conn), make(chan struct{})}
			ended := make(chan error, 1)
			go func() { ended <- server.Serve(l) }()
			mine, its := net.Pipe()
			l.conns <- its
			gone := make(chan time.Duration, 1)
			began := time.Now()
			go func() {
				io.Copy(io.Discard, mine) // until the server closes it
				gone <- time.Since(began)
			}()
			io.WriteString(mine, tt.begins)
			for name != "asks no second" {
				time.Sleep(time.Second) // of the bubble's clock
				if name == "says nothing" {
					break
				}
				if _, err := mine.Write([]byte("x")); err != nil {
					break
				}
			}
			if took := <-gone; took > tt.most {
				t.Errorf("%s: the connection was open for %v", name, took)
			}
			if err := errors.Join(mine.Close(), server.Close()); err != nil {
				t.Error(err)
			}
			if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
				t.Error(err)
			}
		})
	}
}

// The time for one answer is not that for the next one on the same connection.
func TestKeptConnection(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	synctest.Test(t, func(t *testing.T) {
		server := r.Server(nil)
		l := piped{make(chan net.Conn), make(chan struct{})}
		ended := make(chan error, 1)
		go func() { ended <- server.Serve(l) }()
		mine, its := net.Pipe()
		l.conns <- its
		from := bufio.NewReader(mine)
		for _, path := range []string{"/api/v1/session", "/nothing", "/api/v1/session", "/nothing"} {
			io.WriteString(mine, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n")
			resp, err := http.ReadResponse(from, nil)
			must(t, err)
			_, err = io.Copy(io.Discard, resp.Body)
			must(t, errors.Join(err, resp.Body.Close()))
			time.Sleep(mostTime + 10*time.Second) // of the bubble's clock, less than idleTime
		}
		must(t, errors.Join(mine.Close(), server.Close()))
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
}
