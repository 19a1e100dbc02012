package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
	"compress/flate"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// tiled refuses an archive of some bytes in which two programs could see two packages. Of one behind another 7-Zip shows the first,
// and Windows, as Go, the last; for one that says to be a part it looks for the others; some programs go by the names in front of the
// files, and some by the list at the end, or by a further name in that. So the files, the list of them and its end (APPNOTE.TXT,
// section 4.3.6) must fill the archive without a gap, say the same, and have no further name or remark. It is to be asked before
// anything changes the names.
func tiled(ctx context.Context, archive io.ReaderAt, size int64, z *zip.Reader) error {
	t := tiles{archive: archive, at: map[*zip.File]int64{}, packed: bufio.NewReaderSize(nil, 64<<10)}
	t.unpacked = flate.NewReader(t.packed)
	err := t.files(ctx, z)
	if err == nil {
		err = t.list(z, size)
	}
	if errors.Is(err, errGap) {
		return refuse(fmt.Errorf("%w: %w", zip.ErrFormat, err), "Ta ZIP ni narejen tako, da bi v njem vsi programi videli isto (v njem je na primer še drug arhiv ali opomba): nekdo bi vam lahko pokazal kaj drugega. Razširite ga s programom, s katerim ga boste gledali, in podajte mapo, ki nastane.",
			"This ZIP is not made so that all programs see the same in it (there is, for one, another archive or a remark in it): somebody could show you something else. Unpack it with the program that you will look at it with, and give the folder that this makes.")
	}
	return err
}

// errGap is the error of an archive that is not as [tiled] wants it.
var errGap = errors.New("the archive is not of one piece")

// What the parts of an archive begin with, and how long they are without what is of any length.
const (
	fileSign, listSign, bigEndSign, bigPlaceSign, endSign = "PK\x03\x04", "PK\x01\x02", "PK\x06\x06", "PK\x06\x07", "PK\x05\x06"
	fileHead, listHead, bigEndHead, bigPlaceHead, endHead = 30, 46, 56, 20, 22

	unicodePath = 0x7075     // of a further name, as Info-ZIP has it
	elsewhere   = 0xffffffff // a size or place that stands elsewhere, since it is too large
	behindIt    = 8          // flag of a file the sizes of which stand behind it
)

// tiles are the parts of an archive, as far as they were seen.
type tiles struct {
	archive io.ReaderAt
	at      map[*zip.File]int64 // where files begin
	next    []int64             // where the next part can begin

	packed   *bufio.Reader // of a file, of which no byte too many is taken
	unpacked io.ReadCloser // the same; it is for all, since there may be many
}

// files goes through the files, as they lie in the archive.
func (t *tiles) files(ctx context.Context, z *zip.Reader) error {
	data := make(map[*zip.File]int64, len(z.File))
	for _, f := range z.File {
		at, err := f.DataOffset()
		if err != nil {
			return fmt.Errorf("couldn't read %.100q in the archive: %w", f.Name, err)
		}
		data[f] = at
	}
	t.next = []int64{0}
	for _, f := range slices.SortedFunc(slices.Values(z.File), func(a, b *zip.File) int { return cmp.Compare(data[a], data[b]) }) {
		if err := t.file(f, data[f]); err != nil {
			return err
		}
		if err := t.ends(ctx, f, data[f]); err != nil {
			return err
		}
	}
	return nil
}

// ends refuses a file the size of which stands behind it, and in which that isn't where its bytes end by themselves: a program that
// reads front to back goes by those, and sees further files in what is left. Stored bytes have no such end, and the first in them
// that looks like one would be it. What is encrypted is not looked into, and what is damaged has no more in it that anybody sees: it is
// found by whoever reads it, and told by its name.
func (t *tiles) ends(ctx context.Context, f *zip.File, data int64) error {
	if f.Flags&behindIt == 0 || f.CompressedSize64 == 0 {
		return nil
	}
	switch f.Method {
	case zip.Store:
		return fmt.Errorf("%w: %.100q is stored, and its size behind it", errGap, f.Name)
	case zip.Deflate:
		t.packed.Reset(untilDone{ctx, io.NewSectionReader(t.archive, data, int64(f.CompressedSize64))})
		if err := t.unpacked.(flate.Resetter).Reset(t.packed, nil); err != nil {
			return fmt.Errorf("couldn't begin to read %.100q in the archive: %w", f.Name, err)
		}
		if n, err := io.Copy(io.Discard, io.LimitReader(t.unpacked, int64(f.UncompressedSize64)+1)); damaged(err) {
			return nil
		} else if err != nil {
			return fmt.Errorf("couldn't read %.100q in the archive: %w", f.Name, err)
		} else if _, err := t.packed.ReadByte(); uint64(n) != f.UncompressedSize64 || !errors.Is(err, io.EOF) {
			return fmt.Errorf("%w: %.100q ends before its end", errGap, f.Name)
		}
	}
	return nil
}

