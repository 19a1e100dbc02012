package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"varuh/accesslog/diary"
	"varuh/recorder"
	"varuh/recorder/durable"
	"varuh/recorder/segment"
	"varuh/retention"
)

// timekeeper knows which moment has come for certain. It asks the machine each minute, and is told what outside
// parties signed and persons said. What it knows outlives the program in a file.
type timekeeper struct {
	file string
	boot recorder.Boot
	log  *slog.Logger

	saving sync.Mutex // held by who writes the file: it has one writer at a time

	mu      sync.Mutex
	guard   retention.Guard
	present retention.Present
	saved   time.Duration // uptime at which the file was last written
	failed  error         // why it could not be
}

// person is the party that all persons are to the guard, whose names it does not keep. They look at the same clock, and who
// sits at the console can give any name: two of them count as one.
const person = "person"

const (
	observeEach = time.Minute // how often the machine's clock is looked at
	saveEach    = time.Hour   // how often what is known is written down
	maxTimeFile = 4 << 20     // bytes of the file: thousands of boots are far less
)

// timeFile is where a timekeeper keeps what it knows.
func timeFile(state string) string { return filepath.Join(state, "present.json") }

// openTimekeeper takes up what was known, and looks at the clock. A file that is damaged costs certainty, as one that is
// missing does, and never makes a wrong one. Whoever records calls save before, for the boot dates what is recorded.
func openTimekeeper(state string, boot recorder.Boot, log *slog.Logger) *timekeeper {
	k := &timekeeper{file: timeFile(state), boot: boot, log: log}
	b, err := durable.ReadFile(durable.OS, k.file, maxTimeFile)
	if err == nil {
		err = json.Unmarshal(b, &k.guard)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		k.guard = retention.Guard{}
		log.Warn("what was certain of the present can't be read; a person or an outside party has to say it anew: varuh clock confirm", "err", err)
	}
	k.observe()
	return k
}

// observe looks at the clock, takes note of what others told, and returns the present.
func (k *timekeeper) observe(told ...retention.Told) retention.Present {
	k.mu.Lock()
	was := k.present
	k.present = k.guard.Observe(retention.Sighting{Boot: k.boot.ID(), Uptime: k.boot.Uptime(), Wall: k.boot.Now(),
		Synchronised: k.boot.Clock() == segment.Synchronised, Told: told})
	now, due := k.present, k.boot.Uptime()-k.saved >= saveEach
	k.mu.Unlock()
	switch {
	case now.Held && now.Certain.IsZero():
		if !was.Held { // nothing is wrong: it is a new appliance
			k.log.Info("nobody has confirmed the date and time yet, which footage goes by; varuh status says what to do")
		}
	case now.Held && !was.Held:
		k.log.Warn("it is not certain how late it is; what falls due meanwhile may not be erased: " + now.Why)
	case !now.Held && was.Held:
		k.log.Info("it is certain again how late it is")
	}
	if due || len(told) > 0 {
		k.save()
	}
	return now
}

// told is observe for one party.
func (k *timekeeper) told(by string, at time.Time) {
	k.observe(retention.Told{By: by, Time: at})
}

// setBack takes the present that two persons state, be it earlier than what was certain.
func (k *timekeeper) setBack(to time.Time) (retention.Present, error) {
	k.mu.Lock()
	err := k.guard.SetBack(to)
	k.mu.Unlock()
	if err != nil {
		return retention.Present{}, err
	}
	return k.observe(retention.Told{By: person, Time: to}), nil
}

// recall tells what outside parties signed before, by the diary. What was signed before the present was last set back
// says nothing: that is what two persons took back. Without it, a lost file would cost what witnesses have said.
func (k *timekeeper) recall(ctx context.Context, d *diary.Diary) error {
	backs, err := d.EntriesOf(ctx, opClockSetBack)
	if err != nil {
		return err
	}
	var from int64
	if n := len(backs); n > 0 {
		from = backs[n-1].Index
	}
	words, err := d.LastWords(ctx, diary.Pruning{Timestamp: timestampTime}, from)
	if err != nil || len(words) == 0 {
		return err
	}
	var told []retention.Told
	for _, w := range words {
		told = append(told, retention.Told{By: w.Kind + " " + w.Party, Time: w.Time, Past: true})
	}
	k.observe(told...)
	return nil
}

// save writes down what is known.
func (k *timekeeper) save() {
	k.saving.Lock()
	defer k.saving.Unlock()
	k.mu.Lock()
	b, err := json.Marshal(k.guard)
	was := k.failed
	k.saved = k.boot.Uptime()
	k.mu.Unlock()
	if err == nil {
		err = durable.WriteFile(durable.OS, k.file, append(b, '\n'), 0o600)
	}
	k.mu.Lock()
	k.failed = err
	k.mu.Unlock()
	if err != nil && was == nil {
		k.log.Error("what is certain of the present can't be written down; it is tried again", "err", err)
	}
}

// run observes until ctx ends.
func (k *timekeeper) run(ctx context.Context) {
	tick := time.NewTicker(observeEach)
	defer tick.Stop()
	defer k.save()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			k.observe()
		}
	}
}

// boots are those that the guard knows, by which footage is dated, and those that it only met.
func (k *timekeeper) boots() (known, strange []retention.Boot) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.guard.Boots), slices.Clone(k.guard.Strange)
}

// meet takes note of boots whose footage nothing dates, and reports whether any was new.
func (k *timekeeper) meet(boots ...[16]byte) bool {
	k.mu.Lock()
	changed := k.guard.Meet(k.present, boots...)
	k.mu.Unlock()
	if changed {
		k.save()
	}
	return changed
}

// now is the present as of the last look.
func (k *timekeeper) now() retention.Present {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.present
}

// latest is the latest that the present can be by what is certain and the machine's clock.
func (k *timekeeper) latest() time.Time { return k.now().Latest(k.boot.Now()) }

// certain is a moment that has come for certain; zero: none is known.
func (k *timekeeper) certain() time.Time { return k.now().Certain }

// sentence says what is wrong with the file, or nothing.
func (k *timekeeper) sentence() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.failed == nil {
		return ""
	}
	return fmt.Sprintf("what is certain of the present can't be written down, and would have to be said anew after a restart: %v", k.failed)
}
