package recorder_test

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"varuh/recorder"
	"varuh/recorder/rtsp/rtsptest"
)

// life is the time from a child's start to its end.
type life struct {
	started   time.Time
	recording map[string]time.Time // when each stream began to be recorded, by path
	killed    time.Time
	lateness  time.Duration // what the machine may have added
}

// child is a recorder in a process of its own.
type child struct {
	life
	t    *testing.T
	cmd  *exec.Cmd
	hold io.Closer // it ends with its standard input
	news chan news
	told map[string]int // by kind of event
}

// startChild starts this program as a recorder. It is told the folders of the box and the URLs, nothing else.
func startChild(t *testing.T, b *box, server *rtsptest.Server) *child {
	t.Helper()
	p := plan{State: b.state, Store: b.store.Dir, ID: b.store.ID}
	for _, k := range killed {
		if k.stream == "sub" {
			p.Cameras[len(p.Cameras)-1].Sub = server.URL(k.path())
			continue
		}
		p.Cameras = append(p.Cameras, planned{ID: k.camera, Main: server.URL(k.path()), Audio: k.sound.Audio != ""})
	}
	text, err := json.Marshal(p)
	check(t, err)
	name := filepath.Join(t.TempDir(), "plan.json")
	check(t, os.WriteFile(name, text, 0o600))

	c := &child{t: t, cmd: exec.Command(os.Args[0]), news: make(chan news, 1<<10), told: map[string]int{}}
	c.started, c.recording = time.Now(), map[string]time.Time{}
	c.cmd.Env = append(os.Environ(), childVariable+"="+name)
	c.cmd.Stderr = os.Stderr
	c.hold, err = c.cmd.StdinPipe()
	check(t, err)
	out, err := c.cmd.StdoutPipe()
	check(t, err)
	check(t, c.cmd.Start())
	go func() {
		defer close(c.news)
		for in := json.NewDecoder(out); ; {
			var n news
			if in.Decode(&n) != nil { // it was killed in the middle of a line, or has ended
				return
			}
			c.news <- n
		}
	}()
	return c
}

// patience is how long an event may take that comes within seconds on a machine that is not busy.
const patience = 4 * time.Minute

// until waits until the child has told an event so many times.
func (c *child) until(kind string, times int) {
	c.t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for c.told[kind] < times {
		select {
		case n, ok := <-c.news:
			if !ok {
				c.t.Fatal("the child ended by itself")
			}
			c.hear(n)
		case <-limit.C:
			c.t.Fatalf("the child did not tell %q %d times: %v", kind, times, c.told)
		}
	}
}

func (c *child) hear(n news) {
	c.told[n.Kind]++
	switch n.Kind {
	case recorder.EventConnected:
		c.recording[n.Camera+"/"+n.Stream] = time.Now()
	case recorder.EventLost, recorder.EventLoss, recorder.EventStuck, recorder.EventOverload, recorder.EventDisk, recorder.EventFull, recorder.EventIndex:
		c.t.Errorf("%s/%s: %s (%s)", n.Camera, n.Stream, n.Sentence, n.Err)
	}
}

// kill lets the child run for a while more and kills it with SIGKILL.
func (c *child) kill(after time.Duration) {
	c.t.Helper()
	over := time.NewTimer(after)
	for waiting := true; waiting; {
		select {
		case n, ok := <-c.news:
			if !ok {
				c.t.Fatal("the child ended by itself")
			}
			c.hear(n)
		case <-over.C:
			waiting = false
		}
	}
	c.killed = time.Now()
	check(c.t, c.cmd.Process.Kill())
	c.end()
	if status := c.cmd.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != syscall.SIGKILL {
		c.t.Fatalf("the child ended by itself: %v", c.cmd.ProcessState)
	}
}

// terminate asks the child to stop, and waits until it has.
func (c *child) terminate() {
	c.t.Helper()
	c.killed = time.Now()
	check(c.t, c.cmd.Process.Signal(syscall.SIGTERM))
	c.end()
	if !c.cmd.ProcessState.Success() {
		c.t.Fatalf("the child did not stop cleanly: %v", c.cmd.ProcessState)
	}
}

// end takes the last news and collects the process.
func (c *child) end() {
	c.t.Helper()
	for n := range c.news {
		c.hear(n)
	}
	check(c.t, c.hold.Close())
	c.cmd.Wait() // the status is looked at by the caller
}
