package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/notice"
	"varuh/accesslog/playback"
	"varuh/configs"
	"varuh/recorder/rtsp/rtsptest"
	"varuh/testdata/clips"
)

// opensToday enters the head, and a notice that allows watching live.
func (b *box) opensToday(t *testing.T) {
	t.Helper()
	r, err := b.office.persons(t.Context())
	must(t, err)
	_, err = r.First(t.Context(), firstPerson())
	must(t, err)
	b.noticeToday(t)
}

// noticeToday enters a notice that allows watching live.
func (b *box) noticeToday(t *testing.T) {
	t.Helper()
	n, err := b.office.notices()
	must(t, err)
	c := notice.Usual()
	c.Live = true
	c.Controller = notice.Party{Name: "Osnovna šola Primer", Address: "Šolska ulica 1", Email: "tajnistvo@sola.example"}
	c.Officer = notice.Officer{Email: "dpo@sola.example"}
	c.Area = notice.Text{Sl: "avla", En: "hall"}
	_, err = n.Add(t.Context(), notice.Asked{Content: c, Cameras: []string{"hall"}, From: time.Now().Add(-time.Hour), Stated: "she put it up", By: proof.Actor{Name: "Ana Novak", Proof: "claimed on the console"}})
	must(t, err)
}

// silentWitness configures a witness that takes connections and never answers.
func silentWitness(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { must(t, l.Close()) })
	_, private, err := ed25519.GenerateKey(nil)
	must(t, err)
	signer, err := proof.NewCosigner("witness.example", private, time.Now)
	must(t, err)
	return fmt.Sprintf("  witnesses:\n    - url: http://%s/\n      key: %s\n  quorum: 1\n", l.Addr(), signer.Key)
}

// A person logs in over HTTPS, watches what is recorded, and a stop of the program ends that with its entry, while
// recording is sealed. The page on the other port sends on to it. That the configured witness is silent changes nothing.
func TestPersonWatchesOverHTTPS(t *testing.T) {
	t.Parallel()
	server, err := rtsptest.Serve("127.0.0.1:0", []rtsptest.Camera{{Path: "hall", FS: clips.Files, Clip: clips.YardSub.File}}, rtsptest.Options{})
	must(t, err)
	defer server.Close()
	keys, err := memoryFolder("test")
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(keys)) })
	https, plain := freeAddr(t), freeAddr(t)
	text := strings.NewReplacer("https: off\n", "https: "+https+"\n", "http: off\n", "http: "+plain+"\n", "  quorum: 1\n", silentWitness(t)).Replace(
		configs.New(configs.Choice{Store: []string{"store"}, KeyFile: keys + "/k", Metrics: "off"}))
	b := startBoxWith(t, keys+"/k", "off", map[string]string{"varuh.yml": text, "cameras.d/hall.yml": camera("hall", server.URL("hall"), "")})
	b.opensToday(t)
	v := b.visit(t, https)

	r := v.do(t.Context(), "GET", "/viewings/none/hall/main/live", nil, nil)
	if r.StatusCode != http.StatusNotFound {
		t.Errorf("without a viewing: %s", r.Status)
	}
	must(t, r.Body.Close())
	_, err = b.entrance.fragments.Next(t.Context(), "hall", "main", playback.Mark{})
	must(t, err)
	var opened struct {
		ID    string
		Entry int64
	}
	v.do(t.Context(), "POST", "/viewings", map[string]any{"purpose": "safety", "live": true, "camera": "hall"}, &opened)
	live := v.do(t.Context(), "GET", "/viewings/"+opened.ID+"/hall/main/live", nil, nil)
	defer live.Body.Close()
	head := make([]byte, 16)
	if _, err := io.ReadFull(live.Body, head); err != nil || playback.ChunkKind(head[0]) != playback.ChunkInit {
		t.Fatalf("live: %s, %x: %v", live.Status, head, err)
	}
	var st struct {
		Locked  []string
		Streams []struct{ Camera, State string }
	}
	if v.do(t.Context(), "GET", "/status", nil, &st); len(st.Locked) != 0 || len(st.Streams) != 1 || st.Streams[0].State != "recording" {
		t.Errorf("the status is %+v", st)
	}
	now := time.Now()
	var held struct{ Kept int }
	v.do(t.Context(), "POST", "/cameras/hall/holds", map[string]any{"from": now.Add(-time.Minute).Format(time.RFC3339), "to": now.Format(time.RFC3339), "basis": "a broken window"}, &held)
	beside := openKept(b.site.stores, slog.New(slog.DiscardHandler)) // as the next start would find it
	if list := beside.holds(true); len(list) != 1 || list[0].Camera != "hall" || held.Kept == 0 {
		t.Errorf("what is held was answered with %d entries kept, while beside the keys are %+v", held.Kept, list)
	}
	var verified struct {
		Bad   bool
		Found []string
	}
	if v.do(t.Context(), "POST", "/diary/verification", nil, &verified); verified.Bad {
		t.Errorf("the diary is %+v", verified)
	}
	if st := b.status().table(); !strings.Contains(st, "pages: https://") || !strings.Contains(st, "fingerprint is ") {
		t.Errorf("the status is\n%s", st)
	}
	b.showsFolder(t, v)
	if st := b.eraser.packaged(); st.At.IsZero() || st.Sentence != "" {
		t.Errorf("what looks at packages for the log sees %+v", st)
	}
	v.base = "http://" + plain
	if on := v.do(t.Context(), "GET", "/", nil, nil); on.Body.Close() != nil || on.StatusCode/100 != 2 && on.StatusCode/100 != 3 {
		t.Errorf("the plain page: %s", on.Status)
	}
	b.end(t)

	d, err := openDiary(t.Context(), b.dir, b.site.appliance)
	must(t, err)
	defer d.Close()
	list := ops(t, d)
	start, end := slices.Index(list, "view.start"), slices.Index(list, "view.end")
	if int64(start) != opened.Entry || end < start || slices.Index(list, "stop") < end {
		t.Errorf("entered: %v", list)
	}
}

