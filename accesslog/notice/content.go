package notice

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// errContent says that a row has no content that this program wrote.
var errContent = errors.New("the content of the notice can't be read")

// Bounds of what a notice says, in characters; the sign has to fit a page.
const (
	maxPurposes = 6
	maxLine     = 120
	maxText     = 280
)

var purposeID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)

// encode is the one form of a content.
func (c Content) encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(c)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// Hash is the SHA-256 of the content in its one form, by which others name what a version says.
func (c Content) Hash() ([32]byte, error) {
	b, err := c.encode()
	if err != nil {
		return [32]byte{}, fmt.Errorf("couldn't write down a notice: %w", err)
	}
	return sha256.Sum256(b), nil
}

// parseContent reads what encode wrote, and nothing else.
func parseContent(b []byte) (c Content, err error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return Content{}, fmt.Errorf("%w: %w", errContent, err)
	}
	again, err := c.encode()
	if err == nil && !bytes.Equal(again, b) {
		err = errors.New("it is not in the form that the program writes")
	}
	if err == nil {
		err = c.check()
	}
	if err != nil {
		return Content{}, fmt.Errorf("%w: %w", errContent, err)
	}
	return c, nil
}

// check refuses what can't be on a sign. What is only missing is told by Missing.
func (c Content) check() error {
	if len(c.Purposes) > maxPurposes {
		return incomplete("%d purposes, at most %d fit on the sign", len(c.Purposes), maxPurposes)
	}
	seen := map[string]bool{}
	for _, p := range c.Purposes {
		if !purposeID.MatchString(p.ID) || seen[p.ID] {
			return incomplete("%q can't be the id of a purpose: want a to z, 0 to 9 and -, at most 32 of them, another one for each purpose", p.ID)
		}
		seen[p.ID] = true
	}
	if c.Speaks && !c.Live {
		return incomplete("who speaks into the area watches live: allow live view, or no speaking")
	}
	if web := c.Controller.Web; web != "" && !strings.HasPrefix(web, "https://") {
		return incomplete("the web address %q has to begin with https://", web)
	}
	return c.eachText(checkText)
}

// eachText calls f with every text, its name and how long it may be.
func (c Content) eachText(f func(name, text string, most int) error) error {
	var errs []error
	line := func(name, text string) { errs = append(errs, f(name, text, maxLine)) }
	both := func(name string, t Text, most int) { errs = append(errs, f(name, t.Sl, most), f(name, t.En, most)) }
	line("the controller's name", c.Controller.Name)
	line("the controller's address", c.Controller.Address)
	line("the controller's phone number", c.Controller.Phone)
	line("the controller's e-mail address", c.Controller.Email)
	line("the controller's web address", c.Controller.Web)
	line("the officer's name", c.Officer.Name)
	line("the officer's phone number", c.Officer.Phone)
	line("the officer's e-mail address", c.Officer.Email)
	for _, p := range c.Purposes {
		both("a purpose", Text{p.Sl, p.En}, maxLine)
		line("the basis of a purpose", p.Basis)
	}
	both("the area", c.Area, maxLine)
	both("the time that footage is kept", c.Kept, maxLine)
	both("the recipients", c.Recipients, maxText)
	both("the special effects", c.Effects, maxText)
	both("the transfers to third countries", c.Countries, maxText)
	both("other unusual processing", c.Other, maxText)
	both("the reason for sound", c.AudioReason, maxText)
	return errors.Join(errs...)
}

// checkText refuses what is no line of text, or could look like another one.
func checkText(name, text string, most int) error {
	switch {
	case !utf8.ValidString(text):
		return incomplete("%s is not UTF-8", name)
	case utf8.RuneCountInString(text) > most:
		return incomplete("%s has more than %d characters", name, most)
	case strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r)
	}):
		return incomplete("%s has a line break, or a character that nobody sees", name)
	}
	return nil
}
