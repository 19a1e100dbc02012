package packing

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"time"

	"varuh/accesslog/evidence"
)

// Step is how far a job has come.
type Step string

// The steps, in order.
const (
	Waiting   Step = "waiting" // for others before it
	Locked    Step = "locked"  // until somebody logs in who can open footage
	Exporting Step = "export"  // the door looks what there is, and enters it
	Writing   Step = "writing" // clips and their proofs
	Proving   Step = "proof"   // disclose is entered, what proves it is gathered
	Built     Step = "built"   // it can be handed over
	Over      Step = "over"    // it ended: see Package.Why
)

// Job is a package with how far it has come.
type Job struct {
	Package
	Step  Step
	Done  int64 // bytes that are written
	Of    int64 // that it will have, about; 0: not known
	Clips int   // that are written
	Since time.Time
	Error error // why the last try came to nothing, or its term can't be told; nil: it has not, or the program was started since
}

// running is the package that is being built.
type running struct {
	id    int64
	since time.Time
	stop  context.CancelFunc
	step  atomic.Value // Step
	done  atomic.Int64
	of    atomic.Int64
	clips atomic.Int64
}

// at notes a step.
func (j *Jobs) at(r *running, request string, s Step) {
	r.step.Store(s)
	j.changed(request)
}

// counting is a folder that counts what is written into it.
type counting struct {
	create func(string) (io.WriteCloser, error)
	r      *running
}

func (c counting) Create(name string) (io.WriteCloser, error) {
	w, err := c.create(name)
	if evidence.IsClip(name) {
		c.r.clips.Add(1)
	}
	return counted{w, c.r}, err
}

type counted struct {
	io.WriteCloser
	r *running
}

func (c counted) Write(b []byte) (int, error) {
	n, err := c.WriteCloser.Write(b)
	c.r.done.Add(int64(n))
	return n, err
}

// begin notes what is being built.
func (j *Jobs) begin(ctx context.Context, p Package) (*running, context.Context) {
	ctx, stop := context.WithCancel(ctx)
	r := &running{id: p.ID, since: j.o.Now(), stop: stop}
	r.step.Store(Exporting)
	j.mu.Lock()
	j.running = r
	j.mu.Unlock()
	return r, ctx
}

func (j *Jobs) finish(r *running) {
	r.stop()
	j.mu.Lock()
	defer j.mu.Unlock()
	j.running = nil
}

// stop ends what is under way of a package.
func (j *Jobs) stop(id int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.running != nil && j.running.id == id {
		j.running.stop()
	}
}

// told notes why the package of a request was not built; nil for nothing.
func (j *Jobs) told(request string, why error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if delete(j.failing, request); why != nil {
		j.failing[request] = why
	}
}

// Job is the last package of a request, with how far it has come. The error is [ErrUnknown] where none was ordered.
func (j *Jobs) Job(ctx context.Context, request string) (Job, error) {
	list, err := j.read(ctx, `request = ?`, request)
	if err == nil && len(list) == 0 {
		err = ErrUnknown
	}
	if err != nil {
		return Job{}, err
	}
	return j.shown(ctx, list[len(list)-1]), nil
}

// List are the packages that are there or to be built, and those that ended, if they are asked for.
func (j *Jobs) List(ctx context.Context, ended bool) ([]Job, error) {
	condition := `ended = 0`
	if ended {
		condition = `true`
	}
	return j.listed(ctx, condition)
}

// Tried are all packages that were ordered for a request, in order.
func (j *Jobs) Tried(ctx context.Context, request string) ([]Job, error) {
	return j.listed(ctx, `request = ?`, request)
}

// listed are packages by a condition of SQL.
func (j *Jobs) listed(ctx context.Context, condition string, args ...any) (list []Job, err error) {
	packages, err := j.read(ctx, condition, args...)
	for _, p := range packages {
		list = append(list, j.shown(ctx, p))
	}
	return list, err
}

// shown is a package as somebody sees it: with its term as who tends found it last. That it can't be told is said of that one alone.
func (j *Jobs) shown(ctx context.Context, p Package) Job {
	if !p.Staged() {
		return j.progress(p)
	}
	due, there := j.dueOf(p.ID)
	if p.Due = due; there {
		return j.progress(p)
	}
	q, err := j.o.Register.Request(ctx, p.Request)
	if err == nil {
		p, err = j.dated(ctx, p, q)
	}
	job := j.progress(p)
	job.Error = errors.Join(job.Error, err)
	return job
}

func (j *Jobs) progress(p Package) Job {
	j.mu.Lock()
	defer j.mu.Unlock()
	job := Job{Package: p, Step: Waiting, Error: j.failing[p.Request], Done: p.Bytes, Of: p.Bytes}
	switch {
	case p.Ended != 0:
		job.Step = Over
	case p.Stage != 0:
		job.Step = Built
	case j.running != nil && j.running.id == p.ID:
		r := j.running
		job.Step, _ = r.step.Load().(Step)
		job.Done, job.Of, job.Clips, job.Since = r.done.Load(), r.of.Load(), int(r.clips.Load()), r.since
	case j.o.Locked():
		job.Step = Locked
	}
	return job
}
