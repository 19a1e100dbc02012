package packing

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"varuh/accesslog"
	"varuh/accesslog/disclosure"
	"varuh/accesslog/evidence"
)

// FromDoor is the door as a [Source]. cameras are those that a request for all of them means; after its error nothing is taken out,
// since what lacks cameras would be signed as all.
func FromDoor(d *accesslog.Door, cameras func() ([]string, error)) Source { return doorway{d, cameras} }

type doorway struct {
	door    *accesslog.Door
	cameras func() ([]string, error)
}

// Export takes out what a request asks for, by the order of who ordered the package: his authorisation counts, whether or not he
// is still logged in. Sound is taken only where the request asks for it, too.
func (d doorway) Export(ctx context.Context, o Order) (Export, error) {
	a := accesslog.AskExport{Order: accesslog.Order{Person: o.Package.Person, Entry: o.Package.ID}, Request: o.Request.ID, Case: o.Content.Case.Number, BasisText: o.Content.BasisText,
		Ground: accesslog.Ground(o.Package.Ground), Sound: o.Package.Sound && slices.Contains(o.Content.Data, disclosure.Sound)}
	for _, w := range o.Request.Wanted {
		cameras := []string{w.Camera}
		if w.Camera == "" {
			var err error
			if cameras, err = d.cameras(); err != nil {
				return nil, fmt.Errorf("it is not known which cameras all of them are: %w", err)
			}
		}
		for _, camera := range cameras {
			a.Ranges = append(a.Ranges, evidence.Range{Camera: camera, From: w.From, To: w.To})
		}
	}
	e, err := d.door.Export(ctx, a)
	if err != nil {
		return nil, err
	}
	return export{e}, nil
}

// export names the errors of footage that changed meanwhile.
type export struct{ *accesslog.Export }

func (e export) Footage() evidence.Footage {
	return func(yield func(evidence.Stretch, error) bool) {
		for s, err := range e.Export.Footage() {
			for i := range s {
				open := s[i].Open
				s[i].Open = func(ctx context.Context) (evidence.Records, error) {
					r, err := open(ctx)
					if err != nil {
						return nil, changing(err)
					}
					return records{r}, nil
				}
			}
			if !yield(s, changing(err)) {
				return
			}
		}
	}
}

type records struct{ evidence.Records }

func (r records) Read(n int, buf []byte) (evidence.Record, error) {
	rec, err := r.Records.Read(n, buf)
	return rec, changing(err)
}

// changing marks an error that another export may not have: what is not there any more is a gap of that.
func changing(err error) error {
	if errors.Is(err, accesslog.ErrErased) || errors.Is(err, accesslog.ErrRestricted) || errors.Is(err, accesslog.ErrTerm) || errors.Is(err, accesslog.ErrDamaged) {
		return fmt.Errorf("%w: %w", ErrFootage, err)
	}
	return err
}
