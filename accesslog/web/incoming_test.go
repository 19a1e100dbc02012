package web

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// An upload over a slow line takes its time, longer than the server gives a body; one that stops, drips or takes too long is cut
// off in a bounded time.
func TestUploadPace(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		chunk int           // bytes
		each  time.Duration // that come in it
		size  int
		whole bool
		most  time.Duration // until it is over
	}{
		"a scan by telephone":        {32 << 10, time.Second, 20 << 20, true, 11 * time.Minute},
		"slow, and in time":          {17 << 10, time.Second, 2 << 20, true, 3 * time.Minute},
		"with pauses":                {1 << 20, 19 * time.Second, 8 << 20, true, 3 * time.Minute},
		"stops":                      {1 << 20, 21 * time.Second, 8 << 20, false, time.Minute},
		"one letter now and then":    {1, 10 * time.Second, 8 << 20, false, 30 * time.Second},
		"slower than anybody's":      {8 << 10, time.Second, 20 << 20, false, time.Minute},
		"at a pace, but without end": {17 << 10, time.Second, 1 << 30, false, 31 * time.Minute},
	} {
		synctest.Test(t, func(t *testing.T) {
			got := make(chan error, 1)
			server := &http.Server{ReadHeaderTimeout: headerTime, ReadTimeout: readTime, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				c := &call{Request: r, w: &writer{ResponseWriter: w}, site: &Site{}}
				c.arrives()
				_, err := io.Copy(io.Discard, c.Body)
				got <- err
			})}
			l := piped{make(chan net.Conn), make(chan struct{})}
			ended := make(chan error, 1)
			go func() { ended <- server.Serve(l) }()
			mine, its := net.Pipe()
			l.conns <- its
			began := time.Now()
			go io.Copy(io.Discard, mine) // the answer
			fmt.Fprintf(mine, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", c.size)
			var sending sync.WaitGroup
			sending.Go(func() {
				for sent := 0; sent < c.size; sent += c.chunk {
					time.Sleep(c.each) // of the bubble's clock
					if _, err := mine.Write(make([]byte, min(c.chunk, c.size-sent))); err != nil {
						return
					}
				}
			})
			err := <-got
			if took := time.Since(began); (err == nil) != c.whole || err != nil && !errors.Is(err, errSlow) || took > c.most {
				t.Errorf("%s: %v after %v", name, err, took)
			}
			if err := errors.Join(mine.Close(), server.Close()); err != nil {
				t.Error(err)
			}
			sending.Wait()
			if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
				t.Error(err)
			}
		})
	}
}

// broken is a body whose sender goes away.
type broken struct {
	io.Reader
	err error
}

func (b *broken) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err == io.EOF {
		err = b.err
	}
	return n, err
}

// Uploads that were given up, or came too slowly, leave nothing, and take no place from those that follow.
func TestUploadGivenUp(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	clerk := d.clients["caretaker"]
	for n := range 100 {
		gone := []error{io.ErrUnexpectedEOF, os.ErrDeadlineExceeded}[n%2]
		q := httptest.NewRequestWithContext(t.Context(), "POST", "https://varuh.local"+prefix+"/scans", &broken{bytes.NewReader(append([]byte("%PDF-1.7 "), make([]byte, 1000*(n%3))...)), gone})
		q.RemoteAddr = clerk.from
		q.Header.Set("Content-Type", "application/pdf")
		q.AddCookie(&http.Cookie{Name: cookieName, Value: clerk.cookie})
		w := answer(d.Handler(), q)
		if id, p := problemOf(t, w); w.Code/100 != 4 || n%2 == 1 && id != "slow" || p.Detail == "" {
			t.Fatalf("upload %d: %d %s", n, w.Code, w.Body)
		}
	}
	entries, err := os.ReadDir(filepath.Join(d.disk, "store", "_sealed", "scans"))
	if must(t, err); len(entries) != 0 {
		t.Errorf("%d objects are left", len(entries))
	}
	if w := clerk.upload("application/pdf", bytes.NewReader([]byte("%PDF-1.7 listina"))); w.Code != 200 {
		t.Errorf("the next one: %d %s", w.Code, w.Body)
	}
}
