package collect

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

// progress is how far a camera has come.
type progress struct {
	known   bool // there was a piece
	seq     int64
	until   time.Time
	hash    proof.Hash
	streams []string
}

// progress reads how far each camera has come.
func (c *Collector) progress(ctx context.Context) (_ map[string]progress, err error) {
	rows, err := c.Diary.Query(ctx, `SELECT camera, seq, until, hash, streams FROM collected`)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	all := map[string]progress{}
	for rows.Next() {
		var camera, streams string
		var until int64
		var hash []byte
		p := progress{known: true}
		if err := rows.Scan(&camera, &p.seq, &until, &hash, &streams); err != nil {
			return nil, fmt.Errorf("couldn't read what is collected: %w", err)
		}
		if len(hash) != len(p.hash) {
			return nil, fmt.Errorf("couldn't read what is collected of %s: its hash has %d bytes", camera, len(hash))
		}
		p.until, p.hash = time.Unix(0, until).UTC(), proof.Hash(hash)
		p.streams = strings.Split(streams, ",")
		all[camera] = p
	}
	return all, rows.Err()
}

// write makes the piece durable, and with it how far the camera has come.
// forget are the segments that are neither in the index nor can come back to it.
func (c *Collector) write(ctx context.Context, m Manifest, p progress, forget []keyring.ID) (progress, error) {
	b, err := m.Encode()
	if err != nil {
		return p, err
	}
	next := progress{known: true, seq: m.Seq, until: m.To, hash: proof.HashBody(b), streams: slices.Clone(p.streams)}
	for _, s := range m.Segments {
		next.streams = append(next.streams, s.Stream)
	}
	for _, g := range m.Gaps {
		if g.Cause != CauseBefore {
			next.streams = append(next.streams, g.Stream)
		}
	}
	slices.Sort(next.streams)
	next.streams = slices.Compact(next.streams)
	e := diary.Entry{Op: Op, Manifest: b, Clear: true, Body: proof.Body{
		Objects: []proof.Object{{Camera: m.Camera, From: m.From, To: m.To}},
		Data:    map[string]any{"gaps": int64(len(m.Gaps)), "segments": int64(len(m.Segments)), "seq": m.Seq},
	}}
	if before, ok := c.last[m.Camera]; ok {
		e.Ref = &before
	}
	if n := len(m.Late); n > 0 {
		e.Body.Data["late"] = int64(n)
	}
	got, err := c.Diary.AppendKeeping(ctx, e, func(tx *sql.Tx) error {
		return errors.Join(put(tx, m.Camera, next), remember(tx, m), drop(tx, forget))
	})
	if err != nil {
		if errors.Is(err, diary.ErrUncertain) {
			c.last = nil // the next walk looks whether it was written
		}
		return p, fmt.Errorf("couldn't enter what %s recorded from %s: %w", m.Camera, text(m.From), err)
	}
	c.last[m.Camera] = got.Index
	for _, s := range m.Segments {
		if s.Open {
			c.open[s.ID] = true
		}
	}
	return next, nil
}
