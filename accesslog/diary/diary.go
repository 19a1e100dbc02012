package diary

import (
	"database/sql"
	"errors"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"varuh/accesslog/diary/proof"
	"varuh/recorder/durable"
	"varuh/recorder/keyring"
)

// Options says where a diary lies and what it is to know. Zero values stand for what is noted.
type Options struct {
	Path     string              // of varuh.db
	Keys     string              // folder of the signing key and of the note of the last checkpoint
	Public   []keyring.PublicKey // reading and recovery key of the diary; content keys are sealed to each
	State    []string            // governed tables, beside those of the diary itself
	Schema   []string            // statements that make the governed tables; Open makes those that are missing
	Software string              // version of the program, for bodies
	Now      func() time.Time    // time.Now
	Clock    func() string       // state of the clock, for bodies; nothing
	FS       durable.FS          // where Keys lies; durable.OS
	Wrote    func(error)         // told, by the writer, how each commit ended; must not wait for the diary; nobody is
}

// What the diary says of itself. Where an error is about one entry, it names it.
var (
	ErrMissing     = errors.New("there is no diary")
	ErrVersion     = errors.New("the diary was written by a newer varuh: update this one")
	ErrDamaged     = errors.New("the diary is damaged")
	ErrKey         = errors.New("the signing key is not the diary's")
	ErrNoEntry     = errors.New("the diary has no such entry")
	ErrPruned      = errors.New("the entry was pruned")
	ErrNoKey       = errors.New("no private key here opens the entry")
	ErrFault       = errors.New("the diary went back: access is refused until two persons accept it")
	ErrUncertain   = errors.New("it is not known whether the entry was written: look before writing it again")
	ErrClosed      = errors.New("the diary is closed")
	ErrUngoverned  = errors.New("only an entry of a governed operation can change state")
	ErrNotReleased = errors.New("that checkpoint did not leave this diary")
)

// Entry is what is to be written. Number, time, salt, software and clock are the diary's to give.
type Entry struct {
	Op       string
	Ref      *int64 // the entry that this one answers or ends
	Body     proof.Body
	Manifest []byte // canonical JSON whose hash is to be the leaf's obj; not for a governed operation
	Clear    bool   // the manifest names nobody and is stored unencrypted, for [Diary.Manifest]
}

// Receipt says where an entry is.
type Receipt struct {
	Index int64
	Time  time.Time
	Leaf  tlog.Hash // hash of the leaf in the tree
	Size  int64     // of the first durable checkpoint over it
}

// Head is the last durable state of the log.
type Head struct {
	Origin string
	Size   int64
	Root   tlog.Hash
	Cut    int64  // entries before it are pruned
	VKey   string // verifier key of the signatures now made
}

// Stored is an entry as the log has it, without its body.
type Stored struct {
	proof.Leaf
	Raw []byte // the leaf's bytes
}

// Seen is what somebody outside the database remembers of the diary.
type Seen struct {
	By     string     // such as "the key ring of store 1" or a witness's name
	Origin string     // of the diary then, as [Head] has it; may be missing
	Size   int64      // entries there were, at least
	Root   *tlog.Hash // of the tree of that size, if it is remembered
}

// Anchor is what an outside party gave for a checkpoint.
type Anchor struct {
	Index int64  // of its entry; given by the diary
	Kind  string // witness, tsa or print
	Party string // who gave it
	Size  int64  // of the checkpoint
	Time  time.Time
	Data  []byte // signature line, or timestamp token
}

// Party is an outside party whose word counts: a witness, or a time-stamping authority.
type Party struct {
	Name  string
	Kind  string // witness or tsa
	Key   string // verifier key, or certificate in PEM
	First int64  // entry that configured it; given by the diary
}

// Change changes governed state inside the transaction of its entry. It must not end the transaction.
type Change = func(*sql.Tx) error
