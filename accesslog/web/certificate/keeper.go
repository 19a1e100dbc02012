package certificate

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"varuh/recorder/durable"
)

// Options says what a keeper works with.
type Options struct {
	Dir   string                // folder for authority and leaf, which is there
	FS    durable.FS            //
	Names func() (Names, error) // of the appliance, asked each minute
	Own   *Files                // the controller's own certificate; nil for the appliance's
	Now   func() time.Time
	Log   *slog.Logger
}

// Keeper keeps the certificate that is served. Its methods may be called from many goroutines.
type Keeper struct {
	o         Options
	authority *pair // nil while there was no need for one
	current   atomic.Pointer[tls.Certificate]

	root atomic.Pointer[pair] // the authority of what is served; nil: it is the controller's own. Each request asks, and waits for no look

	looking sync.Mutex // one look at files and names at a time; guards authority, leaf and own
	leaf    *pair      // that the authority signed last
	own     bool       // what is served is the controller's

	mu      sync.Mutex
	problem error // guarded by mu, as is names
	names   Names
}

// Open makes a keeper that has a certificate. If the controller's own is wrong, the appliance's is served, and
// [Keeper.Problem] says why. An error says that there is none: pages can't be served then.
func Open(o Options) (*Keeper, error) {
	k := &Keeper{o: o}
	k.Look()
	if k.current.Load() == nil {
		return nil, fmt.Errorf("there is no certificate to serve pages with: %w", k.Problem())
	}
	return k, nil
}

// Look reads the controller's files, or holds the appliance's certificate against its names and the time, and
// replaces what is served if need be. [Keeper.Run] calls it; an error is logged and kept for Problem.
func (k *Keeper) Look() {
	k.looking.Lock()
	defer k.looking.Unlock()
	names, err := k.o.Names()
	if err == nil {
		k.called(names)
	}
	problem := errors.Join(err, k.replace(k.Names()))
	if before := k.said(problem); problem != nil && (before == nil || before.Error() != problem.Error()) {
		k.o.Log.Error("the certificate of the pages needs a person", "err", problem)
	}
}

// replace puts in place what is to be served.
func (k *Keeper) replace(names Names) error {
	now := k.o.Now()
	var wrong error
	if k.o.Own != nil {
		cert, err := k.o.Own.read(k.o.FS, now)
		if err == nil {
			k.serve(cert, true)
			return nil
		}
		if wrong = err; k.own {
			return wrong // the one before goes on
		}
	}
	if k.authority == nil {
		a, err := openAuthority(k.o.FS, k.o.Dir, names.DNS, now)
		if err != nil {
			return errors.Join(wrong, err)
		}
		k.authority = a
	}
	var err error
	if k.leaf == nil || !k.authority.does(k.leaf.cert, names, now) {
		k.leaf, err = k.authority.currentLeaf(k.o.FS, k.o.Dir, names, now)
	}
	if k.leaf != nil {
		k.serve(k.leaf.served(), false)
	}
	return errors.Join(wrong, err, k.authority.aged(now))
}

// serve replaces what is served, if it is another one.
func (k *Keeper) serve(cert *tls.Certificate, own bool) {
	if k.own = own; own {
		k.root.Store(nil)
	} else {
		k.root.Store(k.authority)
	}
	if before := k.current.Load(); before == nil || !before.Leaf.Equal(cert.Leaf) {
		k.current.Store(cert)
		k.o.Log.Info("the pages have a certificate", "own", own, "until", cert.Leaf.NotAfter.UTC().Format(time.DateOnly), "sha256", Fingerprint(cert.Leaf.Raw))
	}
}

// said keeps a problem, and returns the one before.
func (k *Keeper) said(problem error) (before error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	before, k.problem = k.problem, problem
	return before
}

// Problem is what needs a person, or nil: a certificate that was not replaced, files that are wrong, an authority
// that ends.
func (k *Keeper) Problem() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.problem
}

// called keeps the names of the appliance.
func (k *Keeper) called(names Names) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.names = names
}

// Names are those of the appliance when they were last asked for.
func (k *Keeper) Names() Names {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.names
}
