package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/configs"
	"varuh/recorder/durable"
	"varuh/recorder/keyring"
	"varuh/retention"
	"varuh/retention/copies"
)

// backups makes backups by the schedule of the configuration, removes them at their date, and knows which copies are
// still somewhere. Recording waits for it nowhere.
type backups struct {
	site    *site
	cfg     configs.Backup
	cameras func() []configs.Camera
	log     *slog.Logger
	now     func() time.Time
	present func() retention.Present // by which copies go, and are overdue
	once    enterer                  // enters what is overdue; nil: it is only told

	tried time.Time // when the schedule was last looked at; owned by run

	mu     sync.Mutex
	maker  *copies.Maker // nil until the diary is open; guarded by mu
	list   []copies.Copy // as it was last read; guarded by mu
	failed error         // why no backup is made, or not all is known of those that were; guarded by mu
	shared bool          // the folder is on the disk of the state; guarded by mu
	mended []string      // what was wrong with the list of copies at the start; guarded by mu
}

// enterer does what [eraser.enterOnce] does.
type enterer func(ctx context.Context, part string, found []string, whole bool, entry func(fresh []string) diary.Entry)

const (
	backupLook = time.Minute // how often it is seen whether a backup is due
	backupEach = time.Hour   // how often one that failed is tried again, and old ones are removed
)

// newBackups makes what makes backups of a site. Until it is told the present none goes by its date.
func newBackups(s *site, cameras func() []configs.Camera, log *slog.Logger) *backups {
	return &backups{site: s, cfg: s.cfg.Backup, cameras: cameras, log: log, now: time.Now, present: func() retention.Present { return retention.Present{} }}
}

// use is what makes backups, once the diary is open.
func (b *backups) use() (*copies.Maker, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.maker == nil {
		return nil, errors.New("the diary is not open yet, or can't be used, and no copy is made without an entry: see varuh status")
	}
	return b.maker, nil
}

// begin takes the open diary.
func (b *backups) begin(d *diary.Diary) {
	m := b.site.backupMaker(d, b.cameras)
	m.Now = b.moment
	m.Certain = func() time.Time { return b.present().Certain }
	b.mu.Lock()
	defer b.mu.Unlock()
	b.maker = m
}

