package main

import (
	"context"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/notice"
)

// noticeOrder enters a notice, or ends it.
type noticeOrder struct {
	who
	ID      string // of the one that ends
	Content notice.Content
	Cameras []string
	At      string // when it begins or ends, by the clock of the site; "" for now
	Stated  string // who states that the sign has hung since
	Said    string // the remark, or why it ends
}

// informedOrder enters employees who were informed.
type informedOrder struct {
	who
	ID    string
	Names []string
	Day   string
	All   bool
	Note  string
}

// decidedOrder enters the head's decision.
type decidedOrder struct {
	who
	Cameras              []string
	Number, Day, Reasons string
	Note                 string
}

// noticePrintOrder asks for a page about a notice.
type noticePrintOrder struct{ ID, As, Language string }

// noticesAnswer are the notices of all cameras that there are, or were.
type noticesAnswer struct {
	Now     time.Time       `json:"now"`
	Cameras []cameraNotices `json:"cameras"`
}

// cameraNotices are the versions of a camera, in order.
type cameraNotices struct {
	Camera   string          `json:"camera"`
	Versions []notice.Notice `json:"versions"`
}

// noticeEntered is what came of an order, and what the notice is then.
type noticeEntered struct {
	Receipt diary.Receipt
	Notice  notice.Notice
}

var (
	askNotices    = consulting[struct{}, noticesAnswer]{"/notice/list", "", (*office).listNotices}
	askAddNotice  = consulting[noticeOrder, noticeEntered]{"/notice/add", "notice.add", (*office).addNotice}
	askEndNotice  = consulting[noticeOrder, diary.Receipt]{"/notice/end", "notice.end", (*office).endNotice}
	askInformed   = consulting[informedOrder, diary.Receipt]{"/notice/inform", "notice.informed", (*office).inform}
	askDecided    = consulting[decidedOrder, diary.Receipt]{"/notice/decide", "notice.decide", (*office).decide}
	askNoticePage = consulting[noticePrintOrder, []byte]{"/notice/print", "", (*office).noticePage}
)

func (o *office) addNotice(ctx context.Context, order noticeOrder) (a noticeEntered, err error) {
	r, err := o.notices()
	if err != nil {
		return a, err
	}
	asked := notice.Asked{Content: order.Content, Cameras: order.Cameras, Stated: order.Stated, Remark: order.Said}
	if asked.By, err = order.known(); err != nil {
		return a, err
	}
	if asked.From, err = momentOf(r.Zone, "--from", order.At); err != nil {
		return a, err
	}
	got, err := r.Add(ctx, asked)
	if err != nil {
		return a, err
	}
	a.Receipt = got.Receipt
	a.Notice, err = o.version(ctx, r, got.ID)
	return a, err
}

func (o *office) endNotice(ctx context.Context, order noticeOrder) (none diary.Receipt, err error) {
	r, err := o.notices()
	if err != nil {
		return none, err
	}
	e := notice.Ended{Notice: order.ID, Cameras: order.Cameras}
	if e.By, err = order.known(); err != nil {
		return none, err
	}
	if e.Reason, err = why(order.Said); err != nil {
		return none, err
	}
	if e.At, err = momentOf(r.Zone, "--at", order.At); err != nil {
		return none, err
	}
	return r.End(ctx, e)
}

func (o *office) inform(ctx context.Context, order informedOrder) (none diary.Receipt, err error) {
	r, err := o.notices()
	if err != nil {
		return none, err
	}
	s := notice.Informed{Notice: order.ID, Names: order.Names, All: order.All, Remark: order.Note}
	if s.By, err = order.known(); err != nil {
		return none, err
	}
	if s.Date, err = momentOf(r.Zone, "--day", order.Day); err != nil {
		return none, err
	}
	return r.Inform(ctx, s)
}

func (o *office) decide(ctx context.Context, order decidedOrder) (none diary.Receipt, err error) {
	r, err := o.notices()
	if err != nil {
		return none, err
	}
	d := notice.Decided{Cameras: order.Cameras, Number: order.Number, Reasons: order.Reasons, Remark: order.Note}
	if d.By, err = order.known(); err != nil {
		return none, err
	}
	if d.Date, err = momentOf(r.Zone, "--day", order.Day); err != nil {
		return none, err
	}
	return r.Decide(ctx, d)
}
