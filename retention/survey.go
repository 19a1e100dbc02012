package retention

import "time"

// Standing is how the footage of one camera stands against its term.
type Standing struct {
	Segments int           `json:"segments"` // the one that is being written included
	Bytes    int64         `json:"bytes"`
	Oldest   time.Time     `json:"oldest,omitzero"` // first frame of the oldest that nothing keeps past its term
	Due      int           `json:"due"`             // segments that the next run takes
	Late     int           `json:"late"`            // of these, segments whose time is up: an alarm
	Latest   time.Duration `json:"latest"`          // by how much the worst of them is late
	Held     int           `json:"held"`            // segments that a hold or a restriction keeps
	HeldSize int64         `json:"heldSize"`        // their bytes
	Passed   int           `json:"passed"`          // of these, segments that are past their term
	Undated  int           `json:"undated"`         // segments whose time nobody can tell: a person must look
	Goes     time.Time     `json:"goes,omitzero"`   // when the last of these goes; zero: that is not known yet
	Astray   int           `json:"astray"`          // segments whose date contradicts what is certain: incidents
}

// Survey tells how all footage stands, by camera. It looks at every segment once.
func Survey(s Situation, segments Segments) (map[string]Standing, error) {
	j, now := NewJudge(s), s.Present.Certain
	all := make(map[string]Standing)
	for seg, err := range segments {
		if err != nil {
			return nil, err
		}
		st, v := all[seg.Camera], j.glance(&seg)
		st.Segments++
		st.Bytes += seg.Bytes
		if v.Bound {
			st.Held++
			st.HeldSize += seg.Bytes
		}
		if v.Astray {
			st.Astray++
		}
		if v.Undated {
			st.Undated++
			if v.Due.After(st.Goes) {
				st.Goes = v.Due
			}
		}
		switch {
		case v.Begins.IsZero():
		case v.Kept && !v.Due.IsZero() && !v.Due.After(now):
			st.Passed++
		case !v.Kept:
			st.count(v, seg.Sealed, now, s.Lead)
		}
		all[seg.Camera] = st
	}
	return all, nil
}

// count takes note of a segment that goes at its term.
func (st *Standing) count(v Verdict, sealed bool, now time.Time, lead time.Duration) {
	if st.Oldest.IsZero() || v.Begins.Before(st.Oldest) {
		st.Oldest = v.Begins
	}
	if now.IsZero() || !sealed || v.Due.IsZero() || v.Due.After(now.Add(lead)) {
		return
	}
	st.Due++
	if late := now.Sub(v.Due); late >= 0 {
		st.Late++
		st.Latest = max(st.Latest, late)
	}
}
