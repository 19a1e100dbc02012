package segment

import (
	"errors"
	"iter"

	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

// Cipher names the AEAD of a segment; it stands in the header.
type Cipher uint8

// The ciphers. Each is read everywhere.
const (
	AES256GCM        Cipher = 1
	ChaCha20Poly1305 Cipher = 2
)

// PreferredCipher is the faster one on this machine.
func PreferredCipher() Cipher { return AES256GCM }

var (
	ErrNotSegment = errors.New("not a segment file")
	ErrVersion    = errors.New("segment version")
	ErrDamaged    = errors.New("damaged")
	ErrNoHeader   = errors.New("no whole header")
	ErrUnsealed   = errors.New("not sealed")
	ErrKey        = errors.New("wrong key")
)

// Entry is one line of the seek index: a record and where it lies.
type Entry struct {
	Record
	Offset int64 // of the record's first byte in the file
	Size   int64 // of the whole record in the file, in bytes
}

// Seal closes a segment.
type Seal struct {
	Records   uint32
	Root      [32]byte
	Recovered bool
	Hard      bool
	Index     []Entry
}

// SealedAs is what the key slot says of a sealed segment.
type SealedAs struct {
	Records uint32
	Root    [32]byte
}

// Problem is one thing that Verify found.
type Problem struct {
	Record int // -1: not in a record
	Offset int64
	Err    error
}

var errStub = errors.New("not built yet")

type Writer struct{}

func Create(fsys durable.FS, name string, h Header, k keyring.Key, c Cipher) (*Writer, error) {
	return nil, errStub
}
func (w *Writer) Append(r Record, plain []byte) error { return errStub }
func (w *Writer) Seal(hard bool) (Seal, error)        { return Seal{}, errStub }
func (w *Writer) Sync() error                         { return errStub }

// Fail breaks the writer because a sync that covered its file (SyncFS) failed.
func (w *Writer) Fail(err error)  {}
func (w *Writer) Err() error      { return errStub }
func (w *Writer) Close() error    { return errStub }
func (w *Writer) Size() int64     { return 0 }
func (w *Writer) Records() uint32 { return 0 }

type Reader struct{}

func Open(fsys durable.FS, name string) (*Reader, error) { return nil, errStub }
func (r *Reader) Header() Header                         { return Header{} }
func (r *Reader) Cipher() Cipher                         { return 0 }

// Seal is ErrUnsealed for a file without a seal, ErrDamaged for one with a damaged seal.
func (r *Reader) Seal() (Seal, error) { return Seal{}, errStub }

// All walks the records keyless.
func (r *Reader) All() iter.Seq2[Entry, error] { return nil }

// Unlock checks the key against the header's commitment and lets Read decrypt.
func (r *Reader) Unlock(k keyring.Key) error { return errStub }

// Read decrypts record n into buf (grown if need be).
func (r *Reader) Read(n int, buf []byte) (Record, []byte, error) { return Record{}, nil, errStub }
func (r *Reader) Close() error                                   { return errStub }

func Recover(fsys durable.FS, name string) (Seal, error) { return Seal{}, errStub }

// Verify: want nil = not compared with a slot; key nil = keyless.
func Verify(fsys durable.FS, name string, want *SealedAs, key *keyring.Key) []Problem { return nil }
