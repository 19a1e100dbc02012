package main

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"varuh/accesslog/diary/proof"
)

// diaryOrder asks for entries.
type diaryOrder struct {
	who
	Reason     string   `json:"reason"`               //
	From       int64    `json:"from"`                 // first entry
	To         int64    `json:"to"`                   // behind the last one; 0: all
	Last       int64    `json:"last,omitempty"`       // only so many of them, from the end; 0: all
	Op         string   `json:"op,omitempty"`         // only of this operation
	Redact     bool     `json:"redact,omitempty"`     // without bodies
	Passphrase string   `json:"passphrase,omitempty"` // encrypts an export
	Held       []string `json:"held,omitempty"`       // checkpoints that were kept outside, to verify against
	Page       bool     `json:"page,omitempty"`       // the checkpoint is to be printed
	InPerson   bool     `json:"inPerson,omitempty"`   // verified with what the log-in of a person opens
}

// kind tells verifying with somebody's log-in from verifying without.
func (o diaryOrder) kind() string {
	if o.InPerson {
		return "in person"
	}
	return ""
}

// maxSaid bounds a name or a reason, in characters.
const maxSaid = 500

// said is a name or a reason as it is entered: one line without spaces around it.
func said(what, text string) (string, error) {
	text = strings.TrimSpace(strings.Map(func(c rune) rune {
		if unicode.Is(unicode.Zs, c) {
			return ' '
		}
		return c
	}, text))
	switch n := utf8.RuneCountInString(text); {
	case n > maxSaid:
		return "", fmt.Errorf("%s has %d characters, and at most %d are entered: say it shorter", what, n, maxSaid)
	case proof.Printable(text) != text:
		return "", fmt.Errorf("%s holds characters that can't be printed, such as a line break: write one plain line", what)
	}
	return text, nil
}

// errNoReason is returned where nobody says why.
var errNoReason = errors.New("who reads the diary, and why, is entered in it: give --reason TEXT, and --as LOGIN")

// checked is an order as it is entered, or what is wrong with it.
func (o diaryOrder) checked() (_ diaryOrder, err error) {
	if o.From < 0 || o.To < 0 || o.Last < 0 {
		return o, errors.New("entries are numbered and counted from 0 on: give no negative number")
	}
	if o.To > 0 && o.From >= o.To {
		return o, fmt.Errorf("no entry lies from %d to before %d: give a higher number for the end", o.From, o.To)
	}
	if o.Reason, err = said("--reason", o.Reason); err != nil {
		return o, err
	}
	if o.Op, err = said("--op", o.Op); err != nil {
		return o, err
	}
	if o.Reason == "" {
		return o, errNoReason
	}
	return o, nil
}