// showsFolder sees that the page of a request can give whole commands: they find no appliance by themselves but in the usual folder.
func (b *box) showsFolder(t *testing.T, v *visitor) {
	t.Helper()
	page := *v
	page.base = strings.TrimSuffix(v.base, "/api/v1")
	r := page.do(t.Context(), "GET", "/request", nil, nil)
	text, err := io.ReadAll(r.Body)
	must(t, errors.Join(err, r.Body.Close()))
	if want := fmt.Sprintf(" data-folder=%q", b.dir); !strings.Contains(string(text), want) {
		t.Errorf("%s, and the page of a request lacks %s", r.Status, want)
	}
	if dir := typedFolder(defaultDir); dir != "" {
		t.Errorf("the usual folder is given as %s", dir)
	}
}

// A viewing that a crash left open is closed before anybody gets in. Pages that have no port are told, and stop nothing.
func TestCutOffViewingIsClosed(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer taken.Close()
	s := newStill(t)
	d, err := openDiary(t.Context(), s.cfg.State, s.appliance)
	must(t, err)
	_, err = d.Append(t.Context(), diary.Entry{Op: "view.start", Body: proof.Body{Actor: &proof.Actor{Name: "Ana Novak", Proof: "password"}}}, nil)
	must(t, err)
	cfg := *s.cfg
	cfg.HTTPS = taken.Addr().String()
	s.cfg = &cfg
	log := newTap()
	daemon := &Daemon{Log: slog.New(slog.NewTextHandler(log, nil)), Boot: later(t, 1, 0), site: s.site, index: s.index, cfg: &cfg}
	daemon.office = newOffice(s.site, daemon.footageConfig, s.index, daemon.Boot, daemon.Log)
	daemon.office.begin(d)
	daemon.eraser = newEraser(s.site, s.index, openTimekeeper(cfg.State, daemon.Boot, daemon.Log), daemon.Log)
	daemon.eraser.begin(d)
	daemon.eraser.office, daemon.clerk = daemon.office, &clerk{} // which asks nobody outside
	e := newEntrance(daemon, t.Context().Done())
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		e.run(ctx, d)
	}()
	log.await(t, "a crash had cut viewings off", "nothing can be served on")
	if list := e.sentences(); len(list) != 1 || !strings.Contains(list[0], fmt.Sprint("nothing can be served on ", cfg.HTTPS)) {
		t.Errorf("it says %q", list)
	}
	stop()
	<-ended
	if list := ops(t, d); list[len(list)-1] != "view.end" {
		t.Errorf("entered: %v", list)
	}
	must(t, d.Close())
}
