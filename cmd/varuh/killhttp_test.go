package main

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/notice"
	"varuh/accesslog/people"
	"varuh/configs"
)

// showing makes a victim show footage: on an address, opened by the key of its making, with a head who may log in, and a notice in force.
func (v *victim) showing(t *testing.T) (address string) {
	t.Helper()
	address = freeAddr(t)
	text := configs.New(configs.Choice{Store: []string{filepath.Join(v.dir, "store")}, KeyFile: v.key, Metrics: configs.MetricsOff})
	must(t, os.WriteFile(filepath.Join(v.dir, configs.File), []byte(strings.Replace(text, "https: off\n", "https: "+address+"\n", 1)), 0o600))
	a, err := readAppliance(v.dir)
	must(t, err)
	d, err := openDiary(t.Context(), v.dir, a)
	must(t, err)
	r, err := people.New(t.Context(), people.Options{Diary: d, Now: time.Now})
	must(t, err)
	_, err = r.First(t.Context(), firstPerson())
	must(t, err)
	c := notice.Usual()
	c.Live = true // what was recorded in the last minute is
	c.Controller = notice.Party{Name: "Osnovna šola Primer", Address: "Šolska ulica 1", Email: "tajnistvo@sola.example"}
	c.Officer = notice.Officer{Email: "dpo@sola.example"}
	c.Area = notice.Text{Sl: "avla", En: "hall"}
	n := &notice.Register{Diary: d, Zone: time.UTC, Now: time.Now, Known: func(string) bool { return true }}
	_, err = n.Add(t.Context(), notice.Asked{Content: c, Cameras: []string{"a"}, From: time.Now().Add(-time.Hour), Stated: "she put it up", By: proof.Actor{Name: "Ana Novak", Proof: "claimed on the console"}})
	must(t, errors.Join(err, d.Close()))
	return address
}

// comes logs the head in over HTTPS.
func (v *victim) comes(t *testing.T, address string) *visitor {
	t.Helper()
	c := &visitor{t: t, base: "https://" + strings.Replace(address, "127.0.0.1", "localhost", 1) + "/api/v1",
		client: &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}} // whose it is others test
	t.Cleanup(c.client.CloseIdleConnections)
	c.cookie = c.do(t.Context(), "POST", "/session", map[string]string{"login": "ravnatelj", "password": goodPassword}, new(any)).Cookies()[0]
	return c
}

// shownPart is a part of a playlist, with its time.
type shownPart struct {
	path     string
	from, to time.Time
}

// pieces are the parts of a playlist.
func (c *visitor) pieces(playlist string) (list []shownPart) {
	c.t.Helper()
	r := c.do(c.t.Context(), "GET", strings.TrimPrefix(playlist, "/api/v1"), nil, nil)
	defer r.Body.Close()
	base, _, _ := strings.Cut(strings.TrimPrefix(playlist, "/api/v1"), "index.m3u8")
	at, length := time.Time{}, time.Duration(0)
	for lines := bufio.NewScanner(r.Body); lines.Scan(); {
		line := lines.Text()
		if date, ok := strings.CutPrefix(line, "#EXT-X-PROGRAM-DATE-TIME:"); ok {
			var err error
			at, err = time.Parse(time.RFC3339Nano, date)
			must(c.t, err)
		}
		if text, ok := strings.CutPrefix(line, "#EXTINF:"); ok {
			seconds, err := strconv.ParseFloat(strings.TrimSuffix(text, ","), 64)
			must(c.t, err)
			length = time.Duration(seconds * float64(time.Second))
		}
		if strings.HasPrefix(line, "part/") {
			list = append(list, shownPart{base + line, at, at.Add(length)})
			at = at.Add(length)
		}
	}
	return list
}

// got is what came of a viewing: parts of which a byte came, whole or cut off.
type got struct {
	mu    sync.Mutex
	bytes int64
	parts []shownPart
}

// plays reads parts until the program is gone, and tells when so many bytes came.
func (c *visitor) plays(list []shownPart, g *got, enough int64, reached func()) {
	b := make([]byte, 4<<10)
	for n := 0; ; n++ {
		p := list[n%len(list)]
		q, err := http.NewRequestWithContext(c.t.Context(), "GET", c.base+p.path, http.NoBody)
		if err != nil {
			c.t.Error(err)
			return
		}
		q.AddCookie(c.cookie)
		r, err := c.client.Do(q)
		if err != nil {
			return // it was killed
		}
		if r.StatusCode != http.StatusOK {
			text, err := io.ReadAll(io.LimitReader(r.Body, 4<<10))
			c.t.Errorf("%s: %s: %s %v", p.path, r.Status, text, err)
		}
		for first := true; err == nil; first = false {
			var some int
			some, err = r.Body.Read(b)
			g.mu.Lock()
			if some > 0 && first {
				g.parts = append(g.parts, p)
			}
			before := g.bytes
			if g.bytes += int64(some); before < enough && g.bytes >= enough {
				reached()
			}
			g.mu.Unlock()
		}
		if closed := r.Body.Close(); !errors.Is(err, io.EOF) || closed != nil {
			return
		}
	}
}

