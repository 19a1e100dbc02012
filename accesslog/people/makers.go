package people

import (
	"context"
	"database/sql"
	"fmt"

	"varuh/accesslog/diary/proof"
)

// Maker is somebody who could act in the name of an account.
type Maker struct {
	ID    string // of a person
	Entry int64  // of what he did: person.add, person.reset or token.issue
}

// Makers are the persons who added a person, or set his password, or issued a token, in the order of their entries: who
// could act in the name of the account. account is the id of a [Person], for a token that of its session's. Whoever did so
// on the console without being anybody is not among them. How long ago it was the entries tell, and no clock.
func (r *Register) Makers(ctx context.Context, account string) (list []Maker, err error) {
	err = query(r.o.Diary.Query).each(ctx, func(rows *sql.Rows) error {
		var m Maker
		err := rows.Scan(&m.ID, &m.Entry)
		list = append(list, m)
		return err
	}, `SELECT maker, entry FROM account_makers WHERE account = ? ORDER BY entry, maker`, account)
	if err != nil {
		return nil, fmt.Errorf("couldn't read who made an account: %w", err)
	}
	return list, nil
}

// made remembers who could act in the name of an account from an entry on.
func (r *Register) made(ctx context.Context, tx *sql.Tx, account string, by proof.Actor, entry int64) error {
	if by.ID == "" {
		return nil
	}
	return exec(ctx, tx, `INSERT INTO account_makers (account, maker, at, entry) VALUES (?, ?, ?, ?)`, account, by.ID, r.o.Now().UnixNano(), entry)
}
