package recorder_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"varuh/recorder"
	"varuh/recorder/footage"
	"varuh/recorder/keyring"
	"varuh/recorder/rtsp"
)

// childVariable names the plan of a child in its environment.
const childVariable = "VARUH_TEST_CHILD"

// TestMain makes this program a recorder if it was started as one, see startChild.
func TestMain(m *testing.M) {
	if name := os.Getenv(childVariable); name != "" {
		if err := runChild(name); err != nil {
			fmt.Fprintln(os.Stderr, "child:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// plan is all that a child is told.
type plan struct {
	State, Store string
	ID           keyring.ID
	Cameras      []planned
}

// planned is a camera. [recorder.Camera] does not let itself be written, because of the password in its URL.
type planned struct {
	ID, Main, Sub string
	Audio         bool
}

// news is what a child tells, a line for each event.
type news struct {
	Kind, Camera, Stream, Sentence, Err string
}

// runChild records what the plan says until SIGTERM, or until the parent is gone.
func runChild(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var p plan
	if err := json.Unmarshal(text, &p); err != nil {
		return err
	}
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()
	go func() {
		io.Copy(io.Discard, os.Stdin) // ends with the parent
		os.Exit(2)
	}()
	b := &box{state: p.State, store: footage.Store{ID: p.ID, Dir: p.Store}}
	o, err := b.open(ctx)
	if err != nil {
		return err
	}
	o.SegmentDuration, o.SyncInterval = time.Second, 200*time.Millisecond
	out := json.NewEncoder(os.Stdout)
	queue := make(chan news, 1<<10)
	go func() {
		for n := range queue {
			out.Encode(n) // a parent that is gone is noticed above
		}
	}()
	o.Events = func(e recorder.Event) {
		n := news{Kind: e.Kind, Camera: e.Camera, Stream: e.Stream, Sentence: e.Sentence}
		if e.Err != nil {
			n.Err = e.Err.Error()
		}
		queue <- n
	}
	r := recorder.New(o)
	r.Apply(p.cameras())
	if err := r.Run(ctx); err != nil {
		return err
	}
	return o.Index.Close()
}

func (p plan) cameras() (list []recorder.Camera) {
	for _, c := range p.Cameras {
		camera := recorder.Camera{ID: c.ID, Main: rtsp.Source{URL: c.Main, Audio: c.Audio}}
		if c.Sub != "" {
			camera.Sub = &rtsp.Source{URL: c.Sub}
		}
		list = append(list, camera)
	}
	return list
}
