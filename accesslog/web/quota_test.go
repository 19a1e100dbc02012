package web

import (
	"errors"
	"net/http"
	"strconv"
	"testing"
	"time"

	"varuh/accesslog/people"
)

// A person changes so much at once, and then as much as time gives back; nobody else's counts.
func TestQuota(t *testing.T) {
	t.Parallel()
	q, now := usualQuota(), noon
	for range q.most {
		must(t, q.take("one", now))
	}
	var later laterError
	if err := q.take("one", now); !errors.Is(err, errOften) || !errors.As(err, &later) || later.wait != q.each {
		t.Errorf("one too many: %v", err)
	}
	must(t, q.take("two", now))
	now = now.Add(q.each)
	must(t, q.take("one", now))
	if err := q.take("one", now); !errors.Is(err, errOften) {
		t.Errorf("two after the time for one: %v", err)
	}
	must(t, q.take("two", now.Add(time.Hour)))
	if len(q.full) != 1 {
		t.Errorf("%d are remembered", len(q.full))
	}
}

// Whoever asks for entries as fast as he can is told to wait, whatever his role and by whichever session; looking and
// ending go on.
func TestFlood(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	head := r.head(t)
	m := r.visitor(t, head, "maintainer", r.granted(people.Maintainer))
	r.Site.quota = usualQuota()
	r.Site.quota.most = 10
	before := r.diary.Head().Size
	last := 0
	for i := range 30 {
		w := m.do("PUT", prefix+"/session/language", LanguageChange{[]string{"en", "sl"}[i%2]})
		if last = w.Code; last == http.StatusTooManyRequests {
			if n, err := strconv.Atoi(w.Header().Get("Retry-After")); err != nil || n < 1 {
				t.Errorf("Retry-After: %q", w.Header().Get("Retry-After"))
			}
		}
	}
	if more := r.diary.Head().Size - before; last != http.StatusTooManyRequests || more > 12 {
		t.Errorf("%d, %d entries", last, more)
	}
	again := r.client(t).logIn(loginOf("maintainer"), ownPassword)
	if id, _ := again.refused("PUT", "/session/language", LanguageChange{"en"}); id != "often" {
		t.Error(id)
	}
	again.api("GET", "/session", nil, nil)
	again.api("DELETE", "/session", nil, nil)
	head.api("PUT", "/session/language", LanguageChange{"en"}, nil)
	before = r.diary.Head().Size
	if head.api("PUT", "/session/language", LanguageChange{"en"}, nil); r.diary.Head().Size != before {
		t.Error("the language that somebody has was entered again")
	}
}
