package retention

import (
	"maps"
	"slices"
	"time"
)

// Shorter are the policies by which the time of footage is up as early as by p or by o, whichever is earlier. Where p
// promises a depth it is promised as far as that goes.
func (p Policies) Shorter(o Policies) Policies {
	next := p.clone()
	for camera, versions := range o {
		if len(versions) == 0 {
			continue
		}
		next[camera] = nil
		for _, at := range moments(p[camera], versions) {
			v := Version{p.At(camera, at).shorter(o.At(camera, at)), at}
			v.Gone = goneAt(p[camera], at) || goneAt(versions, at)
			next[camera] = append(next[camera], v)
		}
	}
	return next
}

// shorter has the limit of the shorter of two policies.
func (p Policy) shorter(o Policy) Policy {
	if o.limit().mayEndBefore(p.limit()) {
		p.Limit = o.limit()
	}
	if p.Keep.mayEndAfter(p.limit()) {
		p.Keep = Term{}
	}
	return p
}

// moments are those at which any of some versions begins, the first of them ever since.
func moments(lists ...[]Version) []time.Time {
	list := []time.Time{{}}
	for _, v := range slices.Concat(lists...) {
		list = append(list, v.From)
	}
	slices.SortFunc(list, time.Time.Compare)
	return slices.CompactFunc(list, time.Time.Equal)
}

// goneAt tells whether a camera is given up just at a moment. It may record again afterwards.
func goneAt(versions []Version, at time.Time) bool {
	return slices.ContainsFunc(versions, func(v Version) bool { return v.Gone && v.From.Equal(at) })
}

// Sooner are the cameras of which footage that was recorded at any moment, now or later too, goes earlier by p than by o.
// What o has let go by now does not count.
func (p Policies) Sooner(o Policies, now time.Time) (cameras []string) {
	for _, camera := range slices.Sorted(maps.Keys(p)) {
		if len(p[camera]) > 0 && slices.ContainsFunc(moments(p[camera], o[camera]), func(at time.Time) bool {
			return p.soonerAt(o, camera, at, now)
		}) {
			cameras = append(cameras, camera)
		}
	}
	return cameras
}

// soonerAt is Sooner for what is recorded at one moment: no version of o that was in force then, or was since, lets it go
// as early.
func (p Policies) soonerAt(o Policies, camera string, at, now time.Time) bool {
	mine, others := p.At(camera, at), []Version{{Policy: Policy{Limit: Law}}}
	if len(o[camera]) > 0 {
		others = o[camera][inForce(o[camera], at):]
	}
	if now.Before(at) {
		now = at
	}
	i := slices.IndexFunc(others[1:], func(v Version) bool { return v.From.After(now) })
	if i >= 0 {
		others = others[:i+1]
	}
	gone := slices.ContainsFunc(others, func(v Version) bool { return v.Gone })
	return goneAt(p[camera], at) && !gone ||
		!slices.ContainsFunc(others, func(v Version) bool { return !mine.limit().mayEndBefore(v.limit()) })
}

// Begin are the policies by which one more version of a camera begins, in the place of all that would have begun later.
func (p Policies) Begin(camera string, v Version) Policies {
	next := p.clone()
	next[camera] = slices.DeleteFunc(next[camera], func(o Version) bool { return !o.From.IsZero() && !o.From.Before(v.From) })
	next[camera] = append(next[camera], v)
	return next
}
