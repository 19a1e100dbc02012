package aeszip

import (
	"archive/zip"
	"compress/flate"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// Marks of the format.
const (
	methodAES      = 99
	extraID        = 0x9901
	extraSize      = 7
	vendorAE1      = 1
	vendorAE2      = 2
	strength256    = 3
	flagEncrypted  = 0x1
	flagDescriptor = 0x8
	flagUTF8       = 0x800
	versionAES     = 51 // "version needed to extract"
)

// MinPassphrase is the fewest bytes of a passphrase that a Writer takes.
const MinPassphrase = 12

// Writer writes an encrypted archive front to back: it can go to a pipe or a network.
type Writer struct {
	// Stored says by its name that a file does not shrink, such as a film: it goes into blocks of deflate that are not
	// compressed, which takes a fraction of the time and is read by the same programs. Nil: none is.
	Stored func(name string) bool

	zip        *zip.Writer
	passphrase string
	open       *fileWriter
	err        error
}

// NewWriter begins an archive.
func NewWriter(w io.Writer, passphrase string) (*Writer, error) {
	if len(passphrase) < MinPassphrase {
		return nil, fmt.Errorf("a passphrase needs at least %d bytes: take one that NewPassphrase makes", MinPassphrase)
	}
	return &Writer{zip: zip.NewWriter(w), passphrase: passphrase}, nil
}

// Create begins a file; the one before it ends.
func (w *Writer) Create(name string) (io.Writer, error) {
	if err := w.end(); err != nil {
		return nil, err
	}
	h := &zip.FileHeader{
		Name: name, Method: methodAES, Flags: flagEncrypted | flagDescriptor | flagUTF8,
		CreatorVersion: versionAES, ReaderVersion: versionAES, Extra: extra(zip.Deflate),
	}
	raw, err := w.zip.CreateRaw(h)
	if err == nil {
		level := flate.BestSpeed
		if w.Stored != nil && w.Stored(name) {
			level = flate.NoCompression
		}
		w.open, err = newFileWriter(h, raw, w.passphrase, level)
	}
	if err != nil {
		w.err = fmt.Errorf("couldn't begin %s: %w", name, err)
		return nil, w.err
	}
	return w.open, nil
}

// end closes the open file. Its sizes are not known before, so they follow it, as a data descriptor;
// archive/zip writes that from the header when the next file begins.
func (w *Writer) end() error {
	if w.err == nil && w.open != nil {
		w.err = w.open.close()
		w.open = nil
	}
	return w.err
}

// Close ends the archive, but does not close what it is written to.
func (w *Writer) Close() error {
	if err := w.end(); err != nil {
		return err
	}
	w.err = errors.New("the archive is closed")
	return w.zip.Close()
}

// extra is the header's field that says how the contents are encrypted.
func extra(method uint16) []byte {
	b := binary.LittleEndian.AppendUint16(nil, extraID)
	b = binary.LittleEndian.AppendUint16(b, extraSize)
	b = binary.LittleEndian.AppendUint16(b, vendorAE2)
	b = append(b, 'A', 'E', strength256)
	return binary.LittleEndian.AppendUint16(b, method)
}

// fileWriter deflates, encrypts, authenticates.
type fileWriter struct {
	header *zip.FileHeader
	raw    io.Writer
	keys   keys
	flate  *flate.Writer
	buf    []byte
}

func newFileWriter(h *zip.FileHeader, raw io.Writer, passphrase string, level int) (*fileWriter, error) {
	salt := make([]byte, saltSize)
	rand.Read(salt) // it never fails, by its documentation
	k, err := derive(passphrase, salt)
	if err != nil {
		return nil, err
	}
	w := &fileWriter{header: h, raw: raw, keys: k}
	if w.flate, err = flate.NewWriter(sealer{w}, level); err != nil {
		return nil, err
	}
	return w, w.write(append(salt, k.check[:]...))
}

// Write implements [io.Writer].
func (w *fileWriter) Write(p []byte) (int, error) {
	w.header.UncompressedSize64 += uint64(len(p))
	return w.flate.Write(p)
}

func (w *fileWriter) write(b []byte) error {
	w.header.CompressedSize64 += uint64(len(b))
	_, err := w.raw.Write(b)
	return err
}

func (w *fileWriter) close() error {
	err := w.flate.Close()
	if err == nil {
		err = w.write(w.keys.sum())
	}
	if err != nil {
		return fmt.Errorf("couldn't end %s: %w", w.header.Name, err)
	}
	//lint:ignore SA1019 archive/zip writes the data descriptor from the old fields
	w.header.CompressedSize = uint32(min(w.header.CompressedSize64, math.MaxUint32))
	//lint:ignore SA1019 as above
	w.header.UncompressedSize = uint32(min(w.header.UncompressedSize64, math.MaxUint32))
	return nil
}

// sealer encrypts what comes out of deflate.
type sealer struct{ *fileWriter }

func (s sealer) Write(p []byte) (int, error) {
	s.buf = append(s.buf[:0], p...)
	s.keys.stream.xor(s.buf, s.buf)
	s.keys.mac.Write(s.buf)
	return len(p), s.write(s.buf)
}
