package main

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/packing"
)

// packageOrder is what is asked about the package of a request.
type packageOrder struct {
	who
	Request   string
	Ended     bool   // those that ended are listed, too
	Sound     bool   // with sound, where that was lawful
	Ground    string // on which restricted footage is taken; "": it is left out
	Recipient string
	Known     string // how his identity is known
	Medium    string
	Warned    bool
	Remark    string
	Token     string // under which it is told how a delivery onto a disk ended; whoever asks for one draws it
	Whole     bool   // it is whole there, and was read back
	Until     string // when a link ends, by the clock of the site
	Uses      int    // for which it is good
	Link      int64  // its entry
}

// packageLine is a package as a command shows it, which asks nobody to log in: nothing of it says who ordered it, on what ground,
// and what footage is in it.
type packageLine struct {
	ID          int64 // package.order
	Request     string
	Step        packing.Step
	Bytes       int64 // of its files
	Done        int64 // that are written
	Of          int64 // that it will have, about; 0: not known
	Manifest    string
	Fingerprint string    // of the key that signs
	Until       time.Time // when it is destroyed at the latest
	Handed      time.Time // when it was handed over; zero: it was not
	Failed      string    // why the last try came to nothing
	Ended       int64     // the entry that ended it; 0: it has not
	Why         packing.Why
}

// lineOf is how a package of a request is shown, by the fingerprint of the key.
func lineOf(job packing.Job, q disclosure.Request, fingerprint string) packageLine {
	line := packageLine{ID: job.ID, Request: job.Request, Step: job.Step, Bytes: job.Bytes, Done: job.Done, Of: job.Of, Manifest: job.Manifest,
		Fingerprint: fingerprint, Until: packing.Until(job.Package, q), Handed: q.Handed, Ended: job.Ended, Why: job.Why}
	if job.Error != nil {
		line.Failed = job.Error.Error()
	}
	return line
}

// issuedLink is a link with what is shown once and kept nowhere.
type issuedLink struct {
	packing.Issued
	Address string
}

// What is asked about packages. That one leaves is in [Daemon.deliverPackage].
var (
	askPackages = asking[packageOrder, []packageLine]{"/package/list", "", false, (*eraser).listPackages}
	askBuild    = onPackage("/package/build", func(ctx context.Context, j *packing.Jobs, o packageOrder) (packing.Package, error) {
		return j.Order(ctx, o.session, o.Request, packing.Asked{Sound: o.Sound, Ground: o.Ground, Remark: o.Remark})
	})
	askCancel = onPackage("/package/cancel", func(ctx context.Context, j *packing.Jobs, o packageOrder) (packing.Package, error) {
		return j.Cancel(ctx, o.session, o.Request)
	})
	askDelivered = onPackage("/package/delivered", func(ctx context.Context, j *packing.Jobs, o packageOrder) (struct{}, error) {
		return struct{}{}, j.Told(ctx, o.Token, o.Whole)
	})
	askHandover = onPackage("/package/handover", func(ctx context.Context, j *packing.Jobs, o packageOrder) (diary.Receipt, error) {
		return j.HandOver(ctx, o.session, o.Request, disclosure.Handing{Recipient: o.Recipient, Known: o.Known, Medium: o.Medium, Warned: o.Warned, Remark: o.Remark})
	})
	askEndLink = onPackage("/package/link/end", func(ctx context.Context, j *packing.Jobs, o packageOrder) (struct{}, error) {
		return struct{}{}, j.EndLink(ctx, o.session, o.Request, o.Link)
	})
	askLinks     = asking[packageOrder, []packing.Link]{"/package/link/list", "", false, (*eraser).listLinks}
	askIssueLink = asking[packageOrder, issuedLink]{"/package/link/issue", "", false, (*eraser).issueLink}
)

// onPackage is something about the package of a request that a running daemon does.
func onPackage[A any](path string, do func(context.Context, *packing.Jobs, packageOrder) (A, error)) asking[packageOrder, A] {
	return asking[packageOrder, A]{path, "", false, func(e *eraser, ctx context.Context, o packageOrder) (a A, err error) {
		jobs, err := e.packages()
		if err != nil {
			return a, err
		}
		a, err = do(ctx, jobs, o)
		return a, forCommand(err, o.Request)
	}}
}

var errNoToken = errors.New("whoever has a package written onto a disk has to say under what token he tells how that ended")

var errNoPackages = errors.New("the door is not open yet, and without it nothing is put by, built or handed over: varuh status says why")

// packages are those of the daemon. Once the error is nil the scans of papers are there, too.
func (e *eraser) packages() (*packing.Jobs, error) {
	if e.entrance == nil {
		return nil, errNotRunning
	}
	if jobs := e.entrance.packages.Load(); jobs != nil {
		return jobs, nil
	}
	return nil, errNoPackages
}

// handPackages serves what the commands about packages ask. Only the daemon builds and hands over.
func (d *Daemon) handPackages(mux *http.ServeMux) {
	askPackages.hand(d, mux)
	askBuild.hand(d, mux)
	askCancel.hand(d, mux)
	askDelivered.hand(d, mux)
	askRecord.hand(d, mux)
	askHandover.hand(d, mux)
	askIssueLink.hand(d, mux)
	askLinks.hand(d, mux)
	askEndLink.hand(d, mux)
	mux.HandleFunc("POST "+deliverPath, d.deliverPackage)
}

