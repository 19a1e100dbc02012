package copies

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"time"

	"filippo.io/age"
)

// Write writes a backup and returns what it says of itself. After an error what was written is worthless, but may hold keys.
func (s Source) Write(ctx context.Context, to io.Writer, made time.Time) (m Manifest, err error) {
	key, err := s.Recovery()
	if err != nil {
		return m, err
	}
	r, err := recipient(key)
	if err != nil {
		return m, err
	}
	sealed, err := age.Encrypt(cutWriter{ctx, to}, r)
	if err != nil {
		return m, fmt.Errorf("couldn't begin the backup: %w", err)
	}
	p := &packer{Source: s, tar: tar.NewWriter(sealed), made: made.UTC().Truncate(time.Second)}
	m = Manifest{Version: version, Appliance: s.Appliance, Origin: s.Origin, Time: p.made, Software: s.Software, Key: key.ID()}
	if err := p.pack(ctx, m); err != nil {
		return m, err
	}
	return m, errors.Join(p.tar.Close(), sealed.Close())
}

// cutWriter ends with its context.
type cutWriter struct {
	ctx context.Context
	to  io.Writer
}

func (c cutWriter) Write(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.to.Write(b)
}

// packer fills one backup.
type packer struct {
	Source
	tar  *tar.Writer
	made time.Time
	sums []Sum
}

// pack writes all entries, in the order that the package comment gives a reason for.
func (p *packer) pack(ctx context.Context, m Manifest) (err error) {
	if err := p.json(manifestName, m); err != nil {
		return err
	}
	for _, ring := range p.Rings {
		for f, err := range ring.SlotFiles(ctx) {
			if err != nil {
				return err
			}
			if err := p.add(SlotFile(ring.Store().String(), f.Name), int64(len(f.Data)), bytes.NewReader(f.Data)); err != nil {
				return err
			}
		}
	}
	defer func() { err = errors.Join(err, p.removeTemp()) }()
	snap, small, err := p.moment(ctx)
	if err != nil {
		return err
	}
	for _, f := range small {
		if err := p.add(f.Name, int64(len(f.Data)), bytes.NewReader(f.Data)); err != nil {
			return err
		}
	}
	if err := p.database(); err != nil {
		return err
	}
	return p.json(endName, End{Size: snap.Size, Checkpoint: string(snap.Checkpoint), Files: p.sums})
}

// SlotFile is the name of a store's slot file in a backup.
func SlotFile(store, file string) string {
	return path.Join(StateFolder, "keys", store, "slots", file)
}

// tries is how often small files may change while the database is copied.
const tries = 3

// moment copies the database, and reads the small files as they were at that moment: they are read before and after,
// and must not differ. So a signing key that is replaced meanwhile does not come beside a database that names another.
func (p *packer) moment(ctx context.Context) (snap Snapshot, small []File, err error) {
	before, err := p.Small()
	if err != nil {
		return snap, nil, err
	}
	for range tries {
		if err := p.emptyTemp(); err != nil {
			return snap, nil, err
		}
		if snap, err = p.Database(ctx, p.Temp); err != nil {
			return snap, nil, err
		}
		after, err := p.Small()
		if err != nil {
			return snap, nil, err
		}
		if slices.EqualFunc(before, after, func(a, b File) bool { return a.Name == b.Name && bytes.Equal(a.Data, b.Data) }) {
			return snap, append(before, File{noteName, snap.Checkpoint}), nil
		}
		before = after
	}
	return snap, nil, errors.New("configuration or keys were changed again and again while the backup was made: try it again")
}

func (p *packer) emptyTemp() error {
	if err := p.removeTemp(); err != nil {
		return err
	}
	f, err := p.FS.Create(p.Temp, 0o600)
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return fmt.Errorf("couldn't make the file for the copy of the database: %w", err)
	}
	return nil
}

// removeTemp removes the copy of the database, and what SQLite may have left beside it.
func (s Source) removeTemp() error {
	for _, name := range []string{s.Temp, s.Temp + "-journal", s.Temp + "-wal", s.Temp + "-shm"} {
		if err := s.FS.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("couldn't remove the copy of the database: %w", err)
		}
	}
	return nil
}

func (p *packer) database() error {
	f, err := p.FS.Open(p.Temp)
	if err != nil {
		return fmt.Errorf("couldn't read the copy of the database: %w", err)
	}
	st, err := f.Stat()
	if err == nil {
		err = p.add(databaseName, st.Size(), f)
	}
	return errors.Join(err, f.Close())
}

// add writes one file, and notes its hash.
func (p *packer) add(name string, size int64, from io.Reader) error {
	if err := p.head(name, size); err != nil {
		return err
	}
	h := sha256.New()
	if _, err := io.Copy(io.MultiWriter(p.tar, h), from); err != nil {
		return fmt.Errorf("couldn't write %s into the backup: %w", name, err)
	}
	p.sums = append(p.sums, Sum{name, size, hex.EncodeToString(h.Sum(nil))})
	return nil
}

func (p *packer) json(name string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	if err := p.head(name, int64(len(b)+1)); err != nil {
		return err
	}
	if _, err := p.tar.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("couldn't write %s into the backup: %w", name, err)
	}
	return nil
}

func (p *packer) head(name string, size int64) error {
	err := p.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: p.made, Format: tar.FormatPAX})
	if err != nil {
		return fmt.Errorf("couldn't write %s into the backup: %w", name, err)
	}
	return nil
}
