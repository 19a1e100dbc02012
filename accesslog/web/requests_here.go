package web

import (
	"slices"
	"time"

	"varuh/accesslog/disclosure"
)

// requestHere is how much there is of what a request asks for. It reads the index alone.
func (s *Site) requestHere(c *call, q disclosure.Request) ([]RequestHere, error) {
	list := []RequestHere{}
	if c.session.Proof == byToken {
		return list, nil
	}
	for _, f := range q.Wanted {
		for _, camera := range s.camerasOf(f.Camera) {
			segments, _, err := s.o.Index.Span(camera, "main", f.From, f.To)
			if err != nil {
				return nil, err
			}
			list = append(list, hereOf(Footage{camera, span{moment{f.From}, moment{f.To}}}, joined(segments, s.o.Now())))
		}
	}
	return list, nil
}

// camerasOf is one camera, or where none is named all that are configured or have footage.
func (s *Site) camerasOf(camera string) (list []string) {
	if camera != "" {
		return []string{camera}
	}
	for _, one := range append(slices.Clone(s.o.Cameras()), s.gone()...) {
		list = append(list, one.ID)
	}
	return list
}

// hereOf is how much of a stretch was recorded.
func hereOf(f Footage, recorded []Recorded) RequestHere {
	var sum time.Duration
	for _, r := range recorded {
		from, to := later(r.From.Time, f.From.Time), r.To.Time
		if to.After(f.To.Time) {
			to = f.To.Time
		}
		if to.After(from) {
			sum += to.Sub(from)
		}
	}
	return RequestHere{f, int64(sum / time.Second), len(recorded) == 1 && f.To.Sub(f.From.Time)-sum <= seam}
}
