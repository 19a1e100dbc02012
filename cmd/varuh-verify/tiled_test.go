//go:build linux

// The recorder, whose fragments these packages are of, runs on Linux alone.

package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"
	"testing"
	"testing/fstest"

	"varuh/accesslog/evidence/evidencetest"
)

const film1 = "posnetki/0001.mp4"

// archiveOf is what [asZip] makes, in memory, with something done to the header of the first film.
func archiveOf(t testing.TB, pkg fstest.MapFS, do func(*zip.FileHeader), remark string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(pkg)) {
		h := &zip.FileHeader{Name: name, Method: zip.Deflate}
		if name == film1 {
			do(h)
		}
		w, err := z.CreateHeader(h)
		must(t, err)
		_, err = w.Write(pkg[name].Data)
		must(t, err)
	}
	must(t, z.SetComment(remark))
	must(t, z.Close())
	return b.Bytes()
}

// furtherName is a field that gives a file another name, as Info-ZIP has it.
func furtherName(h *zip.FileHeader, name string) {
	field := append([]byte{1}, binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(h.Name)))...)
	field = append(field, name...)
	h.Extra = binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16(nil, unicodePath), uint16(len(field)))
	h.Extra = append(h.Extra, field...)
}

// An archive in which another program sees another package is not checked, though what Go sees in it is good: with another archive in
// front of it or behind, a remark, and names or places that are said twice.
func TestTiled(t *testing.T) {
	t.Parallel()
	c := evidencetest.Tiny(t, "a")
	pkg, _ := c.Written(t)
	know := []string{"--key", c.Diary.Key.Fingerprint(), "--key", c.Diary.Witness.Key.String()}
	as := func(*zip.FileHeader) {}
	good := archiveOf(t, pkg, as, "")
	forged := archiveOf(t, fstest.MapFS{film1: {Data: []byte("another film")}}, as, "")
	list := bytes.Index(good, []byte(listSign))
	change := func(at int, b ...byte) []byte { return slices.Concat(good[:at], b, good[at+len(b):]) }
	moved := func(n int) []byte { // with so many bytes in front of the list, of which its end knows
		b := slices.Concat(good[:list], make([]byte, n), good[list:])
		binary.LittleEndian.PutUint32(b[len(b)-6:], uint32(list+n))
		return b
	}
	flags := bytes.LastIndex(good, []byte(film1)) - listHead + 8 // in the list, of a film the size of which stands behind it
	for what, tt := range map[string]struct {
		archive []byte
		code    int
	}{
		"as it is":                     {good, exitGood},
		"with the name said twice":     {archiveOf(t, pkg, func(h *zip.FileHeader) { furtherName(h, film1) }, ""), exitGood},
		"with another name":            {archiveOf(t, pkg, func(h *zip.FileHeader) { furtherName(h, "posnetki/0002.mp4") }, ""), exitUnchecked},
		"a remark":                     {archiveOf(t, pkg, as, "x"), exitUnchecked},
		"another as a remark":          {archiveOf(t, pkg, as, string(forged)), exitUnchecked},
		"behind another":               {slices.Concat(forged, good), exitUnchecked},
		"behind anything":              {slices.Concat([]byte("x"), good), exitUnchecked},
		"behind a program":             {slices.Concat([]byte("PK\x03\x04"), make([]byte, 26), good), exitUnchecked},
		"in front of anything":         {slices.Concat(good, []byte("x")), exitUnchecked},
		"a gap in front of the list":   {moved(1), exitUnchecked},
		"a file that no list has":      {moved(30), exitUnchecked},
		"another name in the file":     {change(bytes.Index(good, []byte(film1))+len(film1)-5, '2'), exitUnchecked},
		"packed in another way":        {change(bytes.Index(good, []byte(film1))-fileHead+8, 0), exitUnchecked},
		"its size not behind it":       {change(flags, good[flags]&^behindIt), exitUnchecked},
		"the list at another place":    {change(len(good)-6, 0), exitUnchecked},
		"the list of another size":     {change(len(good)-10, 0), exitUnchecked},
		"in several parts":             {change(len(good)-18, 1), exitUnchecked},
		"a file in another part":       {change(list+34, 1), exitUnchecked},
		"more files in other parts":    {change(len(good)-14, 1), exitUnchecked},
		"a file of the list elsewhere": {change(list+42, 1), exitUnchecked},
	} {
		for _, args := range [][]string{nil, {"--unpack", t.TempDir() + "/to"}} {
			code, out, complaint := check(t, "", slices.Concat(know, args, []string{file(t, "paket.zip", tt.archive)})...)
			if code != tt.code || code == exitUnchecked && out != "" {
				t.Errorf("%s: %d\n%s\n%s", what, code, out, complaint)
			}
		}
	}
	if _, _, complaint := check(t, "", append(know, file(t, "paket.zip", slices.Concat(forged, good)))...); !unfolded(complaint, "somebody could show you something else") || !unfolded(complaint, "nekdo bi vam lahko pokazal kaj drugega") {
		t.Errorf("%s", complaint)
	}
}

