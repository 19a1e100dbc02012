package copies

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"filippo.io/age"

	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

// Reader reads a backup once.
type Reader struct {
	Manifest Manifest
	tar      *tar.Reader
}

// Open begins to read a backup. key is the private recovery key.
func Open(from io.Reader, key keyring.PrivateKey) (*Reader, error) {
	who, err := identity(key)
	if err != nil {
		return nil, err
	}
	plain, err := age.Decrypt(from, who)
	var foreign *age.NoIdentityMatchError
	switch {
	case errors.As(err, &foreign):
		return nil, ErrWords
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	b := &Reader{tar: tar.NewReader(plain)}
	head, err := b.tar.Next()
	switch {
	case err != nil:
		return nil, damaged(err)
	case head.Name != manifestName:
		return nil, fmt.Errorf("%w: it begins with %q", ErrFormat, head.Name)
	}
	var probe struct{ Version int }
	text, err := b.small(head)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &probe); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if probe.Version > version {
		return nil, ErrVersion
	}
	if err := json.Unmarshal(text, &b.Manifest); err != nil || probe.Version < 1 {
		return nil, errors.Join(fmt.Errorf("%w: its manifest makes no sense", ErrFormat), err)
	}
	return b, nil
}

// damaged says that something could not be read to its end, whoever noticed: age, tar or the disk.
func damaged(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%w: %w", ErrDamaged, err)
}

// small reads an entry of JSON.
func (b *Reader) small(head *tar.Header) ([]byte, error) {
	if head.Typeflag != tar.TypeReg || head.Size > maxJSON+maxFiles*256 {
		return nil, fmt.Errorf("%w: %s is not as it should be", ErrDamaged, head.Name)
	}
	text, err := io.ReadAll(b.tar)
	if err != nil {
		return nil, damaged(err)
	}
	return text, nil
}

// Unpack writes all files below dir, which is there and empty, and returns once that is durable and all is as the end
// of the backup says. What came from the folder of the configuration and from that of the state lies in the same
// place then.
func (b *Reader) Unpack(ctx context.Context, fsys durable.FS, dir string) (End, error) {
	var sums []Sum
	for {
		if err := ctx.Err(); err != nil {
			return End{}, fmt.Errorf("the restore was ended: %w", err)
		}
		head, err := b.tar.Next()
		if err != nil {
			return End{}, damaged(err)
		}
		if head.Name == endName {
			break
		}
		sum, err := b.file(fsys, dir, head)
		if err != nil {
			return End{}, err
		}
		if sums = append(sums, sum); len(sums) > maxFiles {
			return End{}, fmt.Errorf("%w: it has too many entries", ErrDamaged)
		}
	}
	var end End
	text, err := b.small(&tar.Header{Typeflag: tar.TypeReg, Name: endName})
	if err != nil {
		return end, err
	}
	if err := json.Unmarshal(text, &end); err != nil {
		return end, fmt.Errorf("%w: its end makes no sense: %w", ErrDamaged, err)
	}
	if _, err := b.tar.Next(); !errors.Is(err, io.EOF) {
		return end, errors.Join(fmt.Errorf("%w: something follows its end", ErrDamaged), err)
	}
	if !slices.Equal(sums, end.Files) {
		return end, fmt.Errorf("%w: its files are not those that its end lists", ErrDamaged)
	}
	if err := fsys.SyncFS(dir); err != nil {
		return end, fmt.Errorf("couldn't make durable what was restored: %w", err)
	}
	return end, nil
}

// file writes one file.
func (b *Reader) file(fsys durable.FS, dir string, head *tar.Header) (Sum, error) {
	if head.Typeflag != tar.TypeReg {
		return Sum{}, fmt.Errorf("%w: %q is no file", ErrDamaged, head.Name)
	}
	if err := checkName(head.Name); err != nil {
		return Sum{}, err
	}
	name := filepath.Join(dir, Place(head.Name))
	if err := durable.MkdirAll(fsys, filepath.Dir(name), 0o700); err != nil {
		return Sum{}, cannot(name, err)
	}
	f, err := fsys.Create(name, 0o600)
	if err != nil {
		return Sum{}, cannot(name, err)
	}
	h := sha256.New()
	n, err := io.Copy(onDisk{f, name}, io.TeeReader(b.tar, h))
	var ours *diskError
	switch {
	case errors.As(err, &ours), err == nil:
	default:
		err = damaged(err)
	}
	if err == nil {
		if err = f.Sync(); err != nil {
			err = cannot(name, err)
		}
	}
	return Sum{head.Name, n, hex.EncodeToString(h.Sum(nil))}, errors.Join(err, f.Close())
}

// Place is where an entry goes, below the new folder.
func Place(entry string) string {
	first, rest, _ := strings.Cut(entry, "/")
	if first == Elsewhere {
		return filepath.FromSlash(entry)
	}
	return filepath.FromSlash(rest)
}

// onDisk tells what the disk refused from what could not be read.
type onDisk struct {
	to   io.Writer
	name string
}

type diskError struct{ error }

func (e *diskError) Unwrap() error { return e.error }

func (w onDisk) Write(b []byte) (int, error) {
	n, err := w.to.Write(b)
	if err != nil {
		err = &diskError{cannot(w.name, err)}
	}
	return n, err
}

func cannot(name string, err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("the disk is full: couldn't restore %s: %w", name, err)
	}
	return fmt.Errorf("couldn't restore %s: %w", name, err)
}