// run works until ctx ends.
func (b *backups) run(ctx context.Context, d *diary.Diary) {
	b.begin(d)
	b.mend(ctx, d)
	tick := time.NewTicker(backupLook)
	defer tick.Stop()
	for {
		b.turn(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// mend has the list of copies put right, should somebody have changed it while varuh did not run.
func (b *backups) mend(ctx context.Context, d *diary.Diary) {
	wrong, err := mendCopies(ctx, d)
	if err != nil && ctx.Err() == nil {
		b.log.Error("the list of copies can't be held against the diary", "err", err)
		wrong = append(wrong, err.Error())
	}
	for _, w := range wrong {
		b.log.Warn("the list of copies was changed beside varuh", "what", w)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mended = wrong
}

// turn does what is due now: at the first time and then each hour all of it, in between a backup whose time has come.
func (b *backups) turn(ctx context.Context) {
	now := b.moment()
	hourly := b.tried.IsZero() || now.Before(b.tried) || now.Sub(b.tried) >= backupEach
	b.mu.Lock()
	m, well := b.maker, b.failed == nil
	b.mu.Unlock()
	if hourly || well && b.due(now) {
		b.tried = now
		b.tell(ctx, b.work(ctx, m))
	}
	b.look(ctx)
	b.enter(ctx)
}

// moment is the later of what is certain and what the machine's clock shows: a clock of 1970 makes no copy that is
// overdue at once, and silences none.
func (b *backups) moment() time.Time {
	now := b.now()
	if at := b.present().Latest(now); !at.IsZero() {
		return at
	}
	return now
}

// enter has each copy that is overdue entered as an incident, once.
func (b *backups) enter(ctx context.Context) {
	if b.once == nil {
		return
	}
	b.mu.Lock()
	found := b.overdue()
	b.mu.Unlock()
	b.once(ctx, partCopies, found, true, func(fresh []string) diary.Entry {
		return diary.Entry{Op: "incident.open", Body: proof.Body{Result: "copy overdue", Note: atMost(strings.Join(fresh, "; "), maxNote)}}
	})
}

// overdue says of each copy that should be gone by now what a person is to do. The caller holds mu.
func (b *backups) overdue() (sentences []string) {
	for _, c := range b.list {
		if c.Overdue(b.moment()) {
			sentences = append(sentences, c.Sentence())
		}
	}
	return sentences
}

// work tidies up, makes a backup if one is due, and removes those whose date comes.
func (b *backups) work(ctx context.Context, m *copies.Maker) error {
	if err := m.Tidy(ctx); err != nil || b.cfg.To == "" {
		return err
	}
	b.look(ctx)
	o := copies.Order{Dir: b.cfg.To, Keep: b.cfg.Keep}
	if b.due(b.moment()) {
		c, err := m.Make(ctx, o)
		if err != nil {
			return err
		}
		b.look(ctx)
		b.log.Info("a backup was made", "file", c.Path(), "bytes", c.Bytes)
	}
	apart, err := m.Look(m.FS, b.cfg.To)
	b.mu.Lock()
	b.shared = err == nil && !apart
	b.mu.Unlock()
	return errors.Join(err, m.Expire(ctx, o))
}

// last is the latest whole backup in the folder of the schedule.
func (b *backups) last() (c copies.Copy, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range slices.Backward(b.list) {
		if c.Dir == b.cfg.To && !c.Cut {
			return c, true
		}
	}
	return c, false
}

// due tells whether the schedule asks for a backup, or nothing there opens with the words that are in force. One from the future, by a clock that was set back, does not count.
func (b *backups) due(now time.Time) bool {
	if b.cfg.To == "" {
		return false
	}
	c, ok := b.last()
	if public, err := keyring.ReadPublic(durable.OS, publicFile(b.site.cfg.State)); err == nil && c.Key != current(public, keyring.Recovery).ID().String() {
		return true // the envelope was replaced, and the new one opens none yet
	}
	return !ok || c.Made.After(now.Add(time.Minute)) || now.Sub(c.Made) >= time.Duration(b.cfg.Every)
}

// tell makes known how a turn went.
func (b *backups) tell(ctx context.Context, err error) {
	if err != nil && ctx.Err() != nil {
		return // it was cut off
	}
	b.mu.Lock()
	was := b.failed
	b.failed = err
	b.mu.Unlock()
	switch {
	case err != nil && (was == nil || was.Error() != err.Error()):
		b.log.Error("no backup is made; it is tried again each hour", "err", err)
	case err == nil && was != nil:
		b.log.Info("backups are made again")
	}
}

// look reads the list of copies anew.
func (b *backups) look(ctx context.Context) {
	m, err := b.use()
	if err != nil {
		return
	}
	list, err := m.Register.List(ctx)
	if err != nil {
		b.log.Debug("the list of copies can't be read now", "err", err) // the diary's own trouble is told by it
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.list = list
}

// backupStatus is what the daemon tells of copies.
type backupStatus struct {
	To        string        `json:"to"`            // folder of the schedule, "" for none
	Last      time.Time     `json:"last,omitzero"` // when the latest there was made
	Copies    []copies.Copy `json:"copies"`        // that nobody knows to be gone
	Sentences []string      `json:"sentences"`     // what is wrong
}

// status is the state now. It waits for no disk.
func (b *backups) status() backupStatus {
	c, _ := b.last()
	b.mu.Lock()
	defer b.mu.Unlock()
	st := backupStatus{To: b.cfg.To, Last: c.Made, Copies: b.list}
	if b.failed != nil {
		before := "there is none yet"
		if !c.Made.IsZero() {
			before = "the last one is of " + c.Made.Local().Format("2006-01-02 15:04")
		}
		st.Sentences = append(st.Sentences, fmt.Sprintf("no backup is made, and %s: %v; it is tried again each hour", before, b.failed))
	}
	if len(b.mended) > 0 {
		st.Sentences = append(st.Sentences, "somebody changed the list of copies beside varuh, and an incident says so; it is as the diary has it again: "+strings.Join(b.mended, "; "))
	}
	if b.shared {
		st.Sentences = append(st.Sentences, sharedDisk(b.cfg.To))
	}
	st.Sentences = append(st.Sentences, b.overdue()...)
	return st
}

// line says where copies are and until when they hold keys.
func (st backupStatus) line() string {
	var parts []string
	if st.To == "" {
		parts = append(parts, "none is made by itself (backup: in varuh.yml)")
	} else if !st.Last.IsZero() {
		parts = append(parts, "the last one is of "+st.Last.Local().Format("2006-01-02 15:04"))
	}
	if n := len(st.Copies); n > 0 {
		until := slices.MaxFunc(st.Copies, func(a, b copies.Copy) int { return a.Until.Compare(b.Until) }).Until
		parts = append(parts, fmt.Sprintf("%s may hold keys of erased footage until %s", count(n, "copy", "copies"), until.Local().Format(time.DateOnly)))
	}
	if len(parts) == 0 {
		return ""
	}
	return fold("backup: "+strings.Join(parts, "; ")+".", 80)
}

// sharedDisk says that the folder for backups is on the disk of the state.
func sharedDisk(to string) string {
	return fmt.Sprintf("the backups in %s are on the disk of the state folder and are lost with it: name a folder on another disk (backup: in varuh.yml)", to)
}

// describeBackup is the schedule in one line, and what is wrong with its folder now.
func describeBackup(cfg *configs.Config) (line string, warnings []string) {
	b := cfg.Backup
	if b.To == "" {
		return "none is made by itself", nil
	}
	switch apart, err := (copies.Around{State: cfg.State, Stores: cfg.Store}).Look(durable.OS, b.To); {
	case err != nil:
		warnings = []string{err.Error()}
	case !apart:
		warnings = []string{sharedDisk(b.To)}
	}
	return fmt.Sprintf("%s, every %v, each kept %v", b.To, b.Every, b.Keep), warnings
}
