package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/hold"
	"varuh/accesslog/notice"
	"varuh/accesslog/packing"
	"varuh/accesslog/people"
	"varuh/retention"
)

// policySchema makes the table of what is decided about the terms of footage. It is governed state: a row changes with
// an entry policy.set or policy.confirm.
const policySchema = `
-- What is decided about the footage of a camera, as a JSON list of retention.Version in the order in which they come
-- into force.
CREATE TABLE policies (
    camera   TEXT PRIMARY KEY,
    versions TEXT NOT NULL
) STRICT;
`

// governedTables and governedSchema are all governed state beside the diary's own.
var (
	governedTables = slices.Concat(disclosure.Tables, hold.Tables, []string{"policies"}, notice.Tables, packing.Tables, people.Tables)
	governedSchema = []string{disclosure.Schema, hold.Schema, policySchema, notice.Schema, packing.Schema, people.Schema}
)

// The operations that change policies.
const (
	opPolicySet     = "policy.set"     // what takes nobody's footage away
	opPolicyConfirm = "policy.confirm" // what does; by an approver
)

// readPolicies reads what is decided.
func readPolicies(ctx context.Context, d hold.Diary) (p retention.Policies, err error) {
	rows, err := d.Query(ctx, `SELECT camera, versions FROM policies`)
	if err != nil {
		return nil, fmt.Errorf("couldn't read the terms of footage: %w", err)
	}
	p = retention.Policies{}
	for err == nil && rows.Next() {
		var camera, text string
		var versions []retention.Version
		if err = rows.Scan(&camera, &text); err == nil {
			err = json.Unmarshal([]byte(text), &versions)
		}
		p[camera] = versions
	}
	if err = errors.Join(err, rows.Err(), rows.Close()); err != nil {
		return nil, fmt.Errorf("couldn't read the terms of footage: %w", err)
	}
	return p, nil
}

// writePolicies enters what is decided from now on, and reports whether that is anything else than before.
func writePolicies(ctx context.Context, d hold.Diary, op string, body proof.Body, old, next retention.Policies) (changed bool, err error) {
	rows, data := map[string]string{}, retention.Policies{}
	for camera, versions := range next {
		text, err := json.Marshal(versions)
		if err != nil {
			return false, err
		}
		was, err := json.Marshal(old[camera])
		if err != nil {
			return false, err
		}
		if string(text) != string(was) {
			rows[camera], data[camera] = string(text), versions
		}
	}
	if len(rows) == 0 {
		return false, nil
	}
	text, err := json.Marshal(data)
	if err != nil {
		return false, err
	}
	if body.Data == nil {
		body.Data = map[string]any{}
	}
	body.Data["policies"] = string(text)
	_, err = d.Append(ctx, diary.Entry{Op: op, Body: body}, func(tx *sql.Tx) error {
		for camera, text := range rows {
			if _, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO policies (camera, versions) VALUES (?, ?)`, camera, text); err != nil {
				return err
			}
		}
		return nil
	})
	return err == nil, err
}

// review lets what the configuration asks for be decided where nobody has to confirm it, and keeps what waits.
func (e *eraser) review(ctx context.Context, d *diary.Diary, present retention.Present) error {
	e.deciding.Lock()
	defer e.deciding.Unlock()
	old, err := readPolicies(ctx, d)
	if err != nil {
		return err
	}
	asked, err := e.asked()
	if err != nil {
		return err
	}
	next, waits := old.Review(asked, present, e.time.boot.Now())
	e.mu.Lock()
	e.stand.Waits = waits
	e.mu.Unlock()
	_, err = writePolicies(ctx, d, opPolicySet, proof.Body{Note: "what the configuration asks for and takes no footage away"}, old, next)
	if err != nil {
		return fmt.Errorf("couldn't enter what the configuration says of terms: %w", err)
	}
	return nil
}

// asked is what the configuration asks for.
func (e *eraser) asked() ([]retention.Asked, error) {
	held, err := e.index.Bytes()
	if err != nil {
		return nil, err
	}
	cameras, _ := e.config()
	var list []retention.Asked
	for _, c := range cameras {
		_, recorded := held[c.ID]
		list = append(list, retention.Asked{Camera: c.ID, Limit: c.Limit, Keep: c.Keep, Recorded: recorded})
	}
	return list, nil
}
