package footage

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

// Store is one disk of footage, with the ring that keeps its keys.
type Store struct {
	ID   keyring.ID
	Dir  string
	Ring *keyring.Ring
}

// Path is where the file of a segment lies: camera, year, month and day, id. The date is the UTC day of
// the ID, which never changes, and not of the footage, which a corrected clock may move.
func (s Store) Path(camera string, id keyring.ID) string {
	t := id.Time()
	return filepath.Join(s.Dir, camera, t.Format("2006"), t.Format("01-02"), id.String()+suffix)
}

const suffix = ".seg"

// notCameras are the folders of a store that hold no footage; _sealed has packages and scans, each under a key of its own.
var notCameras = map[string]bool{"keys": true, "lost+found": true, "_sealed": true}

// place is a segment file as its path tells it.
type place struct {
	store  Store
	camera string
	id     keyring.ID
	path   string
}

// walk calls each for every segment file of the store, by camera and day, and stray for whatever else
// lies among them.
func (s Store) walk(ctx context.Context, fsys durable.FS, each func(place) error, stray func(Finding)) error {
	w := walker{ctx, fsys, s, each, stray}
	err := w.folders(s.Dir, func(camera string) error {
		if notCameras[camera] {
			return nil
		}
		return w.folders(filepath.Join(s.Dir, camera), func(year string) error {
			return w.folders(filepath.Join(s.Dir, camera, year), func(day string) error {
				return w.files(camera, filepath.Join(s.Dir, camera, year, day))
			})
		})
	})
	if err != nil {
		return fmt.Errorf("couldn't walk the store %s: %w", s.Dir, err)
	}
	return nil
}

// errFolder tells a disk that cannot be read from an index that cannot be written.
var errFolder = errors.New("a folder can't be listed")

type walker struct {
	ctx   context.Context
	fsys  durable.FS
	store Store
	each  func(place) error
	stray func(Finding)
}

// folders calls each for the folders inside dir. Files beside the cameras' folders are the store's
// own, such as its marker; below they are strays.
func (w *walker) folders(dir string, each func(name string) error) error {
	entries, err := w.fsys.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("%w: %w", errFolder, err)
	}
	for _, e := range entries {
		switch {
		case w.ctx.Err() != nil:
			return w.ctx.Err()
		case e.IsDir():
			if err := each(e.Name()); err != nil {
				return err
			}
		case dir != w.store.Dir:
			w.astray(filepath.Join(dir, e.Name()))
		}
	}
	return nil
}

func (w *walker) files(camera, dir string) error {
	entries, err := w.fsys.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("%w: %w", errFolder, err)
	}
	for _, e := range entries {
		if w.ctx.Err() != nil {
			return w.ctx.Err()
		}
		path := filepath.Join(dir, e.Name())
		name, isSegment := strings.CutSuffix(e.Name(), suffix)
		id, err := keyring.ParseID(name)
		switch {
		case !isSegment || err != nil || !e.Type().IsRegular():
			w.astray(path)
		case path != w.store.Path(camera, id):
			w.stray(Finding{Warning, id, path, fmt.Sprintf("the file lies in a wrong folder; it belongs to %s", w.store.Path(camera, id))})
		default:
			if err := w.each(place{w.store, camera, id, path}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *walker) astray(path string) {
	w.stray(Finding{Severity: Note, Path: path, Sentence: "the file is no segment; varuh did not put it there and leaves it alone"})
}
