package packing

import (
	"context"
	"slices"
	"testing"
	"time"

	"varuh/accesslog/disclosure"
	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/evidencetest"
)

// early gives of an export that it began with a key frame before what was asked for.
type early struct {
	*source
	real evidence.Range
}

type earlier struct {
	Export
	real evidence.Range
}

func (e early) Export(ctx context.Context, o Order) (Export, error) {
	x, err := e.source.Export(ctx, o)
	return earlier{x, e.real}, err
}

func (e earlier) Delivered() []evidence.Range { return []evidence.Range{e.real} }

// TestRealFootage: the package, its request and the entry of each delivery say what is really in it: from the key frame on that a clip begins with.
func TestRealFootage(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	real := evidence.Range{Camera: "hall", From: evidencetest.Dawn.Add(-9 * time.Second), To: evidencetest.Dawn.Add(3 * time.Second)}
	r.Jobs.o.Source = early{r.source, real}
	r.built(t)
	want := []disclosure.Wanted{disclosure.Wanted(real)}
	if job, q := r.job(t), r.state(t); job.Step != Built || !slices.Equal(job.Delivered, want) || !slices.Equal(q.Delivered, want) || slices.Equal(q.Wanted, want) {
		t.Errorf("delivered %+v, the request says %+v", job, q)
	}
	r.whole(t)
	body, err := r.body(t.Context(), r.ops(t, opHandover)[0].Index)
	must(t, err)
	if len(body.Objects) != 1 || !body.Objects[0].From.Equal(real.From) || !body.Objects[0].To.Equal(real.To) {
		t.Errorf("the delivery says %+v", body.Objects)
	}
}

// A package has the names of the cameras that it is of, as they were when it was made, and of no others.
func TestNamesOfCameras(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	about := r.Jobs.o.About
	r.Jobs.o.About = func(ctx context.Context) (evidence.About, error) {
		a, err := about(ctx)
		a.Cameras = map[string]string{"hall": "Avla", "yard": "Dvorišče"}
		return a, err
	}
	job := r.built(t)
	opener, err := r.Jobs.o.Opener()
	must(t, err)
	_, text, err := opener.Open(t.Context(), job.Disclose)
	must(t, err)
	m, err := evidence.ParseManifest(text)
	must(t, err)
	if len(m.Cameras) != 1 || m.Named("hall") != "hall (Avla)" {
		t.Errorf("the manifest names %v", m.Cameras)
	}
}
