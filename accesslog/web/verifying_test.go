package web

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Looking through the diary goes on when whoever asked has gone, tells how far it is, and is there when he comes back; whoever
// asks meanwhile waits for the same. One that comes to no end says so, and the next one begins anew.
func TestVerificationGoesOn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head, other := r.head(t), r.head(t)
	began, on, times := make(chan struct{}), make(chan error), 0
	r.Site.o.Verify = func(_ context.Context, tell func(int64)) (Verified, error) {
		times++
		tell(2)
		began <- struct{}{}
		err := <-on
		return Verified{Entries: 7, Found: []Line{}}, err
	}
	howFar := func() (v Verifying) {
		other.api("GET", "/diary/verification", nil, &v)
		return v
	}
	if v := howFar(); v.Running || !v.Began.IsZero() || v.Came != nil {
		t.Errorf("nobody has looked: %+v", v)
	}
	ctx, gone := context.WithCancel(t.Context())
	left := make(chan struct{})
	go func() {
		defer close(left)
		q := httptest.NewRequestWithContext(ctx, http.MethodPost, "https://varuh.local"+prefix+"/diary/verification", nil)
		q.RemoteAddr = office
		q.AddCookie(&http.Cookie{Name: cookieName, Value: head.cookie})
		answer(r.Handler(), q)
	}()
	<-began
	gone()
	<-left
	if v := howFar(); !v.Running || v.Done != 2 || v.Of != r.diary.Head().Size || v.Came != nil {
		t.Errorf("while it is looked through: %+v", v)
	}
	last := r.Site.look()
	on <- nil
	<-last.ended
	if v := howFar(); v.Running || v.Failed || v.Came == nil || v.Came.Entries != 7 || v.Ended.IsZero() {
		t.Errorf("afterwards: %+v", v)
	}
	if last.came.Entries != 7 || times != 1 {
		t.Errorf("%+v, looked through %d times", last.came, times)
	}

	look := r.Site.look()
	<-began
	on <- errors.New("the disk is gone")
	<-look.ended
	if v := howFar(); v.Running || !v.Failed || v.Came != nil {
		t.Errorf("after one that failed: %+v", v)
	}
}

// A panic while the diary is looked through ends neither the program nor what can be asked for: it came to no end, and the
// next one begins anew.
func TestVerificationPanics(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	sound := r.Site.o.Verify
	r.Site.o.Verify = func(context.Context, func(int64)) (Verified, error) { panic("a leaf that nobody has foreseen") }
	for range 2 {
		if id, _ := head.refused("POST", "/diary/verification", nil); id != "unknown" {
			t.Error(id)
		}
	}
	var v Verifying
	if head.api("GET", "/diary/verification", nil, &v); v.Running || !v.Failed || v.Ended.IsZero() {
		t.Errorf("%+v", v)
	}
	if !strings.Contains(r.log.String(), "nobody has foreseen") {
		t.Errorf("the log: %s", r.log)
	}
	r.Site.o.Verify = sound
	head.api("POST", "/diary/verification", nil, nil)
	v = Verifying{}
	if head.api("GET", "/diary/verification", nil, &v); v.Failed || v.Came == nil {
		t.Errorf("%+v", v)
	}
}
