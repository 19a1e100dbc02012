package segment

import (
	"bytes"
	"encoding/binary"
	"io"
	"time"

	"golang.org/x/crypto/cryptobyte"
)

const (
	sealKind     = 0xff // where a record has its kind
	sealFixed    = lengthSize + 1 + 1 + 4 + hashSize + hashSize
	entrySize    = 4 + 1 + 1 + 8 + 8
	maxSeal      = sealFixed + maxRecords*entrySize + crcSize
	trailerMagic = "varuhend"
	trailerSize  = 32
)

// What the flags of a seal say.
const (
	sealRecovered = 1 << iota
	sealHard
	sealFlags = sealRecovered | sealHard
)

// Entry is one line of the seek index: a record, and where it lies.
type Entry struct {
	Record
	Offset int64 // of the record's first byte in the file
	Size   int64 // of the whole record in the file, in bytes
}

// Seal closes a segment.
type Seal struct {
	Records   uint32   // the init record included
	Root      [32]byte // of the Merkle tree over the records' leaves (RFC 6962)
	Recovered bool     // by Recover: the end of the segment may be missing
	Hard      bool     // the segment did not close before a key frame: at twice its duration, or full, or its store was
	Index     []Entry  // of every record, in order
}

// ledger is what a seal is made from. It grows with each record.
type ledger struct {
	tree
	index []byte // encoded entries
	end   int64  // of the last record in the file; the header's without records
}

func (l *ledger) add(h *recordHead) {
	l.index = binary.BigEndian.AppendUint32(l.index, uint32(h.size))
	l.index = append(l.index, byte(h.Kind), byte(h.Flags))
	l.index = binary.BigEndian.AppendUint64(l.index, uint64(h.start))
	l.index = binary.BigEndian.AppendUint64(l.index, uint64(h.Duration))
	l.tree.add(h.leaf)
	l.end += h.size
}

// entries decodes an index whose first record begins at off. It is nil if the index holds what no
// writer writes.
func entries(index []byte, off int64) []Entry {
	list := make([]Entry, 0, len(index)/entrySize)
	for ; len(index) >= entrySize; index = index[entrySize:] {
		e := Entry{Offset: off, Size: int64(binary.BigEndian.Uint32(index))}
		e.Kind, e.Flags = Kind(index[4]), Flags(index[5])
		e.Start = decodeTime(int64(binary.BigEndian.Uint64(index[6:])))
		e.Duration = time.Duration(binary.BigEndian.Uint64(index[14:]))
		if e.check(uint32(len(list))) != nil || e.Size <= overhead || e.Size > MaxRecord {
			return nil
		}
		list = append(list, e)
		off += e.Size
	}
	return list
}

// close makes the seal of what the ledger holds, and its bytes, trailer included.
func (l *ledger) close(h *head, recovered, hard bool) (Seal, []byte) {
	s := Seal{Records: l.count, Root: l.root(), Recovered: recovered, Hard: hard}
	s.Index = entries(l.index, h.size)
	return s, s.encode(h, l.index, l.end)
}

// encode writes the seal with this index, and the trailer that finds it at off.
func (s *Seal) encode(h *head, index []byte, off int64) []byte {
	size := sealFixed + len(index) + crcSize
	b := make([]byte, 0, size+trailerSize)
	b = binary.BigEndian.AppendUint32(b, uint32(size))
	var flags byte
	if s.Recovered {
		flags |= sealRecovered
	}
	if s.Hard {
		flags |= sealHard
	}
	b = append(b, sealKind, flags)
	b = binary.BigEndian.AppendUint32(b, s.Records)
	b = append(b, h.hash[:]...)
	b = append(b, s.Root[:]...)
	b = appendCRC(append(b, index...))

	t := append(b[size:], trailerMagic...)
	t = binary.BigEndian.AppendUint32(t, version)
	t = binary.BigEndian.AppendUint64(t, uint64(off))
	t = binary.BigEndian.AppendUint32(t, uint32(size))
	t = binary.BigEndian.AppendUint32(t, s.Records)
	t = appendCRC(t)
	return b[:size+len(t)]
}

// readSeal finds and reads the seal of a file of this size. The error is an [ErrUnsealed], an
// [ErrDamaged] in a [Problem], or that of reading. The offset is the seal's.
func readSeal(f io.ReaderAt, h *head, size int64) (Seal, int64, error) {
	var t [trailerSize]byte
	at := size - trailerSize
	if at < h.size {
		return Seal{}, 0, ErrUnsealed
	}
	if err := readFull(f, t[:], at); err != nil {
		return Seal{}, 0, err
	}
	if string(t[:8]) != trailerMagic {
		return Seal{}, 0, ErrUnsealed
	}
	off, n, ok := parseTrailer(t[:])
	if !ok || off < h.size || off+n != at {
		return Seal{}, 0, &Problem{-1, at, damaged("the trailer is not that of this file")}
	}
	b := make([]byte, n)
	if err := readFull(f, b, off); err != nil {
		return Seal{}, 0, err
	}
	s, ok := parseSeal(b, h, off)
	if !ok || s.Records != binary.BigEndian.Uint32(t[24:]) {
		return Seal{}, 0, &Problem{-1, off, damaged("the seal is not that of this file")}
	}
	return s, off, nil
}

// parseTrailer reads the place and length of the seal.
func parseTrailer(t []byte) (off, size int64, ok bool) {
	off, size = int64(binary.BigEndian.Uint64(t[12:])), int64(binary.BigEndian.Uint32(t[20:]))
	ok = crcFits(t) && binary.BigEndian.Uint32(t[8:]) == version && off >= 0 && size <= maxSeal
	return off, size, ok
}

// parseSeal reads a seal at off. Everything it accepts is encoded to the same bytes again.
func parseSeal(b []byte, h *head, off int64) (Seal, bool) {
	if len(b) < sealFixed+crcSize || !crcFits(b) {
		return Seal{}, false
	}
	var size uint32
	var kind, flags uint8
	var s Seal
	var header [hashSize]byte
	in := cryptobyte.String(b[:len(b)-crcSize])
	ok := in.ReadUint32(&size) && in.ReadUint8(&kind) && in.ReadUint8(&flags) && in.ReadUint32(&s.Records) &&
		in.CopyBytes(header[:]) && in.CopyBytes(s.Root[:])
	if !ok || int(size) != len(b) || kind != sealKind || flags > sealFlags || !bytes.Equal(header[:], h.hash[:]) ||
		s.Records > maxRecords || len(in) != int(s.Records)*entrySize {
		return Seal{}, false
	}
	s.Recovered, s.Hard = flags&sealRecovered != 0, flags&sealHard != 0
	s.Index = entries(in, h.size)
	if s.Index == nil {
		return Seal{}, false
	}
	end := h.size
	if n := len(s.Index); n > 0 {
		end = s.Index[n-1].Offset + s.Index[n-1].Size
	}
	return s, end == off
}
