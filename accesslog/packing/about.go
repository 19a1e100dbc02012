package packing

import (
	"context"
	"fmt"

	"varuh/accesslog/disclosure"
	"varuh/accesslog/evidence"
)

// Opener opens the bodies of entries; a *diary.Opener with a key of the diary does.
type Opener interface {
	Open(ctx context.Context, i int64) (body, manifest []byte, err error)
}

// content is what a request says. The error wraps people.ErrLocked while all is locked.
func (j *Jobs) content(ctx context.Context, q disclosure.Request) (c disclosure.Content, err error) {
	body, err := j.body(ctx, q.Content)
	if err != nil {
		return c, fmt.Errorf("couldn't read what the request %s says: %w", q.ID, err)
	}
	return disclosure.ContentOf(body)
}

// namesOf are the names of the cameras that were asked for: a package says nothing of others.
func namesOf(names map[string]string, asked []evidence.Range) map[string]string {
	out := map[string]string{}
	for _, r := range asked {
		if name := names[r.Camera]; name != "" {
			out[r.Camera] = name
		}
	}
	return out
}

// stated is what the manifest states of a request: who asked for what, by which law.
func stated(q disclosure.Request, c disclosure.Content) map[string]string {
	m := map[string]string{"id": q.ID, "kind": string(q.Kind), "entry": fmt.Sprint(q.Entry), "applicant": c.Applicant.Name, "signatory": c.Applicant.Signatory,
		"basis": c.Basis.In("sl"), "basis_text": c.BasisText, "purpose": c.Purpose, "case": c.Case.Number, "subject": c.Case.Subject, "body": c.Case.Body}
	for name, text := range m {
		if text == "" {
			delete(m, name)
		}
	}
	return m
}
