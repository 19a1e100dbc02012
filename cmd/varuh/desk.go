package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"varuh/accesslog/aeszip"
	"varuh/accesslog/diary"
	"varuh/accesslog/diary/print"
	"varuh/accesslog/diary/proof"
	"varuh/recorder/keyring"
)

// desk hands the diary out: to the commands of this process, or through the socket to those of others. What
// is handed out with its contents is entered before.
type desk struct {
	diary  *diary.Diary
	keys   keyring.Identity // that open bodies; nil: they stay closed
	closed error            // why keys is nil
}

// diaryOrder asks for entries.
type diaryOrder struct {
	Actor      string `json:"actor"`                // as claimed on the console
	Reason     string `json:"reason"`               //
	From       int64  `json:"from"`                 // first entry
	To         int64  `json:"to"`                   // behind the last one; 0: all
	Last       int64  `json:"last,omitempty"`       // only so many of them, from the end; 0: all
	Op         string `json:"op,omitempty"`         // only of this operation
	Redact     bool   `json:"redact,omitempty"`     // without bodies
	Passphrase string `json:"passphrase,omitempty"` // encrypts an export
}

// diaryLine is an entry as it is handed out: the bytes that are hashed.
type diaryLine struct {
	Leaf     string `json:"leaf,omitempty"`
	Body     string `json:"body,omitempty"`
	Manifest string `json:"manifest,omitempty"`
	Closed   string `json:"closed,omitempty"` // why there is no body; with the first entry alone
	Error    string `json:"error,omitempty"`
	End      bool   `json:"end,omitempty"` // nothing follows
}

// checkpointAnswer is a signed checkpoint and the keys that verify it.
type checkpointAnswer struct {
	Note string   `json:"note"`
	Keys []string `json:"keys"`
}

// enter writes who takes what. Without this entry nothing is handed out.
func (k desk) enter(ctx context.Context, op string, o diaryOrder, from, to int64) error {
	if o.Actor == "" || o.Reason == "" {
		return errors.New("who reads the diary, and why, is entered in it: give --actor NAME and --reason TEXT")
	}
	opened := "yes"
	if o.Redact || k.keys == nil {
		opened = "no"
	}
	b := proof.Body{Actor: &proof.Actor{Name: o.Actor, Proof: "claimed on the console"}, Purpose: o.Reason,
		Data: map[string]any{"from": from, "to": to, "opened": opened}}
	if o.Op != "" {
		b.Data["op"] = o.Op
	}
	if _, err := k.diary.Append(ctx, diary.Entry{Op: op, Body: b}, nil); err != nil {
		return fmt.Errorf("nothing is handed out, since it could not be entered: %w", err)
	}
	return nil
}

// span is which entries an order is for.
func (k desk) span(o diaryOrder) (from, to int64, err error) {
	h := k.diary.Head()
	from, to = max(o.From, h.Cut), o.To
	if to <= 0 || to > h.Size {
		to = h.Size
	}
	if from >= to {
		return 0, 0, fmt.Errorf("the diary has the entries %d to %d", h.Cut, h.Size-1)
	}
	return from, to, nil
}

// opener opens bodies, nil if an order is for none or they stay closed.
func (k desk) opener(o diaryOrder) *diary.Opener {
	if o.Redact || k.keys == nil {
		return nil
	}
	return k.diary.Opener(k.keys)
}

