package people

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"varuh/accesslog/diary/proof"
)

// Makers are the ids of the persons who added a person, or set his password, or issued a token, at a time or later: who
// could act in the name of the account. account is the id of a [Person], for a token that of its session's. Whoever did so
// on the console without being anybody is not among them.
func (r *Register) Makers(ctx context.Context, account string, since time.Time) (ids []string, err error) {
	err = query(r.o.Diary.Query).each(ctx, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, `SELECT DISTINCT maker FROM account_makers WHERE account = ? AND at >= ? ORDER BY maker`, account, since.UnixNano())
	if err != nil {
		return nil, fmt.Errorf("couldn't read who made an account: %w", err)
	}
	return ids, nil
}

// made remembers who could act in the name of an account from an entry on.
func (r *Register) made(ctx context.Context, tx *sql.Tx, account string, by proof.Actor, entry int64) error {
	if by.ID == "" {
		return nil
	}
	return exec(ctx, tx, `INSERT INTO account_makers (account, maker, at, entry) VALUES (?, ?, ?, ?)`, account, by.ID, r.o.Now().UnixNano(), entry)
}
