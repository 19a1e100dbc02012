package people

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// factor is how the second factor was proven.
type factor struct {
	proof string
	step  int64     // whose code it was
	code  *[32]byte // one-time code that it was
}

// factor looks at the second factor, if there is one.
func (p *account) factor(code string, s secrets, now time.Time) (factor, error) {
	code = strings.ReplaceAll(code, " ", "")
	switch {
	case p.second == nil:
		return factor{proof: byPassword}, nil
	case code == "":
		return factor{}, ErrCodeMissing
	}
	second, err := openSecond(p.second, s.second, p.ID)
	if err != nil {
		return factor{}, err
	}
	if step, ok := second.match(code, now); ok {
		return factor{proof: bySecond, step: step}, nil
	}
	if hash, ok := p.code(code); ok {
		return factor{proof: byCode, code: &hash}, nil
	}
	return factor{}, ErrRefused
}

// use keeps that a code was used; one that was is refused.
func (f factor) use(ctx context.Context, tx *sql.Tx, person string) error {
	var result sql.Result
	var err error
	switch f.proof {
	case bySecond:
		result, err = tx.ExecContext(ctx, `INSERT INTO person_steps (person, step) VALUES (?, ?)
			ON CONFLICT (person) DO UPDATE SET step = excluded.step WHERE excluded.step > step`, person, f.step)
	case byCode:
		result, err = tx.ExecContext(ctx, `INSERT INTO person_used (person, hash) VALUES (?, ?) ON CONFLICT DO NOTHING`, person, f.code[:])
	default:
		return nil
	}
	if err != nil {
		return fmt.Errorf("couldn't keep that a code was used: %w", err)
	}
	n, err := result.RowsAffected()
	if err == nil && n == 0 {
		return ErrRefused
	}
	return err
}
