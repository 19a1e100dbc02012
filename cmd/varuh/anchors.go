package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/anchor"
	"varuh/accesslog/diary/proof"
	"varuh/configs"
)

// anchors has the configured outside parties say what they know of the diary, and enters that.
type anchors struct {
	log      *slog.Logger
	policy   *anchor.Policy
	schedule *anchor.Schedule
	parties  []diary.Party
	quorum   int
	diary    *diary.Diary
	keep     func(anchor.State)            // is told what is known after each round
	told     func(by string, at time.Time) // is told which time a party signed, once that is verified; nil: nobody is
	heard    heard                         // what each of them gave last
}

const retryAnchors = 10 * time.Minute // after a round in which not enough answered

// newAnchors makes what the configuration asks for, nil if that is nobody.
func newAnchors(cfg *configs.Config, log *slog.Logger) (*anchors, error) {
	a := &anchors{log: log, quorum: cfg.Diary.Quorum}
	var witnesses []*anchor.Witness
	for _, c := range cfg.Diary.Witnesses {
		w, err := anchor.NewWitness(c.URL.Reveal(), c.Key)
		if err != nil {
			return nil, err
		}
		witnesses = append(witnesses, w)
		a.parties = append(a.parties, diary.Party{Name: w.Name(), Kind: "witness", Key: c.Key})
	}
	var authorities []*anchor.Authority
	for _, c := range cfg.Diary.Timestamps {
		roots, err := os.ReadFile(c.Roots)
		if err != nil {
			return nil, fmt.Errorf("couldn't read the certificates of the time-stamping authority at %v: %w", c.URL, err)
		}
		s, err := anchor.NewAuthority(c.URL.Reveal(), roots)
		if err != nil {
			return nil, err
		}
		authorities = append(authorities, s)
		a.parties = append(a.parties, diary.Party{Name: s.Name(), Kind: "tsa", Key: string(roots)})
	}
	if len(a.parties) == 0 {
		return nil, nil
	}
	var err error
	if a.policy, err = anchor.NewPolicy(witnesses, min(a.quorum, len(witnesses)), authorities); err != nil {
		return nil, err
	}
	a.schedule = anchor.NewSchedule(time.Duration(cfg.Diary.AnchorEvery), retryAnchors, a.round)
	return a, nil
}

// run asks until ctx ends.
func (a *anchors) run(ctx context.Context, d *diary.Diary, keep func(anchor.State)) {
	if err := a.begin(ctx, d, keep); err != nil {
		a.log.Warn("what the outside parties have given can't be read; it is tried again", "err", err)
	}
	a.schedule.Run(ctx)
}

// begin says what is known before anybody is asked, who may not answer for a while.
func (a *anchors) begin(ctx context.Context, d *diary.Diary, keep func(anchor.State)) error {
	a.diary, a.keep = d, keep
	given, err := d.Anchors(ctx, 0)
	if err != nil {
		return err
	}
	return a.look(ctx, given)
}

// round asks everybody about the diary as it is, and enters what they say.
func (a *anchors) round(ctx context.Context) error {
	given, err := a.diary.Anchors(ctx, 0)
	if err == nil {
		if err = a.introduce(ctx); err == nil {
			given, err = a.ask(ctx, given)
		}
		err = errors.Join(err, a.look(ctx, given))
	}
	if err != nil && ctx.Err() == nil {
		a.log.Warn("not everybody who keeps the diary outside could be asked; it is tried again", "err", err)
	}
	return err
}

// introduce enters the parties whose word counts from now on.
func (a *anchors) introduce(ctx context.Context) error {
	known, err := a.diary.Parties(ctx)
	if err != nil {
		return err
	}
	for _, p := range a.parties {
		same := func(k diary.Party) bool { return k.Name == p.Name && k.Kind == p.Kind }
		switch i := slices.IndexFunc(known, same); {
		case i < 0:
			if _, err := a.diary.AddParty(ctx, p, proof.Body{}); err != nil {
				return err
			}
		case known[i].Key != p.Key:
			return fmt.Errorf("%s has another key than the diary knows since entry %d: a party with a new key needs a new name", p.Name, known[i].First)
		}
	}
	return nil
}

