package main

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

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
}

// packageLine is a package as a command shows it. It names nobody.
type packageLine struct {
	packing.Job
	Until       time.Time // when it is destroyed at the latest
	Fingerprint string    // of the key that signs
	Failed      string    // why the last try came to nothing
}

var errNoToken = errors.New("whoever has a package written onto a disk has to say under what token he tells how that ended")

var errNoPackages = errors.New("the door is not open yet, and with it no package is built or handed over: varuh status says why")

// handPackages serves what the commands about packages ask. Only the daemon builds and hands over.
func (d *Daemon) handPackages(mux *http.ServeMux) {
	mux.HandleFunc("POST /package/list", d.onPackages("/package/list", d.listPackages))
	mux.HandleFunc("POST /package/build", d.onPackages("/package/build", d.buildPackage))
	mux.HandleFunc("POST /package/cancel", d.onPackages("/package/cancel", d.cancelPackage))
	mux.HandleFunc("POST /package/deliver", d.onPackages("/package/deliver", d.deliverPackage))
	mux.HandleFunc("POST /package/delivered", d.onPackages("/package/delivered", d.deliveredPackage))
	mux.HandleFunc("POST /package/handover", d.onPackages("/package/handover", d.handOverPackage))
}

// onPackages carries an order out once it is known who asks. do answers, or returns an error before it has.
func (d *Daemon) onPackages(path string, do func(*packing.Jobs, http.ResponseWriter, *http.Request, *packageOrder) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var o packageOrder
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&o); err != nil {
			d.refuse(w, http.StatusBadRequest, err)
			return
		}
		d.carryOut(w, r, path, &o, func() error {
			jobs := d.entrance.packages.Load()
			if jobs == nil {
				d.refuse(w, http.StatusServiceUnavailable, errNoPackages)
				return nil
			}
			sent := &begun{w: w}
			err := do(jobs, headed{sent, w}, r, &o)
			if err != nil && !sent.yes {
				d.refuse(w, http.StatusForbidden, err)
				return nil
			}
			if err != nil {
				d.Log.Warn("an order on the console did not come to its end", "order", path, "err", err)
				panic(http.ErrAbortHandler) // what has begun must not look whole
			}
			return nil
		})
	}
}

// headed is an answer that knows whether it has begun.
type headed struct {
	*begun
	http.ResponseWriter
}

func (h headed) Write(b []byte) (int, error) { return h.begun.Write(b) }

func (d *Daemon) listPackages(jobs *packing.Jobs, w http.ResponseWriter, r *http.Request, o *packageOrder) error {
	list, err := jobs.List(r.Context(), o.Ended)
	if err != nil {
		return err
	}
	requests, err := d.eraser.requests(r.Context())
	if err != nil {
		return err
	}
	open, err := d.clerk.use()
	if err != nil {
		return err
	}
	key, err := open.SigningKey(r.Context())
	if err != nil {
		return err
	}
	lines := []packageLine{}
	for _, job := range list {
		if o.Request != "" && job.Request != o.Request {
			continue
		}
		q, err := requests.Request(r.Context(), job.Request)
		if err != nil {
			return err
		}
		line := packageLine{Job: job, Until: packing.Until(job.Package, q), Fingerprint: key.Fingerprint()}
		if job.Error != nil {
			line.Failed = job.Error.Error()
		}
		line.Job.Error = nil
		lines = append(lines, line)
	}
	d.answer(w, lines)
	return nil
}

func (d *Daemon) buildPackage(jobs *packing.Jobs, w http.ResponseWriter, r *http.Request, o *packageOrder) error {
	p, err := jobs.Order(r.Context(), o.session, o.Request, packing.Asked{Sound: o.Sound, Ground: o.Ground, Remark: o.Remark})
	if err == nil {
		d.answer(w, p)
	}
	return err
}

func (d *Daemon) cancelPackage(jobs *packing.Jobs, w http.ResponseWriter, r *http.Request, o *packageOrder) error {
	p, err := jobs.Cancel(r.Context(), o.session, o.Request)
	if err == nil {
		d.answer(w, p)
	}
	return err
}

func (d *Daemon) handOverPackage(jobs *packing.Jobs, w http.ResponseWriter, r *http.Request, o *packageOrder) error {
	got, err := jobs.HandOver(r.Context(), o.session, o.Request, disclosure.Handing{Recipient: o.Recipient, Known: o.Known, Medium: o.Medium, Warned: o.Warned, Remark: o.Remark})
	if err == nil {
		d.answer(w, got)
	}
	return err
}

// deliverPackage enters that the package is taken out onto a disk, and streams it as a tar file. A failure in the middle cuts
// the connection, so that nobody takes a part for the whole. Whether it is whole on the disk whoever writes it tells under the token.
func (d *Daemon) deliverPackage(jobs *packing.Jobs, w http.ResponseWriter, r *http.Request, o *packageOrder) (err error) {
	if o.Token == "" {
		return errNoToken
	}
	ready, err := jobs.Prepare(r.Context(), o.session, o.Request, packing.Taking{Way: packing.Folder, Recipient: o.Recipient, Medium: o.Medium, Warned: o.Warned, Remark: o.Remark})
	if err != nil {
		return err
	}
	out, err := jobs.Fetch(r.Context(), o.session, o.Request, ready.ID)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	w.Header().Set("Content-Type", "application/x-tar")
	to := tar.NewWriter(w)
	err = out.Each(r.Context(), func(name string, size int64, from io.Reader) error {
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

// deliveredPackage enters how a delivery onto a disk ended.
func (d *Daemon) deliveredPackage(jobs *packing.Jobs, w http.ResponseWriter, r *http.Request, o *packageOrder) error {
	err := jobs.Told(r.Context(), o.Token, o.Whole)
	if err == nil {
		d.answer(w, struct{}{})
	}
	return err
}
