package notice

import (
	"context"
	"crypto/rand"
	"database/sql"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// Schema makes the tables of this package, which are governed: [Tables].
//
//go:embed schema.sql
var Schema string

// Tables are the governed tables.
var Tables = []string{"notice_cameras", "notice_decisions", "notice_informed", "notices"}

// The operations.
const (
	opAdd      = "notice.add"
	opEnd      = "notice.end"
	opInformed = "notice.informed"
	opDecide   = "notice.decide"
)

// What refuses a change.
var (
	ErrIncomplete = errors.New("the statement is incomplete") // something is not said, or contradicts itself
	ErrUnknown    = errors.New("there is no such notice")
	ErrCamera     = errors.New("there is no such camera")
	ErrPurpose    = errors.New("the purpose stood on an earlier notice with another wording or basis")
	ErrNotInForce = errors.New("the notice is not in force then")
	ErrUndecided  = errors.New("no decision of the head to introduce video surveillance is entered for the notice")
)

func incomplete(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrIncomplete, fmt.Sprintf(format, args...))
}

// Diary is what the entries go into.
type Diary interface {
	Append(context.Context, diary.Entry, diary.Change) (diary.Receipt, error)
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Register enters notices, and tells which was in force. Its methods may be called from many goroutines.
type Register struct {
	Diary Diary
	Known func(camera string) bool // whether there is, or was, such a camera
	Zone  *time.Location           // of the days on decisions and lists
	Now   func() time.Time
}

// At is the notice of a camera at a moment, and false if there was none. Whether it is complete it says itself.
func (r *Register) At(ctx context.Context, camera string, t time.Time) (Notice, bool, error) {
	h, err := r.history(ctx, camera)
	if err != nil {
		return Notice{}, false, err
	}
	if n := h.inForce(t); n != nil {
		return *n, true, nil
	}
	return Notice{}, false, nil
}

// Purposes are those that footage of a camera from a moment until before another may be looked at for, lawful for all
// of it. Where a notice changed in between, Spans says for which part there is more.
func (r *Register) Purposes(ctx context.Context, camera string, from, to time.Time) ([]Purpose, error) {
	list, err := r.Spans(ctx, camera, from, to)
	return throughout(list), err
}

// Spans cuts footage of a camera from a moment until before another where the notice or the law changed. Together
// the spans are all of it.
func (r *Register) Spans(ctx context.Context, camera string, from, to time.Time) ([]Span, error) {
	if !to.After(from) {
		return nil, incomplete("the end of the footage comes after its beginning")
	}
	h, err := r.history(ctx, camera)
	if err != nil {
		return nil, err
	}
	return h.spans(from, to), nil
}

// Asked is a notice that somebody enters.
type Asked struct {
	Content
	Cameras []string
	From    time.Time // zero for now
	Stated  string    // who states that the sign hung since, and how he knows; needed where From has passed
	Remark  string    // may be missing
	By      proof.Actor
}

// Added is what came of it.
type Added struct {
	Receipt      diary.Receipt
	ID           string
	EnteredLater bool
}

// newID draws the id of a version.
func newID() string {
	b := make([]byte, 4)
	rand.Read(b) // it never fails, by its documentation
	return hex.EncodeToString(b)
}
