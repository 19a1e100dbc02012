package accesslog

import (
	"context"
	"net/netip"

	"varuh/accesslog/evidence"
	"varuh/accesslog/people"
)

// AskExport is what somebody says who takes footage out for a request.
type AskExport struct {
	Session people.Session // of who asks; of a job that goes on without one the zero value
	Order   Order          // of a job that goes on without a session
	Address netip.Addr     // that it is asked from, or the order was; the zero value is the console
	Request string         // id of the request, which has to be approved
	Ground  Ground         // for footage whose processing is restricted; may be missing: then it is left out, and a gap says so
	Remark  string         // may be missing
	Ranges  []evidence.Range
	Sound   bool // sound, too, where a notice allowed it
}

// Order is what a job goes on by that its person does not wait for, as after a restart: his authorisation counts, whether
// or not he is logged in.
type Order struct {
	Person string // id
	Entry  int64  // export, of before
}

// Export is footage on its way into a package. One goroutine at a time uses it.
type Export struct {
	w      Viewing
	course course
}

// Export takes footage out for an approved request: when the error is nil its export is durable. Before, the segment that is
// being written is sealed and collected, so that all that is delivered has its proof. Of a camera the main stream is taken, or
// the sub stream where there is nothing of main in all of what is asked for of it. A range begins at the key frame before
// it, if that may be handed out, and ends with the fragment that its end lies in: the entry names what can leave, and
// so does [Export.Delivered].
//
// What may not be handed out, or can't be, is a gap with its cause. The errors are those of [Door.Open], [ErrRequest],
// [ErrUnsettled], and [ErrNothing] where all is gap.
func (d *Door) Export(ctx context.Context, a AskExport) (*Export, error) { return d.export(ctx, a) }

// Entry is the number of the export.
func (e *Export) Entry() int64 { return e.w.Entry() }

// Asked is what was asked for, in its one form.
func (e *Export) Asked() []evidence.Range { return e.course.asked }

// Footage is what goes into the clips, by camera and time. Each record is decrypted when it is read, once all has been asked
// anew that is asked before each piece of a viewing; the first error ends it. What was there when the export was entered
// and is not any more, such as footage that was erased meanwhile, is an error: another export says the gap.
func (e *Export) Footage() evidence.Footage { return e.footage }

// Gaps are the times that were asked for and are not delivered, with the causes: those of the recorder and of package
// collect, and erased, restricted and unreadable.
func (e *Export) Gaps() []evidence.Gap { return e.course.gaps }

// Notices are those in force over what was asked for. The hash is of the content as its entry has it.
func (e *Export) Notices() []evidence.Notice { return e.course.notices }

// Delivered is what has been read so far, to the millisecond: what disclose states.
func (e *Export) Delivered() []evidence.Range { return e.delivered() }

// Close ends the export: an entry export.end states what was delivered. The error is [ErrEnded] if it has ended before,
// [ErrDiary] if the entry is not written yet; then the door writes it later.
func (e *Export) Close(ctx context.Context) error { return e.close(ctx) }

type course struct {
	asked   []evidence.Range
	gaps    []evidence.Gap
	notices []evidence.Notice
}

func (d *Door) export(context.Context, AskExport) (*Export, error) {
	return nil, ask("footage can't be taken out yet")
}

func (e *Export) footage(func(evidence.Stretch, error) bool) {}

func (e *Export) delivered() []evidence.Range { return nil }

func (e *Export) close(context.Context) error { return ErrEnded }
