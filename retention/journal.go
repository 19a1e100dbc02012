package retention

import (
	"context"
	"errors"
	"iter"
)

// ErrNoDiary is in the errors of a [Journal] while there is no diary that can be trusted: it cannot be opened, or went
// back and nobody accepted that. A purge then goes on as while it cannot be written, and is no failure by that alone.
var ErrNoDiary = errors.New("there is no diary that can be trusted")

// Journal is the diary as a purge needs it.
type Journal interface {
	// Enter returns the number of an entry once it is durable. After an error nobody knows whether the entry
	// is there, but for what Started tells.
	Enter(ctx context.Context, e Entry) (int64, error)

	// Started gives erase.start entries, oldest first: all that no erase.end answers, and of those that one
	// answers the ones from index from on. An error ends it.
	Started(ctx context.Context, from int64) iter.Seq2[Started, error]
}

// The operations that a purge enters.
const (
	OpStart    = "erase.start"
	OpEnd      = "erase.end"
	OpIncident = "incident.erasure"
)

// Entry is what a purge enters. It names no person.
type Entry struct {
	Op       string
	Ref      *int64         // the erase.start, of an erase.end or an incident
	Manifest []byte         // canonical JSON, to be stored in the clear; nil: none
	Note     string         // a sentence for people
	Data     map[string]any // each value a string or an int64
}

// Started is an erase.start as the diary has it.
type Started struct {
	Index    int64
	Manifest []byte
	Ended    bool   // an erase.end answers it
	End      []byte // the manifest of the erase.end: what a hold kept; nil: nothing, or not ended
}
