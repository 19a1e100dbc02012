package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"varuh/retention"
)

// keptDiary is a diary that is trusted, as far as it is remembered beside the key slots.
type keptDiary interface {
	// read is what the diary says: origin, size, key, what is kept, and policies.
	read() (remembered, error)
	// vouch signs a copy, and vouched tells whether a key of the diary did.
	vouch(text []byte) (sig []byte, err error)
	vouched(text, sig []byte) (bool, error)
	// enter has what was lost in the diary, durably.
	enter(lost keptLost) error
}

// keptLost is what copies remember and a diary that is trusted does not.
type keptLost struct {
	spans   []keptSpan // that last a while yet
	cameras []string   // whose terms were shorter
	strange []string   // what copies are not the diary's, in words
}

func (l keptLost) none() bool { return len(l.spans)+len(l.cameras)+len(l.strange) == 0 }

// goesOnFrom tells whether a diary is the one that a copy was written from, with or without more entries: then whatever it
// does not say any more was ended by an entry.
func (r remembered) goesOnFrom(was remembered) bool {
	return was.Origin != "" && was.Origin == r.Origin && was.Size <= r.Size
}

// signed are the newest copy that the diary vouches for, and a newer one that it does not: anybody who reaches the disk of
// a store could have written that. Either is nil where there is none.
func (k *kept) signed(d keptDiary) (signed, strange *remembered, err error) {
	k.mu.Lock()
	newest := k.newest
	k.mu.Unlock()
	if newest != nil && newest.own {
		return newest, nil, nil
	}
	for _, r := range k.copies {
		mine := false
		if len(r.sig) > 0 {
			if mine, err = d.vouched(r.text, r.sig); err != nil {
				return nil, nil, err
			}
		}
		of := &strange
		if mine {
			of = &signed
		}
		if *of == nil || r.newer(**of) {
			*of = &r
		}
	}
	if signed != nil && strange != nil && !strange.newer(*signed) {
		strange = nil
	}
	return signed, strange, nil
}

// newer orders copies.
func (r remembered) newer(o remembered) bool {
	return r.Number > o.Number || r.Number == o.Number && r.Size > o.Size
}

// carry takes over into next what a copy remembers as lost, and returns what is lost beside that: with a diary that does
// not go on from the copy, all that it does not know.
//
// A copy that nobody vouches for makes nobody's footage go earlier: its terms are only told of. What it says is held is
// held for as long as anything that was lost, and not again once that was told.
func carry(next, signed, strange *remembered, certain, until time.Time) (lost keptLost) {
	for _, r := range []*remembered{signed, strange} {
		if r != nil {
			next.Number = max(next.Number, r.Number)
		}
	}
	if signed != nil {
		next.Told = slices.Concat(signed.Told, slices.DeleteFunc(slices.Clone(signed.Lost), func(s keptSpan) bool { return !s.lapsed(certain) }))
		next.Told = next.Told[max(len(next.Told)-mostTold, 0):]
		if next.goesOnFrom(*signed) {
			next.Lost, next.Shorter = missing(signed.Lost, nil, certain, until), signed.Shorter
		} else { // the entries of what was lost before may have gone, too
			lost.spans = missing(signed.all(), next.Kept, certain, until)
			lost.cameras = next.shorten(signed.Policies.Shorter(signed.Shorter), certain)
		}
	}
	next.Shorter = soonerOf(next.Shorter, next.Policies, certain)
	if strange != nil {
		known := slices.Concat(next.Kept, next.Lost, lost.spans)
		for _, s := range next.Told {
			s.Until = time.Time{}
			known = append(known, s)
		}
		spans := missing(strange.all(), known, certain, until)
		lost.spans = append(lost.spans, spans...)
		lost.strange = strange.strangeness(*next, len(spans), signed != nil, certain)
	}
	next.Lost = append(next.Lost, lost.spans...)
	return lost
}

// shorten has policies count where they let footage go earlier than those of the diary, and names the cameras.
func (r *remembered) shorten(was retention.Policies, certain time.Time) (cameras []string) {
	cameras = was.Sooner(r.Policies, certain)
	r.Shorter = retention.Policies{}
	for _, camera := range cameras {
		r.Shorter[camera] = was[camera]
	}
	return cameras
}

// soonerOf is as much of what shortens the policies of a diary as still does.
func soonerOf(shorter, policies retention.Policies, certain time.Time) retention.Policies {
	if !certain.IsZero() {
		shorter = shorter.Since(certain.Add(-decidedLong))
	}
	var some retention.Policies
	for _, camera := range shorter.Sooner(policies, certain) {
		if some == nil {
			some = retention.Policies{}
		}
		some[camera] = shorter[camera]
	}
	return some
}

// strangeness says what is to be entered of a copy that nobody vouches for. One that says nothing else than the diary is
// of a varuh that did not sign, if no copy is signed.
func (r remembered) strangeness(next remembered, spans int, signed bool, certain time.Time) (list []string) {
	sooner := r.Policies.Sooner(next.Policies.Shorter(next.Shorter), certain)
	if !signed && len(r.sig) == 0 && spans == 0 && len(sooner) == 0 {
		return nil
	}
	text := "a copy of what is held and of the terms, beside the key slots, is newer than any that the key of the diary signed: somebody wrote or spoiled it, or the key was lost"
	if spans > 0 {
		text += "; what it holds is held for a while, for a person to look at it"
	}
	if len(sooner) > 0 {
		text += "; it says that footage of " + someWords(sooner) + " goes earlier, which does not count: confirm shorter terms anew if they were (varuh policy confirm)"
	}
	return append(list, text)
}

// unconfirmed are the cameras whose last term is shorter by what was lost than by the diary: nobody has confirmed either.
func (r remembered) unconfirmed() (cameras []string) {
	last := func(camera string, all retention.Policies) retention.Policies {
		if n := len(all[camera]); n > 0 {
			return retention.Policies{camera: {{Policy: all[camera][n-1].Policy}}}
		}
		return nil
	}
	for _, camera := range slices.Sorted(maps.Keys(r.Shorter)) {
		cameras = append(cameras, last(camera, r.Shorter).Sooner(last(camera, r.Policies), time.Time{})...)
	}
	return cameras
}

// someWords are the first of some words.
func someWords(list []string) string {
	text := strings.Join(list[:min(len(list), mostNamed)], ", ")
	if more := len(list) - mostNamed; more > 0 {
		text += fmt.Sprintf(", %d more", more)
	}
	return text
}
