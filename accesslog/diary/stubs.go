package diary

import (
	"context"
	"io"
	"iter"

	"golang.org/x/mod/sumdb/tlog"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

// Diary is an open diary. Its methods may be called from many goroutines.
type Diary struct{}

// Create makes a diary that has one entry, origin.begin, and opens it. The origin is
// domain/varuh/<random>/dnevnik; domain is the controller's.
func Create(ctx context.Context, o Options, domain string, e Entry) (*Diary, error) {
	panic("unfinished")
}

// Open opens and verifies a diary.
func Open(ctx context.Context, o Options) (*Diary, error) { panic("unfinished") }

// Close writes what was offered, and closes.
func (d *Diary) Close() error { panic("unfinished") }

// Append writes an entry durably, with the change of state that it is about.
func (d *Diary) Append(ctx context.Context, e Entry, change Change) (Receipt, error) {
	panic("unfinished")
}

// Offer takes an entry to be written soon, and never waits. It returns false if too many wait.
func (d *Diary) Offer(e Entry) bool { panic("unfinished") }

// Head is the last durable state of the log.
func (d *Diary) Head() Head { panic("unfinished") }

// Checkpoint is the last signed checkpoint, remembered as one that left the appliance.
func (d *Diary) Checkpoint(ctx context.Context) ([]byte, error) { panic("unfinished") }

// Prove proves that entry i is in the tree of size.
func (d *Diary) Prove(ctx context.Context, i, size int64) (tlog.RecordProof, error) {
	panic("unfinished")
}

// Consistency proves that the tree of old is the beginning of the tree of size.
func (d *Diary) Consistency(ctx context.Context, old, size int64) (tlog.TreeProof, error) {
	panic("unfinished")
}

// Entries reads entries from (included) to (not included), in order.
func (d *Diary) Entries(ctx context.Context, from, to int64) iter.Seq2[Stored, error] {
	panic("unfinished")
}

// Opener opens bodies with private keys.
type Opener struct{}

// Opener opens bodies. It keeps the content keys that it opened.
func (d *Diary) Opener(id keyring.Identity) *Opener { panic("unfinished") }

// Open returns body and manifest of entry i, checked against the leaf.
func (o *Opener) Open(ctx context.Context, i int64) (body, manifest []byte, err error) {
	panic("unfinished")
}

// Export says what a bundle is to hold.
type Export struct {
	From, To int64              // entries, To not included
	Opener   *Opener            // nil: no bodies
	Redact   func(i int64) bool // true: without its body
}

// Export writes a bundle.
func (d *Diary) Export(ctx context.Context, w io.Writer, e Export) error { panic("unfinished") }

// RotateSigningKey puts a new signing key in force.
func (d *Diary) RotateSigningKey(ctx context.Context, by proof.Body) (Receipt, error) {
	panic("unfinished")
}

// Fault is something that went back.
type Fault struct {
	Kind        string // rollback, rewritten or state
	By          string // who remembered otherwise; the tables, for a fault of the state
	There, Here int64  // sizes
}

// Fault is what was found to have gone back and was not accepted, or nil.
func (d *Diary) Fault() *Fault { panic("unfinished") }

// Saw tells the diary what somebody outside remembers. It returns the fault that this makes, if any.
func (d *Diary) Saw(ctx context.Context, s Seen) (*Fault, error) { panic("unfinished") }

// Accept goes on after a fault, under a new origin, in the name of two persons.
func (d *Diary) Accept(ctx context.Context, first, second proof.Actor, reason string) (Receipt, error) {
	panic("unfinished")
}

// AddParty writes party.add.
func (d *Diary) AddParty(ctx context.Context, p Party, by proof.Body) (Receipt, error) {
	panic("unfinished")
}

// Parties are the outside parties that count.
func (d *Diary) Parties(ctx context.Context) ([]Party, error) { panic("unfinished") }

// Anchored writes an anchor entry and keeps what the party gave.
func (d *Diary) Anchored(ctx context.Context, a Anchor) (Receipt, error) { panic("unfinished") }

// Anchors are what outside parties gave for checkpoints of at least size, oldest first.
func (d *Diary) Anchors(ctx context.Context, size int64) ([]Anchor, error) { panic("unfinished") }
