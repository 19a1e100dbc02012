package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"varuh/accesslog"
	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/notice"
	"varuh/accesslog/people"
	"varuh/configs"
	"varuh/recorder"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
)

// office has the registers of persons and of notices, in the diary that is open, and gives them to whoever asks. There is
// one for as long as the site is held, so that a session that began lasts, and log-ins that fail are counted together.
type office struct {
	keys     *accesslog.Keys        // the private reading keys of the site, from a log-in or from the start; locked, or not
	login    bool                   // a log-in opens them ("unlock: login"), and they are wrapped for persons
	second   func(people.Role) bool // which roles ask for a second factor
	restored bool                   // the appliance was made again from a backup
	config   func() ([]configs.Camera, *time.Location)
	index    *footage.Index
	boot     recorder.Boot
	certain  func() time.Time // a moment that has come for certain, by which authorisations end; nil: none is known. Set before anybody asks
	log      *slog.Logger
	note     func(diary.Entry) // enters what asks for a person; nil: it is only told
	inUse    func(people.Which) keyring.KeyID
	lock     func(context.Context, proof.Actor) error // lets the keys go, with an entry; nil: no daemon has any
	unlocked func()                                   // is told that keys were opened; nil: nobody waits for that

	address func() string // where the pages are, "" for nowhere; nil: no daemon serves any

	keyOptions accesslog.KeyOptions
	recovering sync.Mutex // held while the recovery key is used

	mu     sync.Mutex
	diary  *diary.Diary     // nil until it is open; guarded by mu
	people *people.Register // nil until somebody asks for it; guarded by mu
	used   *time.Time       // when the recovery words were used last, zero for never; nil until it is asked; guarded by mu
}

// passwordCost is what a new password costs to compute; zero is people.DefaultCost. Only tests take less.
var passwordCost people.Cost

// newOffice makes the office of a site. begin gives it the diary.
func newOffice(s *site, config func() ([]configs.Camera, *time.Location), index *footage.Index, boot recorder.Boot, log *slog.Logger) *office {
	keys := s.openKeys(boot.Now)
	return &office{keys: keys, inUse: s.inUse, keyOptions: s.keyOptions(boot.Now), login: s.cfg.Unlock == configs.UnlockLogin, second: asksSecond(s.cfg.SecondFactor), restored: s.appliance.Restored, config: config, index: index, boot: boot, log: log}
}

// asksSecond tells which roles ask for a second factor.
func asksSecond(roles []string) func(people.Role) bool {
	return func(r people.Role) bool { return slices.Contains(roles, string(r)) }
}

// begin takes the open diary.
func (o *office) begin(d *diary.Diary) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.diary != d {
		o.diary, o.people, o.used = d, nil, nil
	}
}

// errNoOffice is returned while the diary, and with it the registers, can't be used.
var errNoOffice = errors.New("the diary is not open, and with it nobody knows persons and notices: varuh status says why")

// notices is the register of notices, with the time zone that is configured now.
func (o *office) notices() (*notice.Register, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.diary == nil {
		return nil, errNoOffice
	}
	known, err := o.known()
	return &notice.Register{Diary: o.diary, Zone: o.zone(), Now: o.boot.Now,
		Known: func(camera string) bool { return slices.Contains(known, camera) }}, err
}

// zone is that of the site.
func (o *office) zone() *time.Location {
	if _, zone := o.config(); zone != nil {
		return zone
	}
	return time.UTC
}

// known are the cameras that are configured, and those of which there is footage, sorted.
func (o *office) known() (list []string, err error) {
	cameras, _ := o.config()
	for _, c := range cameras {
		list = append(list, c.ID)
	}
	held, err := o.index.Streams()
	for id := range held {
		list = append(list, id)
	}
	slices.Sort(list)
	return slices.Compact(list), err
}

// isKnown tells whether there is, or was, such a camera, now.
func (o *office) isKnown(camera string) bool {
	list, err := o.known()
	if err != nil {
		o.log.Error("the index of footage can't be read, so that cameras without a file are not known", "err", err)
	}
	return slices.Contains(list, camera)
}

// persons is the register of persons.
func (o *office) persons(ctx context.Context) (*people.Register, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.diary == nil {
		return nil, errNoOffice
	}
	if o.people != nil {
		return o.people, nil
	}
	if err := o.renewRestored(ctx); err != nil {
		return nil, err
	}
	with := people.Options{Diary: o.diary, Now: o.boot.Now, Certain: o.certain, Second: o.second, Cost: passwordCost}
	if o.login {
		with.Keys = doubtedKeys{o.keys, o.diary.Fault, o.awake}
	}
	r, err := people.New(ctx, with)
	if err != nil {
		return nil, fmt.Errorf("couldn't read who the persons are: %w", err)
	}
	o.people = r
	return r, nil
}

// awake tells whoever waits for keys that some were opened.
func (o *office) awake() {
	if o.unlocked != nil {
		o.unlocked()
	}
}

// sweepEach is how often sessions that are over are ended, and log-ins that failed are entered.
const sweepEach = time.Minute

// run sees to sessions and failed log-ins until ctx ends, and once more then.
func (o *office) run(ctx context.Context) {
	tick := time.NewTicker(sweepEach)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), waitForEnd)
			defer cancel()
			o.sweep(last)
			return
		case <-tick.C:
			o.sweep(ctx)
		}
	}
}

// sweep enters what happened to sessions and log-ins since the last time. Somebody who seems to be guessing is an incident.
func (o *office) sweep(ctx context.Context) {
	r, err := o.persons(ctx)
	var failed []people.Failure
	if err == nil {
		failed, err = r.Sweep(ctx)
	}
	if err != nil && ctx.Err() == nil {
		o.log.Warn("what became of sessions and log-ins can't be entered; it is tried again every minute", "err", err)
	}
	o.alarms(failed)
}

// alarms makes incidents of those failures that look like guessing.
func (o *office) alarms(failed []people.Failure) {
	for _, f := range failed {
		if f.Alarming() {
			o.alarm(f)
		}
	}
}

// alarm makes failed log-ins an incident. The log names nobody.
func (o *office) alarm(f people.Failure) {
	o.log.Warn("somebody seems to be guessing passwords: look at the entries login.failed of the diary", "failed", f.Count)
	if o.note == nil {
		return
	}
	whose := "of " + f.Name
	if f.Person == "" {
		whose = "of names that nobody has"
	}
	o.note(diary.Entry{Op: "incident.open", Body: proof.Body{Result: "log-ins failed",
		Note: fmt.Sprintf("%s %s failed from %s to %s", count(f.Count, "log-in", "log-ins"), whose, stamp(f.First), stamp(f.Last))}})
}
