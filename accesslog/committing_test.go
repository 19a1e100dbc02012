package accesslog

import (
	"testing"
	"time"

	"varuh/accesslog/diary"
	"varuh/accesslog/people"
)

// What ends the right to see footage while a lease is being entered ends it for the piece that waits for the lease.
func TestEndedWhileEntering(t *testing.T) {
	t.Parallel()
	start := noon.Add(-time.Hour)
	for name, happen := range map[string]func(r *rig){
		"session over":        func(r *rig) { r.law.gone["s1"] = true },
		"person removed":      func(r *rig) { delete(r.law.grants, "ana") },
		"authorisation over":  func(r *rig) { r.law.grants["ana"][0].To = noon.Add(-time.Second) },
		"scope made narrower": func(r *rig) { r.law.grants["ana"][0].Cameras = []string{"yard"} },
		"restriction set":     func(r *rig) { r.restrict(start, time.Hour) },
		"notice changed":      func(r *rig) { r.notices(start, sign(false, property), sign(false, safety)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.record(tape{camera: "hall", stream: "main", start: start, length: 6*time.Minute + 10*time.Second})
			r.law.grants["ana"] = []people.Authorisation{authorise(people.Caretaker, "hall")}
			v := r.open(asks(start, time.Minute))
			list := r.pieces(v, "hall", "main", start.Add(6*time.Minute), 10*time.Second)
			r.diary.hooked(func(op string, write func() (diary.Receipt, error)) (diary.Receipt, error) {
				receipt, err := write()
				if op == opMore {
					r.law.change(func() { happen(r) })
				}
				return receipt, err
			})
			none := func() (bool, error) { t.Error("footage"); return true, nil }
			if err := v.Deliver(t.Context(), list, func(Piece, []byte) (bool, error) { return none() }); err == nil {
				t.Error("nothing is said")
			}
			if err := v.KeyFrame(t.Context(), list[0], func(Still) (bool, error) { return none() }); err == nil {
				t.Error("nothing is said of a key frame")
			}
			if n := len(r.entries(opMore)); n != 1 {
				t.Errorf("%d leases were taken", n)
			}
		})
	}
}