// listPackages are the packages of all requests, or of one.
func (e *eraser) listPackages(ctx context.Context, o packageOrder) ([]packageLine, error) {
	jobs, err := e.packages()
	if err != nil {
		return nil, err
	}
	list, err := jobs.List(ctx, o.Ended)
	if err != nil {
		return nil, err
	}
	requests, err := e.requests(ctx)
	if err != nil {
		return nil, err
	}
	_, open, err := e.books()
	if err != nil {
		return nil, err
	}
	key, err := open.SigningKey(ctx)
	if err != nil {
		return nil, err
	}
	lines := []packageLine{}
	for _, job := range list {
		if o.Request != "" && job.Request != o.Request {
			continue
		}
		q, err := requests.Request(ctx, job.Request)
		if err != nil {
			return nil, err
		}
		lines = append(lines, lineOf(job, q, key.Fingerprint()))
	}
	return lines, nil
}

// errNotPublished is returned where no outsider can come.
var errNotPublished = errors.New("outsiders can't reach the pages, so that a link would lead nowhere: name the address by which they are reached from outside as published: in varuh.yml, and restart varuh")

// listLinks are the links to the package of a request that whoever asks may see.
func (e *eraser) listLinks(ctx context.Context, o packageOrder) ([]packing.Link, error) {
	jobs, err := e.packages()
	if err != nil {
		return nil, err
	}
	requests, err := e.requests(ctx)
	if err != nil {
		return nil, err
	}
	q, err := requests.Request(ctx, o.Request)
	if err == nil {
		err = requests.Sees(o.session, q)
	}
	if err != nil {
		return nil, forCommand(err, o.Request)
	}
	list, err := jobs.Links(ctx, o.Request)
	return list, forCommand(err, o.Request)
}

// issueLink makes a secret address by which an outsider fetches a package.
func (e *eraser) issueLink(ctx context.Context, o packageOrder) (l issuedLink, err error) {
	jobs, err := e.packages()
	if err != nil {
		return l, err
	}
	published := e.entrance.d.site.cfg.Published
	if published == "" {
		return l, errNotPublished
	}
	until, err := moment("--until", o.Until, e.zone(), true)
	if err != nil {
		return l, err
	}
	_, notDay := time.Parse(time.DateOnly, o.Until)
	l.Issued, err = jobs.Issue(ctx, o.session, o.Request, packing.LinkAsked{Recipient: o.Recipient, Warned: o.Warned, Remark: o.Remark, Until: until, Day: notDay == nil, Uses: o.Uses})
	l.Address = fmt.Sprintf("https://%s/pickup#%s", published, l.Secret)
	return l, forCommand(err, o.Request)
}

const deliverPath = "/package/deliver"

// deliverPackage enters that the package is taken out onto a disk, and streams it as a tar file. A failure in the middle cuts
// the connection, so that nobody takes a part for the whole. Whether it is whole on the disk whoever writes it tells under the
// token.
func (d *Daemon) deliverPackage(w http.ResponseWriter, r *http.Request) {
	var o packageOrder
	if err := received(w, r, &o); err != nil {
		d.refuse(w, http.StatusBadRequest, err)
		return
	}
	d.carryOut(w, r, deliverPath, &o, func() error {
		sent := &begun{w: w}
		err := d.writePackage(r.Context(), headed{sent, w}, o)
		if err != nil && !sent.yes {
			d.refuse(w, http.StatusForbidden, forCommand(err, o.Request))
			return nil
		}
		if err != nil {
			d.Log.Warn("a package was not handed over whole", "err", err)
			panic(http.ErrAbortHandler) // what has begun must not look whole
		}
		return nil
	})
}

// headed is an answer that knows whether it has begun.
type headed struct {
	*begun
	http.ResponseWriter
}

func (h headed) Write(b []byte) (int, error) { return h.begun.Write(b) }

// writePackage enters the delivery, and writes the files of the package as a tar file. Once all have left, the delivery waits until it
// is told, under the order's token, whether they are whole on the disk; without a token nothing leaves.
func (d *Daemon) writePackage(ctx context.Context, w http.ResponseWriter, o packageOrder) (err error) {
	if o.Token == "" {
		return errNoToken
	}
	jobs, err := d.eraser.packages()
	if err != nil {
		return err
	}
	ready, err := jobs.Prepare(ctx, o.session, o.Request, packing.Taking{Way: packing.Folder, Recipient: o.Recipient, Medium: o.Medium, Warned: o.Warned, Remark: o.Remark})
	if err != nil {
		return err
	}
	out, err := jobs.Fetch(ctx, o.session, o.Request, ready.ID)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	w.Header().Set("Content-Type", "application/x-tar")
	to := tar.NewWriter(w)
	err = out.Each(ctx, func(name string, size int64, from io.Reader) error {
		if err := to.WriteHeader(&tar.Header{Name: name, Size: size, Mode: 0o600, Format: tar.FormatPAX}); err != nil {
			return err
		}
		_, err := io.Copy(to, from)
		return err
	})
	if err == nil {
		err = to.Close()
	}
	if err == nil {
		out.Awaits(o.Token)
	}
	return err
}
