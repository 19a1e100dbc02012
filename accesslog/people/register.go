package people

import (
	"context"
	"database/sql"
	_ "embed"
	"sync/atomic"
	"time"

	"varuh/accesslog/diary"
)

// Schema makes the tables of this package.
//
//go:embed schema.sql
var Schema string

// Tables are the governed tables.
var Tables = []string{"account_makers", "authorisations", "person_codes", "person_link", "person_wraps", "persons", "tokens"}

// The operations. Those of persons, authorisations and tokens change state.
const (
	opAdd       = "person.add"
	opChange    = "person.change"
	opRemove    = "person.remove"
	opPassword  = "person.password"
	opReset     = "person.reset"
	opSecond    = "person.second"
	opWrap      = "person.wrap"
	opLink      = "person.link"
	opRecover   = "person.recover"
	opAuthorise = "authorise"
	opSign      = "authorise.sign"
	opEnd       = "authorise.end"
	opIssue     = "token.issue"
	opTokenEnd  = "token.end"
	opLogin     = "login"
	opLogout    = "logout"
	opFailed    = "login.failed"
	opUnlock    = "unlock"
	opRecovery  = "recovery.used"
)

// Diary is what the entries go into.
type Diary interface {
	Append(context.Context, diary.Entry, diary.Change) (diary.Receipt, error)
	AppendKeeping(context.Context, diary.Entry, diary.Change) (diary.Receipt, error)
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)

	// EmptyWAL takes from the disk what was deleted; it is not done while somebody reads.
	EmptyWAL(ctx context.Context) (done bool, err error)
}

// Options says what a register works with. Zero values stand for what is noted.
type Options struct {
	Diary      Diary
	Keys       Keys             // nil: keys are not wrapped for persons ("unlock: auto")
	Now        func() time.Time // time.Now
	Certain    func() time.Time // a moment that has come for certain, zero for none: ends before it have come, whatever Now says; none is known
	Second     func(Role) bool  // which roles ask for a second factor; none
	Idle       time.Duration    // after which a session ends; 15 min
	Absolute   time.Duration    // after which a session ends however busy it is; 12 h
	Cost       Cost             // of argon2id for new passwords; DefaultCost
	Concurrent int              // computations of argon2id side by side, each of which takes Cost.Memory; 1
}

// Register knows who may log in and who has. Its methods may be called from many goroutines.
type Register struct {
	o        Options
	hasher   *hasher
	throttle *throttle
	failures *failures
	sessions *sessions
	present  *present

	changing chan struct{} // holds a value while somebody changes the state
	known    chan *state   // what the tables say, nil while nobody knows
	remains  atomic.Bool   // a wrap that was taken away may still be on the disk
}

// New makes a register over the tables of a diary.
func New(ctx context.Context, o Options) (*Register, error) {
	o = o.filled()
	if err := o.Cost.check(); err != nil {
		return nil, err
	}
	r := &Register{o: o, hasher: newHasher(o.Cost, o.Concurrent), throttle: newThrottle(), failures: newFailures(),
		sessions: newSessions(), changing: make(chan struct{}, 1), known: make(chan *state, 1)}
	if o.Certain != nil {
		r.present = &present{o.Certain}
	}
	r.known <- nil
	r.remains.Store(true) // a crash may have come in between
	_, err := r.state(ctx)
	return r, err
}

func (o Options) filled() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Second == nil {
		o.Second = func(Role) bool { return false }
	}
	if o.Idle == 0 {
		o.Idle = 15 * time.Minute
	}
	if o.Absolute == 0 {
		o.Absolute = 12 * time.Hour
	}
	if o.Cost == (Cost{}) {
		o.Cost = DefaultCost
	}
	if o.Concurrent == 0 {
		o.Concurrent = defaultConcurrent
	}
	return o
}

// state is what the tables say, read anew if that is not known.
func (r *Register) state(ctx context.Context) (s *state, err error) {
	s = <-r.known
	defer func() { r.known <- s }()
	if s == nil {
		s, err = load(ctx, r.o.Diary.Query, r.present)
	}
	return s, err
}
