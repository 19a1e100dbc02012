package packing

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"sync"
	"time"

	"varuh/accesslog"
	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/evidence"
	"varuh/accesslog/evidence/derived"
	"varuh/accesslog/packing/sealed"
	"varuh/accesslog/people"
)

// What refuses an order, a job or a delivery.
var (
	ErrUnknown    = errors.New("there is no package for the request")
	ErrOrdered    = errors.New("the package is being built already")
	ErrBuilt      = errors.New("the package is built already")
	ErrNotBuilt   = errors.New("the package is not built yet")
	ErrOver       = errors.New("the time of the package is over, and it is destroyed")
	ErrRestricted = errors.New("processing of footage in the package is restricted, and it was taken on no ground of art. 18(2) GDPR: nothing of it leaves before that ends")
	ErrNotTaken   = errors.New("nobody has taken the whole package out yet")
	ErrFetched    = errors.New("the package was fetched, or its time was over: take it out once more")
	ErrMany       = errors.New("too many packages wait to be fetched")
	ErrRecipient  = errors.New("it is not said who is to have the package")
	ErrWarned     = errors.New("the recipient has to be warned expressly for what alone he may use the footage")
	ErrText       = errors.New("a text is too long, or no text")
	ErrMeanwhile  = errors.New("something has changed with the package meanwhile")
	ErrFootage    = errors.New("the footage changed while it was packed") // by whoever gives it; it is tried again
)

// Log is what the entries go into, and where the proofs come from. A *diary.Diary is one.
type Log interface {
	Diary
	Append(context.Context, diary.Entry, diary.Change) (diary.Receipt, error)
	AppendKeeping(context.Context, diary.Entry, diary.Change) (diary.Receipt, error)
	EntriesOf(ctx context.Context, ops ...string) ([]diary.Stored, error)
	KeptOf(ctx context.Context, ops ...string) ([]diary.Stored, error)
	Since(ctx context.Context, t time.Time) (int64, error)
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	SigningKey(context.Context) (proof.Key, error)
	SignPackage(ctx context.Context, text []byte) ([]byte, error)
}

// Register knows what was decided of requests. A *disclosure.Register is one.
type Register interface {
	Request(ctx context.Context, id string) (disclosure.Request, error)
	Packer(s people.Session, q disclosure.Request) (proof.Actor, error)
	Built(ctx context.Context, id string, p disclosure.Packed) (diary.Receipt, error)
	Expired(ctx context.Context, id, why string) (diary.Receipt, error)
	HandOver(ctx context.Context, s people.Session, id string, h disclosure.Handing) (diary.Receipt, error)
}

// Source gives footage: the door.
type Source interface {
	// Export takes out what a request grants: when the error is nil its entry is durable. The error wraps people.ErrLocked
	// while all is locked, and ErrFootage, as that of its footage does, where another try may give what is there.
	Export(context.Context, Order) (Export, error)
}

// Order is by whom and for what a package is built.
type Order struct {
	Package Package
	Request disclosure.Request
	Content disclosure.Content // what the request says
}

// Export is footage on its way into a package. One goroutine uses it.
type Export interface {
	Entry() int64 // export
	Asked() []evidence.Range
	Footage() evidence.Footage
	Gaps() []evidence.Gap
	Notices() []evidence.Notice
	Delivered() []evidence.Range // that has been read so far
	Bytes() int64                // of what is asked for, about; 0: not known
	Close(context.Context) error
}

// Options say what packages are made of.
type Options struct {
	Diary    Log
	Register Register
	Source   Source
	Footage  Footage
	Shelf    *sealed.Shelf

	Restrictions accesslog.Restrictions
	Orders       accesslog.Orders // knows who ordered a package, as he is now

	Locked func() bool

	Opener func() (Opener, error) // of the diary; people.ErrLocked

	// About says whose package it is: Software, Controller and Clock.
	About func(context.Context) (evidence.About, error)

	// Enclosed are files that the manifest lists, such as the program for Windows; Guide is the page for reading; Papers are made
	// once the disclosure is proven, such as the handover record. Each may be nil.
	Enclosed func(context.Context) ([]evidence.Enclosure, error)
	Guide    func(evidence.Manifest) (evidence.Enclosure, error)
	Papers   func(context.Context, Papers) ([]evidence.Enclosure, error)

	// Copies makes copies for viewing of one package's clips, where most players don't show those; nil: none are made.
	Copies func() *derived.Maker

	// Witness has the outside parties asked about the diary as it is, so that they have seen all of the footage before it is
	// disclosed; nil: there are none. A package does not wait long for them, and is made without them, too.
	Witness func(context.Context) error

	// Twins are the other times of footage from a moment until before another, where a clock was set late, by which who saw it may be
	// entered; nil: there are none.
	Twins func(from, to time.Time) ([][2]time.Time, error)

	Changed func(request string) // is told of each change; nil: nobody is
	Now     func() time.Time
	Certain func() time.Time // a moment that has come for certain, zero for none, by which links end; nil: none is known
	Log     *slog.Logger
}

// Papers is what papers are made of.
type Papers struct {
	Order
	Manifest []byte
	Disclose int64
	Proof
	Handed *Handed // the delivery that the record is signed for; nil: nothing has left yet
}

// Jobs builds packages and hands them over. Its methods may be called from many goroutines.
type Jobs struct {
	o    Options
	wake chan struct{} // holds a value when there may be something to build
	look chan struct{} // the same, to tend

	tending chan struct{}  // holds a value while tendAll runs
	began   bool           // deliveries of earlier starts are ended; used in tendAll alone
	swept   map[int64]bool // packages that ended and are known to be gone; used in tendAll alone
	outs    sync.WaitGroup // what is on its way out

	waits map[int64]time.Time // since when a package waits for its footage to be in the diary; used in step alone

	answered bool // every disclose is, as far as this start has looked; used in step alone

	mu      sync.Mutex
	running *running             // guarded by mu
	failing map[string]error     // why the last try of a request's package came to nothing; guarded by mu
	pending map[string]*delivery // that are not over, or whose ends are not entered yet, by their ids; guarded by mu
	made    map[int64]*makings   // of packages that are there; guarded by mu
	dues    map[int64]time.Time  // when packages that are there come to their terms, as who tends found last; guarded by mu
	left    map[string]bool      // files that the last sweep left alone; guarded by mu
	closed  bool                 // nothing leaves any more; guarded by mu
	back    *int64               // the entry of the last restore, 0 for none; nil: not looked for yet; guarded by mu
}

// New makes jobs. [Jobs.Run] runs beside it.
func New(o Options) *Jobs {
	return &Jobs{o: o, wake: make(chan struct{}, 1), look: make(chan struct{}, 1), tending: make(chan struct{}, 1), swept: map[int64]bool{},
		waits: map[int64]time.Time{}, failing: map[string]error{}, pending: map[string]*delivery{}, made: map[int64]*makings{}, dues: map[int64]time.Time{}}
}

// Rouse has it looked at soon whether there is something to do, as after a log-in, or a step of a request.
func (j *Jobs) Rouse() {
	for _, c := range []chan struct{}{j.wake, j.look} {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

func (j *Jobs) changed(request string) {
	if j.o.Changed != nil {
		j.o.Changed(request)
	}
}