// file looks at what is in front of a file, the bytes of which begin at data.
func (t *tiles) file(f *zip.File, data int64) error {
	for _, at := range t.next {
		b, err := t.read(at, data-at)
		if err != nil {
			return err
		}
		if len(b) < fileHead || string(b[:4]) != fileSign {
			continue
		}
		name, extra := int(short(b, 26)), int(short(b, 28))
		if fileHead+name+extra != len(b) {
			continue
		}
		flags, packed := short(b, 6), word(b, 18)
		if string(b[fileHead:fileHead+name]) != f.Name || short(b, 8) != f.Method || (flags^f.Flags)&(flagEncrypted|behindIt) != 0 ||
			flags&behindIt == 0 && packed != elsewhere && uint64(packed) != f.CompressedSize64 || renames(b[fileHead+name:], f.Name) {
			return fmt.Errorf("%w: %.100q is another in front of the file and in the list", errGap, f.Name)
		}
		t.at[f] = at
		end := data + int64(f.CompressedSize64)
		t.next = []int64{end}
		if flags&behindIt != 0 { // with and without a signature, of files below and above 4 GiB; some write none
			t.next = []int64{end, end + 12, end + 16, end + 20, end + 24}
		}
		return nil
	}
	return fmt.Errorf("%w: in front of %.100q", errGap, f.Name)
}

// damaged tells whether an error is of bytes that can't be unpacked.
func damaged(err error) bool {
	var wrong flate.CorruptInputError
	return errors.As(err, &wrong) || errors.Is(err, io.ErrUnexpectedEOF)
}

// maxAhead bounds what is in front of a file: two lengths of 16 bits, and more than what can be behind the one before.
const maxAhead = fileHead + 2<<16 + 24

// read reads so many bytes; none if no part is of so many.
func (t *tiles) read(at, n int64) ([]byte, error) {
	if n < 0 || n > maxAhead {
		return nil, nil
	}
	b := make([]byte, n)
	if _, err := t.archive.ReadAt(b, at); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("couldn't read the archive: %w", err)
	}
	return b, nil
}

// list goes through the list at the end, which is in the order of z.File, up to the end of the archive.
func (t *tiles) list(z *zip.Reader, size int64) error {
	for _, begin := range t.next {
		if end, err := t.listed(z, begin); err != nil {
			return err
		} else if end >= 0 {
			return t.end(begin, end, size, len(z.File))
		}
	}
	return fmt.Errorf("%w: in front of the list", errGap)
}

// listed is where a list that begins somewhere ends; -1 if none does.
func (t *tiles) listed(z *zip.Reader, at int64) (int64, error) {
	for i, f := range z.File {
		b, err := t.read(at, listHead)
		if err != nil || len(b) == 0 || string(b[:4]) != listSign {
			return -1, err
		}
		if place := word(b, 42); place != elsewhere && int64(place) != t.at[f] || short(b, 32) > 0 || short(b, 34) > 0 || renames(f.Extra, f.Name) {
			return -1, fmt.Errorf("%w: entry %d of the list, %.100q", errGap, i, f.Name)
		}
		at += listHead + int64(short(b, 28)) + int64(short(b, 30)) + int64(short(b, 32))
	}
	return at, nil
}

// end looks at what is behind a list: its end, and in front of that one for lists that are large.
func (t *tiles) end(begin, end, size int64, files int) error {
	at := end
	if b, err := t.read(at, bigEndHead+bigPlaceHead); err != nil {
		return err
	} else if bytes.HasPrefix(b, []byte(bigEndSign)) {
		if string(b[bigEndHead:bigEndHead+4]) != bigPlaceSign || long(b, 4) != bigEndHead-12 || long(b, 16) > 0 || long(b, 24) != uint64(files) || long(b, 32) != uint64(files) || long(b, 40) != uint64(end-begin) || long(b, 48) != uint64(begin) || long(b, bigEndHead+8) != uint64(at) {
			return fmt.Errorf("%w: the end of a large list", errGap)
		}
		at += bigEndHead + bigPlaceHead
	}
	b, err := t.read(at, endHead)
	if err != nil {
		return err
	}
	if at+endHead != size || len(b) == 0 || string(b[:4]) != endSign || short(b, 20) > 0 || word(b, 4) > 0 || short(b, 8) != short(b, 10) ||
		word(b, 12) != elsewhere && int64(word(b, 12)) != end-begin || word(b, 16) != elsewhere && int64(word(b, 16)) != begin {
		return fmt.Errorf("%w: behind the list", errGap)
	}
	return nil
}

// renames tells whether further fields of a file have another name for it, but for letters other than ASCII: these are in the one
// as the computer has them on which it was packed.
func renames(extra []byte, name string) bool {
	for len(extra) >= 4 {
		kind, n := short(extra, 0), int(short(extra, 2))
		extra = extra[4:]
		field := extra[:min(n, len(extra))]
		if kind == unicodePath && (len(field) < 5 || plain(string(field[5:])) != plain(name)) {
			return true
		}
		extra = extra[len(field):]
	}
	return false
}

// plain is a name without what is not ASCII.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if r > '~' {
			return -1
		}
		return r
	}, name)
}

func short(b []byte, at int) uint16 { return binary.LittleEndian.Uint16(b[at:]) }
func word(b []byte, at int) uint32  { return binary.LittleEndian.Uint32(b[at:]) }
func long(b []byte, at int) uint64  { return binary.LittleEndian.Uint64(b[at:]) }
