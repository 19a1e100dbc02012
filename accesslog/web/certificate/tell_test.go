package certificate

import (
	"log/slog"
	"testing"
	"time"

	"varuh/recorder/durable"
)

// Requests wait for no look at names and files, however long a file system or the network takes for it.
func TestRequestsDoNotWait(t *testing.T) {
	t.Parallel()
	hangs := make(chan struct{})
	asked := 0
	k, err := Open(Options{Dir: t.TempDir(), FS: durable.OS, Now: time.Now, Log: slog.New(slog.DiscardHandler), Names: func() (Names, error) {
		if asked++; asked > 1 {
			<-hangs
		}
		return Names{DNS: []string{"varuh.local"}}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	looked, answered := make(chan struct{}), make(chan bool)
	go func() {
		defer close(looked)
		k.Look()
	}()
	for k.looking.TryLock() { // until the look has it
		k.looking.Unlock()
	}
	go func() {
		answered <- !k.Own() && k.Root() != nil && k.Knows("varuh.local") && k.authorityName() != ""
	}()
	select {
	case right := <-answered:
		if !right {
			t.Error("the authority is not told of")
		}
	case <-time.After(10 * time.Second):
		t.Error("a request waits for the look")
	}
	close(hangs)
	<-looked
}