// A file the size of which stands behind it can have the end of itself in it, and another film behind that, which programs show that
// read front to back: stored bytes have no end of their own, and compressed ones can end before it.
func TestTiledInside(t *testing.T) {
	t.Parallel()
	end := slices.Concat([]byte("PK\x07\x08"), make([]byte, 12))
	forged := archiveOf(t, fstest.MapFS{film1: {Data: []byte("another film")}}, func(*zip.FileHeader) {}, "")
	film := slices.Concat(end, forged[:bytes.Index(forged, []byte(listSign))])
	of := func(method uint16, packed []byte, size int) error {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		f, err := w.CreateRaw(&zip.FileHeader{Name: "Thumbs.db", Method: method, Flags: behindIt, CompressedSize64: uint64(len(packed)), UncompressedSize64: uint64(size)})
		must(t, err)
		_, err = f.Write(packed)
		must(t, err)
		must(t, w.Close())
		z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
		must(t, err)
		return tiled(t.Context(), bytes.NewReader(b.Bytes()), int64(b.Len()), z)
	}
	text := bytes.Repeat([]byte("thumbs"), 100000)
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestCompression)
	must(t, err)
	_, err = w.Write(text)
	must(t, errors.Join(err, w.Close()))
	compressed := packed.Bytes()
	for what, tt := range map[string]struct {
		err error
		ok  bool
	}{
		"stored":               {of(zip.Store, slices.Concat(text[:8], film), 8+len(film)), false},
		"stored, none":         {of(zip.Store, nil, 0), true},
		"compressed":           {of(zip.Deflate, compressed, len(text)), true},
		"compressed, and more": {of(zip.Deflate, slices.Concat(compressed, film), len(text)), false},
		"damaged":              {of(zip.Deflate, slices.Concat([]byte{0xff}, compressed[1:], film), len(text)), true}, // told by who reads it
		"of a smaller size":    {of(zip.Deflate, compressed, len(text)-1), false},
		"of a larger size":     {of(zip.Deflate, compressed, len(text)+1), false},
	} {
		if tt.ok != (tt.err == nil) || !tt.ok && !errors.Is(tt.err, errGap) {
			t.Errorf("%s: %v", what, tt.err)
		}
	}
}

// A list of more files than an end of the old form counts is one.
func TestTiledMany(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for n := range 1 << 16 {
		_, err := w.Create(fmt.Sprint(n))
		must(t, err)
	}
	must(t, w.Close())
	r := func(b []byte) error {
		z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		must(t, err)
		return tiled(t.Context(), bytes.NewReader(b), int64(len(b)), z)
	}
	if err := r(b.Bytes()); err != nil {
		t.Error(err)
	}
	at := bytes.Index(b.Bytes(), []byte(bigEndSign))
	for what, place := range map[string]int{"in several parts": 16, "fewer files here": 24, "the list elsewhere": 48} {
		changed := slices.Clone(b.Bytes())
		changed[at+place]++
		if r(changed) == nil {
			t.Errorf("%s, by the large end, and nobody minds", what)
		}
	}
}
