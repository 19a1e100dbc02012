package web

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"varuh/accesslog/diary/proof"
	"varuh/accesslog/hold"
)

// keeper is what is known of terms in tests: nothing yet, but one change that waits for the hall.
type keeper struct {
	by     proof.Actor
	reason string
}

func (*keeper) Overview(context.Context) (Overview, error) {
	return Overview{Capacity: 1 << 40, At: moment{noon}, Certain: moment{noon}, Due: 3, Held: 2, HeldBytes: 2 << 20,
		Cameras: []CameraDepth{{Camera: "hall", Limit: "30d", Promised: "14d", Real: 28 * 86400, Forecast: 35 * 86400, Segments: 672, Bytes: 300 << 30, HeldBytes: 2 << 20, Oldest: moment{noon.AddDate(0, 0, -28)}},
			{Camera: "yard", Limit: "1y", Promised: "30d", Real: 9 * 86400, Broken: true, Segments: 216, Bytes: 900 << 30, Late: 1}},
		Problems: []Line{{Sl: "yard: obljubljeno je 30 dni, posnetki pa segajo nazaj le 9 dni", En: "yard: 30d are promised, but its footage reaches back 9d only"}},
		Copies: []CopyInfo{{Name: "varuh-2026-11-21.tar.age", Made: moment{noon.Add(-9 * time.Hour)}, Until: moment{noon.AddDate(0, 0, 7)}, Bytes: 40 << 20, Apart: true},
			{Name: "varuh-2026-11-01.tar.age", Made: moment{noon.AddDate(0, 0, -20)}, Until: moment{noon.AddDate(0, 0, -13)}, Overdue: true}}}, nil
}

func (*keeper) Next(_ context.Context, days int) ([]Going, error) {
	return []Going{{Camera: "hall", Day: day{noon.AddDate(0, 0, days)}, Reason: "term", Segments: 3, Bytes: 11 << 20, From: moment{noon}, To: moment{noon}}}, nil
}

func (*keeper) Terms(context.Context) (TermList, error) {
	return TermList{Waits: []TermWaits{{Old: TermInfo{Camera: "hall", Limit: "30d"}, New: TermInfo{Camera: "hall", Limit: "7d"}, Confirm: true, Segments: 504, Bytes: 200 << 30,
		From: moment{noon.AddDate(0, 0, -28)}, To: moment{noon.AddDate(0, 0, -7)}}}}, nil
}

// Goes says that the term of whatever footage ends ninety days after it began.
func (*keeper) Goes(_ context.Context, r hold.Range) (time.Time, error) {
	return r.From.AddDate(0, 0, 90), nil
}

func (k *keeper) Confirm(_ context.Context, by proof.Actor, camera, reason string) (TermConfirmed, error) {
	if camera != "hall" {
		return TermConfirmed{}, ErrNothingWaits
	}
	k.by, k.reason = by, reason
	return TermConfirmed{Camera: camera, New: TermInfo{Camera: "hall", Limit: "7d"}, Begins: moment{noon}}, nil
}

func (k *keeper) Erasures(_ context.Context, by proof.Actor, reason string, from, to time.Time) ([]Erasure, error) {
	k.by, k.reason = by, reason
	return []Erasure{{Start: 12, Entered: moment{noon.Add(-time.Hour)}, Bytes: 5 << 30, Kept: 1, Copies: 1, Until: moment{noon.AddDate(0, 0, 7)},
		Segments: []ErasedGroup{{Camera: "hall", Reason: "term", Segments: 24, From: moment{noon.AddDate(0, 0, -31)}, To: moment{noon.AddDate(0, 0, -30)}}}}}, nil
}

func (k *keeper) Record(ctx context.Context, by proof.Actor, reason string, from, to time.Time, w io.Writer) error {
	k.by, k.reason = by, reason
	_, err := io.WriteString(w, "<!doctype html>")
	return err
}

// What is known of terms is told in full, without null; a term is confirmed, and erasures are read, by a named person with
// a reason.
func TestRetention(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	k := new(keeper)
	r.o.Retention = k
	var err error
	r.Site, err = New(r.o)
	must(t, err)
	head := r.head(t)
	head.api("GET", "/retention", nil, nil)
	var next GoingList
	head.api("GET", "/retention/next", nil, &next)
	if len(next.Next) != 1 || !next.Next[0].Day.Equal(noon.AddDate(0, 0, 7).Truncate(24*time.Hour)) {
		t.Errorf("%+v", next)
	}
	if id, _ := head.refused("GET", "/retention/next?days=32", nil); id != "request" {
		t.Error(id)
	}
	var terms TermList
	if head.api("GET", "/retention/terms", nil, &terms); len(terms.Waits) != 1 {
		t.Errorf("%+v", terms)
	}
	head.api("POST", "/retention/terms/hall/confirmation", Reason{"sklep sveta"}, nil)
	if k.by.Name != "Vida Ravnik" || k.by.Role != "approver" || k.reason != "sklep sveta" {
		t.Errorf("%+v", k)
	}
	if id, _ := head.refused("POST", "/retention/terms/yard/confirmation", Reason{"sklep"}); id != "nothing-waits" {
		t.Error(id)
	}
	for _, path := range []string{"/retention/terms/hall/confirmation", "/retention/erasures", "/retention/erasures/record"} {
		if id, _ := head.refused("POST", path, Reason{" "}); id != "request" {
			t.Errorf("%s: %s", path, id)
		}
	}
	head.api("POST", "/retention/erasures", ErasuresAsked{Reason: "letni pregled"}, nil)
	w := head.do("POST", prefix+"/retention/erasures/record", ErasuresAsked{Reason: "zapisnik"})
	if k.reason != "zapisnik" || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
		t.Errorf("%+v %v", k, w.Header())
	}
	if id, _ := head.refused("POST", "/retention/erasures", ErasuresAsked{Reason: "x", From: moment{noon}, To: moment{noon}}); id != "request" {
		t.Error(id)
	}
}
