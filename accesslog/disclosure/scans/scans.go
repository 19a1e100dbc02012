// Package scans guards that the scan of a paper is on no disk in the clear, and that it goes when nothing names it any
// more.
//
// A scan is put by as it comes, as a sealed object: see package sealed. It waits for a day, in memory alone, for the request
// or the step that names it by its hash, whose row then says where it lies. [Keeper.Sweep] destroys what waited in vain, what
// a crash left, and what is named by entries alone whose term in the diary is over.
package scans

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"varuh/accesslog/disclosure"
	"varuh/accesslog/packing/sealed"
)

// ErrMany is returned where too many scans of one person wait to be named.
var ErrMany = errors.New("too many scans of this person wait for a request that names them")

// The bounds of what waits.
const (
	waitsFor = 24 * time.Hour
	spare    = time.Hour // after it, in which it is kept from a sweep that began before a step named it
	mostWait = 16        // of one person, so that nobody keeps others out: one more takes the place of the oldest
	mostKept = 64        // of one person that nothing names, with those whose place was taken in the last hour
)

// Options say what a keeper works with. All are needed.
type Options struct {
	Shelf *sealed.Shelf
	Named func(context.Context) ([]disclosure.Done, error)     // the steps that name a scan: [disclosure.Register.Scans]
	Lives func(ctx context.Context, entry int64) (bool, error) // whether the diary still has an entry
	Now   func() time.Time
}

// Keeper puts scans by. Its methods may be called from many goroutines.
type Keeper struct {
	o Options

	mu    sync.Mutex
	waits map[string]waiting // by hash; guarded by mu
	comes map[string]int     // how many are on their way, by person; guarded by mu
}

// waiting is a scan that came in the last day.
type waiting struct {
	disclosure.Stored
	by    string // id of the person
	since time.Time
	named bool // something is known to name it, so that it takes no place
}

// New makes a keeper.
func New(o Options) *Keeper {
	return &Keeper{o: o, waits: map[string]waiting{}, comes: map[string]int{}}
}

// Keep puts a scan of a person by as it comes, of at most so many bytes, until something names it, or for a day. The errors are
// [ErrMany], that of r, and those of package sealed; after one nothing is left.
func (k *Keeper) Keep(ctx context.Context, by, media string, r io.Reader, most int64) (hash [32]byte, size int64, err error) {
	if err := k.begin(ctx, by); err != nil {
		return hash, 0, err
	}
	kept, err := k.o.Shelf.Put(ctx, r, most)
	if k.came(by, media, kept, err) {
		err = k.o.Shelf.Destroy(ctx, kept.Place)
	}
	if err != nil {
		return hash, 0, err
	}
	return kept.Hash, kept.Size, nil
}

// came takes a scan that was put by to those that wait, unless putting it by failed. It tells whether the same paper waits
// already: that one stays, since a request that is being entered may have its place by now, and the new one is to go.
func (k *Keeper) came(by, media string, kept sealed.Kept, failed error) (again bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.comes[by]--; k.comes[by] == 0 {
		delete(k.comes, by)
	}
	if failed != nil {
		return false
	}
	text := hex.EncodeToString(kept.Hash[:])
	w, again := k.waits[text]
	if !again {
		w.Stored = disclosure.Stored{Place: kept.Place.String(), Media: media}
	}
	w.by, w.since = by, k.o.Now()
	k.waits[text] = w
	return again
}

// begin takes a place among those that wait, and forgets who has waited too long. Whoever has no place left gets those back
// whose scans are named by now.
func (k *Keeper) begin(ctx context.Context, by string) error {
	if err := ctx.Err(); err != nil || k.place(by) {
		return err
	}
	list, err := k.o.Named(ctx)
	if err != nil {
		return err
	}
	k.name(list)
	if !k.place(by) {
		return ErrMany
	}
	return nil
}

// place takes a place of a person, if there is one: that of the oldest scan where all are taken, so that whoever chooses another
// file again and again is not kept out.
func (k *Keeper) place(by string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.forget()
	kept, waits, oldest := k.comes[by], k.comes[by], ""
	for hash, w := range k.waits {
		if w.by != by || w.named {
			continue
		}
		if kept++; k.late(w) {
			continue
		}
		if waits++; oldest == "" || w.since.Before(k.waits[oldest].since) {
			oldest = hash
		}
	}
	if kept >= mostKept {
		return false
	}
	if waits >= mostWait && oldest != "" {
		w := k.waits[oldest]
		w.since = k.o.Now().Add(-waitsFor - 1)
		k.waits[oldest] = w
	}
	k.comes[by]++
	return true
}

// late tells whether a scan has waited too long to be named.
func (k *Keeper) late(w waiting) bool { return k.o.Now().Sub(w.since) > waitsFor }

// name notes which scans steps name.
func (k *Keeper) name(list []disclosure.Done) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, d := range list {
		if w, ok := k.waits[d.Scan]; ok && w.Place == d.Place {
			w.named = true
			k.waits[d.Scan] = w
		}
	}
}

// forget lets those go that have waited too long. The caller holds the lock.
func (k *Keeper) forget() {
	for hash, w := range k.waits {
		if k.o.Now().Sub(w.since) > waitsFor+spare {
			delete(k.waits, hash)
		}
	}
}

// Waits is where a scan lies that came in the last day, by its hash: [disclosure.Register.Papers].
func (k *Keeper) Waits(hash string) (disclosure.Stored, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	w, ok := k.waits[hash]
	return w.Stored, ok && !k.late(w)
}

// Open opens a scan for reading, and says how many bytes it has.
func (k *Keeper) Open(s disclosure.Stored) (io.ReadCloser, int64, error) {
	p, err := sealed.ParsePlace(s.Place)
	if err != nil {
		return nil, 0, err
	}
	f, err := k.o.Shelf.Take(p)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, info.Size(), nil
}

// Sweep destroys what nothing names any more, and returns how many scans that were. It is to be called at each start before
// anything is put by, and then now and again.
func (k *Keeper) Sweep(ctx context.Context) (int, error) {
	named, err := k.named(ctx)
	if err != nil {
		return 0, err
	}
	gone, left, err := k.o.Shelf.Sweep(ctx, func(p sealed.Place) bool { return named[p.String()] || k.has(p.String()) })
	for _, l := range left {
		err = errors.Join(err, fmt.Errorf("%s: %w", l.Name, l.Err))
	}
	if err != nil {
		err = fmt.Errorf("couldn't destroy all scans that nothing names: %w", err)
	}
	return len(gone), err
}

// named are the places of scans that an entry names which the diary still has.
func (k *Keeper) named(ctx context.Context) (map[string]bool, error) {
	list, err := k.o.Named(ctx)
	if err != nil {
		return nil, err
	}
	places := map[string]bool{}
	for _, d := range list {
		if d.Place == "" || places[d.Place] {
			continue
		}
		if places[d.Place], err = k.o.Lives(ctx, d.Entry); err != nil {
			return nil, err
		}
	}
	return places, nil
}

// has tells whether a scan waits. While one is on its way it may be any.
func (k *Keeper) has(place string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.forget()
	if len(k.comes) > 0 {
		return true
	}
	for _, w := range k.waits {
		if w.Place == place {
			return true
		}
	}
	return false
}
