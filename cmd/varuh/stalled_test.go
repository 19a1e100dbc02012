package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener whose connections are made in memory.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	c, ok := <-p
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}

func (p pipes) Close() error   { return nil }
func (p pipes) Addr() net.Addr { return &net.UnixAddr{} }

// served answers with h, and lends a connection on which a request was sent.
func served(t *testing.T, h http.HandlerFunc, use func(net.Conn)) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	p, ended := make(pipes, 1), make(chan struct{})
	go func() {
		defer close(ended)
		(&Daemon{Log: slog.New(slog.DiscardHandler)}).serveHTTP(ctx, p, h)
	}()
	here, there := net.Pipe()
	p <- there
	_, err := io.WriteString(here, "GET / HTTP/1.1\r\nHost: varuh\r\n\r\n")
	must(t, err)
	use(here)
	must(t, here.Close())
	stop()
	close(p)
	<-ended
}

// Who asks for much and reads nothing is cut off after a minute, so that nobody waits for him.
func TestStalledReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began, wrote := time.Now(), make(chan error, 1)
		served(t, func(w http.ResponseWriter, r *http.Request) {
			_, err := w.Write(make([]byte, 1<<20))
			<-r.Context().Done()
			wrote <- err
		}, func(net.Conn) {
			if err := <-wrote; !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("to write ended with %v", err)
			}
			if took := time.Since(began); took != maxStall {
				t.Errorf("he was cut off after %s", took)
			}
		})
	})
}

// Who reads slowly gets all, also after an answer that took long to make, and on the same connection.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const size = 300_000
		served(t, func(w http.ResponseWriter, r *http.Request) {
			for range 2 {
				if _, err := w.Write(make([]byte, size/2)); err != nil {
					t.Error(err)
				}
				time.Sleep(3 * maxStall) // in the bubble's time
			}
		}, func(c net.Conn) {
			slow := bufio.NewReaderSize(c, 4096)
			for left := 1; ; left-- {
				resp, err := http.ReadResponse(slow, nil)
				must(t, err)
				n := 0
				for buf := make([]byte, 4096); ; {
					m, err := resp.Body.Read(buf)
					n += m
					if errors.Is(err, io.EOF) {
						break
					}
					must(t, err)
					time.Sleep(maxStall / 30)
				}
				if n != size {
					t.Errorf("%d bytes came", n)
				}
				if left == 0 {
					return
				}
				time.Sleep(3 * maxStall)
				if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: varuh\r\n\r\n"); err != nil {
					t.Error(err)
				}
			}
		})
	})
}
