package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/anchor"
	"varuh/accesslog/diary/proof"
)

// committed is told by the diary how each commit ended, whoever asked for it: the clerk or a command at the
// desk. The first that fails is itself to be entered, so that the clerk tries again until it is.
func (c *clerk) committed(err error) {
	if c.entrance != nil {
		c.entrance.committed(err)
	}
	c.mu.Lock()
	was := c.failing
	c.mu.Unlock()
	if was == nil && err == nil {
		return
	}
	c.tell(func() { c.failing = err })
	if was == nil {
		c.note(diary.Entry{Op: "incident.open", Body: proof.Body{Result: "diary not written",
			Note: fmt.Sprintf("from %s on the diary could not be written: %v; what happened meanwhile is entered around this", time.Now().UTC().Format(time.RFC3339), err)}})
	}
	if c.room != nil {
		c.room.rouse()
	}
	if err == nil {
		c.rouse() // what waits can be written
	}
}

// wrong is what keeps the diary from being up to date, nil for nothing. It is called with mu held.
func (c *clerk) wrong() error {
	if c.failing != nil {
		return c.failing
	}
	return c.trouble
}

// tell changes what is known to be wrong, and logs when that begins and ends.
func (c *clerk) tell(change func()) {
	c.mu.Lock()
	was := c.wrong()
	change()
	now := c.wrong()
	c.mu.Unlock()
	switch {
	case was == nil && now != nil:
		if c.room != nil {
			now = c.room.explain(now)
		}
		c.log.Error("the diary can't be kept up to date; recording goes on, nobody gets access to footage meanwhile, and what happened is entered later", "err", now)
	case was != nil && now == nil:
		c.log.Info("the diary is kept up to date again")
	}
}

// complaints are what does not fit in the database of the diary, and stops nothing.
func (c *clerk) complaints() []string {
	c.mu.Lock()
	d := c.diary
	c.mu.Unlock()
	if d == nil {
		return nil
	}
	return d.Complaints()
}

// count counts the incidents among the entries since the diary was opened.
func (c *clerk) count(ctx context.Context) error {
	c.mu.Lock()
	d, from, n := c.diary, c.counted, c.incidents
	c.mu.Unlock()
	size := d.Head().Size
	if from >= size {
		return nil
	}
	for e, err := range d.Entries(ctx, max(from, d.Head().Cut), size) {
		if err != nil {
			return err
		}
		if strings.HasPrefix(e.Op, "incident.") {
			n++
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counted, c.incidents = size, n
	return nil
}

// diaryStatus is what the daemon tells of its diary.
type diaryStatus struct {
	Origin    string        `json:"origin,omitempty"`
	Size      int64         `json:"size"`              // entries
	Anchored  int64         `json:"anchored"`          // of them, under a checkpoint that somebody outside keeps
	Kept      time.Time     `json:"kept,omitzero"`     // since when
	Waiting   int           `json:"waiting"`           // entries that wait for the diary, and those that did not fit
	Incidents int           `json:"incidents"`         // entered since the start
	Alarm     bool          `json:"alarm"`             // the outside parties have been silent too long
	Parties   []partyStatus `json:"parties,omitempty"` // those outside that are configured
	Standing  string        `json:"standing"`          // what root could rewrite
	Sentence  string        `json:"sentence"`          // what is wrong, "" for nothing
}

// status is the diary's state now.
func (c *clerk) status() diaryStatus {
	c.mu.Lock()
	d, wrong, missed, stand := c.diary, c.wrong(), c.missed, c.stand
	st := diaryStatus{Waiting: len(c.queue) + missed, Incidents: c.incidents}
	if c.refused != nil {
		st.Sentence = fmt.Sprintf("there is no access to footage, for the diary can't be used: %v", c.refused)
	}
	h := c.last
	c.mu.Unlock()
	if d != nil {
		h = d.Head()
	}
	if st.Origin, st.Size = h.Origin, h.Size; d == nil {
		return st
	}
	st.Sentence = c.sentence(d, wrong, missed)
	if c.anchoring != nil {
		st.Parties = c.anchoring.heard.parties()
	}
	stand.Size, stand.Pending = h.Size, c.anchoring != nil && c.anchoring.schedule.Pending()
	st.Anchored, st.Kept = stand.KeptSize, stand.KeptTime
	say := anchor.Stand(stand, time.Now())
	st.Alarm, st.Standing = say.Alarm, say.EN+c.paged.look(func() string { return pages(context.Background(), d) })
	return st
}

// sentence says all that is wrong with an open diary.
func (c *clerk) sentence(d *diary.Diary, wrong error, missed int) string {
	var list []string
	if f := d.Fault(); f != nil {
		list = append(list, fmt.Sprintf("there is no access to footage until two persons have accepted it: %v; find out why, then stop varuh and run varuh diary accept", f))
	}
	if wrong != nil {
		list = append(list, fmt.Sprintf("the diary can't be kept up to date, and while it takes no entry nobody gets access to footage: %v", wrong))
	}
	if origin := d.Head().Origin; c.controller != "" && !strings.HasPrefix(origin, c.controller+"/varuh/") {
		list = append(list, fmt.Sprintf("the configuration says controller: %s, and the diary is %s for life: set the line right", c.controller, origin))
	}
	if missed > 0 {
		list = append(list, fmt.Sprintf("%s did not fit into the queue for the diary, or into an entry", count(missed, "event", "events")))
	}
	for _, more := range []string{c.marks.sentence(), c.pruner.sentence()} {
		if more != "" {
			list = append(list, more)
		}
	}
	return strings.Join(list, "; ")
}
