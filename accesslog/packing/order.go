package packing

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/people"
)

// Asked is how a package is to be built.
type Asked struct {
	Sound  bool   // with sound, where that was lawful
	Ground string // on which restricted footage is taken (see accesslog.Ground); "": it is left out, and a gap says so
	Remark string // may be missing
}

// Order enters that a person has the package of an approved request built. The errors are [ErrOrdered], [ErrBuilt],
// [disclosure.ErrStep] and those of people.
func (j *Jobs) Order(ctx context.Context, s people.Session, request string, a Asked) (Package, error) {
	q, by, open, err := j.asked(ctx, s, request)
	switch {
	case err != nil:
		return Package{}, err
	case open != nil && open.Stage != 0:
		return *open, ErrBuilt
	case open != nil:
		return *open, ErrOrdered
	}
	if q, err = j.again(ctx, q); err != nil {
		return Package{}, err
	}
	if err := q.May(disclosure.Build); err != nil {
		return Package{}, fmt.Errorf("request %s: %w", request, err)
	}
	p := Package{Request: request, Person: s.Person.ID, Sound: a.Sound, Ground: a.Ground}
	data := map[string]any{"request": request, "sound": yes(a.Sound)}
	if a.Ground != "" {
		data["ground"] = a.Ground
	}
	_, err = j.o.Diary.Append(ctx, diary.Entry{Op: opOrder, Ref: &q.Entry, Body: proof.Body{Actor: &by, Note: a.Remark, Objects: objects(q.Wanted), Data: data}},
		func(tx *sql.Tx) error {
			var n int
			if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM packages WHERE request = ? AND ended = 0`, request).Scan(&n); err != nil {
				return err
			}
			if n > 0 {
				return ErrOrdered
			}
			if p.ID, err = diary.Next(ctx, tx); err != nil {
				return err
			}
			return p.insert(ctx, tx)
		})
	if err != nil {
		return Package{}, fmt.Errorf("the package is not built, since it could not be entered who asked for it: %w", err)
	}
	j.told(request, nil)
	j.changed(request)
	j.Rouse()
	return p, nil
}

// again is a request as it is built for once more: of its package, which is gone, all may have left, and nobody knows. As long as nobody
// asks for another it can be entered that it was handed over.
func (j *Jobs) again(ctx context.Context, q disclosure.Request) (disclosure.Request, error) {
	if q.State != disclosure.Built {
		return q, nil
	}
	list, err := j.readDeliveries(ctx, `package IN (SELECT id FROM packages WHERE request = ? AND manifest = ?) AND (ended = 0 OR result = '`+string(Whole)+`')`, q.ID, q.Package)
	if err != nil || len(list) > 0 {
		return q, err
	}
	if _, err := j.o.Register.Expired(ctx, q.ID, "it is gone, nobody knows whether all of it left, and another one is asked for"); err != nil {
		return q, fmt.Errorf("couldn't enter that the package of request %s can be built again: %w", q.ID, err)
	}
	return j.o.Register.Request(ctx, q.ID)
}

// asked is a request, who a session is if it may have packages of it, and the package that is there or to be built; nil for none.
func (j *Jobs) asked(ctx context.Context, s people.Session, request string) (q disclosure.Request, by proof.Actor, p *Package, err error) {
	if q, err = j.o.Register.Request(ctx, request); err != nil {
		return q, by, nil, err
	}
	if by, err = j.o.Register.Packer(s, q); err != nil {
		return q, by, nil, err
	}
	p, err = j.of(ctx, request)
	return q, by, p, err
}

// of is the package of a request that is there or to be built; nil for none.
func (j *Jobs) of(ctx context.Context, request string) (*Package, error) {
	list, err := j.read(ctx, `request = ? AND ended = 0`, request)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[len(list)-1], nil
}

// Cancel enters that a person wants the package of a request no more, before it is built, and ends what is under way: when
// it returns nil, nothing of it is left, or will be once the program has let go of it. The error is [ErrUnknown], or
// [ErrBuilt] where it is too late: then the request is to be refused, or withdrawn.
func (j *Jobs) Cancel(ctx context.Context, s people.Session, request string) (Package, error) {
	_, by, p, err := j.asked(ctx, s, request)
	switch {
	case err != nil:
		return Package{}, err
	case p == nil:
		return Package{}, ErrUnknown
	case p.Stage != 0:
		return *p, ErrBuilt
	}
	r, err := j.o.Diary.AppendKeeping(ctx, diary.Entry{Op: opCancel, Ref: &p.ID, Body: proof.Body{Actor: &by, Data: map[string]any{"request": request}}},
		j.ends(ctx, *p, Cancelled))
	if err != nil {
		return *p, fmt.Errorf("couldn't cancel the package: %w", err)
	}
	p.Ended, p.Why = r.Index, Cancelled
	j.stop(p.ID)
	j.changed(request)
	j.Rouse()
	return *p, nil
}

// ends is the change of a row that ends.
func (j *Jobs) ends(ctx context.Context, p Package, why Why) diary.Change {
	return func(tx *sql.Tx) error {
		i, err := diary.Next(ctx, tx)
		if err != nil {
			return err
		}
		if why == Cancelled || why == Failed {
			if now, err := staged(ctx, tx, p.ID); err != nil || now {
				return errorOr(err, ErrBuilt)
			}
		}
		return p.end(ctx, tx, i, why)
	}
}

// staged tells inside a transaction whether a package is built by then.
func staged(ctx context.Context, tx *sql.Tx, id int64) (is bool, err error) {
	err = tx.QueryRowContext(ctx, `SELECT stage > 0 FROM packages WHERE id = ?`, id).Scan(&is)
	return is, err
}

func errorOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// objects is footage as an entry names it.
func objects(list []disclosure.Wanted) (out []proof.Object) {
	for _, w := range list {
		camera := w.Camera
		if camera == "" {
			camera = "*"
		}
		out = append(out, proof.Object{Camera: camera, From: w.From, To: w.To})
	}
	return slices.Clip(out)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
