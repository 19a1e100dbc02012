package recorder

import (
	"fmt"
	"time"

	"varuh/recorder/footage"
)

// The kinds of event.
const (
	EventConnected = "connected" // a session with a camera began to deliver
	EventLost      = "lost"      // a session ended or could not begin
	EventSilent    = "silent"    // no fragment for Options.Silence
	EventStuck     = "stuck"     // a line hung and was abandoned
	EventRate      = "rate"      // the camera sends many times what is usual for it
	EventOverload  = "overload"  // the queue to the disk was full
	EventLoss      = "loss"      // a fragment with RTP loss was stored
	EventSealed    = "sealed"    // a segment was sealed; Segment is its row
	EventRecovered = "recovered" // a segment that a crash or a disk fault left open was sealed; Segment is its row
	EventVanished  = "vanished"  // an open segment's file was gone or had no whole header, and its key was destroyed; Segment is its row, nil if it had been erased
	EventDamaged   = "damaged"   // a segment that was left open cannot be recovered; Segment is its row, if it has one
	EventGap       = "gap"       // a gap ended; Gap is its row
	EventDisk      = "disk"      // a store failed or works again
	EventFull      = "full"      // a store is full up to its reserve, or no longer
	EventClock     = "clock"     // the machine's clock was synchronised for the first time in this boot
	EventIndex     = "index"     // the index could not be written
)

// Event is something a diary, a metric or a person may want to know of.
type Event struct {
	Time     time.Time
	Kind     string
	Camera   string // empty if it is about a store or the whole recorder
	Stream   string
	Sentence string // for people; no credential in it
	Err      error  // the chain, for the log
	Segment  *footage.Segment
	Gap      *footage.Gap
}

// loud are the kinds that an operator should see; the others are the normal course.
var loud = map[string]bool{
	EventLost: true, EventSilent: true, EventStuck: true, EventRate: true, EventOverload: true,
	EventVanished: true, EventDamaged: true, EventDisk: true, EventFull: true, EventIndex: true,
}

func (r *Recorder) event(e Event) {
	if e.Time.IsZero() {
		e.Time = r.Boot.Now()
	}
	if r.Events != nil {
		r.Events(e)
	}
	attrs := []any{"kind", e.Kind}
	if e.Camera != "" {
		attrs = append(attrs, "camera", e.Camera, "stream", e.Stream)
	}
	if e.Err != nil {
		attrs = append(attrs, "err", e.Err)
	}
	switch {
	case loud[e.Kind]:
		r.Log.Warn(e.Sentence, attrs...)
	case e.Kind == EventSealed || e.Kind == EventLoss:
		r.Log.Debug(e.Sentence, attrs...)
	default:
		r.Log.Info(e.Sentence, attrs...)
	}
}

// diskEvent tells that a store failed, in words for who stands before the box.
func (r *Recorder) diskEvent(d *disk, doing string, err error) {
	r.event(Event{Kind: EventDisk, Err: err,
		Sentence: fmt.Sprintf("couldn't %s on the disk %s: check that it is mounted, writable and healthy; recording goes on as soon as it answers", doing, d.Dir)})
}
