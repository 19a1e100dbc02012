package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// The socket speaks HTTP with JSON. The mode of the file, 0600, is the whole of its access control:
// who may open it may also read the state folder.
//
//	GET  /status                    a status
//	POST /reload                    reads the configuration again; the answer is a status
//	GET  /footage?camera=&day=      a listing
//	POST /check?open=               findings, one JSON object a line, then a summary
//	POST /rotate/ready              keyChange: whether a rotation can be done, by this person
//	POST /rotate                    rotateOrder, with a public recovery key: begins and finishes a rotation
//	POST /rotate/signing            signingOrder: the new key that signs the diary
//	POST /diary/read                diaryOrder: entries, one JSON object a line, then the end
//	POST /diary/export              diaryOrder: a bundle, then its outcome as a trailer
//	POST /diary/verify              diaryOrder: a diaryReport
//	POST /diary/checkpoint          {}: the last checkpoint and the keys that verify it
//	POST /diary/prune               pruneOrder: what is past its term, confirmed if that is the order
//	POST /hold/{set,confirm,clear}  holdOrder: what the hold came to
//	POST /hold/list                 {}: the holds and restrictions in force
//	POST /restrict/{set,clear}      holdOrder: what the restriction came to
//	POST /policy/show               {}: what is decided about footage, and what waits
//	POST /policy/confirm            policyOrder: when the change that waits begins
//	POST /clock/show                {}: what the machine's clock shows, and what is certain
//	POST /clock/confirm             clockOrder: what is certain of the present now
//	POST /clock/set-back            clockOrder: the same
//	POST /store/lost                storeOrder: what goes with a store that is given up
//	POST /erasures                  erasuresOrder: what was erased
//	POST /notice/list               {}: the notices of all cameras
//	POST /notice/print              noticePrintOrder: a page
//	POST /notice/{add,end,inform,decide}   noticeOrder and the like: what came of it
//	POST /person/list               {}: the persons, with their authorisations
//	POST /person/paper              personOrder: the page that a person signs
//	POST /person/token/{issue,list,end}   tokenOrder: what came of it
//	POST /person/{first,add,grant,sign,end,remove,reset,password}   personOrder: what came of it
//	POST /request/list              requestOrder: requests, with what is due of them
//	POST /request/viewings          requestOrder: viewings by which whoever asks can have shown footage
//	POST /request/{add,supplement}  requestOrder, with the scan of a paper behind it: what came of it
//	POST /request/{scan,confirm}    the same
//	POST /request/{extend,own-law,approve,refuse,withdraw,shown,release}   requestOrder: what came of it
//	POST /package/list              packageOrder: packages
//	POST /package/{build,cancel,handover}   packageOrder: what came of it
//	POST /package/link/{issue,list,end}     the same
//	POST /package/deliver           packageOrder: the package as a tar file
//	POST /package/delivered         packageOrder: takes how that ended
//	POST /package/record            packageOrder: the handover record as PDF
//	POST /unlock                    unlockOrder: how the keys are then
//	POST /lock                      unlockOrder: the same
//	POST /backup                    backupOrder: makes a backup, or says that a copy is destroyed; the list of copies

func socketFile(state string) string { return filepath.Join(state, "varuh.sock") }

// maxSocketName is what sockaddr_un(7) can hold.
const maxSocketName = 107

// errNotRunning is returned where no daemon answers.
var errNotRunning = errors.New("no daemon runs on this state folder")

// listen makes the socket. The lock on the state folder says that one left behind is nobody's.
func listen(state string) (net.Listener, error) {
	name := socketFile(state)
	if len(name) > maxSocketName {
		return nil, fmt.Errorf("the name of the socket %s is too long: use a state folder whose path has at most %d characters", name, maxSocketName-len("/varuh.sock"))
	}
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("couldn't remove the socket of the last run: %w", err)
	}
	old := syscall.Umask(0o177) // the socket must never be open to others, not even for a moment
	l, err := net.Listen("unix", name)
	syscall.Umask(old)
	if err != nil {
		return nil, fmt.Errorf("couldn't make the socket: %w", err)
	}
	return l, nil
}

