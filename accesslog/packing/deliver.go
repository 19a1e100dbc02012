package packing

import (
	"archive/zip"
	"compress/flate"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"varuh/accesslog/aeszip"
	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/packing/sealed"
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
	mostPending = 8                // of one person, or one link, so that nobody keeps others out
)

// delivery is one that is not fetched yet.
type delivery struct {
	who        string // person, or link
	pkg        int64
	session    string // that may fetch it; "" as long as it is not entered: then nobody may
	until      time.Time
	passphrase string
}

// Ready is a package that can be fetched once.
type Ready struct {
	ID         string // that fetches it, by the same session
	Entry      int64  // handover
	Passphrase string // "" for a plain one; shown once, and stored nowhere
	Until      time.Time
}

// Prepare enters that a person takes a package out, how, and for whom: when the error is nil its entry handover is durable, and
// [Jobs.Fetch] gives the package once. The errors are [ErrUnknown], [ErrNotBuilt], [ErrOver], [ErrMany], those of a [Taking] that lacks something, people.ErrLocked and those of people.
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
	return j.hold(delivery{who: s.Person.ID, pkg: p.ID, session: s.ID, passphrase: passphrase}, func() (diary.Receipt, error) { return j.enter(ctx, p, by, t) })
}

// takeable is the package of a request, if a session may take it out now.
func (j *Jobs) takeable(ctx context.Context, s people.Session, request string) (p Package, by proof.Actor, err error) {
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

// leaves says why a package may not leave now.
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

// readable says why a package can't be read now, such as that all is locked.
func (j *Jobs) readable(p Package) error {
	o, err := j.o.Shelf.Open(p.Place)
	if err != nil {
		return err
	}
	return o.Close()
}

// enter makes the entry of a delivery durable.
func (j *Jobs) enter(ctx context.Context, p Package, by proof.Actor, t Taking) (diary.Receipt, error) {
	data := map[string]any{"request": p.Request, "sha256": p.Manifest, "way": string(t.Way), "encrypted": yes(t.Encrypted), "warned": yes(t.Warned)}
	if t.Medium != "" {
		data["medium"] = t.Medium
	}
	r, err := j.o.Diary.Append(ctx, diary.Entry{Op: opHandover, Ref: &p.Disclose, Body: proof.Body{Actor: &by, Recipient: t.Recipient, Note: t.Remark,
		Objects: objects(p.Delivered), Bytes: p.Bytes, Data: data}}, nil)
	if err != nil {
		return r, fmt.Errorf("nothing is handed over, since it could not be entered: %w", err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.taken[p.ID] = true
	return r, nil
}

// hold enters a delivery and keeps it until it is fetched. Its place is taken before anything is entered, so that no entry tells
// of one that nobody could fetch.
func (j *Jobs) hold(d delivery, enter func() (diary.Receipt, error)) (Ready, error) {
	id, err := j.place(d.who)
	if err != nil {
		return Ready{}, err
	}
	r, err := enter()
	j.mu.Lock()
	defer j.mu.Unlock()
	if err != nil {
		delete(j.pending, id)
		return Ready{}, err
	}
	d.until = j.o.Now().Add(fetchWithin)
	j.pending[id] = &d
	return Ready{ID: id, Entry: r.Index, Passphrase: d.passphrase, Until: d.until}, nil
}

// place takes one of the places that somebody has for what he does not fetch at once.
func (j *Jobs) place(who string) (id string, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	his := 0
	for id, d := range j.pending {
		if !j.o.Now().Before(d.until) {
			delete(j.pending, id)
		} else if d.who == who {
			his++
		}
	}
	if his >= mostPending {
		return "", fmt.Errorf("%w: try again in %v", ErrMany, fetchWithin)
	}
	id = rand.Text()
	j.pending[id] = &delivery{who: who, until: j.o.Now().Add(fetchWithin)}
	return id, nil
}

// Out is a package on its way out. Whoever has it closes it.
type Out struct {
	*sealed.Object
	Package    Package
	Passphrase string // "" for a plain one
}

// Fetch gives a package that was prepared, once, to the session that prepared it. Whether it may still leave is looked at
// again.
func (j *Jobs) Fetch(ctx context.Context, s people.Session, request, id string) (*Out, error) {
	d, err := j.take(id, s.ID)
	if err != nil {
		return nil, err
	}
	p, _, err := j.takeable(ctx, s, request)
	if err != nil {
		return nil, err
	}
	if p.ID != d.pkg {
		return nil, ErrMeanwhile
	}
	return j.out(p, d.passphrase)
}

// take takes a delivery that waits for a session, once.
func (j *Jobs) take(id, session string) (delivery, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	d := j.pending[id]
	if d == nil || d.session == "" || d.session != session {
		return delivery{}, ErrFetched
	}
	delete(j.pending, id)
	if !j.o.Now().Before(d.until) {
		return delivery{}, ErrFetched
	}
	return *d, nil
}

func (j *Jobs) out(p Package, passphrase string) (*Out, error) {
	o, err := j.o.Shelf.Open(p.Place)
	if err != nil {
		return nil, err
	}
	return &Out{o, p, passphrase}, nil
}

// Taken tells whether a package was taken out, by its entries, which say that it was prepared: whether it was fetched to its end
// only the person knows who hands it over.
func (j *Jobs) Taken(ctx context.Context, p Package) (bool, error) {
	j.mu.Lock()
	is, known := j.taken[p.ID]
	j.mu.Unlock()
	if known {
		return is, nil
	}
	entries, err := j.o.Diary.EntriesOf(ctx, opHandover)
	if err != nil {
		return false, err
	}
	for _, e := range entries {
		is = is || e.Ref != nil && *e.Ref == p.Disclose
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.taken[p.ID] = is || j.taken[p.ID] // somebody may have taken it meanwhile
	return j.taken[p.ID], nil
}

// HandOver enters that the package of a request was handed over: one that was taken out by then. From now on it is kept for
// seven days.
func (j *Jobs) HandOver(ctx context.Context, s people.Session, request string, h disclosure.Handing) (diary.Receipt, error) {
	p, _, err := j.takeable(ctx, s, request)
	if err != nil {
		return diary.Receipt{}, err
	}
	taken, err := j.Taken(ctx, p)
	if err == nil && !taken {
		err = ErrNotTaken
	}
	if err != nil {
		return diary.Receipt{}, err
	}
	h.Manifest = p.Manifest
	r, err := j.o.Register.HandOver(ctx, s, request, h)
	j.changed(request)
	j.Rouse()
	return r, err
}

// Zip writes a package as a ZIP file, front to back. Its contents are films, which don't shrink; the plain one is written in
// blocks that say where they end, so that every tool reads it.
func (o *Out) Zip(ctx context.Context, w io.Writer) error {
	var to interface {
		Create(string) (io.Writer, error)
		Close() error
	}
	if o.Passphrase != "" {
		z, err := aeszip.NewWriter(w, o.Passphrase)
		if err != nil {
			return err
		}
		z.Stored = func(name string) bool { return path.Ext(name) == ".mp4" }
		to = z
	} else {
		z := zip.NewWriter(w)
		z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.NoCompression) })
		to = z
	}
	for _, name := range o.Names() {
		f, err := to.Create(name)
		if err == nil {
			err = o.copy(ctx, f, name)
		}
		if err != nil {
			return fmt.Errorf("couldn't hand over %s: %w", name, err)
		}
	}
	return to.Close()
}

// copyBuffer is how much is copied at a time.
const copyBuffer = 256 << 10

// copy copies one file, until ctx ends.
func (o *Out) copy(ctx context.Context, w io.Writer, name string) (err error) {
	f, err := o.Open(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	buf := make([]byte, copyBuffer)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := f.Read(buf)
		if n > 0 {
			if _, err := w.Write(buf[:n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// Each gives the files one after the other, with their sizes.
func (o *Out) Each(ctx context.Context, each func(name string, size int64, r io.Reader) error) error {
	for _, name := range o.Names() {
		if err := ctx.Err(); err != nil {
			return err
		}
		info, err := fs.Stat(o.Object, name)
		if err != nil {
			return err
		}
		f, err := o.Open(name)
		if err == nil {
			err = errors.Join(each(name, info.Size(), f), f.Close())
		}
		if err != nil {
			return fmt.Errorf("couldn't hand over %s: %w", name, err)
		}
	}
	return nil
}
