package copies

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"varuh/recorder/durable"
	"varuh/retention"
)

// Maker makes backups. One at a time is made.
type Maker struct {
	Source
	Around
	Register *Register
	Begun    string           // file in the state folder that notes where a backup is begun
	Now      func() time.Time // time.Now, by which a copy is dated
	Certain  func() time.Time // which moment has come for certain, by which a copy goes; zero, or nil: none goes by its date

	busy chan struct{}
}

// NewMaker completes a maker.
func NewMaker(m Maker) *Maker {
	m.busy = make(chan struct{}, 1)
	return &m
}

// In is the same maker with another register of the same copies, such as one that knows who asks.
func (m *Maker) In(r *Register) *Maker {
	other := *m
	other.Register = r
	return &other
}

// Order asks for a backup.
type Order struct {
	Dir    string         `json:"dir"`    // absolute
	Keep   retention.Term `json:"keep"`   // by when the copy is to be gone
	Actor  string         `json:"actor"`  // name of who asks; "": the schedule does
	Reason string         `json:"reason"` //
}

// turn waits until no other backup is made.
func (m *Maker) turn(ctx context.Context) error {
	select {
	case m.busy <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("another backup is being made: %w", ctx.Err())
	}
}

// Make makes a backup, in the steps of the package comment. After an error there is none, and what was begun is tidied
// up now or by the next run.
func (m *Maker) Make(ctx context.Context, o Order) (c Copy, err error) {
	if err := m.turn(ctx); err != nil {
		return c, err
	}
	defer func() { <-m.busy }()
	if err := m.tidy(ctx); err != nil {
		return c, err
	}
	if c, err = m.plan(ctx, o); err != nil {
		return c, err
	}
	after := context.WithoutCancel(ctx)
	f, err := m.create(c)
	if err != nil {
		return c, errors.Join(fmt.Errorf("no backup was made: %w", explained(err)), m.tidy(after))
	}
	if err := m.write(ctx, f, &c); err != nil {
		return c, errors.Join(fmt.Errorf("no backup was made in %s: %w", o.Dir, explained(err)), m.tidy(after))
	}
	c, err = m.Register.Add(ctx, c, Entry{Op: OpBackup, Actor: o.Actor, Reason: o.Reason, Result: "made"})
	if err := errors.Join(err, m.tidy(after)); err != nil { // gives it its name
		return c, err
	}
	if !m.here(c.Dir, c.Apart) || !m.there(c.Path()) {
		return c, fmt.Errorf("the backup was made and is registered, but its disk was taken away before it could be named %s", c.Path())
	}
	return c, nil
}

