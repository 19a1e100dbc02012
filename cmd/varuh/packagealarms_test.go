package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"varuh/retention"
)

// The log says when something about packages begins to ask for a person, once, and when it does no more; while nobody can look
// nothing has ended. No line names a request, and the status has each sentence once.
func TestPackagesLogged(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	s := newStill(t)
	e, _, noted := s.eraser(t, later(t, 7, 0))
	log := newTap()
	e.log = slog.New(slog.NewTextHandler(log, nil))
	of := func(states ...packageState) packagesStatus {
		st := packagesStatus{At: now}
		for i, state := range states {
			st.Packages = append(st.Packages, packageStatus{Request: "4be0a217", Entry: int64(i), State: state})
		}
		return st
	}
	unread := packagesRead(now, nil, errors.New("input/output error"))
	read := 0
	for _, tt := range []struct {
		st           packagesStatus
		begins, ends string // what is logged; "" for nothing
	}{
		{of(packageLocked, packageBuilding), "1 package to be built: somebody has to log in", ""},
		{of(packageLocked, packageLocked), "", ""}, // another one: it was said
		{packagesStatus{}, "", ""},                 // it can't be told as varuh stops
		{unread, "how packages for requests are can't be told: input/output error", ""},
		{of(packageLocked), "", "how packages for requests are can't be told"},
		{of(packageFailed), "1 package: building came to nothing", "1 package to be built"},
		{of(packageGone), "1 package: taken out days ago", "1 package: building came to nothing"},
		{of(packageLocked, packageStaged), "1 package to be built", "1 package: taken out days ago"},
		{of(packageStaged), "", "1 package to be built"},
		{packagesStatus{At: now, Left: 2}, "2 packages on the stores can't be read", ""},
		{of(), "", "2 packages on the stores can't be read"},
	} {
		e.tellPackages(tt.st)
		said := log.String()[read:]
		read += len(said)
		for before, text := range map[string]string{"level=ERROR msg=\"": tt.begins, "level=INFO msg=\"no longer so: ": tt.ends} {
			if n := strings.Count(said, before); n > 1 || (n == 1) != (text != "") || n == 1 && !strings.Contains(said, before+text) {
				t.Errorf("%+v: of %q it says\n%s", tt.st, text, said)
			}
		}
		if list := e.alarms(); len(list) > 0 || strings.Contains(said, "4be0a217") {
			t.Errorf("%+v: among those of footage %q, and it says\n%s", tt.st, list, said)
		}
	}
	if len(*noted) > 0 {
		t.Errorf("entered as incidents: %+v", *noted)
	}
}

// What a replay of erasures raises while packages are looked at is no word about packages: it is among the alarms.
func TestPackagesBesideReplay(t *testing.T) {
	t.Parallel()
	e, _, _ := newStill(t).eraser(t, later(t, 7, 0))
	e.event(retention.Event{Kind: retention.EventFailed, Sentence: "an erasure failed"})
	e.tellPackages(packagesStatus{})
	e.settleEvents("run", false)
	if list := e.alarms(); len(list) != 1 || list[0] != "an erasure failed" {
		t.Errorf("the alarms are %q", list)
	}
	e.tellPackages(packagesStatus{At: time.Now()})
	if list := e.alarms(); len(list) != 1 {
		t.Errorf("once packages are looked at, the alarms are %q", list)
	}
}

// The daemon looks at packages by itself, whether anybody asks for the status or not.
func TestPackagesWatched(t *testing.T) {
	t.Parallel()
	s := newStill(t)
	e, _, _ := s.eraser(t, later(t, 7, 0))
	log := newTap()
	e.log = slog.New(slog.NewTextHandler(log, nil))
	e.packaged = func() packagesStatus {
		return packagesStatus{At: time.Now(), Packages: []packageStatus{{State: packageLocked}}}
	}
	ctx, end := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); e.run(ctx) }()
	log.await(t, "1 package to be built: somebody has to log in")
	end()
	<-done
}
