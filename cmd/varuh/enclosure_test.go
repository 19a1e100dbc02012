package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"varuh/accesslog/web"
)

// Of an order no more is decoded than an order may have, with an enclosure behind it or not; and what is behind it comes whole, up to
// what a scan may have.
func TestOrderIsBounded(t *testing.T) {
	t.Parallel()
	scan := bytes.Repeat([]byte("{\"%PDF"), (web.MostScan-100)/6)
	for name, tt := range map[string]struct {
		remark int // length of a text in the order
		scan   []byte
		fails  error
	}{
		"small":               {remark: 7},
		"small, with a scan":  {remark: 7, scan: scan},
		"nearly all it may":   {remark: mostOrdered - 4096, scan: scan},
		"too large":           {remark: mostOrdered, fails: errOrdered},
		"as large as a scan":  {remark: 10 << 20, fails: errOrdered},
		"too large, enclosed": {remark: mostOrdered, scan: scan, fails: errOrdered},
	} {
		o := requestOrder{ID: strings.Repeat("a", tt.remark)}
		o.Enclosed = tt.scan != nil
		text, err := json.Marshal(o)
		must(t, err)
		body := &readCount{Reader: io.MultiReader(bytes.NewReader(text), bytes.NewReader(tt.scan))}
		var got requestOrder
		err = received(httptest.NewRecorder(), httptest.NewRequest("POST", "/request/add", body), &got)
		if !errors.Is(err, tt.fails) || body.n > mostOrdered {
			t.Errorf("%s: %d bytes are read, and it gives %v", name, body.n, err)
		}
		if err != nil || tt.scan == nil {
			continue
		}
		if behind, err := io.ReadAll(got.body); err != nil || !bytes.Equal(behind, tt.scan) || got.ID != o.ID {
			t.Errorf("%s: of the scan there came %d bytes, and %v", name, len(behind), err)
		}
	}
}

// readCount counts what is read from it.
type readCount struct {
	io.Reader
	n int
}

func (c *readCount) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.n += n
	return n, err
}
