package web

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"varuh/accesslog"
	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/hold"
	"varuh/accesslog/notice"
	"varuh/accesslog/packing"
	"varuh/accesslog/people"
	"varuh/accesslog/playback"
	"varuh/accesslog/web/pages"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"

	"golang.org/x/mod/sumdb/tlog"
)

// Options say what a site stands before. All are needed but those noted.
type Options struct {
	Door      *accesslog.Door
	Keys      *accesslog.Keys
	People    *people.Register
	Notices   *notice.Register
	Holds     *hold.Register
	Requests  *disclosure.Register
	Scans     Scans // of papers
	Packages  *packing.Jobs
	Published string // name, and port if need be, by which outsiders reach the appliance; "": they don't
	Folder    string // of the appliance, as commands that a page shows are given it; "" where they find it by themselves
	Diary     Diary
	Index     Index
	Closed    playback.Closed                                              // tells of fragments as they are stored
	Cameras   func() []Camera                                              // those that are configured
	Gone      func() []Camera                                              // those that are configured no more and have footage; nil: none
	Status    func(context.Context) (Status, error)                        // of recorder, stores, copies and clock
	Verify    func(context.Context, func(entries int64)) (Verified, error) // looks the diary through, and tells how many entries it looked at since the last time
	Decided   func(context.Context)                                        // is told of each change of what is held before whoever made it is answered, and remembers it outside the diary
	Bundle    func(context.Context, io.Writer, Bundle) error               // writes entries as a bundle; who takes it is entered
	Retention Retention                                                    // terms, erasures and copies
	Premises  []netip.Prefix                                               // as the door has them; nil: the machine itself alone
	Issuer    string                                                       // whose appliance it is, for authenticators
	Now       func() time.Time                                             //
	Log       *slog.Logger                                                 //
	InBoth    func(en string) Line                                         // a sentence about the diary in both languages; nil, in tests: English alone
	Own       interface {                                                  // the certificate served; nil, in tests alone: plain HTTP
		Own() bool               // it is the controller's own, so that HTTPS can be insisted on
		Knows(host string) bool  // people may call the appliance by that name
		Root() []byte            // the authority that people install, in DER; nil for none
		Leaf() *x509.Certificate // that is served
	}
}

// Diary is what is read of the diary, and what that is entered into.
type Diary interface {
	Append(context.Context, diary.Entry, diary.Change) (diary.Receipt, error)
	Head() diary.Head
	Fault() *diary.Fault
	Complaints() []string
	Entries(ctx context.Context, from, to int64) iter.Seq2[diary.Stored, error]
	Parts(ctx context.Context, from, to int64) iter.Seq2[diary.Part, error]
	Opener(keyring.Identity) *diary.Opener
	Checkpoint(context.Context) ([]byte, error)
	Print(ctx context.Context, size int64) (diary.Receipt, error)
	Keys(context.Context) ([]proof.Key, error)
	Anchors(ctx context.Context, size int64) ([]diary.Anchor, error)
	Prove(ctx context.Context, i, size int64) (tlog.RecordProof, error)
}

// Index tells what footage there is.
type Index interface {
	Days(camera string) ([]footage.DaySummary, error)
	Span(camera, stream string, from, to time.Time) ([]footage.Segment, []footage.Gap, error)
	Twins(from, to time.Time) ([][2]time.Time, error)
}

// Camera is a camera as people know it.
type Camera struct {
	ID      string
	Name    string
	Streams []string // main, and sub if there is one
}

// Site answers requests. Its methods may be called from many goroutines.
type Site struct {
	o       Options
	mux     *http.ServeMux
	handler http.Handler

	streams context.Context // ends what streams
	stop    context.CancelFunc

	listening listening     // by those who want to be told what changes
	pulse     pulsing       // of what they are told
	verifying chan struct{} // holds a value while somebody looks the diary through
	looks     lookings

	names *playback.Names // of parts
	quota *quota
	gates gates // by which one person keeps nobody else out
	pace  pace  // of those who read it
	pages *pages.Pages
	menu  []route // of pages that the menu has
	aims  aims    // that were asked for
}

// New makes a site. The error says that the table of routes, or a page, is wrong.
func New(o Options) (*Site, error) {
	s := &Site{o: o, verifying: make(chan struct{}, 1), names: playback.NewNames(), gates: usualGates(), quota: usualQuota(), pace: usualPace, pulse: usualPulse}
	s.streams, s.stop = context.WithCancel(context.Background())
	var err error
	if s.pages, err = pages.New(); err != nil {
		return nil, err
	}
	s.menu = menuOf(routes())
	if s.mux, err = s.muxOf(routes()); err != nil {
		return nil, err
	}
	s.handler = s.outermost(s.mux)
	return s, nil
}

// Handler answers requests that came over TLS, or from this machine.
func (s *Site) Handler() http.Handler { return s.handler }

// Stop ends what streams and then all viewings, with their entries, and enters which sessions have ended. The server
// is shut down after it: see [Site.Serve], which does both.
func (s *Site) Stop(ctx context.Context) error {
	s.stop()
	err := s.o.Door.Close(ctx)
	_, swept := s.o.People.Sweep(ctx)
	return errors.Join(err, swept)
}
