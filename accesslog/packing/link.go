package packing

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"varuh/accesslog/aeszip"
	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/people"
)

// The operations of links.
const (
	opLink    = "package.link"
	opLinkUse = "package.link.use"
	opLinkEnd = "package.link.end"
)

// The bounds of a link.
const (
	MaxLink = 7 * 24 * time.Hour
	MaxUses = 5
)

// What refuses a link.
var (
	ErrLink     = errors.New("there is no such link (any more), or the passphrase is another")
	ErrLinkSpan = errors.New("a link lasts seven days at most, and is good for one to five downloads")
)

// LinkAsked is a link for somebody who can't come.
type LinkAsked struct {
	Recipient string    // name of who is to have the package, and of what body: each use names him
	Warned    bool      // he is warned, see [Taking]
	Remark    string    // may be missing
	Until     time.Time // [MaxLink] from now at most
	Day       bool      // Until is the end of a day, in its zone: of the seventh from now there is as much as [MaxLink] allows
	Uses      int
}

// until is when the link ends, if that is allowed. A day begins within the seven where its calendar says so, though the clock be
// changed meanwhile.
func (a LinkAsked) until(now time.Time) (time.Time, error) {
	last := now.Add(MaxLink)
	switch {
	case a.Uses < 1 || a.Uses > MaxUses || !a.Until.After(now):
		return time.Time{}, ErrLinkSpan
	case !a.Until.After(last):
		return a.Until.UTC(), nil
	case a.Day && !a.Until.AddDate(0, 0, -1).After(now.In(a.Until.Location()).AddDate(0, 0, 7)):
		return last.UTC(), nil
	}
	return time.Time{}, ErrLinkSpan
}

// Link is a secret address by which an outsider fetches a package, encrypted, until a time and so many times.
type Link struct {
	ID      int64 // index of its entry
	Package int64
	Until   time.Time
	Uses    int // that are left

	// Restored tells that the appliance was put back from a copy since: it opens nothing, for nobody knows whether it was used up or ended
	// meanwhile. Another one can be issued.
	Restored bool
}

// Issued is a link with what is shown once and kept nowhere. The passphrase goes by another way than the address.
type Issued struct {
	Link
	Cut        bool // it ends before the day does that was asked for, seven days from when it was issued
	Secret     string
	Passphrase string
}

// Issue enters for whom a link is, and makes it. The errors are those of [Jobs.Prepare], and [ErrLinkSpan].
func (j *Jobs) Issue(ctx context.Context, s people.Session, request string, a LinkAsked) (Issued, error) {
	if err := (Taking{Way: ByLink, Recipient: a.Recipient, Warned: a.Warned, Remark: a.Remark}).check(); err != nil {
		return Issued{}, err
	}
	until, err := a.until(j.latest())
	if err != nil {
		return Issued{}, err
	}
	p, by, err := j.takeable(ctx, s, request)
	if err != nil {
		return Issued{}, err
	}
	l := Issued{Link: Link{Package: p.ID, Until: until, Uses: a.Uses}, Cut: until.Before(a.Until), Secret: rand.Text(), Passphrase: aeszip.NewPassphrase()}
	_, err = j.o.Diary.Append(ctx, diary.Entry{Op: opLink, Ref: &p.Disclose, Body: proof.Body{Actor: &by, Recipient: a.Recipient, Note: a.Remark, Objects: objects(p.Delivered),
		Data: map[string]any{"request": p.Request, "sha256": p.Manifest, "until": l.Until.Format(time.RFC3339), "count": int64(a.Uses), "warned": yes(a.Warned)}}},
		func(tx *sql.Tx) (err error) {
			if l.ID, err = diary.Next(ctx, tx); err != nil {
				return err
			}
			_, err = tx.ExecContext(ctx, `INSERT INTO package_links (id, package, secret, passphrase, until, uses, ended) VALUES (?, ?, ?, ?, ?, ?, 0)`,
				l.ID, l.Package, hashed(l.Secret), hashed(l.Passphrase), l.Until.UnixNano(), l.Uses)
			return err
		})
	if err != nil {
		return Issued{}, fmt.Errorf("there is no link, since it could not be entered for whom it is: %w", err)
	}
	return l, nil
}

