package aeszip

import (
	"archive/zip"
	"bufio"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// What reading can say.
var (
	ErrPassphrase  = errors.New("the passphrase is wrong")
	ErrAuthentic   = errors.New("the contents were changed, or the passphrase is wrong")
	ErrUnsupported = errors.New("encrypted in another way than AES-256 by AE-1 or AE-2")
)

// The methods that Unlock gives files in memory, so that archive/zip calls the right decompressor.
const (
	methodStored   = 0xae00
	methodDeflated = 0xae08
)

// Encrypted tells whether any file of the archive is encrypted.
func Encrypted(z *zip.Reader) bool {
	for _, f := range z.File {
		if f.Flags&flagEncrypted != 0 {
			return true
		}
	}
	return false
}

// Unlock makes an archive readable in the usual ways, as [zip.File.Open] or as a file system. It
// changes headers in memory only. The error is [ErrPassphrase] or [ErrUnsupported].
func Unlock(z *zip.Reader, passphrase string) error {
	var tried bool
	for _, f := range z.File {
		if f.Flags&flagEncrypted == 0 {
			continue
		}
		method, err := readExtra(f)
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		if !tried {
			if err := try(f, passphrase); err != nil {
				return err
			}
			tried = true
		}
		// Where the checksum is 0, archive/zip compares none; but it would with a data descriptor.
		f.Method, f.Flags = methodStored+method, f.Flags&^(flagEncrypted|flagDescriptor)
	}
	z.RegisterDecompressor(methodStored, func(r io.Reader) io.ReadCloser { return newFileReader(r, passphrase) })
	z.RegisterDecompressor(methodDeflated, func(r io.Reader) io.ReadCloser { return inflate(newFileReader(r, passphrase)) })
	return nil
}

// readExtra finds how a file is encrypted, and returns its compression.
func readExtra(f *zip.File) (method uint16, err error) {
	for b := f.Extra; len(b) >= 4; {
		id, size := binary.LittleEndian.Uint16(b), int(binary.LittleEndian.Uint16(b[2:]))
		if len(b) < 4+size {
			break
		}
		if field := b[4 : 4+size]; id == extraID && size == extraSize && f.Method == methodAES {
			vendor := binary.LittleEndian.Uint16(field)
			method = binary.LittleEndian.Uint16(field[5:])
			if (vendor == vendorAE1 || vendor == vendorAE2) && field[4] == strength256 && (method == zip.Store || method == zip.Deflate) {
				return method, nil
			}
		}
		b = b[4+size:]
	}
	return 0, ErrUnsupported
}

// try compares the passphrase with a file's check bytes.
func try(f *zip.File, passphrase string) error {
	raw, err := f.OpenRaw()
	if err != nil {
		return fmt.Errorf("couldn't open %s: %w", f.Name, err)
	}
	return newFileReader(raw, passphrase).begin()
}

// fileReader decrypts. It holds the last bytes back, since they are the authentication code.
type fileReader struct {
	raw        *bufio.Reader
	passphrase string
	keys       keys
	begun      bool
	err        error
}

func newFileReader(r io.Reader, passphrase string) *fileReader {
	return &fileReader{raw: bufio.NewReaderSize(r, 32<<10), passphrase: passphrase}
}

// begin reads salt and check bytes.
func (r *fileReader) begin() error {
	r.begun = true
	var head [saltSize + checkSize]byte
	if _, err := io.ReadFull(r.raw, head[:]); err != nil {
		return fmt.Errorf("couldn't read the start of an encrypted file: %w", err)
	}
	k, err := derive(r.passphrase, head[:saltSize])
	if err != nil {
		return err
	}
	if k.check != [checkSize]byte(head[saltSize:]) {
		return ErrPassphrase
	}
	r.keys = k
	return nil
}

// Read implements [io.Reader]. It returns io.EOF only behind contents that are authentic.
func (r *fileReader) Read(p []byte) (int, error) {
	if !r.begun {
		r.err = r.begin()
	}
	if r.err != nil || len(p) == 0 {
		return 0, r.err
	}
	ahead, err := r.raw.Peek(min(len(p)+macSize, r.raw.Size()))
	n := len(ahead) - macSize
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		r.err = err
	case n < 0:
		r.err = io.ErrUnexpectedEOF
	case n == 0 && !r.keys.authentic(ahead):
		r.err = ErrAuthentic
	case n == 0:
		r.err = io.EOF
	}
	if r.err != nil {
		return 0, r.err
	}
	r.keys.mac.Write(ahead[:n])
	r.keys.stream.xor(p[:n], ahead[:n])
	_, err = r.raw.Discard(n)
	return n, err
}

// Close implements [io.Closer].
func (r *fileReader) Close() error { return nil }

// inflating reads on to the end of the encrypted bytes when deflate has ended, so that they are
// authenticated.
type inflating struct {
	io.ReadCloser
	sealed *fileReader
}

func inflate(sealed *fileReader) io.ReadCloser { return &inflating{flate.NewReader(sealed), sealed} }

// Read implements [io.Reader].
func (i *inflating) Read(p []byte) (int, error) {
	n, err := i.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		if _, rest := io.Copy(io.Discard, i.sealed); rest != nil {
			return 0, rest
		}
	}
	return n, err
}
