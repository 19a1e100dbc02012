package web

import (
	"context"
	"maps"
	"time"

	"varuh/accesslog/people"
)

// pulseFor is what one person may know of.
func (s *Site) pulseFor(c *call) Pulse {
	all, cameras := s.pulseNow(c.Context())
	p := Pulse{Locked: all.Locked}
	system := c.allowed(people.System, "")
	if system || c.allowed(people.ReadDiary, "") {
		p.Diary = all.Diary
	}
	if system {
		p.Status, p.Retention = all.Status, all.Retention
	}
	maps.DeleteFunc(cameras, func(id, _ string) bool { return !c.allowed(people.Play, id) })
	if len(cameras) > 0 {
		p.Cameras = digest(cameras)
	}
	if c.allowed(people.Hold, "") {
		p.Holds = all.Holds
	}
	if system || c.allowed(people.Notices, "") {
		p.Notices = all.Notices
	}
	if c.allowed(people.Persons, "") || c.allowed(people.Authorise, "") {
		p.Persons = all.Persons
	}
	handles := c.allowed(people.Extract, "") || c.allowed(people.Approve, "")
	if handles {
		p.Packages = all.Packages
	}
	if handles || c.allowed(people.ReadDiary, "") {
		p.Requests = all.Requests
	}
	return p
}

// pulseNow looks up what has changed, if nobody has just done so, with the state of each camera, which is the caller's. What
// can't be looked up has changed, too.
func (s *Site) pulseNow(ctx context.Context) (Pulse, map[string]string) {
	l := &s.listening
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Since(l.at) < s.pulse.each/2 {
		return l.last, maps.Clone(l.cameras)
	}
	p := Pulse{Locked: s.locked(), Diary: s.o.Diary.Head().Size, Holds: l.last.Holds, Notices: l.last.Notices, Persons: l.last.Persons, Requests: l.last.Requests}
	st, err := s.o.Status(ctx)
	l.cameras = map[string]string{}
	st.Now = moment{}
	for i := range st.Streams {
		st.Streams[i].Last = moment{}
		l.cameras[st.Streams[i].Camera] += st.Streams[i].Stream + " " + st.Streams[i].State + " "
	}
	for i := range st.Stores {
		st.Stores[i].Free >>= 30 // what is free changes all the time
	}
	p.Status = digest(st, err)
	p.Retention = s.retentionPulse(ctx)
	p.Packages = s.packagesPulse(ctx)
	if l.entered == 0 || l.entered != p.Diary {
		p = s.registersPulse(ctx, p)
	}
	l.at, l.last, l.entered = time.Now(), p, p.Diary
	return p, maps.Clone(l.cameras)
}

// packagesPulse is how far packages have come, told again with each 4 MiB.
func (s *Site) packagesPulse(ctx context.Context) string {
	list, err := s.o.Packages.List(ctx, false)
	for i := range list {
		list[i].Done >>= 22
	}
	return digest(list, err)
}

// retentionPulse is what a run over the footage found, and what waits for a person.
func (s *Site) retentionPulse(ctx context.Context) string {
	o, err := s.o.Retention.Overview(ctx)
	o.Certain = moment{} // goes on all the time
	terms, other := s.o.Retention.Terms(ctx)
	return digest([]any{o, terms}, err, other)
}

// registersPulse looks up what changes with an entry of the diary alone.
func (s *Site) registersPulse(ctx context.Context, p Pulse) Pulse {
	holds, err := s.o.Holds.List(ctx)
	restrictions, other := s.o.Holds.ListRestrictions(ctx)
	p.Holds = digest([]any{holds, restrictions}, err, other)
	var notices []any
	var errs []error
	for _, camera := range s.o.Cameras() {
		versions, err := s.o.Notices.Versions(ctx, camera.ID)
		notices, errs = append(notices, versions), append(errs, err)
	}
	p.Notices = digest(notices, errs...)
	persons, err := s.o.People.Persons(ctx)
	tokens, other := s.o.People.Tokens(ctx)
	p.Persons = digest([]any{persons, tokens}, err, other)
	requests, err := s.o.Requests.Requests(ctx)
	p.Requests = digest(requests, err)
	return p
}
