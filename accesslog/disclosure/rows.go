package disclosure

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"

	"varuh/accesslog/people"
)

// insert writes the rows of a new request.
func (q Request) insert(ctx context.Context, tx *sql.Tx, entry int64) error {
	if err := changed(tx.ExecContext(ctx, `INSERT INTO requests (`+columns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		q.ID, q.Kind, q.Way, q.State, q.Basis, q.Form, nanos(q.Received), nanos(q.Completed), joined(q.Missing), q.Signed, q.PaperPending, dayText(q.Due), q.Single,
		nanos(q.Decided), nanos(q.Handed), q.Package, q.Released, q.Token, entry, entry, q.Handover, entry)); err != nil {
		return err
	}
	return q.insertParts(ctx, tx, q.Holds)
}

// insertParts writes what is asked for in the place of what was, who entered it, and the holds that were set now.
func (q Request) insertParts(ctx context.Context, tx *sql.Tx, held []Held) error {
	if err := replace(ctx, tx, "request_wanted", q.ID, q.Wanted); err != nil {
		return err
	}
	for _, h := range held {
		if err := changed(tx.ExecContext(ctx, `INSERT INTO request_holds (hold, request, camera, "from", "to") VALUES (?, ?, ?, ?, ?)`,
			h.Hold, q.ID, h.Camera, h.From.UnixNano(), h.To.UnixNano())); err != nil {
			return err
		}
	}
	for _, account := range q.Entrants {
		if _, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO request_entrants (request, account) VALUES (?, ?)`, q.ID, account); err != nil {
			return err
		}
	}
	return nil
}

// replace writes footage in the place of what a table has of a request.
func replace(ctx context.Context, tx *sql.Tx, table, id string, list []Wanted) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE request = ?`, id); err != nil {
		return err
	}
	for _, w := range list {
		if err := changed(tx.ExecContext(ctx, `INSERT INTO `+table+` (request, camera, "from", "to") VALUES (?, ?, ?, ?)`,
			id, w.Camera, w.From.UnixNano(), w.To.UnixNano())); err != nil {
			return err
		}
	}
	return nil
}

// key is an idempotency key with what was asked under it.
type key struct{ hash, content string }

// Bounds of an idempotency key, in characters.
const (
	minKey = 16
	maxKey = 128
)

// before is the request that a token entered before with the same key, if it did, and the key.
func (r *Register) before(ctx context.Context, s people.Session, a Asked) (*key, *Request, error) {
	if a.Way != Token {
		if a.Key != "" {
			return nil, nil, wrong("only a token has idempotency keys")
		}
		return nil, nil, nil
	}
	k, err := newKey(s.Person.ID, a)
	if err != nil {
		return nil, nil, err
	}
	type use struct{ content, request string }
	list, err := rows(ctx, r.Diary.Query, func(found *sql.Rows) (u use, err error) {
		err = found.Scan(&u.content, &u.request)
		return u, err
	}, `SELECT content, request FROM request_keys WHERE hash = ?`, k.hash)
	if err != nil || len(list) == 0 {
		return &k, nil, err
	}
	if list[0].content != k.content {
		return nil, nil, ErrKey
	}
	q, err := r.Request(ctx, list[0].request)
	return &k, &q, err
}

// newKey says no more than that two requests are the same: whoever has the disk must not learn what was asked.
func newKey(token string, a Asked) (key, error) {
	if len(a.Key) < minKey || len(a.Key) > maxKey {
		return key{}, wrong("an idempotency key has %d to %d characters, not %d: draw it at random for each request", minKey, maxKey, len(a.Key))
	}
	for i := range len(a.Key) {
		if a.Key[i] <= ' ' || a.Key[i] > '~' {
			return key{}, wrong("an idempotency key has only letters, digits and signs of ASCII")
		}
	}
	text, err := a.Content.encode()
	if err != nil {
		return key{}, err
	}
	h := sha256.Sum256(fmt.Appendf(nil, "varuh/1 request key\x00%s\x00%s", token, a.Key))
	mac := hmac.New(sha256.New, []byte(a.Key))
	fmt.Fprintf(mac, "%s\x00%d\x00%s", a.Kind, nanos(a.said), text) // a hash takes all
	return key{hex.EncodeToString(h[:]), hex.EncodeToString(mac.Sum(nil))}, nil
}

func (k *key) insert(ctx context.Context, tx *sql.Tx, request string) error {
	if k == nil {
		return nil
	}
	return changed(tx.ExecContext(ctx, `INSERT INTO request_keys (hash, content, request) VALUES (?, ?, ?)`, k.hash, k.content, request))
}
