package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
)

// desk is the daemon's.
func (d *Daemon) desk() (desk, error) {
	open, err := d.clerk.use()
	if err != nil {
		return desk{}, err
	}
	k := desk{diary: open, wrote: d.clerk.wrote}
	k.keys, k.closed = d.site.diaryAside() // nobody has logged in yet, and for some orders nobody does
	return k, nil
}

// maxOrder bounds an order, with the checkpoints that it is to be held against.
const maxOrder = 8 << 20

// handDiary serves the paths below /diary.
func (d *Daemon) handDiary(mux *http.ServeMux) {
	for path, hand := range map[string]func(http.ResponseWriter, *http.Request, desk, diaryOrder){
		"/diary/read": d.answerRead, "/diary/export": d.answerExport, "/diary/verify": d.answerVerify, "/diary/checkpoint": d.answerCheckpoint,
	} {
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
			var o diaryOrder
			if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxOrder)).Decode(&o); err != nil {
				d.refuse(w, http.StatusBadRequest, err)
				return
			}
			k, err := d.desk()
			if err != nil {
				d.refuse(w, http.StatusServiceUnavailable, err)
				return
			}
			d.carryOut(w, r, path, &o, func() error {
				if o.session.ID != "" {
					k.keys, k.closed = d.site.diaryIdentity() // which the log-in may just have opened
				}
				k.still = d.still(path, &o, k.keys != nil && !o.Redact)
				hand(w, r, k, o)
				return nil
			})
		})
	}
}

// carryOut has an order carried out by do, which answers, once it is known who asks; else it refuses.
func (d *Daemon) carryOut(w http.ResponseWriter, r *http.Request, path string, order any, do func() error) {
	begun := false
	err := d.office.foundOut(r.Context(), path, order, "", func() error {
		begun = true
		return do()
	})
	switch {
	case err != nil && !begun:
		d.refuse(w, http.StatusForbidden, err)
	case err != nil:
		d.Log.Warn("an order on the console did not come to its end", "order", path, "err", err)
	}
}

func (d *Daemon) answerRead(w http.ResponseWriter, r *http.Request, k desk, o diaryOrder) {
	enc, begun := json.NewEncoder(w), false
	err := k.read(r.Context(), o, func(l diaryLine) error {
		begun = true
		return enc.Encode(l)
	})
	switch {
	case err != nil && !begun:
		d.refuse(w, http.StatusForbidden, err)
		return
	case err != nil:
		err = enc.Encode(diaryLine{Error: err.Error()})
	default:
		err = enc.Encode(diaryLine{End: true})
	}
	if err != nil {
		d.Log.Debug("an answer could not be sent", "err", err)
	}
}

// outcomeTrailer is where the outcome of an export stands, behind the bundle.
const outcomeTrailer = "Varuh-Outcome"

// answerExport sends a bundle. A failure in the middle cuts the connection, so that nobody takes a part for
// the whole.
func (d *Daemon) answerExport(w http.ResponseWriter, r *http.Request, k desk, o diaryOrder) {
	w.Header().Set("Trailer", outcomeTrailer)
	sent := &begun{w: w}
	out, err := k.export(r.Context(), o, sent)
	switch {
	case err == nil:
		err = out.send(w.Header())
	case !sent.yes:
		d.refuse(w, http.StatusForbidden, err)
		return
	}
	if err != nil {
		d.Log.Error("a bundle of the diary was cut off", "err", err)
		panic(http.ErrAbortHandler)
	}
}

// send puts an outcome behind a bundle.
func (o outcome) send(h http.Header) error {
	b, err := json.Marshal(o)
	if err == nil {
		h.Set(outcomeTrailer, string(b))
	}
	return err
}

// read takes the outcome from behind a bundle that was read to its end.
func (o *outcome) read(r io.Reader) error {
	reply, ok := r.(*reply)
	if !ok {
		return errors.New("what came is no answer of the daemon")
	}
	return decodeAnswer(strings.NewReader(reply.response.Trailer.Get(outcomeTrailer)), o)
}

func (d *Daemon) answerVerify(w http.ResponseWriter, r *http.Request, k desk, o diaryOrder) {
	report, err := k.verify(r.Context(), o.Held)
	if err != nil {
		d.refuse(w, http.StatusInternalServerError, err)
		return
	}
	d.answer(w, report)
}

// begun notes whether anything was written.
type begun struct {
	w   io.Writer
	yes bool
}

func (b *begun) Write(p []byte) (int, error) {
	b.yes = true
	return b.w.Write(p)
}

func (d *Daemon) answerCheckpoint(w http.ResponseWriter, r *http.Request, k desk, o diaryOrder) {
	a, err := k.checkpoint(r.Context(), o.Page)
	if err != nil {
		d.refuse(w, http.StatusForbidden, err)
		return
	}
	d.answer(w, a)
}

// askDesk sends an order to the daemon of a state folder. The caller closes the answer.
func askDesk(ctx context.Context, state, path string, o diaryOrder) (io.ReadCloser, error) {
	body, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	return ask(ctx, state, "POST", path, bytes.NewReader(body))
}
