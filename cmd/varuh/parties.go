package main

import (
	"sync"
	"time"

	"varuh/accesslog/diary"
)

// partyStatus is an outside party that is configured, and the last that it gave.
type partyStatus struct {
	Name string    `json:"name"`
	Kind string    `json:"kind"`          // witness or tsa
	Size int64     `json:"size"`          // entries under the last checkpoint that it signed; 0: it has signed none
	Last time.Time `json:"last,omitzero"` // when it signed, by its own clock
}

// heard is what the parties of a configuration gave last. The status asks for it while a round goes on.
type heard struct {
	mu   sync.Mutex
	list []partyStatus // guarded by mu
}

// sum looks through all that was given. Of each what is over most entries counts.
func (h *heard) sum(parties []diary.Party, given []diary.Anchor) {
	list := make([]partyStatus, 0, len(parties))
	for _, p := range parties {
		st := partyStatus{Name: p.Name, Kind: p.Kind}
		for _, g := range given {
			if g.Kind == p.Kind && g.Party == p.Name && g.Size >= st.Size {
				st.Size, st.Last = g.Size, g.Time
			}
		}
		list = append(list, st)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.list = list
}

// parties are those of the last look, none before it.
func (h *heard) parties() []partyStatus {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.list
}
