package segment

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/cryptobyte"
)

const (
	magic   = "varuhseg"
	version = 1

	startSize = 8 + 4 + 4 // magic, version, length: the same in every version
	maxHeader = 4096      // more than the longest header of version 1
)

// The most that the parts of a header can hold, in bytes; gaps in number.
const (
	MaxCamera = 64
	MaxFormat = 255
	MaxCause  = 32
	MaxGaps   = 32
)

// streams are the names of streams, by their number in the file less one.
var streams = []string{"main", "sub"}

// head is a header as it stands in the file.
type head struct {
	Header
	cipher Cipher
	commit [hashSize]byte
	size   int64          // in the file
	hash   [hashSize]byte // over all bytes of it; additional data of every record
}

// encode writes the header and sets its size and hash.
func (h *head) encode() ([]byte, error) {
	stream, err := h.check()
	if err != nil {
		return nil, err
	}
	start, err := encodeTime(h.Start)
	if err != nil {
		return nil, err
	}
	var b cryptobyte.Builder
	b.AddBytes([]byte(magic))
	b.AddUint32(version)
	b.AddUint32(0) // length, set below
	b.AddBytes(h.ID[:])
	b.AddBytes(h.Store[:])
	b.AddUint32(h.Slot)
	b.AddBytes(h.Run[:])
	b.AddBytes(h.Boot[:])
	b.AddUint64(uint64(h.BootTime))
	b.AddUint64(uint64(start))
	b.AddUint8(uint8(h.Clock))
	b.AddUint8(uint8(h.cipher))
	b.AddUint8(stream)
	b.AddBytes(h.commit[:])
	addText(&b, h.Camera)
	addText(&b, h.Format)
	b.AddUint8(uint8(len(h.Gaps)))
	for _, g := range h.Gaps {
		if err := g.add(&b); err != nil {
			return nil, err
		}
	}
	out, err := b.Bytes()
	if err != nil {
		return nil, err
	}
	binary.BigEndian.PutUint32(out[12:], uint32(len(out)+crcSize))
	out = appendCRC(out)
	h.size, h.hash = int64(len(out)), sha256.Sum256(out)
	return out, nil
}

// check refuses what the format cannot hold, and gives the number of the stream.
func (h *head) check() (stream uint8, err error) {
	for i, name := range streams {
		if h.Stream == name {
			stream = uint8(i + 1)
		}
	}
	switch {
	case stream == 0:
		return 0, fmt.Errorf("stream %q is neither main nor sub", h.Stream)
	case h.Camera == "":
		return 0, errors.New("camera id is empty")
	case !isText(h.Camera, MaxCamera):
		return 0, fmt.Errorf("camera id %q is longer than %d bytes or not UTF-8", h.Camera, MaxCamera)
	case !isText(h.Format, MaxFormat):
		return 0, fmt.Errorf("stream format %q is longer than %d bytes or not UTF-8", h.Format, MaxFormat)
	case h.Clock > Synchronised:
		return 0, fmt.Errorf("clock state %d is unknown", h.Clock)
	case h.cipher != AES256GCM && h.cipher != ChaCha20Poly1305:
		return 0, fmt.Errorf("%s is unknown", h.cipher)
	case len(h.Gaps) > MaxGaps:
		return 0, fmt.Errorf("%d gaps are more than the %d that a header can hold: join some", len(h.Gaps), MaxGaps)
	}
	return stream, nil
}

func isText(s string, limit int) bool { return len(s) <= limit && utf8.ValidString(s) }

func addText(b *cryptobyte.Builder, s string) {
	b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte(s)) })
}

func (g Gap) add(b *cryptobyte.Builder) error {
	from, err := encodeTime(g.From)
	if err != nil {
		return err
	}
	to, err := encodeTime(g.To)
	if err != nil {
		return err
	}
	if !isText(g.Cause, MaxCause) {
		return fmt.Errorf("gap cause %q is longer than %d bytes or not UTF-8", g.Cause, MaxCause)
	}
	b.AddUint64(uint64(from))
	b.AddUint64(uint64(to))
	addText(b, g.Cause)
	return nil
}

