package web

import (
	"fmt"

	"varuh/accesslog/aeszip"
	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
)

// BundleAsked is which entries somebody takes out of the appliance, and why.
type BundleAsked struct {
	Reason     string `json:"reason"`
	From       int64  `json:"from,omitempty"`
	To         int64  `json:"to,omitempty"`         // not included; 0: all, with the one that says who takes them
	Redact     bool   `json:"redact,omitempty"`     // without what they say
	Passphrase string `json:"passphrase,omitempty"` // that encrypts it (WinZip AES-256); kept nowhere
}

// Bundle is what a bundle is to hold.
type Bundle struct {
	From, To   int64         // entries, To not included
	Opener     *diary.Opener // nil: without what they say
	Passphrase string
}

// exportDiary enters who takes what, and only then gives the first byte. One bundle is made at a time, and while it is
// the diary can't be pruned: so whoever finds another on its way is told before anything is entered, and who reads slowly is
// cut off. What comes to no end is cut off, so that nobody
// takes a part for the whole.
func (s *Site) exportDiary(c *call, in BundleAsked) error {
	leave, err := s.gates.exporting.enter(c.Context(), c.asker())
	if err != nil {
		return err
	}
	defer leave()
	b, err := s.enterBundle(c, in)
	if err != nil {
		return err
	}
	c.w.Header().Set("Content-Disposition", `attachment; filename="dnevnik.zip"`)
	out := &outlet{call: c, media: "application/zip", size: -1, whole: true}
	return out.end(s.o.Bundle(c.Context(), out, b))
}

// enterBundle refuses what can't be handed out, enters who takes which entries and why, and returns what the bundle is to hold. What
// was entered meanwhile by others is not in it.
func (s *Site) enterBundle(c *call, in BundleAsked) (b Bundle, err error) {
	if err := checkReason(in.Reason); err != nil {
		return b, err
	}
	size := s.o.Diary.Head().Size
	if in.From < 0 || in.From >= size || in.To < 0 || in.To > 0 && in.To <= in.From {
		return b, errNoEntry
	}
	if n := len(in.Passphrase); n > 0 && n < aeszip.MinPassphrase || n > mostReason {
		return b, &wrong{"passphrase", text{"Geslo ima vsaj 12 znakov.", "A passphrase has at least 12 characters."}}
	}
	b = Bundle{From: in.From, To: min(in.To, size), Passphrase: in.Passphrase}
	body := proof.Body{Data: map[string]any{"from": b.From, "opened": "no"}}
	if b.To > 0 {
		body.Data["to"] = b.To
	}
	if !in.Redact {
		keys, err := s.o.Keys.Diary()
		if err != nil {
			return b, err
		}
		b.Opener, body.Data["opened"] = s.o.Diary.Opener(keys), "yes"
	}
	actor := c.actor()
	body.Actor, body.Purpose = &actor, in.Reason
	receipt, err := s.o.Diary.Append(c.Context(), diary.Entry{Op: "diary.export", Body: body}, nil)
	if err != nil {
		return b, fmt.Errorf("nothing is handed out, since it could not be entered: %w", err)
	}
	if b.To == 0 {
		b.To = receipt.Index + 1 // not what others enter meanwhile
	}
	return b, nil
}