// serveSocket answers until ctx ends.
func (d *Daemon) serveSocket(ctx context.Context, l net.Listener) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, r *http.Request) { d.answer(w, d.status()) })
	mux.HandleFunc("POST /reload", func(w http.ResponseWriter, r *http.Request) {
		d.reload()
		d.answer(w, d.status())
	})
	mux.HandleFunc("GET /footage", d.answerFootage)
	mux.HandleFunc("POST /check", d.answerCheck)
	mux.HandleFunc("POST "+readyPath, d.answerRotatable)
	mux.HandleFunc("POST "+rotatePath, d.answerRotate)
	mux.HandleFunc("POST "+signingPath, d.answerRotateSigning)
	d.handDiary(mux)
	d.handPrune(mux)
	d.handRetention(mux)
	d.handOffice(mux)
	d.handRequests(mux)
	d.handPackages(mux)
	mux.HandleFunc("POST "+backupPath, d.answerBackup)
	d.serveHTTP(ctx, l, mux)
}

// serveHTTP runs a server until ctx ends; then it gives requests a second to end. Who reads nothing is cut off.
func (d *Daemon) serveHTTP(ctx context.Context, l net.Listener, h http.Handler) {
	srv := &http.Server{Handler: d.cutStalled(h), ReadHeaderTimeout: 5 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if err := srv.Shutdown(limit); err != nil {
			d.Log.Debug("a request was cut off by the stop", "err", errors.Join(err, srv.Close()))
		}
	})
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		d.Log.Error("no more requests are answered; restart varuh", "at", l.Addr().String(), "err", err)
	}
	if !stop() {
		<-ended // requests use the index and the stores, which are closed next
	}
}

func (d *Daemon) answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		d.Log.Debug("an answer could not be sent", "err", err)
	}
}

// refuse answers with an error's sentence.
func (d *Daemon) refuse(w http.ResponseWriter, code int, err error) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	markRefusal(w.Header(), err)
	w.WriteHeader(code)
	if _, err := io.WriteString(w, err.Error()); err != nil {
		d.Log.Debug("an answer could not be sent", "err", err)
	}
}

// ask sends one request to the daemon of a state folder. The caller closes the answer.
func ask(ctx context.Context, state, method, target string, body io.Reader) (io.ReadCloser, error) {
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socketFile(state))
		},
	}}
	req, err := http.NewRequestWithContext(ctx, method, "http://varuh"+target, body)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return nil, fmt.Errorf("%w (%s): start it with varuh serve --dir %[2]s", errNotRunning, state)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("only root and the account that varuh runs as may ask it: try again with sudo (%s)", socketFile(state))
	case err != nil:
		return nil, fmt.Errorf("couldn't ask the daemon: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		text, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
		refused := refusedThere{strings.TrimSpace(string(text)), refusals[resp.Header.Get(refusalHeader)]}
		return nil, errors.Join(refused, err, resp.Body.Close())
	}
	return &reply{resp.Body, resp}, nil
}

// askFor sends an order to the daemon of a state folder and takes the whole answer.
func askFor(ctx context.Context, state, path string, order, answer any) error {
	return askOpen(ctx, state, path, order, func(r io.Reader) error { return decodeAnswer(r, answer) })
}

// askOpen sends an order to the daemon of a state folder, and has the answer read as it comes.
func askOpen(ctx context.Context, state, path string, order any, read func(io.Reader) error) error {
	body, err := sent(order)
	if err != nil {
		return err
	}
	defer body.Close() // only read
	r, err := ask(ctx, state, "POST", path, body)
	if err != nil {
		return err
	}
	defer r.Close() // only read
	return read(r)
}

// reply is an answer of the daemon. Its trailer is there once it was read to its end.
type reply struct {
	io.ReadCloser
	response *http.Response
}

func decodeAnswer(r io.Reader, v any) error {
	if err := json.NewDecoder(r).Decode(v); err != nil {
		return fmt.Errorf("couldn't understand the daemon's answer (is it of another version?): %w", err)
	}
	return nil
}
