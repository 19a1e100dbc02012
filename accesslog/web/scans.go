package web

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/packing/sealed"
	"varuh/accesslog/people"
)

// scanRoutes are about scans of papers. No byte of one is on a disk in the clear.
var scanRoutes = []route{
	{"POST", "/scans", "uploadScan", may(people.Extract), sends(MostScan, (*Site).uploadScan),
		"Takes the scan of a paper: PDF, JPEG or PNG, of at most 20 MiB, as the body. It dies in a day unless a request or a step names it."},
	{"POST", "/requests/{request}/scans/{scan}/readings", "openScan", may(people.Extract, people.ReadDiary), writes("application/pdf, image/jpeg, image/png", (*Site).openScan),
		"Gives the scan of a paper of a request, once it is entered who reads it and why."},
}

// MostScan is how large a scan may be, in bytes.
const MostScan = 20 << 20

// scanKinds are what a scan may be, with what such a file begins with.
var scanKinds = []struct{ media, begins, ending string }{
	{"application/pdf", "%PDF-", "pdf"}, {"image/jpeg", "\xff\xd8\xff", "jpg"}, {"image/png", "\x89PNG\r\n\x1a\n", "png"},
}

// ScanMedia is the media type of a scan by what it begins with, at least 8 bytes where it has so many; "" for what is no scan.
func ScanMedia(begins []byte) string {
	for _, k := range scanKinds {
		if bytes.HasPrefix(begins, []byte(k.begins)) {
			return k.media
		}
	}
	return ""
}

func scanMedia() (list []string) {
	for _, k := range scanKinds {
		list = append(list, k.media)
	}
	return list
}

// Scans puts scans of papers by, encrypted as they come.
type Scans interface {
	// Keep puts one of a person by until a request names it, or for a day, and returns its SHA-256 and its size.
	Keep(ctx context.Context, by, media string, r io.Reader, most int64) (hash [32]byte, size int64, err error)

	// Open opens one that a request names.
	Open(disclosure.Stored) (io.ReadCloser, int64, error)
}

// sends makes a handler that takes a body of any media type, of at most so many bytes.
func sends[Out any](most int64, f func(*Site, *call) (Out, error)) handler {
	return handler{gives: given[Out](), body: most, sent: scanMedia(), arrives: true, serve: func(s *Site, c *call) error {
		if c.URL.RawQuery != "" {
			return &wrong{"?", unknown}
		}
		out, err := f(s, c)
		if err != nil {
			return err
		}
		return c.answer(out)
	}}
}

// uploadScan takes a scan. One that is too large is refused before it is read, if it says so.
func (s *Site) uploadScan(c *call) (ScanInfo, error) {
	if c.ContentLength > MostScan {
		return ScanInfo{}, errScanLarge
	}
	media, _, err := mime.ParseMediaType(c.Header.Get("Content-Type"))
	at := slices.Index(scanMedia(), media)
	if err != nil || at < 0 {
		return ScanInfo{}, errScanKind
	}
	body := bufio.NewReader(c.Body)
	head, err := body.Peek(len(scanKinds[at].begins))
	if errors.Is(err, errSlow) {
		return ScanInfo{}, err
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return ScanInfo{}, unread(err)
	}
	if !bytes.Equal(head, []byte(scanKinds[at].begins)) {
		return ScanInfo{}, errScanKind
	}
	hash, size, err := s.o.Scans.Keep(c.Context(), c.here().Person.ID, media, body, MostScan)
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) || errors.Is(err, sealed.ErrLarge) {
		err = errScanLarge
	}
	return ScanInfo{hex.EncodeToString(hash[:]), media, size}, err
}

// openScan gives the scan of a paper, once that is entered.
func (s *Site) openScan(c *call, in RequestReadingAsked) error {
	q, err := s.request(c)
	if err != nil {
		return err
	}
	course, err := s.o.Requests.Course(c.Context(), q.ID)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(course, func(d disclosure.Done) bool { return d.Scan != "" && d.Scan == c.PathValue("scan") })
	if at < 0 || course[at].Place == "" {
		return errNoScan
	}
	scan, size, err := s.o.Scans.Open(course[at].Stored)
	if err != nil {
		return err
	}
	defer scan.Close() // only read
	if in.Reason == "" {
		in.Reason = handling.in(c.language) + q.ID
	}
	if _, _, err := s.enterReading(c, in.Reason, false, proof.Body{Data: map[string]any{"request": q.ID, "scan": course[at].Scan}}); err != nil {
		return err
	}
	return c.scan(q.ID, course[at], scan, size)
}

// scan sends a scan chunk by chunk, to be kept as a file: a browser runs nothing of it here.
func (c *call) scan(request string, d disclosure.Done, from io.Reader, size int64) error {
	ending := "bin"
	for _, k := range scanKinds {
		if k.media == d.Media {
			ending = k.ending
		}
	}
	h := c.w.Header()
	h.Set("Content-Type", d.Media)
	h.Set("Content-Length", strconv.FormatInt(size, 10))
	h.Set("Content-Disposition", `attachment; filename="zahteva-`+request+"-"+strconv.FormatInt(d.Entry, 10)+"."+ending+`"`)
	_, err := io.Copy(c.w, from) // an error after the first byte cuts the answer off
	return err
}