// readHeader reads the header at the start of a file.
func readHeader(f io.ReaderAt) (head, error) {
	b := make([]byte, maxHeader)
	n, err := f.ReadAt(b, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return head{}, err
	}
	h, err := parseHeader(b[:n])
	if errors.Is(err, ErrNoHeader) && n == maxHeader {
		// A power cut may leave zeros for all that was not synced yet. Anything else behind a missing
		// header was written by somebody who had one.
		if something, err := anyByte(f, maxHeader); err != nil {
			return head{}, err
		} else if something {
			return head{}, damaged("the header is gone, and bytes follow where it was")
		}
	}
	return h, err
}

// anyByte tells whether a byte from off on is not zero.
func anyByte(f io.ReaderAt, off int64) (bool, error) {
	for b := make([]byte, 64<<10); ; off += int64(len(b)) {
		n, err := f.ReadAt(b, off)
		for _, c := range b[:n] {
			if c != 0 {
				return true, nil
			}
		}
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return false, err
		}
	}
}

// parseHeader reads the header at the start of b, which is the whole file or longer than any header.
// Everything it accepts is encoded to the same bytes again.
func parseHeader(b []byte) (head, error) {
	size, err := headerSize(b)
	if err != nil {
		return head{}, err
	}
	b = b[:size]
	if !crcFits(b) {
		if binary.BigEndian.Uint32(b[size-crcSize:]) == 0 { // a torn write leaves zeros behind it
			return head{}, ErrNoHeader
		}
		return head{}, damaged("the header's checksum differs")
	}
	h := head{size: int64(size), hash: sha256.Sum256(b)}
	if !h.decode(b[startSize : size-crcSize]) {
		return head{}, damaged("the header is malformed")
	}
	return h, nil
}

// headerSize tells, from the part that is the same in every version, how long the header is.
func headerSize(b []byte) (int, error) {
	if len(b) < startSize || tornStart(b[:startSize]) {
		return 0, ErrNoHeader
	}
	v, size := binary.BigEndian.Uint32(b[8:]), binary.BigEndian.Uint32(b[12:])
	switch {
	case string(b[:8]) != magic:
		return 0, ErrNotSegment
	case v > version:
		return 0, fmt.Errorf("%w: it is %d, this varuh reads %d; a newer one wrote the file, so upgrade", ErrVersion, v, version)
	case v < version:
		return 0, fmt.Errorf("%w: there is no version %d", ErrVersion, v)
	case size < startSize+crcSize || size > maxHeader:
		return 0, damaged("no header is %d bytes long", size)
	case len(b) < int(size):
		return 0, ErrNoHeader
	}
	return int(size), nil
}

// tornStart says whether the write of a header ended before its length: zeros follow.
func tornStart(b []byte) bool {
	written := bytes.TrimRight(b, "\x00")
	return strings.HasPrefix(magic+"\x00\x00\x00\x01", string(written))
}

// decode reads the body and says whether it is well-formed.
func (h *head) decode(b []byte) bool {
	s := cryptobyte.String(b)
	var bootTime, start uint64
	var clock, c, stream, gaps uint8
	ok := s.CopyBytes(h.ID[:]) && s.CopyBytes(h.Store[:]) && s.ReadUint32(&h.Slot) &&
		s.CopyBytes(h.Run[:]) && s.CopyBytes(h.Boot[:]) && s.ReadUint64(&bootTime) && s.ReadUint64(&start) &&
		s.ReadUint8(&clock) && s.ReadUint8(&c) && s.ReadUint8(&stream) && s.CopyBytes(h.commit[:]) &&
		readText(&s, &h.Camera) && readText(&s, &h.Format) && s.ReadUint8(&gaps)
	if !ok || stream == 0 || int(stream) > len(streams) {
		return false
	}
	h.BootTime, h.Start = time.Duration(bootTime), decodeTime(int64(start))
	h.Clock, h.cipher, h.Stream = ClockState(clock), Cipher(c), streams[stream-1]
	for range gaps {
		g, ok := readGap(&s)
		if !ok {
			return false
		}
		h.Gaps = append(h.Gaps, g)
	}
	_, err := h.check()
	return err == nil && s.Empty()
}

func readText(s *cryptobyte.String, text *string) bool {
	var b cryptobyte.String
	ok := s.ReadUint8LengthPrefixed(&b)
	*text = string(b)
	return ok
}

func readGap(s *cryptobyte.String) (g Gap, ok bool) {
	var from, to uint64
	ok = s.ReadUint64(&from) && s.ReadUint64(&to) && readText(s, &g.Cause) && isText(g.Cause, MaxCause)
	g.From, g.To = decodeTime(int64(from)), decodeTime(int64(to))
	return g, ok
}
