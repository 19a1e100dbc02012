package configs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settle is how long a folder must be quiet before it is read: editors write a file in several steps.
const settle = 300 * time.Millisecond

// Watch calls changed, from its own goroutine, after files of the configuration in dir changed and
// were quiet for a moment, and once soon after it began. It watches the folders and not the files, since editors rename. It
// returns when ctx ends, or with an error if the kernel cannot watch (more); the configuration can
// then still be applied with SIGHUP.
func Watch(ctx context.Context, dir string, changed func()) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("couldn't watch %s for changes: %w", dir, err)
	}
	err = watch(ctx, w, dir, changed)
	return errors.Join(err, w.Close())
}

func watch(ctx context.Context, w *fsnotify.Watcher, dir string, changed func()) error {
	cameras := filepath.Join(dir, CameraDir)
	if err := w.Add(dir); err != nil {
		return fmt.Errorf("couldn't watch %s for changes: %w", dir, err)
	}
	if err := w.Add(cameras); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("couldn't watch %s for changes: %w", cameras, err)
	}
	quiet := time.NewTimer(settle) // runs from the start: a change may have come before the watch
	defer quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-quiet.C:
			changed()
		case err := <-w.Errors:
			if !errors.Is(err, fsnotify.ErrEventOverflow) {
				return fmt.Errorf("couldn't go on watching %s for changes: %w", dir, err)
			}
			quiet.Reset(settle) // events were lost: read once more
		case e := <-w.Events:
			if !relevant(e) {
				continue
			}
			if e.Name == cameras && e.Has(fsnotify.Create) {
				if err := w.Add(cameras); err != nil && !errors.Is(err, fs.ErrNotExist) {
					return fmt.Errorf("couldn't watch %s for changes: %w", cameras, err)
				}
			}
			quiet.Reset(settle)
		}
	}
}

// relevant drops what happens beside the configuration: the state folder, which is often the same,
// has a database in it that changes all the time.
func relevant(e fsnotify.Event) bool {
	base := filepath.Base(e.Name)
	return base == CameraDir && e.Op != fsnotify.Chmod || strings.HasSuffix(base, ".yml") || strings.HasSuffix(base, ".yaml")
}
