package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"

	"varuh/accesslog/web"
)

// enclosure is a file that goes to the daemon behind an order: the bytes after its JSON. It is never copied to a disk.
type enclosure struct {
	Enclosed bool      `json:",omitempty"` // a file comes behind the order
	file     string    // that is sent
	body     io.Reader // as it comes; nil: here, where no daemon runs, or with none
}

// enclose makes an enclosure of a file, once that is looked at; "" is none.
func enclose(file string) (e enclosure, err error) {
	if file == "" {
		return e, nil
	}
	info, err := os.Stat(file)
	if err != nil {
		return e, fmt.Errorf("couldn't read the scan of the paper: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() == 0 {
		return e, fmt.Errorf("%s is no scan of a paper: that is a PDF, JPEG or PNG file", file)
	}
	if info.Size() > web.MostScan {
		return e, fmt.Errorf("the scan of a paper has at most %s, and %s has %s: scan it in fewer colours or with a lower resolution", size(web.MostScan), file, size(uint64(info.Size())))
	}
	return enclosure{Enclosed: true, file: file}, nil
}

// encloses is the enclosure of an order.
func (e *enclosure) encloses() *enclosure { return e }

// enclosing is an order that may have an enclosure.
type enclosing interface{ encloses() *enclosure }

// sent is an order as it goes to the daemon. The caller closes it.
func sent(order any) (io.ReadCloser, error) {
	text, err := json.Marshal(order)
	if err != nil {
		return nil, err
	}
	o, ok := order.(enclosing)
	if !ok || o.encloses().file == "" {
		return io.NopCloser(bytes.NewReader(text)), nil
	}
	f, err := os.Open(o.encloses().file)
	if err != nil {
		return nil, fmt.Errorf("couldn't read the scan of the paper: %w", err)
	}
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(text), f), f}, nil
}

// mostOrdered bounds an order without its enclosure, in bytes.
const mostOrdered = 64 << 10

var errOrdered = fmt.Errorf("the order is no JSON of at most %s: shorten what it says", size(mostOrdered))

// received reads an order as it came, and leaves what is behind it to be read. Nobody has logged in yet: no more of it is decoded
// than an order may have, whatever may come behind.
func received(w http.ResponseWriter, r *http.Request, order any) error {
	most := int64(mostOrdered)
	o, ok := order.(enclosing)
	if ok {
		most += web.MostScan
	}
	body := http.MaxBytesReader(w, r.Body, most)
	d := json.NewDecoder(io.LimitReader(body, mostOrdered))
	if err := d.Decode(order); err != nil {
		return fmt.Errorf("%w: %w", errOrdered, err)
	}
	if ok && o.encloses().Enclosed {
		o.encloses().body = io.MultiReader(d.Buffered(), body)
	}
	return nil
}
