package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"varuh/accesslog/notice"
)

// momentOf reads when something begins, ends or was signed, by the clock of the site; "" is the zero time.
func momentOf(zone *time.Location, what, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := notice.Moment(text, zone)
	if err != nil {
		err = fmt.Errorf("%s: %w", what, err)
	}
	return at, err
}

// listNotices reads the notices of all cameras.
func (o *office) listNotices(ctx context.Context, _ struct{}) (a noticesAnswer, err error) {
	r, err := o.notices()
	if err != nil {
		return a, err
	}
	known, err := o.known()
	a.Now = r.Now()
	for _, camera := range known {
		if err != nil {
			break
		}
		c := cameraNotices{Camera: camera}
		c.Versions, err = r.Versions(ctx, camera)
		a.Cameras = append(a.Cameras, c)
	}
	return a, err
}

// version finds a notice by its id.
func (o *office) version(ctx context.Context, r *notice.Register, id string) (none notice.Notice, err error) {
	known, err := o.known()
	if err != nil {
		return none, err
	}
	for _, camera := range known {
		list, err := r.Versions(ctx, camera)
		if err != nil {
			return none, err
		}
		for _, n := range list {
			if n.ID == id {
				return n, nil
			}
		}
	}
	return none, fmt.Errorf("%w: %q; varuh notice list shows them", notice.ErrUnknown, id)
}

// noticePage is a notice as a page of HTML.
func (o *office) noticePage(ctx context.Context, order noticePrintOrder) ([]byte, error) {
	r, err := o.notices()
	if err != nil {
		return nil, err
	}
	n, err := o.version(ctx, r, order.ID)
	if err != nil {
		return nil, err
	}
	var page bytes.Buffer
	switch order.As {
	case "sign":
		err = notice.Sign(&page, n, order.Language, r.Zone)
	case "web":
		err = notice.WebText(&page, n, order.Language, r.Zone)
	case "informed":
		err = notice.InformedPage(&page, n, nil, order.Language, r.Zone)
	case "decision":
		err = writeDecision(ctx, &page, r, n, order.Language)
	default:
		err = fmt.Errorf("a notice is no %q: there are sign, web, informed and decision", order.As)
	}
	return page.Bytes(), err
}

// writeDecision writes the head's decision by which a notice hangs.
func writeDecision(ctx context.Context, w io.Writer, r *notice.Register, n notice.Notice, language string) error {
	d, err := r.Decided(ctx, n)
	if errors.Is(err, notice.ErrUndecided) {
		err = fmt.Errorf("%w; enter it with varuh notice decide", err)
	}
	if err != nil {
		return err
	}
	return notice.DecisionPage(w, n.Content, d, language, r.Zone)
}
