package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"varuh/configs"
	"varuh/recorder/durable"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/rtsp/rtsptest"
	"varuh/testdata/clips"
)

// victim is a varuh that is killed again and again.
type victim struct {
	dir  string
	log  *tap
	key  string // file of the private reading key
	keys keyring.Identity

	mu           sync.Mutex
	acknowledged []string // reasons of reads that were answered to their end; guarded by mu
}

// newVictim makes one with a store, or with those of these names.
func newVictim(t *testing.T, stores ...string) *victim {
	t.Helper()
	if len(stores) == 0 {
		stores = []string{"store"}
	}
	server, err := rtsptest.Serve("127.0.0.1:0", []rtsptest.Camera{{Path: "a", FS: clips.Files, Clip: clips.YardSub.File}}, rtsptest.Options{})
	must(t, err)
	t.Cleanup(func() { server.Close() })
	keys, err := memoryFolder("test")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(keys) })
	v := &victim{dir: filepath.Join(t.TempDir(), "box"), log: newTap()}
	c := initCmd{Key: filepath.Join(keys, "k"), Controller: "sola.example", YesIWroteDown: true}
	for _, name := range stores {
		c.Store = append(c.Store, filepath.Join(v.dir, name))
	}
	_, err = c.make(v.dir, terminal{strings.NewReader(""), io.Discard, v.log})
	must(t, err)
	b := &box{dir: v.dir}
	b.write(t, configs.File, configs.New(configs.Choice{Store: c.Store, Metrics: configs.MetricsOff}))
	b.write(t, "cameras.d/a.yml", camera("a", server.URL("a"), ""))
	key, err := keyring.ReadKeyFile(durable.OS, diaryKeyFile(c.Key))
	must(t, err)
	v.key, v.keys = c.Key, keyring.Identity{key}
	return v
}

// serve starts the program and returns once it records and its diary is open.
func (v *victim) serve(t *testing.T) *exec.Cmd {
	t.Helper()
	cmd := v.begin(t)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(never); ; {
		select {
		case <-limit:
			t.Fatalf("it does not record: %v\n%s", errors.Join(cmd.Process.Kill(), cmd.Wait()), v.log)
		case <-tick.C:
		}
		if st, err := v.status(t.Context()); err == nil && st.Diary.Origin != "" && len(st.Streams) > 0 && st.Streams[0].Segments > 0 {
			return cmd
		}
	}
}

func (v *victim) status(ctx context.Context) (st status, err error) {
	answer, err := ask(ctx, v.dir, "GET", "/status", nil)
	if err != nil {
		return st, err
	}
	return st, errors.Join(decodeAnswer(answer, &st), answer.Close())
}

// load reads the diary eight times side by side and changes the configuration meanwhile, until ctx ends; after n
// reads it calls enough.
func (v *victim) load(ctx context.Context, t *testing.T, round, n int, enough func()) {
	var wg sync.WaitGroup
	begun := len(v.acknowledged)
	for reader := range 8 {
		wg.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				why := fmt.Sprintf("%d-%d-%d", round, reader, i)
				if !v.read(ctx, why) {
					continue
				}
				v.mu.Lock()
				if v.acknowledged = append(v.acknowledged, why); len(v.acknowledged) == begun+n {
					enough()
				}
				v.mu.Unlock()
			}
		})
	}
	wg.Go(func() {
		name := filepath.Join(v.dir, "cameras.d", "b.yml")
		for i := 0; ctx.Err() == nil; i++ { // each is an entry
			text := camera("b", "rtsp://127.0.0.1:1/b", "") + strings.Repeat("# changed\n", i%2)
			text = strings.Replace(text, "location: here", fmt.Sprintf("location: place %d of round %d", i, round), 1)
			if err := durable.WriteFile(durable.OS, name, []byte(text), 0o600); err != nil {
				t.Error(err)
				return
			}
			if answer, err := ask(ctx, v.dir, "POST", "/reload", nil); err == nil {
				if err := answer.Close(); err != nil {
					t.Error(err)
				}
			}
		}
	})
	wg.Wait()
}

// read tells whether a read of the diary was answered to its end.
func (v *victim) read(ctx context.Context, why string) bool {
	answer, err := ask(ctx, v.dir, "POST", "/diary/read", strings.NewReader(fmt.Sprintf(`{"actor":"a","reason":%q,"last":2,"redact":true}`, why)))
	if err != nil {
		return false
	}
	defer answer.Close() // only read
	for lines := json.NewDecoder(answer); ; {
		var l diaryLine
		if err := lines.Decode(&l); err != nil || l.Error != "" {
			return false
		}
		if l.End {
			return true
		}
	}
}

// check opens the diary, which verifies it, and looks for each read that was answered, once.
func (v *victim) check(t *testing.T, more func(c *clerk, ops []string, manifests [][]byte)) {
	t.Helper()
	a, err := readAppliance(v.dir)
	must(t, err)
	ix, err := footage.Open(indexFile(v.dir))
	must(t, err)
	defer func() { must(t, ix.Close()) }()
	c := &clerk{state: v.dir, appliance: a, index: ix}
	ops, bodies, manifests := entries(t, c, v.keys)
	said := map[string]int{}
	for _, b := range bodies {
		said[b.Purpose]++
	}
	for _, why := range v.acknowledged {
		if said[why] != 1 {
			t.Errorf("the read %s was answered, and is entered %d times", why, said[why])
		}
	}
	more(c, ops, manifests)
}

// kill -9 of the whole program, while it records, takes configurations and hands out its diary: each time the diary
// opens, verifies and has every entry that was acknowledged; pieces of collection follow each other through it all.
func TestKillDaemon(t *testing.T) {
	t.Parallel()
	v := newVictim(t)
	rounds := 5
	if os.Getenv("VARUH_LONG") != "" {
		rounds = 50
	}
	for round := range rounds {
		cmd := v.serve(t)
		ctx, enough := context.WithCancel(t.Context())
		end := cmd.Process.Kill
		if round == rounds/2 { // a stop in between collects
			end = func() error { return cmd.Process.Signal(os.Interrupt) }
		}
		v.load(ctx, t, round, 20+17*round%60, func() {
			if err := end(); err != nil {
				t.Error(err)
			}
			enough()
		})
		if err := cmd.Wait(); round == rounds/2 && err != nil {
			t.Errorf("the stop failed: %v\n%s", err, v.log)
		}
		v.check(t, func(*clerk, []string, [][]byte) {})
		if t.Failed() {
			t.Fatalf("in round %d:\n%s", round, v.log)
		}
	}
	cmd := v.serve(t)
	must(t, errors.Join(cmd.Process.Signal(os.Interrupt), cmd.Wait()))
	v.check(t, func(c *clerk, ops []string, manifests [][]byte) {
		tiled(t, c, ops, manifests)
		verifies(t, c)
		said := strings.Join(ops, " ")
		if starts, stops := strings.Count(said, "start"), strings.Count(said, "stop"); starts != rounds+1 || stops != 2 {
			t.Errorf("%d starts and %d stops are entered", starts, stops)
		}
	})
}