// create makes the part, empty, and notes that it will have keys once its name is durable.
func (m *Maker) create(c Copy) (durable.File, error) {
	b := begun{Dir: c.Dir, Name: c.Name, Apart: c.Apart, Made: c.Made, Until: c.Until}
	if err := m.note(b); err != nil {
		return nil, err
	}
	f, err := m.FS.Create(c.Path()+partEnd, 0o600)
	if err != nil {
		return nil, err
	}
	b.Keys = true
	if err = m.FS.SyncDir(c.Dir); err == nil {
		err = m.note(b)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// plan says where a backup goes, and refuses what can't be.
func (m *Maker) plan(ctx context.Context, o Order) (c Copy, err error) {
	if !filepath.IsAbs(o.Dir) {
		return c, fmt.Errorf("the folder %q for backups is not named from the root on", o.Dir)
	}
	if o.Keep.IsZero() {
		return c, errors.New("for how long the backup is kept is not said")
	}
	c = Copy{Dir: filepath.Clean(o.Dir), Made: m.Now().UTC().Truncate(time.Second)}
	c.Until = o.Keep.End(c.Made, nil)
	if c.Apart, err = m.Look(m.FS, c.Dir); err != nil {
		return c, err
	}
	list, err := m.Register.List(ctx)
	if err != nil {
		return c, err
	}
	if away(list, c.Dir, c.Apart) {
		return c, fmt.Errorf("earlier backups in %s were on a disk of their own, and now that is the disk of the state folder: its disk is probably not mounted; mount it", c.Dir)
	}
	for { // two within a second
		if c.Name, err = fileName(m.Origin, c.Made); err != nil {
			return c, err
		}
		if !slices.ContainsFunc(list, func(o Copy) bool { return o.Name == c.Name }) && !m.there(c.Path()) {
			return c, m.room(c.Dir)
		}
		c.Made = c.Made.Add(time.Second)
	}
}

// away tells whether the last copy in a folder was on another disk and what is there now is not.
func away(list []Copy, dir string, apart bool) bool {
	for _, c := range slices.Backward(list) {
		if c.Dir == dir {
			return c.Apart && !apart
		}
	}
	return false
}

func (m *Maker) there(name string) bool {
	_, err := m.FS.Stat(name)
	return !errors.Is(err, fs.ErrNotExist)
}

// least is the free space without which a backup is not even begun.
const least = 4 << 20

// room refuses a folder on a full disk. How much a backup takes is known only afterwards.
func (m *Maker) room(dir string) error {
	free, err := m.FS.Free(dir)
	if err != nil {
		return fmt.Errorf("couldn't ask for the free space of %s: %w", dir, err)
	}
	if free < least {
		return fmt.Errorf("the disk of %s is full: make room on it, or take another", dir)
	}
	return nil
}

// explained says what to do about a disk that is full or closed.
func explained(err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("its disk is full, make room on it or take another: %w", err)
	}
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("the account that varuh runs as must be allowed to write there: %w", err)
	}
	return err
}

// syncEach is how many bytes are written before they are made durable, so that a slow stick does not fill the memory with
// what waits for it.
const syncEach = 16 << 20

// counted writes a file, and knows what it wrote.
type counted struct {
	durable.File
	n, synced int64
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.File.Write(b)
	if c.n += int64(n); err == nil && c.n-c.synced >= syncEach {
		c.synced, err = c.n, c.File.Sync()
	}
	return n, err
}

// write fills the part, and closes it. It fills in what is known of it then.
func (m *Maker) write(ctx context.Context, f durable.File, c *Copy) (err error) {
	to, h := &counted{File: f}, sha256.New()
	what, err := m.Source.Write(ctx, io.MultiWriter(to, h), c.Made)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	c.Key, c.Bytes, c.SHA256 = what.Key.String(), to.n, hex.EncodeToString(h.Sum(nil))
	return m.readBack(ctx, c.Path()+partEnd, c.SHA256)
}

// readBack reads from the disk, not from memory, what was written.
func (m *Maker) readBack(ctx context.Context, name, want string) error {
	if err := durable.Reread(m.FS, name); err != nil {
		return err
	}
	f, err := m.FS.Open(name)
	if err != nil {
		return err
	}
	h := sha256.New()
	_, err = io.Copy(cutWriter{ctx, h}, f)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if hex.EncodeToString(h.Sum(nil)) != want {
		return errors.New("what the disk gives back is not what was written: take another one")
	}
	return nil
}

// begun is the note of a backup, or of a removal, that is under way.
type begun struct {
	Dir      string    `json:"dir"`
	Name     string    `json:"name"`
	Apart    bool      `json:"apart"`
	Made     time.Time `json:"made"`
	Until    time.Time `json:"until"`
	Keys     bool      `json:"keys"`               // there may be keys in the part
	Removing int64     `json:"removing,omitempty"` // the copy whose file is being removed; 0, which is the beginning of the diary: one is made
}

func (m *Maker) note(b begun) error {
	text, err := json.Marshal(b)
	if err == nil {
		err = durable.WriteFile(m.FS, m.Begun, text, 0o600)
	}
	if err != nil {
		return fmt.Errorf("couldn't note that a backup is begun: %w", err)
	}
	return nil
}