// ask adds to what was given so far what everybody says now.
func (a *anchors) ask(ctx context.Context, given []diary.Anchor) ([]diary.Anchor, error) {
	note, err := a.diary.Checkpoint(ctx)
	if err != nil {
		return given, err
	}
	keys, err := a.diary.Keys(ctx)
	if err != nil {
		return given, err
	}
	signed, err := proof.OpenCheckpoint(note, keys...)
	if err != nil {
		return given, err
	}
	last := func(name string) (size int64) {
		for _, g := range given {
			if g.Kind == "witness" && g.Party == name {
				size = max(size, g.Size)
			}
		}
		return size
	}
	r := a.policy.Anchor(ctx, a.diary, signed, last)
	var got []diary.Anchor
	for _, c := range r.Cosignatures {
		got = append(got, diary.Anchor{Kind: "witness", Party: c.Witness, Size: c.Size, Time: c.Time, Data: []byte(c.Line)})
	}
	for _, s := range r.Timestamps {
		got = append(got, diary.Anchor{Kind: "tsa", Party: s.Authority, Size: s.Size, Time: s.Time, Data: s.DER})
	}
	var errs []error
	for _, g := range got {
		if _, err := a.diary.Anchored(ctx, g); err != nil {
			errs = append(errs, err)
		} else {
			given = append(given, g)
		}
		a.tell(g.Kind+" "+g.Party, g.Time)
	}
	errs = append(errs, a.accuse(ctx, r.Rollback()))
	if !r.Enough {
		errs = append(errs, r.Err())
	}
	return given, errors.Join(errs...)
}

// tell passes on which time a party signed. What it gave was verified when it came.
func (a *anchors) tell(by string, at time.Time) {
	if a.told != nil {
		a.told(by, at)
	}
}

// accuse tells the diary what a witness knows that it should not.
func (a *anchors) accuse(ctx context.Context, err error) error {
	var seen diary.Seen
	if ahead, ok := errors.AsType[*anchor.AheadError](err); ok {
		seen = diary.Seen{By: "witness " + ahead.Witness, Origin: a.diary.Head().Origin, Size: ahead.Size}
	} else if other, ok := errors.AsType[*anchor.ConflictError](err); ok {
		// Which root it knows a witness does not tell; only that it is not ours.
		seen = diary.Seen{By: "witness " + other.Witness, Origin: a.diary.Head().Origin, Size: other.Old, Root: new(proof.Hash)}
	} else {
		return nil
	}
	_, failed := a.diary.Saw(ctx, seen)
	return errors.Join(err, failed)
}

// look sums up what outside parties have given so far. Of witnesses only those count that are configured: from the others
// nothing more will come.
func (a *anchors) look(ctx context.Context, given []diary.Anchor) error {
	a.heard.sum(a.parties, given)
	var s anchor.State
	known, err := a.diary.Parties(ctx)
	if err != nil {
		return err
	}
	for kind, since := range map[string]*time.Time{"witness": &s.Witnesses, "tsa": &s.Authorities} {
		if !slices.ContainsFunc(a.parties, func(p diary.Party) bool { return p.Kind == kind }) {
			continue
		}
		if *since, err = a.firstOf(ctx, kind, known); err != nil {
			return err
		}
	}
	best := map[string]diary.Anchor{} // of each witness, the one over most entries
	for _, g := range given {
		switch {
		case g.Kind == "tsa" && g.Size >= s.TimestampedSize:
			s.TimestampedSize, s.TimestampedTime = g.Size, g.Time
		case a.asks(g) && g.Kind == "witness" && g.Size >= best[g.Party].Size:
			best[g.Party] = g
		}
	}
	var kept []diary.Anchor
	for _, g := range best {
		kept = append(kept, g)
	}
	slices.SortFunc(kept, func(x, y diary.Anchor) int { return cmp.Compare(y.Size, x.Size) })
	if a.quorum > 0 && len(kept) >= a.quorum {
		s.KeptSize, s.KeptTime = kept[a.quorum-1].Size, kept[a.quorum-1].Time
	}
	a.keep(s)
	return nil
}

// asks tells whether the party that gave something is still configured.
func (a *anchors) asks(g diary.Anchor) bool {
	return slices.ContainsFunc(a.parties, func(p diary.Party) bool { return p.Kind == g.Kind && p.Name == g.Party })
}

// firstOf is when the first party of a kind was configured: by the entry that says so, or, once that is pruned,
// by the first that is left.
func (a *anchors) firstOf(ctx context.Context, kind string, known []diary.Party) (at time.Time, err error) {
	first := a.diary.Head().Size
	for _, p := range known {
		if p.Kind == kind {
			first = min(first, p.First)
		}
	}
	first = max(first, a.diary.Head().Cut)
	for e, err := range a.diary.Entries(ctx, first, first+1) {
		if err != nil {
			return at, err
		}
		at = e.Time
	}
	return at, nil
}
