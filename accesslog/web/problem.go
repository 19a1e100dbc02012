package web

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"

	"varuh/accesslog/people"

	"github.com/mattn/go-sqlite3"
)

// Problem is what is answered in the place of what was asked for (RFC 9457).
type Problem struct {
	Type   string `json:"type"`             // where this problem is explained
	Title  string `json:"title"`            // what is wrong, in the language asked for
	Status int    `json:"status"`           // the HTTP status
	Detail string `json:"detail"`           // what to do about it, in the language asked for
	Field  string `json:"field,omitempty"`  // of the body or the query, where it is about one
	Reason string `json:"reason,omitempty"` // what exactly, in the language asked for, where that is known
	Wait   int64  `json:"wait,omitempty"`   // seconds, where waiting helps
}

// problemType is the media type of a [Problem].
const problemType = "application/problem+json"

// problem answers with what is wrong. language "" asks the request for it. What is not known is logged.
func (s *Site) problem(w *writer, r *http.Request, lang string, err error) {
	if lang == "" {
		lang = language(r.Header.Get("Accept-Language"))
	}
	known := sayingOf(err)
	if known.status >= http.StatusInternalServerError {
		s.log(r, known, err)
	}
	if w.begun {
		panic(http.ErrAbortHandler) // what has begun must not look whole
	}
	p := known.problem(lang, err)
	if asksPage(r) {
		s.instead(w, r, lang, known.id, p)
		return
	}
	h := w.Header()
	h.Set("Content-Type", problemType)
	h.Set("Content-Language", lang)
	if p.Wait > 0 {
		h.Set("Retry-After", strconv.FormatInt(p.Wait, 10))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="varuh"`)
	}
	text, err := json.Marshal(p)
	if err != nil {
		s.o.Log.Error("a problem can't be put into words", "err", err)
	}
	w.WriteHeader(p.Status)
	w.Write(text) // an error says that nobody listens any more
}

// log tells the operator the whole chain. A client that went away is nobody's mistake.
func (s *Site) log(r *http.Request, known saying, err error) {
	level := slog.LevelWarn
	if known.status == http.StatusInternalServerError {
		level = slog.LevelError
	}
	if r.Context().Err() == context.Canceled {
		level = slog.LevelDebug
	}
	s.o.Log.Log(context.WithoutCancel(r.Context()), level, "a request could not be answered", "route", r.Pattern, "err", err)
}

// refuse is a handler that answers every request with one problem.
func (s *Site) refuse(err error, more http.Header) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out, ok := w.(*writer)
		if !ok {
			out = &writer{ResponseWriter: w}
		}
		for name, values := range more {
			out.Header()[name] = values
		}
		s.problem(out, r, "", err)
	})
}

// sayingOf finds what is said of an error.
func sayingOf(err error) saying {
	for _, s := range sayings {
		if errors.Is(err, s.err) {
			return s
		}
	}
	if unwritten(err) {
		return sayingOf(errDiaryDown)
	}
	return sayingOf(errUnknown)
}

// unwritten tells whether an error is that of a database or a disk that does not take what is to be written.
func unwritten(err error) bool {
	var database sqlite3.Error
	var system syscall.Errno
	return errors.As(err, &database) || errors.As(err, &system)
}

// problem is the saying in a language.
func (s saying) problem(lang string, err error) Problem {
	p := Problem{Type: prefix + "/problems/" + s.id, Title: s.title.in(lang), Status: s.status, Detail: s.detail.in(lang)}
	var wrong *wrong
	if errors.As(err, &wrong) {
		p.Field = wrong.field
		p.Detail = wrong.why.in(lang)
	}
	var at *fielded
	if errors.As(err, &at) {
		p.Field = at.field
	}
	var wait people.WaitError
	if errors.As(err, &wait) {
		p.Wait = int64(wait.For / time.Second)
	}
	var later laterError
	if errors.As(err, &later) {
		p.Wait = int64(max(later.wait, time.Second) / time.Second)
	}
	if s.people {
		p.Reason = reasonOf(err, s.err, lang)
	}
	return p
}

// language is the one of the two that somebody would rather read, by RFC 9110 section 12.5.4: Slovenian, unless
// English is asked for with more weight.
func language(accept string) string {
	weights := map[string]float64{}
	for part := range strings.SplitSeq(accept, ",") {
		tag, rest, _ := strings.Cut(part, ";")
		tag, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		weight := 1.0
		if q, ok := strings.CutPrefix(strings.TrimSpace(rest), "q="); ok {
			w, err := strconv.ParseFloat(q, 64)
			if err != nil {
				continue
			}
			weight = w
		}
		weights[tag] = max(weights[tag], weight)
	}
	if weights["en"] > weights["sl"] {
		return "en"
	}
	return "sl"
}

// laterError is an error that passes: after so long it may be asked again.
type laterError struct {
	error
	wait time.Duration
}

func (e laterError) Unwrap() error { return e.error }

func stack() string { return string(debug.Stack()) }
