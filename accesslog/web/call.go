package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/people"
)

// call is one request that the guard let through.
type call struct {
	*http.Request
	w        *writer
	site     *Site
	route    route
	session  people.Session       // the zero value on public routes where nobody is logged in
	by       people.Authorisation // that lets the person do it; only where the route asks for an action
	action   people.Action        // that it lets him do
	address  netip.Addr           // from which it is asked
	language string               // of what people read: sl or en
}

// writer is a [http.ResponseWriter] that knows whether anything was answered.
type writer struct {
	http.ResponseWriter
	begun bool
}

func (w *writer) WriteHeader(status int) {
	w.begun = true
	w.ResponseWriter.WriteHeader(status)
}

func (w *writer) Write(b []byte) (int, error) {
	w.begun = true
	return w.ResponseWriter.Write(b)
}

// Unwrap is for [http.ResponseController].
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// answer answers with JSON, or with nothing at all.
func (c *call) answer(v any) error {
	if _, none := v.(nothing); none {
		c.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("couldn't write the answer as JSON: %w", err)
	}
	c.w.Header().Set("Content-Type", "application/json")
	c.w.Write(text.Bytes()) // an error says that nobody listens any more
	return nil
}

// outside tells whether it is asked from outside the premises.
func (c *call) outside() bool { return !c.site.inside(c.address) }

// actor is who asks, by the authorisation that lets him.
func (c *call) actor() proof.Actor {
	a := c.session.As(c.by)
	if c.by.ID == "" {
		a = c.session.Actor()
	}
	if c.address.IsValid() {
		a.Address = c.address.String()
	}
	return a
}

// find finds an authorisation for an action, of footage of a camera since a moment; zero for footage of any age.
func (c *call) find(action people.Action, camera string, since time.Time) (people.Authorisation, error) {
	return c.session.Find(people.Want{Action: action, Camera: camera, At: c.site.o.Now(), Since: since, Outside: c.outside()})
}

// allowed tells whether the person may do something, of a camera or "" for any.
func (c *call) allowed(action people.Action, camera string) bool {
	_, err := c.find(action, camera, time.Time{})
	return err == nil
}
