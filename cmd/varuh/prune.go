package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/anchor/timestamp"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/hold"
	"varuh/configs"
	"varuh/recorder/keyring"
)

// pruner destroys the diary's entries at the end of their term. It runs beside all else: nobody waits for it
// but the next commit, and that only while the entries are deleted.
type pruner struct {
	term configs.Diary
	log  *slog.Logger
	held func(*diary.Diary) *hold.Register // what is held; nil: it is read from the diary alone
	keys func() (keyring.Identity, error)  // that open the diary; nil: none are at hand

	mu      sync.Mutex
	trouble string // what is wrong, "" for nothing; guarded by mu
}

const (
	pruneEach  = time.Hour        // how often it looks whether entries are due
	pruneAgain = 10 * time.Minute // the same after it failed
)

func newPruner(term configs.Diary, log *slog.Logger) *pruner { return &pruner{term: term, log: log} }

// pruning is the rule of the configuration, and what is held.
func pruning(term configs.Diary, register *hold.Register) diary.Pruning {
	return diary.Pruning{Years: term.TermYears, Assessment: term.Assessment, Timestamp: timestampTime, Held: register.Held,
		By: proof.Body{Note: "at the end of their term"}}
}

// register is what is held.
func (p *pruner) register(d *diary.Diary) *hold.Register {
	if p.held != nil {
		return p.held(d)
	}
	return &hold.Register{Diary: d}
}

// pin keeps entries about what is held past their term, where a key that opens the diary is at hand: without all for
// what nobody has looked for yet.
func (p *pruner) pin(ctx context.Context, register *hold.Register, all bool) error {
	if p.keys == nil {
		return nil
	}
	keys, err := p.keys()
	if errors.Is(err, errLocked) {
		return nil // what waits for it says so
	}
	if err != nil {
		return err
	}
	_, err = register.Pin(ctx, keys, all)
	return err
}

// due are the years past their term. Where something held keeps one, the diary is looked through first.
func (p *pruner) due(ctx context.Context, d *diary.Diary, register *hold.Register, rule diary.Pruning) ([]diary.Prunable, error) {
	due, err := d.Prunable(ctx, rule)
	if err != nil || !slices.ContainsFunc(due, func(y diary.Prunable) bool { return errors.Is(y.Lacks, hold.ErrNotPinned) }) {
		return due, err
	}
	if err := p.pin(ctx, register, true); err != nil {
		return nil, err
	}
	return d.Prunable(ctx, rule)
}

// timestampTime checks a timestamp against the certificates that were entered with the authority.
func timestampTime(p diary.Party, token []byte, text string) (time.Time, error) {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(p.Key)) {
		return time.Time{}, fmt.Errorf("entry %d holds no certificate of %s", p.First, p.Name)
	}
	at, _, err := timestamp.Checker(roots)(token, []byte(text))
	return at, err
}

// run ends what a crash cut short, and then prunes what is due, until ctx ends.
func (p *pruner) run(ctx context.Context, d *diary.Diary) {
	for {
		next := pruneEach
		if err := p.prune(ctx, d); err != nil && ctx.Err() == nil {
			next = pruneAgain
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(next):
		}
	}
}

// prune does what is to be done now. The error has been told.
func (p *pruner) prune(ctx context.Context, d *diary.Diary) error {
	err := d.FinishPrune(ctx)
	if err != nil {
		return p.tell(ctx, "entries of the diary that were to be destroyed may still be on the disk", err)
	}
	if d.Fault() != nil { // the status says so, and nothing is destroyed before that is accepted
		return p.tell(ctx, "", nil)
	}
	register := p.register(d)
	if err := p.pin(ctx, register, false); err != nil {
		return p.tell(ctx, "entries of the diary about held footage can't be kept apart, so that none are destroyed which could be among them", err)
	}
	rule := pruning(p.term, register)
	due, err := p.due(ctx, d, register, rule)
	if err != nil {
		return p.tell(ctx, "whether entries of the diary are past their term can't be told", err)
	}
	before := d.Head().Cut
	got, err := d.Prune(ctx, rule)
	switch {
	case err == nil:
		p.log.Info("entries of the diary were destroyed at the end of their term", "entry", got.Index, "from", before, "below", d.Head().Cut)
	case errors.Is(err, diary.ErrFault): // the status says so, and nothing is destroyed before that is accepted
		return p.tell(ctx, "", nil)
	case !errors.Is(err, diary.ErrNotDue):
		return p.tell(ctx, "entries of the diary are past their term and could not be destroyed", err)
	case len(due) > 0 && errors.Is(due[0].Lacks, hold.ErrNotPinned):
		return p.tell(ctx, fmt.Sprintf("entries of the diary are past their term and can't be destroyed: %v", due[0].Lacks), nil)
	case len(due) > 0 && due[0].Lacks != nil:
		return p.tell(ctx, fmt.Sprintf("entries of the diary seem to be past their term and are kept until something shows that the date is right; see varuh diary prune: %v", due[0].Lacks), nil)
	}
	return p.tell(ctx, "", nil)
}

// tell makes known what is wrong, "" for nothing, and logs it when it begins. It returns err.
func (p *pruner) tell(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil {
		return err
	}
	if err != nil {
		what = fmt.Sprintf("%s: %v", what, err)
	}
	p.mu.Lock()
	was := p.trouble
	p.trouble = what
	p.mu.Unlock()
	switch {
	case what == was || what == "":
	case err != nil:
		p.log.Error(what)
	default:
		p.log.Warn(what)
	}
	return err
}

// sentence says what is wrong, or nothing.
func (p *pruner) sentence() string {
	if p == nil {
		return ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.trouble
}
