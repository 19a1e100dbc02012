package accesslog

import (
	"context"
	"time"
)

// footages are spans of one camera's footage, and those of them that may be seen live.
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

// add adds a wish to those of its camera.
func add(to map[string]*footages, x wish) {
	f := to[x.camera]
	if f == nil {
		f = &footages{}
		to[x.camera] = f
	}
	f.all = f.all.add(x.span, 0)
	if x.live {
		f.live = f.live.add(x.span, 0)
	}
}

// leases tells whether any lease names a camera.
func (v *viewing) leases(camera string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.leased[camera] != nil
}

// missing is the first part of a wish that no lease covers.
func (v *viewing) missing(x wish) span {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.leased[x.camera].missing(x)
}

// covered tells whether a wish needs no further lease.
func (v *viewing) covered(x wish) bool { return v.missing(x).empty() && !v.door.isDown() }

// take notes a durable lease. The caller holds mu.
func (v *viewing) take(g grant) {
	add(v.leased, g.wish)
	if x := g.settled(g.asked); !x.empty() {
		add(v.lawful, x)
	}
}

// settled is the part of a wish that was captured so long before the notice was looked up that no notice comes to be
// in force for it, but one that is entered later. Who enters one that begins now takes up to a minute for it.
func (x wish) settled(asked time.Time) wish {
	x.span = x.within(span{x.from, asked.Add(-Fresh)})
	return x
}

// stillLawful asks of footage that was captured after its lease was taken what nobody could know then: a notice may
// have come to be in force without the purpose, or without live view.
func (w Viewing) stillLawful(ctx context.Context, x wish) error {
	v := w.v
	v.mu.Lock()
	known := v.aim != nil || v.lawful[x.camera].missing(x).empty()
	v.mu.Unlock()
	if known {
		return nil
	}
	asked := v.door.o.Now()
	list, _, err := w.unlawful(ctx, x)
	if err == nil {
		err = why(x.span, list)
	}
	if err != nil {
		return err
	}
	if x = x.settled(asked); !x.empty() {
		v.mu.Lock()
		defer v.mu.Unlock()
		add(v.lawful, x)
	}
	return nil
}
