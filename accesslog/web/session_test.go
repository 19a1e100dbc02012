package web

import "testing"

// Whoever logs in has a cookie, is told who he is, and is nobody after logging out.
func TestLogIn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	c := r.client(t)
	if id, _ := c.refused("GET", "/session", nil); id != "no-session" {
		t.Error(id)
	}
	c.logIn("vida.head", headPassword)
	var me Me
	c.api("GET", "/session", nil, &me)
	if me.Person.Name != "Vida Ravnik" || len(me.Authorisations) != 3 || len(me.Locked) != 0 {
		t.Errorf("%+v", me)
	}
	c.api("GET", "/status", nil, nil)
	c.api("DELETE", "/session", nil, nil)
	if id, _ := c.refused("GET", "/status", nil); id != "no-session" {
		t.Error(id)
	}
}
