package segment

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"varuh/recorder/internal/spare"
)

// Sizes of a record, in bytes.
const (
	// MaxRecord is the most that one record takes in the file.
	MaxRecord = 32 << 20
	// MaxPlain is the most that one record holds.
	MaxPlain = MaxRecord - overhead

	lengthSize = 4
	clearSize  = 1 + 1 + 4 + 8 + 8 + hashSize // kind, flags, sequence, start, duration, leaf
	headSize   = lengthSize + clearSize
	crcSize    = 4
	overhead   = headSize + tagSize + crcSize
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// recordHead is what a record says in the clear.
type recordHead struct {
	Record
	size     int64 // of the whole record in the file
	start    int64 // Record.Start as it is stored
	sequence uint32
	leaf     tlog.Hash
}

// put writes the head to b.
func (h *recordHead) put(b []byte) {
	binary.BigEndian.PutUint32(b, uint32(h.size))
	b[4], b[5] = byte(h.Kind), byte(h.Flags)
	binary.BigEndian.PutUint32(b[6:], h.sequence)
	binary.BigEndian.PutUint64(b[10:], uint64(h.start))
	binary.BigEndian.PutUint64(b[18:], uint64(h.Duration))
	copy(b[26:], h.leaf[:])
}

// parseRecordHead reads what put wrote. Everything it accepts is encoded to the same bytes again.
func parseRecordHead(b []byte) (h recordHead, err error) {
	h.size = int64(binary.BigEndian.Uint32(b))
	h.Kind, h.Flags = Kind(b[4]), Flags(b[5])
	h.sequence = binary.BigEndian.Uint32(b[6:])
	h.start = int64(binary.BigEndian.Uint64(b[10:]))
	h.Start = decodeTime(h.start)
	h.Duration = time.Duration(binary.BigEndian.Uint64(b[18:]))
	copy(h.leaf[:], b[26:])
	if h.size <= overhead || h.size > MaxRecord {
		return h, damaged("no record is %d bytes long", h.size)
	}
	if err := h.check(h.sequence); err != nil {
		return h, damaged("%v", err)
	}
	return h, nil
}

// check refuses what no record says.
func (r Record) check(sequence uint32) error {
	switch {
	case r.Kind > Audio:
		return fmt.Errorf("kind %d is unknown", r.Kind)
	case r.Flags > KeyFrame|Loss|GapBefore:
		return fmt.Errorf("flags %#x are unknown", r.Flags)
	case r.Duration < 0:
		return fmt.Errorf("duration %s is negative", r.Duration)
	case (r.Kind == Init) != (sequence == 0):
		return fmt.Errorf("record %d is of kind %d; record 0, and no other, is the init record", sequence, r.Kind)
	}
	return nil
}

// readRecord reads the record with this number at off and checks that it is whole and ends at or
// before end. The bytes returned are all of it, in buf if that is large enough. The error is an
// [ErrDamaged] when the bytes are wrong, and another one when they could not be read.
func readRecord(f io.ReaderAt, off, end int64, sequence uint32, buf []byte) (recordHead, []byte, error) {
	h, buf, err := readUnchecked(f, off, end, sequence, buf)
	if err == nil && !crcFits(buf) {
		err = damaged("its checksum differs")
	}
	return h, buf, err
}

// readUnchecked is readRecord without a look at the checksum, for whoever decrypts the record: its AEAD covers all that
// the checksum does but the length, and that is the AEAD's, too.
func readUnchecked(f io.ReaderAt, off, end int64, sequence uint32, buf []byte) (recordHead, []byte, error) {
	buf = grow(buf, headSize)
	h, err := readHead(f, off, end, sequence, buf)
	if err != nil {
		return h, buf, err
	}
	buf = grow(buf, int(h.size))
	return h, buf, readFull(f, buf[headSize:], off+headSize)
}

// readHead reads the head of a record as readRecord does, into buf, and sees that the record ends at or before end.
func readHead(f io.ReaderAt, off, end int64, sequence uint32, buf []byte) (recordHead, error) {
	if end-off < headSize {
		return recordHead{}, damaged("%d bytes are too few for a record", end-off)
	}
	if err := readFull(f, buf, off); err != nil {
		return recordHead{}, err
	}
	h, err := parseRecordHead(buf)
	switch {
	case err != nil:
		return h, err
	case h.size > end-off:
		return h, damaged("its length says %d bytes, %d are there", h.size, end-off)
	case h.sequence != sequence:
		return h, damaged("it says that it is record %d", h.sequence)
	}
	return h, nil
}

// readFull reads all of b; a file that has become shorter is damaged.
func readFull(f io.ReaderAt, b []byte, off int64) error {
	n, err := f.ReadAt(b, off)
	switch {
	case n == len(b):
		return nil
	case errors.Is(err, io.EOF):
		return damaged("the file ends at byte %d", off+int64(n))
	}
	return err
}

// grow is b with length n, in the same place if it fits.
func grow(b []byte, n int) []byte {
	if n <= cap(b) {
		return b[:n]
	}
	return append(make([]byte, 0, spare.RoundUp(n)), b...)[:n]
}

// appendCRC closes what b holds with its CRC-32C.
func appendCRC(b []byte) []byte {
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

func crcFits(b []byte) bool {
	n := len(b) - crcSize
	return n >= 0 && binary.BigEndian.Uint32(b[n:]) == crc32.Checksum(b[:n], castagnoli)
}

// split takes a record's plaintext apart for its leaf: the boxes, and the payload of the mdat box
// that ends it (ISO/IEC 14496-12, 4.2 and 8.1.1). An init record is all boxes.
func split(kind Kind, plain []byte) (boxes, payload []byte, err error) {
	if kind == Init {
		return plain, nil, nil
	}
	const boxHead = 8
	for off := 0; len(plain)-off >= boxHead; {
		size, name := int64(binary.BigEndian.Uint32(plain[off:])), plain[off+4:off+boxHead]
		switch {
		case size < boxHead || size > int64(len(plain)-off):
			return nil, nil, fmt.Errorf("box %q at byte %d of the fragment has a wrong size of %d bytes", name, off, size)
		case string(name) == "mdat" && off+int(size) == len(plain):
			return plain[:off], plain[off+boxHead:], nil
		}
		off += int(size)
	}
	return nil, nil, errors.New("the fragment does not end with an mdat box")
}

// Times are nanoseconds since 1970 UTC. The zero time, "not known", is the least number.
const noTime = math.MinInt64

var (
	earliest = time.Unix(0, noTime+1)
	latest   = time.Unix(0, math.MaxInt64)
)

func encodeTime(t time.Time) (int64, error) {
	switch {
	case t.IsZero():
		return noTime, nil
	case t.Before(earliest) || t.After(latest):
		return 0, fmt.Errorf("time %s cannot be stored", t)
	}
	return t.UnixNano(), nil
}

func decodeTime(ns int64) time.Time {
	if ns == noTime {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}