// read hands out entries one by one.
func (k desk) read(ctx context.Context, o diaryOrder, each func(diaryLine) error) error {
	from, to, err := k.span(o)
	if err != nil {
		return err
	}
	var chosen []int64
	for e, err := range k.diary.Entries(ctx, from, to) {
		if err != nil {
			return err
		}
		if o.Op == "" || o.Op == e.Op {
			chosen = append(chosen, e.Index)
		}
	}
	if n := int64(len(chosen)); o.Last > 0 && n > o.Last {
		chosen = chosen[n-o.Last:]
	}
	if err := k.enter(ctx, "diary.read", o, from, to); err != nil {
		return err
	}
	opener := k.opener(o)
	closed := ""
	if opener == nil && !o.Redact {
		closed = k.closed.Error()
	}
	for _, i := range chosen {
		err := k.lines(ctx, opener, i, i+1, func(l diaryLine) error {
			l.Closed, closed = closed, ""
			return each(l)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// lines reads entries, opened if opener is not nil. Whoever calls it has entered that.
func (k desk) lines(ctx context.Context, opener *diary.Opener, from, to int64, each func(diaryLine) error) error {
	for e, err := range k.diary.Entries(ctx, from, to) {
		if err != nil {
			return err
		}
		line := diaryLine{Leaf: string(e.Raw)}
		if opener != nil {
			body, manifest, err := opener.Open(ctx, e.Index)
			if err != nil {
				return err
			}
			line.Body, line.Manifest = string(body), string(manifest)
		}
		if err := each(line); err != nil {
			return err
		}
	}
	return nil
}

// export writes a bundle.
func (k desk) export(ctx context.Context, o diaryOrder, w io.Writer) error {
	from, to, err := k.span(o)
	if err != nil {
		return err
	}
	if err := k.enter(ctx, "diary.export", o, from, to); err != nil {
		return err
	}
	if o.To <= 0 {
		to = 0 // the entry of this export goes along
	}
	e := diary.Export{From: from, To: to, Opener: k.opener(o)}
	k.forPeople(ctx, &e)
	return k.bundle(ctx, w, o.Passphrase, e)
}

// forPeople adds the files that people read. Entries are read once more for them: they come after the last
// one, and a long diary is not held in memory.
func (k desk) forPeople(ctx context.Context, e *diary.Export) {
	first, behind := int64(-1), int64(0)
	e.Each = func(l proof.Leaf, _ []byte) {
		if first < 0 {
			first = l.Index
		}
		behind = l.Index + 1
	}
	opener := e.Opener
	e.Finish = func(w *proof.BundleWriter) error {
		first = max(first, 0)
		page, err := w.File("dnevnik.html")
		if err != nil {
			return err
		}
		h := k.diary.Head()
		head := print.Head{Origin: h.Origin, From: first, To: behind, Size: h.Size, Made: time.Now()}
		if err := print.HTML(page, head, k.rows(ctx, opener, first, behind)); err != nil {
			return err
		}
		table, err := w.File("dnevnik.csv")
		if err != nil {
			return err
		}
		return print.CSV(table, k.rows(ctx, opener, first, behind))
	}
}

// rows are entries for people.
func (k desk) rows(ctx context.Context, opener *diary.Opener, from, to int64) print.Rows {
	return func(yield func(print.Row, error) bool) {
		stop := errors.New("enough")
		err := k.lines(ctx, opener, from, to, func(l diaryLine) error {
			leaf, err := proof.ParseLeaf([]byte(l.Leaf))
			row := print.Row{Leaf: leaf}
			if err == nil && l.Body != "" {
				var b proof.Body
				b, err = proof.ParseBody([]byte(l.Body))
				row.Body = &b
			}
			if err != nil {
				return err
			}
			if !yield(row, nil) {
				return stop
			}
			return nil
		})
		if err != nil && !errors.Is(err, stop) {
			yield(print.Row{}, err)
		}
	}
}

// bundle writes a bundle without entering that.
func (k desk) bundle(ctx context.Context, w io.Writer, passphrase string, e diary.Export) error {
	var archive interface {
		proof.Archive
		io.Closer
	} = proof.NewZip(w)
	if passphrase != "" {
		var err error
		if archive, err = aeszip.NewWriter(w, passphrase); err != nil {
			return err
		}
	}
	parties, err := k.diary.Parties(ctx)
	if err != nil {
		return err
	}
	for _, p := range parties {
		if key, err := proof.ParseKey(p.Key); err == nil && p.Kind == "witness" {
			e.Keys = append(e.Keys, key)
		}
	}
	if err := k.diary.Export(ctx, archive, e); err != nil {
		return err
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("couldn't write the end of the bundle: %w", err)
	}
	return nil
}

// checkpoint is the last one, which from now on counts as one that left the appliance.
func (k desk) checkpoint(ctx context.Context) (a checkpointAnswer, err error) {
	note, err := k.diary.Checkpoint(ctx)
	if err != nil {
		return a, err
	}
	keys, err := k.diary.Keys(ctx)
	if err != nil {
		return a, err
	}
	for _, key := range keys {
		a.Keys = append(a.Keys, key.String())
	}
	a.Note = string(note)
	return a, nil
}

// desk is the daemon's.
func (d *Daemon) desk() (desk, error) {
	open, err := d.clerk.use()
	if err != nil {
		return desk{}, err
	}
	k := desk{diary: open}
	k.keys, k.closed = d.site.diaryIdentity()
	return k, nil
}

// handDiary serves the paths below /diary.
func (d *Daemon) handDiary(mux *http.ServeMux) {
	for path, hand := range map[string]func(http.ResponseWriter, *http.Request, desk, diaryOrder){
		"POST /diary/read": d.answerRead, "POST /diary/export": d.answerExport, "POST /diary/leaves": d.answerLeaves, "POST /diary/checkpoint": d.answerCheckpoint,
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			var o diaryOrder
			if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&o); err != nil {
				d.refuse(w, http.StatusBadRequest, err)
				return
			}
			k, err := d.desk()
			if err != nil {
				d.refuse(w, http.StatusServiceUnavailable, err)
				return
			}
			hand(w, r, k, o)
			d.clerk.wrote("diary.read")
		})
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

func (d *Daemon) answerExport(w http.ResponseWriter, r *http.Request, k desk, o diaryOrder) {
	d.stream(w, func(w io.Writer) error { return k.export(r.Context(), o, w) })
}

func (d *Daemon) answerLeaves(w http.ResponseWriter, r *http.Request, k desk, _ diaryOrder) {
	d.stream(w, func(w io.Writer) error { return k.bundle(r.Context(), w, "", diary.Export{}) })
}

// stream sends what write writes. A failure in the middle cuts the connection, so that nobody takes a part
// for the whole.
func (d *Daemon) stream(w http.ResponseWriter, write func(io.Writer) error) {
	begun := &begun{w: w}
	err := write(begun)
	switch {
	case err == nil:
	case !begun.yes:
		d.refuse(w, http.StatusForbidden, err)
	default:
		d.Log.Error("a bundle of the diary was cut off", "err", err)
		panic(http.ErrAbortHandler)
	}
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

func (d *Daemon) answerCheckpoint(w http.ResponseWriter, r *http.Request, k desk, _ diaryOrder) {
	a, err := k.checkpoint(r.Context())
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
