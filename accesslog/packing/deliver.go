package packing

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"varuh/accesslog/aeszip"
	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/people"
)

// Way is by which way a package leaves the appliance.
type Way string

// The ways.
const (
	Download Way = "download" // by a browser on the controller's network, as a ZIP file
	Folder   Way = "folder"   // onto a disk at the appliance
	ByLink   Way = "link"     // by an outsider, with a secret address
)

// Taking is how a package is taken out, and for whom.
type Taking struct {
	Way
	Recipient string // name of who is to have it, and of what body
	Medium    string // such as a USB disk, with its mark; may be missing
	Encrypted bool   // as a ZIP that takes a passphrase; by a link always
	Warned    bool   // the warning was read: the recipient may use it only for the purpose for which he gets it
	Remark    string // may be missing
}

// check refuses a taking that does not say what it has to.
func (t Taking) check() error {
	switch {
	case strings.TrimSpace(t.Recipient) == "":
		return ErrRecipient
	case !t.Warned:
		return ErrWarned
	}
	for _, text := range []string{t.Recipient, t.Medium, t.Remark} {
		if len(text) > mostText || !utf8.ValidString(text) {
			return fmt.Errorf("%w: at most %d bytes", ErrText, mostText)
		}
	}
	return nil
}

const (
	mostText    = 1000
	fetchWithin = 10 * time.Minute // what was entered is fetched by then, or entered again
	toldWithin  = time.Hour        // what was written onto a disk is read back by then
	enterWithin = 10 * time.Second // the end of a delivery, or later: who closes it has not long to wait
	mostPending = 8                // of one person, or one link, so that nobody keeps others out
)

// Ready is a package that can be fetched once.
type Ready struct {
	ID         string // that fetches it, by the same session
	Entry      int64  // handover
	Passphrase string // "" for a plain one; shown once, and stored nowhere
	Until      time.Time
}

// Prepare enters that a person takes a package out, how, and for whom: when the error is nil its entry handover is durable, and
// [Jobs.Fetch] gives the package once. The errors are [ErrUnknown], [ErrNotBuilt], [ErrOver], [ErrRestricted], [ErrMany], those of a
// [Taking] that lacks something, people.ErrLocked and those of people.
func (j *Jobs) Prepare(ctx context.Context, s people.Session, request string, t Taking) (Ready, error) {
	if err := t.check(); err != nil {
		return Ready{}, err
	}
	p, by, err := j.takeable(ctx, s, request)
	if err != nil {
		return Ready{}, err
	}
	if err := j.readable(p); err != nil {
		return Ready{}, err // before anything is entered
	}
	passphrase := ""
	if t.Encrypted {
		passphrase = aeszip.NewPassphrase()
	}
	d := &delivery{way: t.Way, who: s.Person.ID, pkg: p.ID, request: p.Request, session: s.ID, passphrase: passphrase}
	return j.prepared(d, func() (diary.Receipt, error) { return j.enter(ctx, p, by, t, d) })
}

// takeable is the package of a request, if a session may take it out now.
func (j *Jobs) takeable(ctx context.Context, s people.Session, request string) (p Package, by proof.Actor, err error) {
	if p, by, err = j.here(ctx, s, request); err != nil {
		return p, by, err
	}
	return p, by, j.unrestricted(ctx, p)
}

// here is the package of a request, if it is there for a session, be some of it restricted or not.
func (j *Jobs) here(ctx context.Context, s people.Session, request string) (p Package, by proof.Actor, err error) {
	q, by, there, err := j.asked(ctx, s, request)
	switch {
	case err != nil:
		return p, by, err
	case there == nil:
		return p, by, ErrUnknown
	}
	if p, err = j.dated(ctx, *there, q); err != nil {
		return p, by, err
	}
	return p, by, leaves(p, q, j.o.Now())
}

