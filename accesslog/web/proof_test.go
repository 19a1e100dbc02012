package web

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/diary/proof"
	"varuh/accesslog/hold"
)

// An entry that a hold keeps past its term is proven like any other; one that went with its year is said to be gone.
func TestProofOfKeptEntry(t *testing.T) {
	t.Parallel()
	r := newRigFor(t, 10*365*24*time.Hour)
	head := r.head(t)
	r.recorded(t, noon.Add(-time.Hour))
	var held HeldNow
	head.api("POST", "/holds", HoldAsked{"hall", span{moment{noon.Add(-time.Hour)}, moment{noon}}, Settled{Kind: hold.Rights, Basis: "zahteva", Review: day{noon.AddDate(0, 2, 0)}}}, &held)
	for year := 2027; year <= 2029; year++ {
		r.set(time.Date(year, time.January, 5, 12, 0, 0, 0, time.UTC))
		_, err := r.diary.Append(t.Context(), diary.Entry{Op: "start"}, nil)
		must(t, err)
	}
	_, err := r.diary.ConfirmPrune(t.Context(), proof.Body{Note: "the calendar"})
	must(t, err)
	r.set(r.clock().Add(proof.PersonWaits))
	head.api("POST", "/holds/entries", nil, nil)
	_, err = r.diary.Prune(t.Context(), diary.Pruning{Years: 2, Held: r.o.Holds.Held})
	must(t, err)
	if cut := r.diary.Head().Cut; cut <= held.Entry {
		t.Fatalf("the cut is %d, and the entry %d", cut, held.Entry)
	}
	keys, err := r.diary.Keys(t.Context())
	must(t, err)
	w := head.do("GET", prefix+"/diary/entries/"+strconv.FormatInt(held.Entry, 10)+"/proof", nil)
	if w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	report, err := proof.VerifyInclusion(w.Body.Bytes(), nil, proof.VerifyOptions{Keys: keys})
	if err != nil || report.Bad() || report.Intact.State != proof.Yes {
		t.Errorf("%+v %v", report, err)
	}
	if id, _ := head.refused("GET", "/diary/entries/0/proof", nil); id != "pruned" {
		t.Error(id)
	}
}
