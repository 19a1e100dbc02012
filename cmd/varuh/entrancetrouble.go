package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// The parts of an entrance that can be in trouble.
const (
	partDoor  = "door"
	partPages = "pages"
	partPlain = "plain page"
)

// wrong keeps and logs what keeps persons out.
func (e *entrance) wrong(part, what string, err error) {
	e.mu.Lock()
	e.troubles[part] = fmt.Sprintf("%s: %v", what, err)
	e.mu.Unlock()
	e.d.Log.Error(what, "err", err)
}

// right takes back what was wrong.
func (e *entrance) right(part string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.troubles, part)
}

// sentences say what a person has to see to.
func (e *entrance) sentences() (list []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, part := range slices.Sorted(maps.Keys(e.troubles)) {
		list = append(list, e.troubles[part])
	}
	if e.keeper != nil {
		if err := e.keeper.Problem(); err != nil {
			list = append(list, fmt.Sprintf("the certificate of the pages: %v", err))
		}
	}
	return list
}

// pages says where the pages are, "" while they are not served.
func (e *entrance) pages() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.served
}

// address is where the pages are, for a link, "" while they are not served.
func (e *entrance) address() string {
	address, _, _ := strings.Cut(e.pages(), ",")
	return address
}

// stopTime is how long pages that are served may take to end: who reads slowly is given time.
const stopTime = 12 * time.Second

// takes is how long the entrance may take to close.
func (e *entrance) takes() time.Duration {
	if e.pages() == "" {
		return 0
	}
	return stopTime
}