func hashed(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// storedLink is a link with the hashes that only its row has.
type storedLink struct {
	Link
	passphrase string
}

// good is a condition for links that can be used yet, at a time.
const good = `uses > 0 AND until > ?`

// restored is the entry of the last restore: what was let out before it opens nothing more. 0: there was none. A restore comes before a
// start, so it is looked for once.
func (j *Jobs) restored(ctx context.Context) (int64, error) {
	j.mu.Lock()
	back := j.back
	j.mu.Unlock()
	if back != nil {
		return *back, nil
	}
	list, err := j.o.Diary.EntriesOf(ctx, opRestore)
	if err != nil {
		return 0, fmt.Errorf("couldn't look whether the appliance was restored: %w", err)
	}
	last := int64(0)
	if len(list) > 0 {
		last = list[len(list)-1].Index
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.back = &last
	return last, nil
}

// latest is the later of what the clock shows and what is certain, by which links end: one that has ended opens nothing again where the
// clock goes back.
func (j *Jobs) latest() time.Time {
	now := j.o.Now()
	if j.o.Certain == nil {
		return now
	}
	if certain := j.o.Certain(); certain.After(now) {
		return certain
	}
	return now
}

// linksBy reads those that nobody has ended.
func (j *Jobs) linksBy(ctx context.Context, condition string, args ...any) (list []storedLink, err error) {
	back, err := j.restored(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := j.o.Diary.Query(ctx, `SELECT id, package, passphrase, until, uses FROM package_links WHERE ended = 0 AND (`+condition+`) ORDER BY id`, args...)
	if err != nil {
		return nil, fmt.Errorf("couldn't read what links there are: %w", err)
	}
	for err == nil && rows.Next() {
		var l storedLink
		var until int64
		if err = rows.Scan(&l.ID, &l.Package, &l.passphrase, &until, &l.Uses); err == nil {
			l.Until, l.Restored = time.Unix(0, until).UTC(), l.ID < back
			list = append(list, l)
		}
	}
	if err = errors.Join(err, rows.Err(), rows.Close()); err != nil {
		return nil, fmt.Errorf("couldn't read what links there are: %w", err)
	}
	return list, nil
}

// Links are those to the package of a request that are good yet, but for a restore, or by which it is on its way.
func (j *Jobs) Links(ctx context.Context, request string) (list []Link, err error) {
	found, err := j.linksBy(ctx, `package IN (SELECT id FROM packages WHERE request = ? AND ended = 0) AND (`+good+` OR id IN (SELECT link FROM package_deliveries WHERE ended = 0))`,
		request, j.latest().UnixNano())
	for _, l := range found {
		list = append(list, l.Link)
	}
	return list, err
}

// EndLink enters that a person ends a link of a request, and stops what is on its way by it: that even where it can't be entered.
func (j *Jobs) EndLink(ctx context.Context, s people.Session, request string, id int64) error {
	_, by, _, err := j.asked(ctx, s, request)
	if err != nil {
		return err
	}
	list, err := j.linksBy(ctx, `id = ? AND package IN (SELECT id FROM packages WHERE request = ?)`, id, request)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return ErrLink
	}
	its := func(d *delivery) bool { return d.link == id }
	j.halt(its)
	_, err = j.o.Diary.AppendKeeping(ctx, diary.Entry{Op: opLinkEnd, Ref: &id, Body: proof.Body{Actor: &by, Data: map[string]any{"request": request}}}, func(tx *sql.Tx) error {
		i, err := diary.Next(ctx, tx)
		if err != nil {
			return err
		}
		return used(tx.ExecContext(ctx, `UPDATE package_links SET ended = ? WHERE id = ? AND ended = 0`, i, id))
	})
	j.halt(its) // and what began meanwhile
	j.Rouse()
	return err
}

func used(result sql.Result, err error) error {
	if err = changed(result, err); errors.Is(err, ErrMeanwhile) {
		return ErrLink
	}
	return err
}

// Use takes one use of a link: when the error is nil it is counted, and the entry handover is durable, which names for whom
// the link is; then [Jobs.FetchByLink] gives the package once, under the passphrase. Whoever uses it says that he read the
// warning. The errors are [ErrLink], [ErrWarned], [ErrOver], [ErrRestricted], people.ErrLocked and those of the diary.
func (j *Jobs) Use(ctx context.Context, secret, passphrase string, from netip.Addr, warned bool) (Ready, error) {
	list, err := j.linksBy(ctx, `secret = ? AND `+good, hashed(secret), j.latest().UnixNano())
	switch {
	case err != nil:
		return Ready{}, err
	case len(list) != 1 || list[0].Restored || subtle.ConstantTimeCompare([]byte(list[0].passphrase), []byte(hashed(passphrase))) != 1:
		return Ready{}, ErrLink
	case !warned:
		return Ready{}, ErrWarned
	}
	l := list[0]
	p, err := j.linked(ctx, l.Package)
	if err != nil {
		return Ready{}, err
	}
	if err := j.readable(p); err != nil {
		return Ready{}, err
	}
	body, err := j.body(ctx, l.ID)
	if err != nil {
		return Ready{}, err
	}
	by := proof.Actor{Name: body.Recipient, Proof: "link"}
	if from.IsValid() {
		by.Address = from.String()
	}
	link := fmt.Sprintf("link %d", l.ID)
	d := &delivery{way: ByLink, who: link, pkg: p.ID, request: p.Request, link: l.ID, session: byLink, passphrase: passphrase}
	ready, err := j.prepared(d, func() (diary.Receipt, error) {
		if err := j.count(ctx, l); err != nil {
			return diary.Receipt{}, err
		}
		return j.enter(ctx, p, by, Taking{Way: ByLink, Recipient: body.Recipient, Encrypted: true, Warned: true, Medium: link}, d)
	})
	ready.Passphrase = "" // which he has
	return ready, err
}

// byLink stands in the place of a session's id, and is none.
const byLink = "by a link"

// linked is a package that a link leads to, if it may leave now.
func (j *Jobs) linked(ctx context.Context, id int64) (Package, error) {
	p, err := j.one(ctx, id)
	if err != nil {
		return p, err
	}
	q, err := j.o.Register.Request(ctx, p.Request)
	if err != nil {
		return p, err
	}
	if p, err = j.dated(ctx, p, q); err != nil {
		return p, err
	}
	if err := leaves(p, q, j.o.Now()); err != nil {
		return p, err
	}
	return p, j.unrestricted(ctx, p)
}

// count takes one use of a link away, durably.
func (j *Jobs) count(ctx context.Context, l storedLink) error {
	_, err := j.o.Diary.Append(ctx, diary.Entry{Op: opLinkUse, Ref: &l.ID, Body: proof.Body{Data: map[string]any{"left": int64(l.Uses - 1)}}}, func(tx *sql.Tx) error {
		return used(tx.ExecContext(ctx, `UPDATE package_links SET uses = uses - 1 WHERE id = ? AND uses = ? AND ended = 0`, l.ID, l.Uses))
	})
	return err
}

// FetchByLink gives a package of which a use was taken, once.
func (j *Jobs) FetchByLink(ctx context.Context, id string) (*Out, error) {
	d, err := j.take(id, byLink)
	if err != nil {
		return nil, err
	}
	return j.fetched(ctx, d, func() (Package, error) { return j.linked(ctx, d.pkg) })
}
