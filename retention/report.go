package retention

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Step is a part of an erasure, in the order in which they come.
type Step string

// The steps.
const (
	StepList   Step = "list"   // write what is to go into the list
	StepStore  Step = "store"  // find its disk
	StepKey    Step = "key"    // destroy its key in both twins of the keyring
	StepFile   Step = "file"   // remove its file, durably
	StepRow    Step = "row"    // remove its row from the index
	StepFolder Step = "folder" // read its folder again
)

// Failure is one segment that could not be erased.
type Failure struct {
	Segment Listed
	Step    Step
	Err     error
}

// Report says what a run did.
type Report struct {
	Erased   int   // segments that are gone here, keys, files and rows, and whose erasure was not known as done before
	Freed    int64 // bytes of the files removed
	Spared   int   // segments that a hold or a restriction kept, set since the plan was made or the erasure began
	Busy     int   // segments left alone since they are still being written
	Waiting  int   // erasures that wait for the diary, which takes no entry
	Late     int   // lists carried out, or begun, that the diary does not have yet
	Open     int   // lists not brought to an end, the late ones included
	Copies   int   // lists of which a copy elsewhere has not answered
	Failures []Failure
}

// The kinds of event.
const (
	EventFailed  = "erasure.failed"  // footage that is to be gone is not; tried again with each run
	EventLate    = "erasure.late"    // the diary takes no entry: some erasures wait, others are entered later
	EventFull    = "erasure.full"    // a disk is full of footage that must not be erased
	EventPromise = "erasure.promise" // a full disk breaks a promised depth
	EventOther   = "erasure.other"   // a disk is full of data that is not footage, and promised footage stays
	EventCopies  = "erasure.copies"  // footage is gone here, and a copy of it elsewhere has not answered
)

// Event is what a person must know of.
type Event struct {
	Kind     string
	Sentence string
	Err      error // the chain, for the log; may be nil
}

// run is one run of a purge.
type run struct {
	*Purge
	now    Present
	report Report
	errs   []error
	slow   []error             // of copies that have not answered: nothing here has failed by it
	bad    map[*list][]Failure // by list
}

// failed notes what kept the run from its work.
func (r *run) failed(err error) {
	if err != nil {
		r.errs = append(r.errs, err)
	}
}

// fail notes segments that could not be erased; l is their list, nil if none was begun.
func (r *run) fail(l *list, step Step, err error, segments ...Listed) {
	for _, s := range segments {
		f := Failure{Segment: s, Step: step, Err: err}
		r.report.Failures = append(r.report.Failures, f)
		if l != nil {
			r.bad[l] = append(r.bad[l], f)
		}
	}
}

// close tells how the run went.
func (r *run) close(ctx context.Context) {
	for _, l := range r.open {
		r.report.Open++
		if l.index < 0 {
			r.report.Late++
		}
		if ctx.Err() == nil {
			r.incident(ctx, l)
		}
	}
	r.tell(ctx)
}

// tell gives the events of a run. One that was told to stop has none.
func (r *run) tell(ctx context.Context) {
	n, behind := len(r.report.Failures), r.report.Late+r.report.Waiting > 0
	if n > 0 {
		first := r.report.Failures[0]
		r.failed(fmt.Errorf("couldn't erase %s, the first at its %s: %w", count(n, "segment", "segments"), first.Step, brief{first.Err}))
	}
	err := errors.Join(r.errs...)
	own := slices.ContainsFunc(r.errs, func(err error) bool { return !errors.Is(err, ErrNoDiary) })
	switch {
	case ctx.Err() != nil:
		return
	case n > 0:
		r.event(EventFailed, err, "%s still there, at least in part: look at the disk and the log. It is tried again every hour",
			count(n, "segment that is to be erased is", "segments that are to be erased are"))
	case own && !behind:
		r.event(EventFailed, err, "not all that is to be erased could be: %v. It is tried again every hour", brief{err})
	}
	if behind {
		r.event(EventLate, err, "the diary takes no entry, or can't be trusted: %s for it, and %s of footage whose term is over to be entered as soon as it can be",
			count(r.report.Waiting, "erasure waits", "erasures wait"), count(r.report.Late, "list", "lists"))
	}
	if r.report.Copies > 0 {
		r.event(EventCopies, errors.Join(r.slow...), "%s gone here, and a copy elsewhere has not answered for it: %v. It is asked again every hour",
			count(r.report.Copies, "list of footage is", "lists of footage are"), brief{r.slow[0]})
	}
}

// incident enters that a list failed, once.
func (r *run) incident(ctx context.Context, l *list) {
	failures := r.bad[l]
	if len(failures) == 0 || l.told || l.index < 0 || r.unsure {
		return
	}
	e := Entry{Op: OpIncident, Ref: &l.index, Data: map[string]any{"failed": int64(len(failures)), "step": string(failures[0].Step)},
		Note: fmt.Sprintf("%d of %s could not be erased, the first at its %s: %v", len(failures), count(len(l.segments), "segment", "segments"), failures[0].Step, brief{failures[0].Err})}
	segments := make([]Listed, len(failures))
	for i, f := range failures {
		segments[i] = f.Segment
	}
	var err error
	if e.Manifest, err = manifest(segments).Encode(); err != nil {
		r.failed(err)
		return
	}
	if _, err := r.Journal.Enter(ctx, e); err != nil {
		r.failed(fmt.Errorf("couldn't enter into the diary that an erasure failed: %w", err))
		return
	}
	l.told = true
}

// count is a number with its word.
func count(n int, one, many string) string {
	if n == 1 {
		many = one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func (r *run) event(kind string, err error, sentence string, args ...any) {
	if r.Events != nil {
		r.Events(Event{Kind: kind, Sentence: fmt.Sprintf(sentence, args...), Err: err})
	}
}

// brief shows only the first line of an error: a disk that fails does so for thousands of slots at once.
type brief struct{ error }

// Error is the first line.
func (b brief) Error() string {
	line, _, more := strings.Cut(b.error.Error(), "\n")
	if more {
		line += " …"
	}
	return line
}

// Unwrap is all of it.
func (b brief) Unwrap() error { return b.error }
