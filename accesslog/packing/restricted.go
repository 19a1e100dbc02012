package packing

import (
	"context"
	"fmt"
	"slices"

	"varuh/accesslog/disclosure"
	"varuh/accesslog/people"
	"varuh/retention"
)

// unrestricted refuses what has footage in it whose processing is restricted by now (GDPR art. 18), unless that was taken on a ground
// of art. 18(2), by the order of somebody who still may: as the door does when it is built. A restriction takes effect before its
// entry, so it is asked after the entry of a delivery, too, and for each piece. The error is [ErrRestricted].
func (j *Jobs) unrestricted(ctx context.Context, p Package) error {
	all, err := j.o.Restrictions.Restrictions(ctx)
	if err != nil {
		return fmt.Errorf("couldn't tell whether footage of the package is restricted: %w", err)
	}
	for _, w := range p.Delivered {
		if !slices.ContainsFunc(all, func(r retention.Restriction) bool { return j.restricts(r, w) }) {
			continue
		}
		if p.Ground == "" {
			return fmt.Errorf("%w: %s", ErrRestricted, w.Camera)
		}
		if err := j.grounded(ctx, p, w.Camera); err != nil {
			return err
		}
	}
	return nil
}

// entitled refuses more of a package to a person who may not take it out any more. For whoever fetches it by a
// link, who is an outsider, that is not asked: the link can be ended.
func (j *Jobs) entitled(ctx context.Context, d *delivery, p Package) error {
	if d.way == ByLink {
		return nil
	}
	s, err := j.o.Orders.Ordered(ctx, d.who)
	for i := 0; err == nil && i < len(p.Delivered); i++ {
		_, err = s.Find(people.Want{Action: people.Extract, Camera: p.Delivered[i].Camera, At: j.o.Now()})
	}
	if err != nil {
		return fmt.Errorf("who takes the package out may not do so any more: %w", err)
	}
	return nil
}

// restricts tells whether a restriction is on some footage now.
func (j *Jobs) restricts(r retention.Restriction, w disclosure.Wanted) bool {
	return (r.Camera == "" || r.Camera == w.Camera) && r.From.Before(w.To) && w.From.Before(r.To) && (r.Until.IsZero() || r.Until.After(j.o.Now()))
}

// grounded says why the ground of a package does not count for footage of a camera: who stated it may not use what is restricted (any more).
func (j *Jobs) grounded(ctx context.Context, p Package, camera string) error {
	s, err := j.o.Orders.Ordered(ctx, p.Person)
	if err == nil {
		_, err = s.Find(people.Want{Action: people.Restricted, Camera: camera, At: j.o.Now()})
	}
	if err != nil {
		return fmt.Errorf("%w: %s: the ground does not count: %w", ErrRestricted, camera, err)
	}
	return nil
}
