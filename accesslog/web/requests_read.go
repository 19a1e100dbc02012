package web

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/disclosure"
)

// openRequest enters who reads a request, and only then opens its entries.
func (s *Site) openRequest(c *call, in RequestReadingAsked) (RequestTold, error) {
	q, err := s.request(c)
	if err != nil {
		return RequestTold{}, err
	}
	if in.Reason == "" {
		in.Reason = handling.in(c.language) + q.ID
	}
	return s.tellRequest(c, q, in.Reason)
}

// handling is why somebody reads who works on a request, and says nothing else.
var handling = text{"obravnava zahteve ", "handling request "}

// tellRequest reads the entries of a request, once that is entered.
func (s *Site) tellRequest(c *call, q disclosure.Request, reason string) (RequestTold, error) {
	r, opener, err := s.enterReading(c, reason, true, proof.Body{Data: map[string]any{"request": q.ID}})
	if err != nil {
		return RequestTold{}, err
	}
	out := RequestTold{Entry: r.Entry, ContentEntry: q.Content, Course: []RequestDoneTold{}}
	course, err := s.o.Requests.Course(c.Context(), q.ID)
	if err != nil {
		return RequestTold{}, err
	}
	for _, d := range course {
		told, body, err := tellDone(c.Context(), opener, d)
		if err != nil {
			return RequestTold{}, err
		}
		if d.Entry == q.Content {
			if out.Destroyed = body == nil; !out.Destroyed {
				content, err := disclosure.ContentOf(*body)
				if err != nil {
					return RequestTold{}, err
				}
				out.Content = contentOf(content)
			}
		}
		out.Course = append(out.Course, told)
	}
	return out, nil
}

// tellDone is what the entry of a step says, with its body; nil where it can't be opened any more.
func tellDone(ctx context.Context, opener *diary.Opener, d disclosure.Done) (RequestDoneTold, *proof.Body, error) {
	told := RequestDoneTold{RequestDone: RequestDone{d.Entry, d.Op, moment{d.At}, d.Scan}}
	raw, _, err := opener.Open(ctx, d.Entry)
	if diary.Unreadable(err) || errors.Is(err, diary.ErrPruned) {
		told.Unreadable = sayingOf(err).title.en
		return told, nil, nil
	}
	if err != nil {
		return told, nil, err
	}
	b, err := proof.ParseBody(raw)
	if err != nil {
		return told, nil, err
	}
	if a := b.Actor; a != nil {
		told.Person, told.Role = a.Name, a.Role
	}
	said := func(name string) string {
		text, _ := b.Data[name].(string)
		return text
	}
	told.Note, told.Recipient, told.Known, told.Medium = b.Note, b.Recipient, said("identity"), said("medium")
	told.Single, told.Day, told.Manifest = said("single_reason"), said("due"), said("manifest")
	told.Viewing, _ = b.Data["viewing"].(int64)
	return told, &b, nil
}

// letter gives a letter to the applicant, for whom the diary is read.
func (s *Site) letter(c *call, in LetterAsked) error {
	q, err := s.request(c)
	if err != nil {
		return err
	}
	which := c.PathValue("letter")
	as, there := letters[which]
	if !there {
		return errNoPage
	}
	if err := q.Writes(which); err != nil {
		return err
	}
	told, err := s.tellRequest(c, q, text{"pismo vlagatelju zahteve ", "letter to the applicant of request "}.in(c.language)+q.ID)
	if err != nil {
		return err
	}
	content, err := told.Content.content()
	if err != nil {
		return err
	}
	if told.Destroyed {
		return diary.ErrPruned
	}
	controller, err := s.controller(c)
	if err != nil {
		return err
	}
	l := disclosure.Letter{Controller: controller, Number: in.Number, Date: s.o.Now(), Zone: s.o.Requests.Zone, Request: q, Content: content}
	var paper bytes.Buffer
	switch note := told.last(as.op); which {
	case "missing":
		err = l.Missing(&paper)
	case "refusal":
		err = l.Refusal(&paper, note)
	case "extension":
		err = l.Extension(&paper, note)
	}
	if err != nil {
		return err
	}
	return c.pdf(as.file+"-"+q.ID, &paper)
}

// letters are those that there are: the operation whose words each of them has, and what its file is called.
var letters = map[string]struct{ op, file string }{
	"missing":   {"", "poziv-k-dopolnitvi"},
	"refusal":   {"request.refuse", "odlocba-o-zavrnitvi"},
	"extension": {"request.extend", "obvestilo-o-podaljsanju"},
}

// last is what the last entry of an operation says.
func (t RequestTold) last(op string) string {
	for _, d := range slices.Backward(t.Course) {
		if d.Op == op {
			return d.Note
		}
	}
	return ""
}
