package main

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"varuh/recorder/keyring"
	"varuh/retention"
)

const keptVersion = 2

// mostKeptNumber bounds the number of a copy: a higher one was not counted up to.
const mostKeptNumber = 1 << 53

// remembered is one copy, in JSON, behind a line with its SHA-256 in 64 hexadecimal digits, a space, and the signature of
// the diary's key in base64, which one that could not be signed lacks (version 1 had none). A higher version is not read:
// then the others count.
type remembered struct {
	Version  int                `json:"v"`
	Number   int64              `json:"n"`                // one more with every change: the highest is the newest
	Origin   string             `json:"origin,omitempty"` // of the diary that it was written from
	Size     int64              `json:"size,omitzero"`    // entries that this one had then, at least
	Key      string             `json:"key,omitempty"`    // the one that signed it, as a verifier key
	Kept     []keptSpan         `json:"kept,omitempty"`   // holds and restrictions
	Lost     []keptSpan         `json:"lost,omitempty"`   // those that the diary does not know any more
	Told     []keptSpan         `json:"told,omitempty"`   // such as have lapsed, the last ones
	Joined   bool               `json:"joined,omitzero"`  // not all of them fitted
	Policies retention.Policies `json:"policies,omitempty"`
	Shorter  retention.Policies `json:"shorter,omitempty"` // by which footage goes earlier than by a diary that lost them

	text, sig []byte // as it was read
	own       bool   // this process wrote it
}

// mostTold is how many of what has lapsed are remembered.
const mostTold = 100

// keptSpan is footage that is held or restricted; see [retention.Hold].
type keptSpan struct {
	Camera string    `json:"camera,omitzero"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Past   bool      `json:"past,omitzero"`
	Until  time.Time `json:"until,omitzero"`
}

func (s keptSpan) hold() retention.Hold {
	return retention.Hold{Camera: s.Camera, From: s.From, To: s.To, PastTerm: s.Past, Until: s.Until}
}

// all are all that a copy holds.
func (r remembered) all() []keptSpan { return slices.Concat(r.Kept, r.Lost) }

// errNotKept is returned for a copy that is not whole.
var errNotKept = errors.New("it is damaged, or of a newer varuh")

// keptHead is the most bytes before the JSON of a copy.
const keptHead = 2*sha256.Size + 1 + (ed25519.SignatureSize+2)/3*4 + 1

// encode is the copy as it lies on disk, in no more than [keyring.MaxMark] bytes. One that can't be signed is
// written without: an unsigned one is better than none.
func (r remembered) encode(sign func([]byte) ([]byte, error)) (b []byte, joined bool, err error) {
	for {
		b, err := json.Marshal(r)
		if err != nil {
			return nil, false, fmt.Errorf("couldn't put what is held into words: %w", err)
		}
		if len(b) <= keyring.MaxMark-keptHead {
			sum := sha256.Sum256(b)
			head := hex.AppendEncode(nil, sum[:])
			sig, err := sign(b)
			if len(sig) > 0 {
				head = base64.StdEncoding.AppendEncode(append(head, ' '), sig)
			}
			return slices.Concat(head, []byte{'\n'}, b), r.Joined, err
		}
		if r = r.shorter(); r.Version == 0 {
			return nil, false, fmt.Errorf("what is held does not fit into %d bytes", keyring.MaxMark)
		}
	}
}

// shorter holds more in fewer words. Where nothing can be joined, the camera with the longest history goes by the law's
// term alone, but for what the diary lost. It is zero where nothing is left.
func (r remembered) shorter() remembered {
	if len(r.Told) > 0 {
		r.Told = nil
		return r
	}
	kept, lost := coarser(r.Kept), coarser(r.Lost)
	if len(kept)+len(lost) < len(r.Kept)+len(r.Lost) {
		r.Kept, r.Lost, r.Joined = kept, lost, true
		return r
	}
	longest := ""
	for camera, versions := range r.Policies {
		if longest == "" || cmp.Or(cmp.Compare(len(versions), len(r.Policies[longest])), cmp.Compare(longest, camera)) > 0 {
			longest = camera
		}
	}
	if longest == "" {
		return remembered{}
	}
	fewer := retention.Policies{}
	for camera, versions := range r.Policies {
		if camera != longest {
			fewer[camera] = versions
		}
	}
	r.Policies, r.Joined = fewer, true
	return r
}

// coarser joins each two neighbours of a camera into one range, with what lies between them.
func coarser(list []keptSpan) (out []keptSpan) {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b keptSpan) int {
		return cmp.Or(cmp.Compare(a.Camera, b.Camera), a.From.Compare(b.From), a.To.Compare(b.To))
	})
	for len(list) > 0 {
		s := list[0]
		list = list[1:]
		if len(list) > 0 && list[0].Camera == s.Camera {
			s = s.join(list[0])
			list = list[1:]
		}
		out = append(out, s)
	}
	return out
}

// join is a range that holds whatever one of two does, for as long as any does.
func (s keptSpan) join(o keptSpan) keptSpan {
	if o.From.Before(s.From) {
		s.From = o.From
	}
	if o.To.After(s.To) {
		s.To = o.To
	}
	if s.Until.IsZero() || o.Until.IsZero() {
		s.Until = time.Time{}
	} else if o.Until.After(s.Until) {
		s.Until = o.Until
	}
	s.Past = s.Past || o.Past
	return s
}

func parseRemembered(b []byte) (r remembered, err error) {
	head, text, ok := bytes.Cut(b, []byte{'\n'})
	sum, signed, _ := bytes.Cut(head, []byte{' '})
	want := sha256.Sum256(text)
	if !ok || string(sum) != hex.EncodeToString(want[:]) {
		return r, errNotKept
	}
	sig, err := base64.StdEncoding.Strict().DecodeString(string(signed))
	if err != nil {
		return r, errors.Join(errNotKept, err)
	}
	if err := json.Unmarshal(text, &r); err != nil || r.Version < 1 || r.Version > keptVersion || r.Number < 1 || r.Number > mostKeptNumber {
		return remembered{}, errors.Join(errNotKept, err)
	}
	r.text, r.sig = text, sig
	return r, nil
}

// same tells whether two copies say the same, however far the diary has gone on between them.
func (r remembered) same(o remembered) bool {
	r.Size = o.Size
	a, errA := json.Marshal(r)
	b, errB := json.Marshal(o)
	return errors.Join(errA, errB) == nil && bytes.Equal(a, b)
}

// rest are the spans that none of others holds.
func rest(spans, others []keptSpan) []keptSpan {
	return slices.DeleteFunc(slices.Clone(spans), func(s keptSpan) bool {
		return slices.ContainsFunc(others, func(o keptSpan) bool { return o.covers(s) })
	})
}

// missing are the spans that have not lapsed and that none of others holds, until a day at the latest.
func missing(spans, others []keptSpan, certain, until time.Time) (list []keptSpan) {
	for _, s := range rest(spans, others) {
		if s.lapsed(certain) {
			continue
		}
		if s.Until.IsZero() || s.Until.After(until) {
			s.Until = until.UTC().Truncate(time.Second)
		}
		list = append(list, s)
	}
	return list
}

func (s keptSpan) lapsed(certain time.Time) bool { return !s.Until.IsZero() && !s.Until.After(certain) }

// covers tells whether one holds all that another does.
func (s keptSpan) covers(o keptSpan) bool {
	lasts := s.Until.IsZero() || !o.Until.IsZero() && !s.Until.Before(o.Until)
	return (s.Camera == "" || s.Camera == o.Camera) && !s.From.After(o.From) && !s.To.Before(o.To) && (s.Past || !o.Past) && lasts
}
