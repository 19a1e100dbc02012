package main

import (
	"net/http"
	"time"
)

// maxStall is how long whoever asked may read nothing of an answer. What answers may hold something that others wait
// for: an export of the diary has a snapshot of it, and the turn.
const maxStall = time.Minute

// stallPiece is how much of an answer is written under one deadline, in bytes: who reads slowly is not cut off.
const stallPiece = 64 << 10

// cutStalled cuts off who reads nothing of an answer for too long; whoever writes it then gets an error.
func (d *Daemon) cutStalled(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := patient{w, http.NewResponseController(w)}
		if err := p.control.SetWriteDeadline(time.Time{}); err != nil { // the answer before may have left one
			d.Log.Error("a request was not answered, since nobody could be cut off in it", "err", err)
			panic(http.ErrAbortHandler)
		}
		defer func() {
			if err := p.extend(); err != nil { // for what is still buffered, and the trailer
				d.Log.Debug("an answer could not be sent", "err", err)
			}
		}()
		h.ServeHTTP(p, r)
	})
}

// patient writes an answer with a deadline for each piece.
type patient struct {
	http.ResponseWriter
	control *http.ResponseController
}

// Unwrap lets [http.ResponseController] find what can be flushed.
func (p patient) Unwrap() http.ResponseWriter { return p.ResponseWriter }

func (p patient) extend() error { return p.control.SetWriteDeadline(time.Now().Add(maxStall)) }

func (p patient) Write(b []byte) (n int, err error) {
	for {
		if err := p.extend(); err != nil {
			return n, err
		}
		m, err := p.ResponseWriter.Write(b[:min(len(b), stallPiece)])
		n += m
		if b = b[m:]; err != nil || len(b) == 0 {
			return n, err
		}
	}
}
