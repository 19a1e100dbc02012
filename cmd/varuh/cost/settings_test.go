package cost

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// settings are what a run can be asked for by the environment.
type settings struct {
	streams, rounds int
	window, warmup  time.Duration
	cache           string // keeps the clip
	dir             string // takes the recordings
	profiles        string // takes CPU profiles; empty: none
}

func loadSettings() (s settings, err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return s, err
	}
	s = settings{streams: 32, rounds: 3, window: 15 * time.Second, warmup: 6 * time.Second}
	s.cache = filepath.Join(cache, "varuh-cost")
	s.dir = cache
	set("VARUH_COST_STREAMS", &s.streams, strconv.Atoi, &err)
	set("VARUH_COST_ROUNDS", &s.rounds, strconv.Atoi, &err)
	set("VARUH_COST_WINDOW", &s.window, time.ParseDuration, &err)
	set("VARUH_COST_WARMUP", &s.warmup, time.ParseDuration, &err)
	set("VARUH_COST_DIR", &s.dir, filepath.Abs, &err)
	set("VARUH_COST_PPROF", &s.profiles, filepath.Abs, &err)
	s.dir = filepath.Join(s.dir, "varuh-cost", "recordings") // ours alone: what is found there is removed
	if err == nil && (s.streams < 1 || s.streams > 99 || s.rounds < 1 || s.window < time.Second) {
		err = fmt.Errorf("%d streams, %d rounds, a window of %v: there must be 1 to 99 streams, a round, a second", s.streams, s.rounds, s.window)
	}
	return s, err
}

// set parses a variable of the environment if it is there. The first mistake stays in *failed.
func set[T any](name string, value *T, parse func(string) (T, error), failed *error) {
	text := os.Getenv(name)
	if text == "" || *failed != nil {
		return
	}
	v, err := parse(text)
	if err != nil {
		*failed = fmt.Errorf("%s=%q: %w", name, text, err)
		return
	}
	*value = v
}

// prepare makes the folders and refuses memory in place of a disk.
func (s settings) prepare() error {
	for _, dir := range []string{s.cache, s.dir, s.profiles} {
		if dir == "" {
			continue
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(s.dir, &fs); err != nil {
		return fmt.Errorf("%s: %w", s.dir, err)
	}
	if fs.Type == unix.TMPFS_MAGIC || fs.Type == unix.RAMFS_MAGIC {
		return fmt.Errorf("%s is in memory; name a folder on a disk with VARUH_COST_DIR", s.dir)
	}
	return nil
}

// claim keeps other runs away until the file is closed, since two would spoil the figures of both,
// and removes what an interrupted run left.
func (s settings) claim() (*os.File, error) {
	lock, err := os.Open(s.dir)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("another run measures in %s: %w", s.dir, err), lock.Close())
	}
	left, err := filepath.Glob(filepath.Join(s.dir, "*"))
	for _, name := range left {
		err = errors.Join(err, os.RemoveAll(name))
	}
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}

func (s settings) cameras() []string {
	names := make([]string, s.streams)
	for i := range names {
		names[i] = fmt.Sprintf("cam%02d", i)
	}
	return names
}