// leaves says why a package may not leave now: the one place that does, but for what [Jobs.unrestricted] refuses.
func leaves(p Package, q disclosure.Request, now time.Time) error {
	switch {
	case p.Stage == 0:
		return ErrNotBuilt
	case over(p, q, now) != "" || p.Ended != 0:
		return ErrOver
	case q.Package != p.Manifest:
		return ErrNotBuilt
	}
	return nil
}

// leavesInside is leaves as a transaction has package and request.
func (j *Jobs) leavesInside(ctx context.Context, tx *sql.Tx, p Package) error {
	now, err := oneBy(ctx, tx.QueryContext, p.ID)
	if err != nil {
		return err
	}
	q, err := disclosure.Inside(ctx, tx, p.Request)
	if err != nil {
		return err
	}
	now.Due = p.Due
	return leaves(now, q, j.o.Now())
}

// readable says why a package can't be read now, such as that all is locked.
func (j *Jobs) readable(p Package) error {
	o, err := j.opened(p)
	if err != nil {
		return err
	}
	return o.Close()
}

// enter makes the entry of a delivery durable, with its row.
func (j *Jobs) enter(ctx context.Context, p Package, by proof.Actor, t Taking, d *delivery) (diary.Receipt, error) {
	data := map[string]any{"request": p.Request, "sha256": p.Manifest, "way": string(t.Way), "encrypted": yes(t.Encrypted), "warned": yes(t.Warned)}
	if t.Medium != "" {
		data["medium"] = t.Medium
	}
	r, err := j.o.Diary.Append(ctx, diary.Entry{Op: opHandover, Ref: &p.Disclose, Body: proof.Body{Actor: &by, Recipient: t.Recipient, Note: t.Remark,
		Objects: objects(p.Delivered), Bytes: p.Bytes, Data: data}}, j.begins(ctx, p, d))
	if err != nil {
		return r, fmt.Errorf("nothing is handed over, since it could not be entered: %w", err)
	}
	j.changed(p.Request)
	return r, nil
}

// Fetch gives a package that was prepared, once, to the session that prepared it. Whether it may still leave is looked at
// again.
func (j *Jobs) Fetch(ctx context.Context, s people.Session, request, id string) (*Out, error) {
	d, err := j.take(id, s.ID)
	if err != nil {
		return nil, err
	}
	return j.fetched(ctx, d, func() (Package, error) {
		p, _, err := j.takeable(ctx, s, request)
		return p, err
	})
}

// fetched gives a delivery that was taken, if its package may leave yet. Else it is over.
func (j *Jobs) fetched(ctx context.Context, d *delivery, takeable func() (Package, error)) (*Out, error) {
	p, err := takeable()
	if err == nil && p.ID != d.pkg {
		err = ErrMeanwhile
	}
	if err == nil {
		var o *Out
		if o, err = j.out(d, p); err == nil {
			return o, nil
		}
	}
	j.conclude(ctx, d, End{How: NotFetched})
	return nil, err
}

// HandOver enters that the package of a request was handed over: one that was taken out whole by then, be it here yet or not. The
// error is [ErrNotTaken] where it was not.
func (j *Jobs) HandOver(ctx context.Context, s people.Session, request string, h disclosure.Handing) (diary.Receipt, error) {
	q, _, there, err := j.asked(ctx, s, request)
	switch {
	case err != nil:
		return diary.Receipt{}, err
	case there != nil && there.Stage == 0:
		return diary.Receipt{}, ErrNotBuilt
	}
	list, err := j.read(ctx, `request = ? AND manifest <> '' AND manifest = ?`, request, q.Package)
	if err == nil && len(list) == 0 {
		err = ErrUnknown
	}
	if err != nil {
		return diary.Receipt{}, err
	}
	taken, err := j.Taken(ctx, list[0])
	if err == nil && !taken {
		err = ErrNotTaken
	}
	if err != nil {
		return diary.Receipt{}, err
	}
	h.Manifest = q.Package
	r, err := j.o.Register.HandOver(ctx, s, request, h)
	j.changed(request)
	j.Rouse()
	return r, err
}
