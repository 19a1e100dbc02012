package main

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/anchor"
	"varuh/accesslog/diary/proof"
	"varuh/configs"
)

// witness cosigns whatever it is sent, or says that it has cosigned more already.
type witness struct {
	*proof.Cosigner
	ahead atomic.Int64
	asked atomic.Int64
}

func (w *witness) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	w.asked.Add(1)
	if n := w.ahead.Load(); n > 0 {
		out.Header().Set("Content-Type", "text/x.tlog.size")
		out.WriteHeader(http.StatusConflict)
		fmt.Fprintln(out, n)
		return
	}
	body, err := io.ReadAll(r.Body)
	_, note, ok := bytes.Cut(body, []byte("\n\n"))
	if err != nil || !ok {
		out.WriteHeader(http.StatusBadRequest)
		return
	}
	c, err := proof.ReadCheckpoint(note)
	if err != nil {
		out.WriteHeader(http.StatusBadRequest)
		return
	}
	signed, err := proof.SignCheckpoint(c, w)
	if err != nil {
		out.WriteHeader(http.StatusInternalServerError)
		return
	}
	_, line, _ := bytes.Cut(signed, []byte("\n\n"))
	out.Write(line)
}

// What a configured witness says is entered and shown; one that knows more than there is stops access.
func TestWitness(t *testing.T) {
	t.Parallel()
	_, private, err := ed25519.GenerateKey(nil)
	must(t, err)
	signer, err := proof.NewCosigner("witness.example", private, time.Now)
	must(t, err)
	w := &witness{Cosigner: signer}
	server := httptest.NewServer(w)
	defer server.Close()

	c, keys := keyed(t)
	cfg := configs.DefaultConfig()
	cfg.Diary.Witnesses = []configs.Witness{{Key: signer.Key.String()}}
	must(t, cfg.Diary.Witnesses[0].URL.UnmarshalText([]byte(server.URL)))
	c.anchoring, err = newAnchors(&cfg, slog.New(slog.DiscardHandler))
	must(t, err)
	d, err := openDiary(t.Context(), c.state, c.appliance)
	must(t, err)
	c.diary, c.anchoring.diary, c.anchoring.keep = d, d, c.keep
	if st := c.status(); !strings.HasPrefix(st.Standing, "Nobody outside") || st.Anchored != 0 {
		t.Errorf("before a round: %+v", st)
	}
	must(t, c.anchoring.round(t.Context()))
	st := c.status()
	// origin.begin and party.add were shown; the entry about the anchor itself came later.
	if st.Anchored != 2 || st.Size != 3 || st.Kept.IsZero() || !strings.Contains(st.Standing, "first 2 entries") || st.Alarm {
		t.Errorf("after a round: %+v", st)
	}
	own := c.anchoring.parties
	c.anchoring.parties = []diary.Party{{Name: "other.example", Kind: "witness"}}
	must(t, c.anchoring.begin(t.Context(), d, c.keep))
	if st := c.status(); st.Anchored != 0 {
		t.Errorf("a witness that is not configured any more counts: %+v", st)
	}
	c.anchoring.parties = own
	must(t, c.anchoring.round(t.Context()))
	if n := w.asked.Load(); n != 2 {
		t.Errorf("the witness was asked %d times", n)
	}

	w.ahead.Store(99)
	err = c.anchoring.round(t.Context())
	if _, ok := errors.AsType[*anchor.AheadError](err); !ok {
		t.Errorf("a witness that is ahead: %v", err)
	}
	if st := c.status(); !strings.Contains(st.Sentence, "witness.example remembers 99") {
		t.Errorf("the status says %q", st.Sentence)
	}
	_, err = d.Append(t.Context(), diary.Entry{Op: "view.start"}, nil)
	if !errors.Is(err, diary.ErrFault) {
		t.Errorf("access after that: %v", err)
	}
	must(t, d.Close())
	ops, _, _ := entries(t, c, keys)
	if got := strings.Join(ops, " "); got != "origin.begin party.add anchor anchor incident.rollback" {
		t.Errorf("the entries are %s", got)
	}
}