// kill -9 of a program that serves, while two tabs play over HTTPS: the leases in the diary cover whatever came, and the next
// start enters the end of the viewing, once.
func TestKillWhilePlaying(t *testing.T) {
	t.Parallel()
	v := newVictim(t)
	address := v.showing(t)
	viewings := map[int64]*got{}
	for round := range 3 {
		v.log = newTap() // that of before says already that pages are served
		cmd := v.serve(t)
		v.log.await(t, "pages are served")
		c := v.comes(t, address)
		var o struct {
			ID      string
			Entry   int64
			Windows []struct{ Playlist string }
		}
		var list []shownPart
		for list == nil { // until something was recorded that can be played
			from := time.Now().Add(-20 * time.Minute)
			c.do(t.Context(), "POST", "/viewings", map[string]any{"purpose": "safety", "camera": "a", "from": from.Format(time.RFC3339), "to": time.Now().Format(time.RFC3339)}, &o)
			for _, w := range o.Windows {
				list = append(list, c.pieces(w.Playlist)...)
			}
			if list == nil {
				c.do(t.Context(), "POST", "/viewings/"+o.ID+"/end", map[string]string{"outcome": "nothing found"}, nil).Body.Close()
				if !waits(t, 200*time.Millisecond) {
					return
				}
			}
		}
		g := &got{}
		viewings[o.Entry] = g
		var tabs sync.WaitGroup
		for tab := range 2 {
			tabs.Go(func() {
				c.plays(slices.Concat(list[tab%len(list):], list[:tab%len(list)]), g, 300_000+int64(round)*170_000, func() {
					if err := cmd.Process.Kill(); err != nil {
						t.Error(err)
					}
				})
			})
		}
		tabs.Wait()
		if err := cmd.Wait(); err == nil || len(g.parts) == 0 {
			t.Fatalf("it ended with %v after %d parts", err, len(g.parts))
		}
	}
	v.log = newTap()
	cmd := v.serve(t)
	v.log.await(t, "pages are served")
	must(t, errors.Join(cmd.Process.Signal(os.Interrupt), cmd.Wait()))
	v.leased(t, viewings)
}

// waits waits, unless the test is over.
func waits(t *testing.T, d time.Duration) bool {
	select {
	case <-t.Context().Done():
		return false
	case <-time.After(d):
		return true
	}
}

// leased holds what came of viewings against the leases and ends in the diary.
func (v *victim) leased(t *testing.T, viewings map[int64]*got) {
	t.Helper()
	a, err := readAppliance(v.dir)
	must(t, err)
	d, err := openDiary(t.Context(), v.dir, a)
	must(t, err)
	defer func() { must(t, d.Close()) }()
	leases, ends := map[int64][]proof.Object{}, map[int64][]string{}
	opener := d.Opener(v.keys)
	for e, err := range d.Entries(t.Context(), 0, d.Head().Size) {
		must(t, err)
		if !strings.HasPrefix(e.Op, "view.") {
			continue
		}
		text, _, err := opener.Open(t.Context(), e.Index)
		must(t, err)
		body, err := proof.ParseBody(text)
		must(t, err)
		switch e.Op {
		case "view.start":
			leases[e.Index] = append(leases[e.Index], body.Objects...)
		case "view.more":
			leases[*e.Ref] = append(leases[*e.Ref], body.Objects...)
		case "view.end":
			ends[*e.Ref] = append(ends[*e.Ref], body.Result)
		}
	}
	for entry, g := range viewings {
		if said := fmt.Sprint(ends[entry]); said != "[interrupted]" {
			t.Errorf("viewing %d ended as %s", entry, said)
		}
		for _, p := range g.parts {
			if !covered(leases[entry], p.from, p.to) {
				t.Errorf("%s of viewing %d came, from %v to %v, and the leases are %+v", p.path, entry, p.from, p.to, leases[entry])
			}
		}
		t.Logf("viewing %d: %d bytes came, of %d parts", entry, g.bytes, len(g.parts))
	}
}

// covered tells whether spans together cover a time. Playlists round to milliseconds.
func covered(list []proof.Object, from, to time.Time) bool {
	const rounding = 5 * time.Millisecond
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b proof.Object) int { return a.From.Compare(b.From) })
	for _, o := range list {
		if !o.From.After(from.Add(rounding)) && o.To.After(from) {
			from = o.To
		}
	}
	return !from.Before(to.Add(-rounding))
}
