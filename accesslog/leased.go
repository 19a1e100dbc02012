package accesslog

import "context"

// footages are spans of one stream's footage, and those of them that may be seen live.
type footages struct{ all, live set }

// missing is the first part of a wish that is not among them.
func (f *footages) missing(x wish) span {
	switch {
	case f == nil:
		return x.span
	case x.live:
		return f.live.missing(x.span)
	}
	return f.all.missing(x.span)
}

// add adds a wish to those of its stream.
func add(to map[strip]*footages, x wish) {
	f := to[x.strip()]
	if f == nil {
		f = &footages{}
		to[x.strip()] = f
	}
	f.all = f.all.add(x.span, 0)
	if x.live {
		f.live = f.live.add(x.span, 0)
	}
}

// leases tells whether any lease names a stream.
func (v *viewing) leases(s strip) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.leased[s] != nil
}

// missing is the first part of a wish that no lease covers.
func (v *viewing) missing(x wish) span {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.leased[x.strip()].missing(x)
}

// covered tells whether a wish needs no further lease.
func (v *viewing) covered(x wish) bool { return v.missing(x).empty() && !v.door.isDown() }

// lawful is footage that the notices allow, as they stood in the diary.
type lawful struct {
	size int64 // entries that the diary had when they were looked up: nothing changes a notice without one
	sets map[matter]set
}

// matter is what a notice is asked about.
type matter struct {
	camera      string
	live, sound bool
}

// stillLawful sees whether a wish is lawful as the notices stand now. It was when its lease was taken; but who captures
// what is yet to come can't know the notice of that time, and one can be entered later, even while a lease is.
func (w Viewing) stillLawful(ctx context.Context, x wish) error {
	v := w.v
	if v.aim != nil {
		return nil
	}
	size := v.door.o.Diary.Head().Size
	if v.known(x, size) {
		return nil
	}
	next := x
	if end := x.from.Add(Lease); end.After(x.to) {
		next.to = end // what follows is asked for next
	}
	list, _, err := w.unlawful(ctx, next)
	if err == nil {
		err = why(x.span, list)
	}
	if err == nil {
		next.span = free(next.span, list)
		v.learn(next, size)
	}
	return err
}

// known tells whether all of a wish was found lawful since the diary had its last entry.
func (v *viewing) known(x wish, size int64) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.lawful.size == size && v.lawful.sets[x.matter()].missing(x.span).empty()
}

// learn keeps what was found lawful when the diary had so many entries.
func (v *viewing) learn(x wish, size int64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.lawful.sets == nil || v.lawful.size != size {
		v.lawful = lawful{size, map[matter]set{}}
	}
	v.lawful.sets[x.matter()] = v.lawful.sets[x.matter()].add(x.span, 0)
}

func (x wish) matter() matter { return matter{x.camera, x.live, x.sound} }
