package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// spectator is a player with a connection of its own.
type spectator struct {
	client  *http.Client
	base    string
	cookie  *http.Cookie
	parts   []playedPart
	bytes   int
	played  time.Duration // that the parts last which it took
	slowest time.Duration // that a part took
	late    int           // parts that took longer than they last
}

type playedPart struct {
	path   string
	length time.Duration
}

// ask asks for something and gives the answer to read.
func (v *spectator) ask(ctx context.Context, method, path string, body any, read func(*http.Response) error) error {
	in := io.Reader(http.NoBody)
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		in = bytes.NewReader(text)
	}
	q, err := http.NewRequestWithContext(ctx, method, v.base+path, in)
	if err != nil {
		return err
	}
	q.Header.Set("Content-Type", "application/json")
	if v.cookie != nil {
		q.AddCookie(v.cookie)
	}
	a, err := v.client.Do(q)
	if err != nil {
		return err
	}
	defer a.Body.Close()
	if a.StatusCode/100 != 2 {
		why, _ := io.ReadAll(a.Body) // the status is worse
		return fmt.Errorf("%s %s: %s %s", method, path, a.Status, why)
	}
	return read(a)
}

func (v *spectator) login(ctx context.Context) (cookie *http.Cookie, err error) {
	err = v.ask(ctx, "POST", "/api/v1/session", map[string]string{"login": firstPerson().Person.Login, "password": goodPassword}, func(a *http.Response) error {
		if len(a.Cookies()) != 1 {
			return fmt.Errorf("the log-in gave %v", a.Cookies())
		}
		cookie = a.Cookies()[0]
		return nil
	})
	return cookie, err
}

var listedPart = regexp.MustCompile(`#EXTINF:([0-9.]+),\n(part/\S+)`)

// open opens a viewing and reads its playlist.
func (v *spectator) open(ctx context.Context, camera string, from, to time.Time) error {
	var o struct{ Windows []struct{ Playlist string } }
	err := v.ask(ctx, "POST", "/api/v1/viewings", map[string]any{"purpose": "safety", "camera": camera, "remark": "who was at the door",
		"from": from.Format(time.RFC3339), "to": to.Format(time.RFC3339)}, func(a *http.Response) error { return json.NewDecoder(a.Body).Decode(&o) })
	if err != nil {
		return err
	}
	for _, w := range o.Windows {
		err := v.ask(ctx, "GET", w.Playlist, nil, func(a *http.Response) error {
			list, err := io.ReadAll(a.Body)
			base, _, _ := strings.Cut(w.Playlist, "index.m3u8")
			for _, m := range listedPart.FindAllSubmatch(list, -1) {
				seconds, err := strconv.ParseFloat(string(m[1]), 64)
				if err != nil {
					return err
				}
				v.parts = append(v.parts, playedPart{base + string(m[2]), time.Duration(seconds * float64(time.Second))})
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	if len(v.parts) == 0 {
		return errors.New("there is nothing to play")
	}
	return nil
}

// play plays for a time from a moment on: it asks for a part once the one before is over.
func (v *spectator) play(ctx context.Context, from time.Time, length time.Duration) error {
	due := from
	for i := 0; v.played < length; i++ {
		p := &v.parts[i%len(v.parts)]
		<-time.After(time.Until(due))
		began := time.Now()
		if err := v.take(ctx, p); err != nil {
			return err
		}
		took := time.Since(began)
		if v.slowest = max(v.slowest, took); took > p.length {
			v.late++
		}
		v.played += p.length
		due = due.Add(p.length)
	}
	return nil
}

func (v *spectator) take(ctx context.Context, p *playedPart) error {
	return v.ask(ctx, "GET", p.path, nil, func(a *http.Response) error {
		n, err := io.Copy(io.Discard, a.Body)
		v.bytes += int(n)
		if err == nil && n == 0 {
			err = errors.New("a part is empty")
		}
		return err
	})
}
