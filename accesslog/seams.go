package accesslog

import (
	"context"
	"iter"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/notice"
	"varuh/accesslog/people"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/retention"
)

// Diary is what the entries go into.
type Diary interface {
	Draft(diary.Entry) (*diary.Draft, error)
	Enter(context.Context, *diary.Draft) (diary.Receipt, error)
	EntriesOf(ctx context.Context, ops ...string) ([]diary.Stored, error)
	KeptOf(ctx context.Context, ops ...string) ([]diary.Stored, error)
	Entries(ctx context.Context, from, to int64) iter.Seq2[diary.Stored, error]
	Manifest(ctx context.Context, i int64) ([]byte, error)
	Head() diary.Head
	Fault() *diary.Fault
}

// Index tells what footage there is.
type Index interface {
	Get(keyring.ID) (footage.Segment, error)
	Last(camera, stream string) (footage.Segment, error)
	Span(camera, stream string, from, to time.Time) ([]footage.Segment, []footage.Gap, error)
}

// Sessions takes a session anew, as it is now; it is asked before each piece.
type Sessions interface {
	Still(context.Context, people.Session) (people.Session, error)
}

// Orders tells of a person who need not be logged in, as he is now; it is asked before each piece of what goes on by his order.
type Orders interface {
	Ordered(ctx context.Context, person string) (people.Session, error)
}

// Requests tells how far a request for footage has come.
type Requests interface {
	Request(ctx context.Context, id string) (disclosure.Request, error)
}

// Terms tells what footage is past its term, by the same judgement as the purge and the latest that it can be: nothing is lost by
// showing it to nobody, though it is not certain enough to erase it. It is asked before each piece.
type Terms interface {
	// Over tells it of each segment. What a hold or a restriction keeps past its term is not over; what goes into the package of a
	// request, unless that is "", nothing keeps but the request's own holds.
	Over(ctx context.Context, request string, list ...footage.Segment) ([]bool, error)
}

// Recording ends what is being written, so that it can be handed out with its proof.
type Recording interface {
	// Settle has all that a camera recorded before a moment sealed, and collected in the diary. It waits for it.
	Settle(ctx context.Context, camera string, before time.Time) error
}

// Notices tells what footage may be looked at for.
type Notices interface {
	Spans(ctx context.Context, camera string, from, to time.Time) ([]notice.Span, error)
}

// Restrictions tells whose processing is restricted; it is asked before each piece.
type Restrictions interface {
	Restrictions(context.Context) ([]retention.Restriction, error)
}
