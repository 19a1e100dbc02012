package web

import (
	"net/http"
	"sync"
	"time"
)

// quota bounds how much one person changes, and so enters: the diary is on a card that nobody may fill. It grows again
// with time.
type quota struct {
	most int           // at once
	each time.Duration // in which there is one more

	mu   sync.Mutex
	full map[string]time.Time // when a person has all of his again; guarded by mu
}

func usualQuota() *quota {
	return &quota{most: 120, each: 5 * time.Second, full: map[string]time.Time{}}
}

// take takes one of a person's. The error is errOften.
func (q *quota) take(who string, now time.Time) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for id, full := range q.full {
		if !full.After(now) {
			delete(q.full, id)
		}
	}
	full := now
	if before, ok := q.full[who]; ok {
		full = before
	}
	full = full.Add(q.each)
	if late := full.Sub(now) - time.Duration(q.most)*q.each; late > 0 {
		return laterError{errOften, (late + time.Second - 1).Truncate(time.Second)}
	}
	q.full[who] = full
	return nil
}

// counted takes one of the asker's quota if what he asks for may be entered. What ends something is let off: it makes no
// more entries than what began it. So is what pages read with GET: a viewing bounds it.
func (c *call) counted() error {
	if c.Method == http.MethodGet || c.session.Person.ID == "" || c.route.access.kind == public || c.route.handler.ends {
		return nil
	}
	return c.site.quota.take(c.asker(), time.Now())
}
